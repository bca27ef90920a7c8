#include "tests/support/fake_dns_client.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>

namespace mpic::test {

Bytes address_record(std::string_view address) {
  const IpAddress parsed = IpAddress::parse(address).value();
  return {parsed.octets().begin(), parsed.octets().end()};
}

Bytes caa_record(std::uint8_t flags, std::string_view tag, std::string_view value) {
  Bytes rdata{flags, static_cast<std::uint8_t>(tag.size())};
  rdata.insert(rdata.end(), tag.begin(), tag.end());
  rdata.insert(rdata.end(), value.begin(), value.end());
  return rdata;
}

void FakeDnsClient::answer(const std::string& name, RecordType type, std::vector<Bytes> records) {
  DnsLookup seen;
  seen.name = name;
  seen.type = type;
  seen.status = DnsStatus::kAnswered;
  seen.rcode = kNoError;
  seen.records = std::move(records);
  seen.end_of_chain = name;
  seen.ttl = 60;
  script(std::move(seen));
}

void FakeDnsClient::addresses(const std::string& name, const std::vector<std::string>& texts) {
  std::vector<Bytes> v4;
  std::vector<Bytes> v6;
  for (const std::string& text : texts) {
    (text.find(':') == std::string::npos ? v4 : v6).push_back(address_record(text));
  }
  answer(name, RecordType::kA, std::move(v4));
  answer(name, RecordType::kAaaa, std::move(v6));
}

void FakeDnsClient::fail(const std::string& name, RecordType type, std::uint16_t rcode) {
  DnsLookup seen;
  seen.name = name;
  seen.type = type;
  seen.status = DnsStatus::kAnswered;
  seen.rcode = rcode;
  script(std::move(seen));
}

void FakeDnsClient::script(DnsLookup lookup) {
  const auto key = std::pair(lookup.name, lookup.type);
  scripts_[key] = std::move(lookup);
}

asio::awaitable<DnsLookup> FakeDnsClient::lookup(std::string name, RecordType type, Deadline deadline) {
  struct Counted {
    explicit Counted(FakeDnsClient& c) : client(c) {
      client.most_at_once = std::max(client.most_at_once, ++client.under_way);
    }
    ~Counted() { --client.under_way; }
    FakeDnsClient& client;
  } counted(*this);
  asked.emplace_back(name, type);
  const TimePoint started = clock_.now();
  const auto executor = co_await asio::this_coro::executor;
  const auto timer = clock_.make_timer(executor);
  const auto delay = delays_.find(name);
  const SteadyPoint ready =
      clock_.steady_now() + (delay == delays_.end() ? std::chrono::milliseconds{1} : delay->second);
  co_await timer->wait_until(std::min(ready, deadline.at()));
  DnsLookup seen;
  if (ready <= deadline.at()) {
    const auto script = scripts_.find({name, type});
    if (script != scripts_.end()) {
      seen = script->second;
    } else {
      seen.status = DnsStatus::kAnswered;
      seen.rcode = kNxdomain;
    }
  }
  seen.name = std::move(name);
  seen.type = type;
  seen.server = "127.0.0.1:53";
  seen.tries = 1;
  seen.started = started;
  co_return seen;
}

}  // namespace mpic::test
