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

System read_system() {
  const char* file = std::getenv("MPIC_TEST_SYSTEM");
  if (file == nullptr) throw std::runtime_error("MPIC_TEST_SYSTEM is not set: run tests/integration/run.py");
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  const boost::json::value all = boost::json::parse(text.str());
  const auto& perspective = all.at("perspectives").at(0);
  const auto& site = all.at("site");
  System out;
  const auto& hostile = all.at("hostile_name_server");
  out.hostile = {text_of(hostile.at("address")), port_of(hostile.at("port"))};
  const auto& resolver = perspective.at("resolver");
  out.resolver = text_of(resolver.at("address")) + ':' + std::to_string(port_of(resolver.at("port")));
  out.egress = text_of(perspective.at("egress"));
  out.site_address = text_of(site.at("address"));
  out.http_port = port_of(site.at("http_port"));
  out.https_port = port_of(site.at("https_port"));
  out.access_log = text_of(site.at("access_log"));
  out.token = text_of(site.at("token"));
  out.key_authorization = text_of(site.at("key_authorization"));
  out.lab.addresses.push_back(Prefix::parse("127.77.0.0/16").value());
  out.lab.ports = {{80, out.http_port}, {443, out.https_port}};
  out.lab.top_level_domains = {"test"};
  return out;
}

agent::HttpOptions http_options() {
  agent::HttpOptions options("mpic-test/1");
  options.egress_ipv4 = IpAddress::parse(system_under_test().egress).value();
  return options;
}

}  // namespace

const System& system_under_test() {
  static const System system = read_system();
  return system;
}

RealTools::RealTools(agent::AresOptions options)
    : dns(context.get_executor(), clock, random, std::move(options)), http(clock, http_options()) {}

}  // namespace mpic::test
