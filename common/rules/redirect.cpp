#include "common/rules/redirect.hpp"

#include <algorithm>
#include <boost/url.hpp>
#include <optional>

#include "common/domain/observation.hpp"

namespace mpic::rules {
namespace {

namespace urls = boost::urls;

constexpr std::uint16_t kHttpPort = 80, kHttpsPort = 443;

std::uint16_t default_port(bool https) { return https ? kHttpsPort : kHttpPort; }

Unexpected forbidden(std::string_view where, std::string detail) {
  return fail(ProblemCode::kRedirectForbidden, printable(where, 1024), std::move(detail));
}

std::string_view view(urls::string_view text) { return {text.data(), text.size()}; }

// A name that is lower-cased and checked, or an address. Percent-encoding has no place in either.
Expected<std::variant<DnsName, IpAddress>> host_of(const urls::url_view_base& url) {
  using Host = std::variant<DnsName, IpAddress>;
  const std::string_view encoded = view(url.encoded_host());
  switch (url.host_type()) {
    case urls::host_type::ipv4:
      return Host(IpAddress::v4(url.host_ipv4_address().to_bytes()));
    case urls::host_type::ipv6:
      return Host(IpAddress::v6(url.host_ipv6_address().to_bytes()));
    case urls::host_type::ipvfuture:
      return forbidden(encoded, "the host is an address of an unknown kind");
    case urls::host_type::name:
    case urls::host_type::none:
      break;
  }
  if (encoded.empty()) return forbidden(encoded, "the host is empty");
  auto name = DnsName::parse_host(encoded);
  if (!name) return forbidden(encoded, "the host is " + name.error().detail);
  if (name->tld() == "well-known") {
    return forbidden(encoded,
                     "the host ends in \".well-known\": a \"/\" seems to be missing in the web server's redirect");
  }
  return Host(std::move(*name));
}

// RFC 3986 5.2.4, for a path that begins with "/". A percent-encoded dot is a character like others: what is
// requested is what the site wrote.
std::string without_dot_segments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);  // with its leading "/"
    const bool last = end == path.size();
    path.remove_prefix(end);
    if (segment == "/..") {
      out.resize(std::min(out.rfind('/'), out.size()));
    } else if (segment != "/.") {
      out += segment;
      continue;
    }
    if (last) out += '/';
  }
  return out;
}

Expected<HttpTarget> target_of(const urls::url_view_base& url) {
  const std::string_view shown = view(url.buffer());
  const bool https = url.scheme_id() == urls::scheme::https;
  if (!https && url.scheme_id() != urls::scheme::http) {
    return forbidden(shown, "the scheme is neither http nor https");
  }
  if (!url.has_authority()) return forbidden(shown, "the host is empty");
  if (url.has_userinfo()) return forbidden(shown, "user information in the URL");
  auto host = host_of(url);
  if (!host) return Unexpected(host.error());
  std::uint16_t port = default_port(https);
  // A port that does not fit 16 bits has the number 0 and is refused with the others.
  if (url.has_port() && !url.port().empty()) port = url.port_number();
  if (port != kHttpPort && port != kHttpsPort) {
    return forbidden(shown, "only ports 80 and 443 are allowed (BR 1.6.1, Authorized Ports)");
  }
  std::string path_query = url.encoded_path().empty() ? "/" : std::string(view(url.encoded_path()));
  // Boost 1.81 reads "http://127.0.0.1./" as an address and the path "./": not what RFC 3986 3 or a browser
  // reads.
  if (path_query.front() != '/') return forbidden(shown, "characters after the host or port that do not belong there");
  path_query = without_dot_segments(path_query);
  if (url.has_query()) path_query.append("?").append(view(url.encoded_query()));
  HttpTarget target{https, std::move(*host), port, std::move(path_query)};
  if (target.url().size() > kMaxUrl) return forbidden(shown, "the URL is longer than 2,048 octets");
  return target;
}

// The reasons that a strict parser only calls a syntax error, told apart for the site's owner.
std::string syntax_fault(std::string_view location) {
  const std::size_t open = location.find('[');
  const std::size_t close = location.find(']', open == std::string_view::npos ? 0 : open);
  if (open != std::string_view::npos && close != std::string_view::npos &&
      location.substr(open, close - open).find('%') != std::string_view::npos) {
    return "the address contains a scope zone";
  }
  const auto is_graphic_ascii = [](char c) { return c > 0x20 && c < 0x7F; };
  if (!std::all_of(location.begin(), location.end(), is_graphic_ascii)) {
    return "Location holds a blank, a control character or one outside ASCII, which a URL must encode";
  }
  return "Location is not a URL (RFC 3986)";
}

// RFC 3986 5.2.2 on the encoded text. Ours, since the library's resolve() keeps ".." at the root and decodes,
// and a record must be derived again years later, whatever the library's version.
std::string resolved(const urls::url_view_base& reference, const HttpTarget& from) {
  if (reference.has_scheme()) return std::string(view(reference.buffer()));
  const std::string scheme = from.https ? "https:" : "http:";
  if (reference.has_authority()) return scheme + std::string(view(reference.buffer()));
  const std::string origin = scheme + "//" + from.host_header();
  const std::string query = reference.has_query() ? '?' + std::string(view(reference.encoded_query())) : "";
  const std::string_view path = view(reference.encoded_path());
  const std::size_t from_query = std::min(from.path_query.find('?'), from.path_query.size());
  const std::string_view from_path = std::string_view(from.path_query).substr(0, from_query);
  if (path.empty()) return origin + (reference.has_query() ? std::string(from_path) + query : from.path_query);
  if (path.front() == '/') return origin + std::string(path) + query;
  return origin + std::string(from_path.substr(0, from_path.rfind('/') + 1)) + std::string(path) + query;
}

}  // namespace

std::string HttpTarget::host_text() const {
  if (const auto* name = std::get_if<DnsName>(&host)) return name->text();
  return std::get<IpAddress>(host).text();
}

std::string HttpTarget::host_header() const {
  const auto* ip = std::get_if<IpAddress>(&host);
  std::string text = ip != nullptr && !ip->is_v4() ? '[' + ip->text() + ']' : host_text();
  if (port != default_port(https)) text += ':' + std::to_string(port);
  return text;
}

std::string HttpTarget::url() const { return (https ? "https://" : "http://") + host_header() + path_query; }

HttpTarget acme_challenge_url(const std::variant<DnsName, IpAddress>& host, std::string_view token) {
  return {false, host, kHttpPort, "/.well-known/acme-challenge/" + std::string(token)};
}

Expected<HttpTarget> redirect_target(const HttpTarget& from, unsigned status, std::string_view location) {
  if (status != 301 && status != 302 && status != 307 && status != 308) {
    return forbidden(from.url(), "status " + std::to_string(status) +
                                     " does not lead on: only 301, 302, 307 and 308 do (BR 3.2.2.4.18, 3.2.2.4.19)");
  }
  if (location.empty()) return forbidden(from.url(), "a redirect without a Location");
  if (location.size() > kMaxUrl) return forbidden(from.url(), "Location is longer than 2,048 octets");
  const auto reference = urls::parse_uri_reference({location.data(), location.size()});
  if (!reference) return forbidden(location, syntax_fault(location));
  const std::string absolute = resolved(*reference, from);
  const auto url = urls::parse_uri(absolute);
  if (!url) return forbidden(location, syntax_fault(location));
  return target_of(*url);
}

Expected<HttpTarget> parse_target(std::string_view url) {
  const auto parsed = url.size() <= kMaxUrl ? urls::parse_uri({url.data(), url.size()})
                                            : urls::result<urls::url_view>(urls::error::not_a_base);
  if (!parsed) return forbidden(url, "not an absolute URL of at most 2,048 octets");
  auto target = target_of(*parsed);
  if (target && target->url() != url) return forbidden(url, "not in the form that is recorded: " + target->url());
  return target;
}

}  // namespace mpic::rules
