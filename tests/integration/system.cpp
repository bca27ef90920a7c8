#include "tests/integration/system.hpp"

#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace mpic::test {
namespace {

std::string text_of(const boost::json::value& value) { return std::string(value.as_string()); }

std::uint16_t port_of(const boost::json::value& value) { return value.to_number<std::uint16_t>(); }

Challenges read_challenges(const boost::json::value& all) {
  const auto text = [&all](const char* key) { return text_of(all.at(key)); };
  return {text("token"),       text("key_authorization"),
          text("digest"),      text("hijacker_authorization"),
          text("dns_account"), text("random_value"),
          text("issuer"),      text("account"),
          text("email"),       text("phone")};
}

ChallengeServer read_challenge_server(const boost::json::value& all) {
  const auto& management = all.at("management");
  return {text_of(management.at("address")), port_of(management.at("port")), port_of(all.at("http_port")),
          port_of(all.at("tls_alpn_port"))};
}

void read_site(const boost::json::value& site, System& out) {
  out.site_address = text_of(site.at("address"));
  out.http_port = port_of(site.at("http_port"));
  out.https_port = port_of(site.at("https_port"));
  out.access_log = text_of(site.at("access_log"));
  out.website_file = text_of(site.at("website_file"));
  out.meta_tag_file = text_of(site.at("meta_tag_file"));
}

System read_system() {
  const char* file = std::getenv("MPIC_TEST_SYSTEM");
  if (file == nullptr) throw std::runtime_error("MPIC_TEST_SYSTEM is not set: run tests/integration/run.py");
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  const boost::json::value all = boost::json::parse(text.str());
  const auto& perspective = all.at("perspectives").at(0);
  System out;
  const auto& hostile = all.at("hostile_name_server");
  out.hostile = {text_of(hostile.at("address")), port_of(hostile.at("port"))};
  const auto& resolver = perspective.at("resolver");
  out.resolver = text_of(resolver.at("address")) + ':' + std::to_string(port_of(resolver.at("port")));
  out.egress = text_of(perspective.at("egress"));
  out.ipv6 = all.at("ipv6").as_bool();
  out.challenges = read_challenges(all.at("challenges"));
  out.token = out.challenges.token;
  out.key_authorization = out.challenges.key_authorization;
  out.challenge_server = read_challenge_server(all.at("challenge_server"));
  read_site(all.at("site"), out);
  for (const auto& prefix : all.at("lab_addresses").as_array()) {
    out.lab.addresses.push_back(Prefix::parse(text_of(prefix)).value());
  }
  out.lab.ports = {{80, out.http_port}, {443, out.https_port}};
  out.lab.top_level_domains = {"test"};
  return out;
}

agent::HttpOptions http_options(Ipv6 ipv6) {
  agent::HttpOptions options("mpic-test/1");
  options.egress_ipv4 = IpAddress::parse(system_under_test().egress).value();
  if (ipv6 == Ipv6::kLoopback && system_under_test().ipv6) options.egress_ipv6 = IpAddress::parse("::1").value();
  return options;
}

agent::TlsOptions tls_options(Ipv6 ipv6) {
  const agent::HttpOptions same = http_options(ipv6);
  return {same, same.handshake_limit};
}

}  // namespace

const System& system_under_test() {
  static const System system = read_system();
  return system;
}

RealTools::RealTools(agent::AresOptions options, Ipv6 ipv6)
    : dns(context.get_executor(), clock, random, std::move(options)),
      http(clock, http_options(ipv6)),
      tls(clock, tls_options(ipv6)) {}

}  // namespace mpic::test
