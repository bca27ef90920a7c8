// What a perspective saw: facts, enough to be judged again by anyone (mirror of mpic.v1.Observation).
//
// Octets from outside are kept as they came. Bounds are applied where they are read (agent/net) and checked again where
// a message enters a process (common/wire).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/domain/dcv.hpp"
#include "common/domain/identifier.hpp"
#include "common/domain/perspective.hpp"

namespace mpic {

using TimePoint = std::chrono::sys_time<std::chrono::nanoseconds>;  // UTC
using Bytes = std::vector<std::uint8_t>;
using Digest = std::array<std::uint8_t, 32>;

// Bounds on what is kept. Stated once, for agent, wire and rules alike.
inline constexpr std::size_t kMaxRecords = 1024;  // of one RRset
inline constexpr std::size_t kMaxCnames = 16;
inline constexpr std::size_t kMaxCaaLookups = 128;  // 127 labels fit a name
inline constexpr std::size_t kMaxHops = 11;         // the first request and 10 redirects
inline constexpr std::size_t kMaxHopsInLab = 21;    // where a relaxation says so
inline constexpr std::size_t kMaxAddresses = 16;    // tried per hop
inline constexpr std::size_t kMaxBody = 16 * 1024;
inline constexpr std::size_t kBodyPrefix = 512;  // kept when no match is claimed
inline constexpr std::size_t kMaxObservation = 64 * 1024;
inline constexpr std::size_t kMaxUrl = 2048;

enum class DnsStatus : std::uint8_t { kAnswered = 1, kTimeout = 2, kUnreachable = 3, kMalformed = 4, kTruncated = 5 };

// RCODEs that rules speak of (RFC 1035 4.1.1).
inline constexpr std::uint16_t kNoError = 0, kServfail = 2, kNxdomain = 3, kRefused = 5;

struct ExtendedDnsError {
  std::uint16_t code = 0;
  std::string text;
  friend bool operator==(const ExtendedDnsError&, const ExtendedDnsError&) = default;
};

struct CnameLink {
  std::string owner;
  std::string target;
  std::uint32_t ttl = 0;
  friend bool operator==(const CnameLink&, const CnameLink&) = default;
};

// One lookup by the perspective's own resolver, successful or not.
struct DnsLookup {
  std::string name;
  RecordType type = RecordType::kA;
  DnsStatus status = DnsStatus::kTimeout;
  std::uint16_t rcode = 0;     // meaningful when kAnswered
  bool authenticated = false;  // AD
  std::vector<ExtendedDnsError> extended_errors;
  std::vector<CnameLink> chain;
  std::vector<Bytes> records;  // RDATA at the end of the chain
  std::string end_of_chain;    // owner of `records`
  std::uint32_t ttl = 0;       // seconds; lowest over chain and records
  std::string server;
  std::uint32_t tries = 0;
  bool over_tcp = false;
  bool records_cut = false;
  TimePoint started{};
};

struct CaaObservation {
  std::vector<DnsLookup> lookups;  // leaf first, climbing
};

struct AddressTried {
  IpAddress address;
  std::uint16_t port = 0;          // as dialled
  std::optional<Problem> problem;  // none: it answered
};

struct HttpHop {
  std::string url;
  std::vector<DnsLookup> lookups;
  std::vector<IpAddress> addresses;  // candidates, in the order of trying
  std::vector<AddressTried> tried;   // in the order of their ends: an address that answered is the last
  std::uint16_t status = 0;          // 0: no answer
  std::string location;
  std::optional<Problem> problem;  // why the fetch ended here
};

struct HttpObservation {
  std::vector<HttpHop> hops;
  std::string body;  // whole, or a prefix with body_cut
  bool body_cut = false;
  std::uint64_t body_size = 0;
  Digest body_sha256{};
};

struct TlsObservation {
  std::vector<DnsLookup> lookups;
  std::vector<IpAddress> addresses;
  std::vector<AddressTried> tried;
  std::string server_name;
  std::string version;
  std::string alpn;
  Bytes certificate;  // DER
  std::optional<Problem> problem;
};

struct DnsObservation {
  std::vector<DnsLookup> lookups;
};

struct DcvObservation {
  DcvMethod method = DcvMethod::kAcmeHttp01;
  std::variant<HttpObservation, DnsObservation, TlsObservation> seen;
};

// All that one perspective says of one assignment.
struct Observation {
  Digest assignment_sha256{};
  std::array<std::uint8_t, 16> nonce{};
  PerspectiveId perspective;
  Role role = Role::kRemote;
  Rir rir = Rir::kArin;
  std::string agent_version;
  TimePoint started{};
  TimePoint ended{};
  std::string source_ipv4;
  std::string source_ipv6;
  std::string resolver;
  Digest resolver_config_sha256{};
  std::vector<std::string> lab_relaxations;
  std::optional<DcvObservation> dcv;
  std::optional<CaaObservation> caa;
  bool cut = false;
};

}  // namespace mpic
