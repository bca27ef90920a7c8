// Octets -> Observation. From an agent, so hostile until it has passed here.
#include "common/rules/dcv_tls_alpn.hpp"
#include "common/wire/convert.hpp"
#include "common/wire/field.hpp"

namespace mpic::wire {
namespace {

constexpr std::size_t kMaxName = 1024;  // presentation form of a name: 253 octets, each up to "\DDD"
constexpr std::size_t kMaxRdata = 65'535;
constexpr std::size_t kMaxLabRelaxations = 16;

TimePoint moment(const google::protobuf::Timestamp& when, std::string_view field) {
  const auto decoded = decode(when);
  if (!decoded) bad(field, "a time out of range");
  return *decoded;
}

std::uint16_t port_or_code(std::uint32_t value, std::string_view field) {
  if (value > 65'535) bad(field, fmt::format("{} is out of range", value));
  return static_cast<std::uint16_t>(value);
}

RecordType record_type(std::uint32_t type, std::string_view field) {
  for (const RecordType known :
       {RecordType::kA, RecordType::kCname, RecordType::kPtr, RecordType::kTxt, RecordType::kAaaa, RecordType::kCaa}) {
    if (type == static_cast<std::uint32_t>(known)) return known;
  }
  bad(field, fmt::format("record type {} is asked by no check", type));
}

DnsLookup read(const v1::DnsLookup& in) {
  DnsLookup out;
  out.name = bounded(in.name(), kMaxName, "lookup.name");
  out.type = record_type(in.type(), "lookup.type");
  out.status = enumerator(in.status(), DnsStatus::kAnswered, DnsStatus::kTruncated, "lookup.status");
  out.rcode = port_or_code(in.rcode(), "lookup.rcode");
  out.authenticated = in.authenticated();
  at_most(in.extended_errors(), 8, "lookup.extended_errors");
  for (const v1::ExtendedDnsError& error : in.extended_errors()) {
    out.extended_errors.push_back({port_or_code(error.code(), "lookup.extended_errors.code"),
                                   std::string(bounded(error.extra_text(), 256, "lookup.extended_errors.extra_text"))});
  }
  at_most(in.chain(), kMaxCnames, "lookup.chain");
  for (const v1::DnsCname& link : in.chain()) {
    out.chain.push_back({std::string(bounded(link.owner(), kMaxName, "lookup.chain.owner")),
                         std::string(bounded(link.target(), kMaxName, "lookup.chain.target")), link.ttl()});
  }
  at_most(in.records(), kMaxRecords, "lookup.records");
  for (const std::string& record : in.records()) {
    bounded(record, kMaxRdata, "lookup.records");
    out.records.emplace_back(record.begin(), record.end());
  }
  out.end_of_chain = bounded(in.end_of_chain(), kMaxName, "lookup.end_of_chain");
  out.ttl = in.ttl();
  out.server = ascii(in.server(), 64, "lookup.server");
  out.tries = in.tries();
  out.over_tcp = in.over_tcp();
  out.records_cut = in.records_cut();
  out.started = moment(in.started(), "lookup.started");
  return out;
}

template <class In>
std::vector<DnsLookup> read_lookups(const In& in, std::size_t max) {
  at_most(in.lookups(), max, "lookups");
  std::vector<DnsLookup> out;
  out.reserve(static_cast<std::size_t>(in.lookups_size()));
  for (const v1::DnsLookup& lookup : in.lookups()) out.push_back(read(lookup));
  return out;
}

// What a hop and a handshake have in common: how the host was reached.
template <class In, class Out>
void read_reached(const In& in, Out& out) {
  out.lookups = read_lookups(in, 4);
  at_most(in.addresses(), kMaxAddresses, "addresses");
  for (const std::string& address : in.addresses())
    out.addresses.push_back(take(IpAddress::parse(address), "addresses"));
  at_most(in.tried(), kMaxAddresses, "tried");
  for (const v1::AddressTried& tried : in.tried()) {
    AddressTried t{
        take(IpAddress::parse(tried.address()), "tried.address"), port_or_code(tried.port(), "tried.port"), {}};
    if (tried.has_problem()) t.problem = decode(tried.problem());
    out.tried.push_back(std::move(t));
  }
  if (in.has_problem()) out.problem = decode(in.problem());
}

HttpObservation read(const v1::HttpObservation& in) {
  HttpObservation out;
  at_most(in.hops(), kMaxHopsInLab, "http.hops");
  for (const v1::HttpHop& hop : in.hops()) {
    HttpHop h;
    h.url = ascii(hop.url(), kMaxUrl + 512, "http.hops.url");
    read_reached(hop, h);
    if (hop.status() > 999) bad("http.hops.status", fmt::format("{} is no status code", hop.status()));
    h.status = static_cast<std::uint16_t>(hop.status());
    h.location = bounded(hop.location(), kMaxUrl, "http.hops.location");
    out.hops.push_back(std::move(h));
  }
  out.body = bounded(in.body(), kMaxBody, "http.body");
  out.body_cut = in.body_cut();
  out.body_size = in.body_size();
  out.body_sha256 = octets<32>(in.body_sha256(), "http.body_sha256");
  return out;
}

TlsObservation read(const v1::TlsObservation& in) {
  TlsObservation out;
  read_reached(in, out);
  out.server_name = ascii(in.server_name(), 253, "tls.server_name");
  out.version = ascii(in.version(), 16, "tls.version");
  out.alpn = bounded(in.alpn(), 255, "tls.alpn");
  bounded(in.certificate(), rules::kMaxCertificate, "tls.certificate");
  out.certificate.assign(in.certificate().begin(), in.certificate().end());
  return out;
}

DcvObservation read(const v1::DcvObservation& in) {
  DcvObservation out;
  out.method = enumerator(in.method(), DcvMethod::kDnsChange, DcvMethod::kReverseAddressLookup, "dcv.method");
  switch (in.seen_case()) {
    case v1::DcvObservation::kHttp:
      out.seen = read(in.http());
      break;
    case v1::DcvObservation::kDns:
      out.seen = DnsObservation{read_lookups(in.dns(), kMaxCaaLookups)};
      break;
    case v1::DcvObservation::kTls:
      out.seen = read(in.tls());
      break;
    default:
      bad("dcv.seen", "holds nothing");
  }
  return out;
}

}  // namespace

Expected<Observation> decode_observation(std::string_view octets_in) {
  return decoding(ProblemCode::kEvidenceInvalid, [&] {
    bounded(octets_in, kMaxObservation, "observation");
    v1::Observation in;
    if (!in.ParseFromArray(octets_in.data(), static_cast<int>(octets_in.size()))) {
      bad("observation", "cannot be read as mpic.v1.Observation");
    }
    PerspectiveId perspective = take(PerspectiveId::parse(in.perspective_id()), "perspective_id");
    Observation out{.perspective = std::move(perspective)};
    out.assignment_sha256 = octets<32>(in.assignment_sha256(), "assignment_sha256");
    out.nonce = octets<16>(in.nonce(), "nonce");
    out.role = enumerator(in.role(), Role::kPrimary, Role::kShadow, "role");
    out.rir = enumerator(in.rir(), Rir::kArin, Rir::kAfrinic, "rir");
    out.agent_version = ascii(in.agent_version(), 64, "agent_version");
    out.started = moment(in.started(), "started");
    out.ended = moment(in.ended(), "ended");
    out.source_ipv4 = ascii(in.source_ipv4(), 64, "source_ipv4");
    out.source_ipv6 = ascii(in.source_ipv6(), 64, "source_ipv6");
    out.resolver = ascii(in.resolver(), 64, "resolver");
    out.resolver_config_sha256 = octets<32>(in.resolver_config_sha256(), "resolver_config_sha256");
    at_most(in.lab_relaxations(), kMaxLabRelaxations, "lab_relaxations");
    for (const std::string& stamp : in.lab_relaxations()) {
      out.lab_relaxations.emplace_back(bounded(stamp, 512, "lab_relaxations"));
    }
    if (in.has_dcv()) out.dcv = read(in.dcv());
    if (in.has_caa()) out.caa = CaaObservation{read_lookups(in.caa(), kMaxCaaLookups)};
    out.cut = in.cut();
    return out;
  });
}

}  // namespace mpic::wire
