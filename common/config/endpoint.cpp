#include "common/config/endpoint.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "common/config/yaml.hpp"
#include "common/domain/identifier.hpp"

namespace mpic::config {
namespace {

constexpr std::string_view kAccepted = "an address and a port are accepted: 127.0.0.1:8080 or [::1]:8080";

std::optional<std::uint16_t> port_from(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

}  // namespace

std::string Endpoint::text() const {
  const bool v6 = address.find(':') != std::string::npos;
  return fmt::format(fmt::runtime(v6 ? "[{}]:{}" : "{}:{}"), address, port);
}

Endpoint endpoint(YamlMap& map, const std::string& key, bool allow_zero) {
  const std::string text = map.text(key);
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) map.fail(key, fmt::format("\"{}\" has no port; {}", printable(text), kAccepted));
  std::string host = text.substr(0, colon);
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  const auto address = IpAddress::parse(host);
  if (!address) {
    map.fail(key, fmt::format("\"{}\": {}; {}", printable(host), address.error().detail, kAccepted));
  }
  if (address->is_v4() == brackets) {
    map.fail(key, fmt::format("\"{}\": brackets belong around IPv6 addresses, and only there", printable(text)));
  }
  const auto port = port_from(std::string_view(text).substr(colon + 1));
  if (!port || (*port == 0 && !allow_zero)) {
    map.fail(key, fmt::format("port \"{}\": a number from {} to 65535 is accepted", printable(text.substr(colon + 1)),
                              allow_zero ? 0 : 1));
  }
  Endpoint result;
  result.address = address->text();
  result.port = *port;
  return result;
}

}  // namespace mpic::config
