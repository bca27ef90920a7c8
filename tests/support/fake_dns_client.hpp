// A resolver by script, in virtual time.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/net/dns_client.hpp"

namespace mpic::test {

// RDATA.
[[nodiscard]] Bytes address_record(std::string_view address);  // A or AAAA, by the text's family
[[nodiscard]] Bytes caa_record(std::uint8_t flags, std::string_view tag, std::string_view value);

// Answers NXDOMAIN at once for whatever it has no script for.
class FakeDnsClient final : public agent::DnsClient {
 public:
  explicit FakeDnsClient(Clock& clock) : clock_(clock) {}

  // NOERROR with these records; none: an empty answer.
  void answer(const std::string& name, RecordType type, std::vector<Bytes> records);
  // A and AAAA of a name from address texts.
  void addresses(const std::string& name, const std::vector<std::string>& texts);
  void fail(const std::string& name, RecordType type, std::uint16_t rcode);
  // The lookup as a whole; for statuses and extended errors.
  void script(DnsLookup lookup);
  void delay(const std::string& name, std::chrono::milliseconds delay) { delays_[name] = delay; }

  asio::awaitable<DnsLookup> lookup(std::string name, RecordType type, Deadline deadline) override;

  std::vector<std::pair<std::string, RecordType>> asked;
  std::size_t under_way = 0;
  std::size_t most_at_once = 0;

 private:
  Clock& clock_;
  std::map<std::pair<std::string, RecordType>, DnsLookup> scripts_;
  std::map<std::string, std::chrono::milliseconds> delays_;
};

}  // namespace mpic::test
