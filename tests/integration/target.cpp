#include "tests/integration/target.hpp"

#include "agent/net/socket_tls_client.hpp"
#include "common/evidence/merkle.hpp"
#include "common/wire/convert.hpp"
#include "tests/support/agent_under_test.hpp"

namespace mpic::test {
namespace {

Assignment assignment_for(const std::string& name) {
  Assignment out = some_assignment(1);
  out.identifier = Identifier::parse(name).value();
  out.dcv.reset();
  out.caa.reset();
  return out;
}

}  // namespace

Octets address_octets(const std::string& text) {
  const IpAddress address = IpAddress::parse(text).value();
  const auto octets = address.octets();
  return {octets.begin(), octets.end()};
}

NameServer::Answer addresses_only(std::vector<std::string> addresses) {
  return [addresses = std::move(addresses)](const DnsQuery& query) -> std::optional<Bytes> {
    Packet reply = query.reply();
    for (const std::string& text : addresses) {
      const Octets octets = address_octets(text);
      if (query.type == (octets.size() == 4 ? kA : kAaaa))
        reply.raw_answer(pointer_to(kQuestionName), query.type, octets);
    }
    return query.finish(reply);
  };
}

Target::Target(std::string resolver, std::uint16_t port) : resolver_(std::move(resolver)), port_(port) {}

Looked Target::look_http(const std::string& name) {
  Assignment assignment = assignment_for(name);
  assignment.dcv = DcvQuestion{kChallenge};
  return look(std::move(assignment));
}

Looked Target::look_caa(const std::string& name) {
  Assignment assignment = assignment_for(name);
  assignment.caa = CaaQuestion{};
  assignment.caa->issuer_domains = {"ca.example"};
  return look(std::move(assignment));
}

Looked Target::look_tls(const std::string& name) {
  Assignment assignment = assignment_for(name);
  assignment.dcv = DcvQuestion{AcmeTlsAlpn01{}};
  return look(std::move(assignment));
}

Looked Target::look(Assignment assignment) {
  RealTools tools{agent::AresOptions(resolver_)};
  agent::HttpOptions options("mpic-test/1");
  if (has_ipv6) options.egress_ipv6 = IpAddress::parse("::1").value();
  agent::SocketHttpClient http(tools.clock, options);
  agent::SocketTlsClient tls(tools.clock, agent::TlsOptions(options, options.handshake_limit));
  agent::AgentIdentity me = eu_west();
  me.resolver = resolver_;
  me.lab.addresses = {Prefix::parse(address + (address.find(':') == std::string::npos ? "/32" : "/128")).value()};
  me.lab.ports = {{80, port_}, {443, port_}};
  me.lab.top_level_domains = {"test"};
  me.lab_stamps = me.lab.describe();
  assignment.issued = tools.clock.now();
  assignment.budget = budget;
  const std::string octets = wire::encode(assignment);
  const auto start = tools.clock.steady_now();
  const auto received =
      std::make_shared<const agent::Received>(agent::Received{assignment, evidence::sha256(octets), start});
  const agent::Lane lane{tools.context.get_executor(), tools.dns, http, tls};
  const std::string observed = tools.run(agent::look(lane, me, tools.clock, received));
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(tools.clock.steady_now() - start);
  Observation seen = wire::decode_observation(observed).value();  // what an honest agent sends can be read
  Looked out{observed.size(), std::move(seen), std::nullopt, std::nullopt, took};
  if (assignment.dcv) out.dcv = rules::judge_dcv(assignment, out.seen);
  if (assignment.caa) out.caa = rules::judge_caa(assignment, out.seen);
  return out;
}

}  // namespace mpic::test
