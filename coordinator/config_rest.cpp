#include "coordinator/config_rest.hpp"

#include <boost/asio/ip/address.hpp>

#include "common/domain/identifier.hpp"

namespace mpic::coordinator {
namespace {

using config::YamlMap;

bool is_loopback(const std::string& address) {
  boost::system::error_code error;
  const auto parsed = boost::asio::ip::make_address(address, error);
  return !error && parsed.is_loopback();
}

}  // namespace

RestConfig load_rest(YamlMap& rest) {
  RestConfig out;
  if (rest.has("listen")) out.listen = config::endpoint(rest, "listen", true);
  if (const auto file = rest.path_if("unix")) out.unix_socket = *file;
  if (!out.is_on()) rest.fail("listen", "missing: an address and a port, or unix: a socket's path");
  out.plain = rest.boolean("plain", false);
  if (out.plain && out.listen && !is_loopback(out.listen->address)) {
    rest.fail("plain",
              "plain HTTP is served on a loopback address alone: what is asked and answered, API keys too, must "
              "be encrypted on the way (BR 3.2.2.9)");
  }
  if (auto tls = rest.map_if("tls")) {
    if (out.plain) rest.fail("tls", "plain is given too; one of the two is accepted");
    out.tls = rpc::TlsFiles{tls->file("ca"), tls->file("certificate"), tls->file("key")};
    tls->finish();
  }
  return out;
}

void load_perspectives_served(YamlMap& rest, PerspectivesServed& to, std::string& user_agent) {
  constexpr std::size_t kLongestAgent = 256;
  const std::string told = rest.text_if("perspectives").value_or("clients");
  if (told == "nobody") {
    to = PerspectivesServed::kNobody;
  } else if (told == "everybody") {
    to = PerspectivesServed::kEverybody;
  } else if (told != "clients") {
    rest.fail("perspectives", "accepted here: nobody, clients, everybody");
  }
  user_agent = rest.text_if("user_agent").value_or("");
  if (user_agent.size() > kLongestAgent || printable(user_agent, kLongestAgent) != user_agent) {
    rest.fail("user_agent", "must be at most 256 octets of printable ASCII");
  }
}

OpenMpicSettings load_open_mpic(YamlMap& rest) {
  OpenMpicSettings out;
  auto map = rest.map_if("open_mpic");
  if (!map) return out;
  for (const std::string& text : map->texts("caa_domains")) {
    const auto domain = DnsName::parse(text);
    if (!domain || domain->text() != text)
      map->fail("caa_domains", "\"" + printable(text) + "\" is no Issuer Domain Name in lower case");
    out.caa_domains.push_back(text);
  }
  out.tell_would_be = map->boolean("tell_would_be", false);
  out.parallel = map->boolean("parallel", false);
  out.wait_for_all = map->boolean("wait_for_all", true);
  map->finish();
  return out;
}

}  // namespace mpic::coordinator
