#include "coordinator/service/shown_over_grpc.hpp"

#include "common/rpc/credentials.hpp"

namespace mpic::coordinator {
namespace {

constexpr const char* kApiKey = "x-api-key";
constexpr const char* kAuthorization = "authorization";

std::vector<std::string_view> values(const grpc::CallbackServerContext& context, const char* name) {
  std::vector<std::string_view> out;
  const auto [begin, end] = context.client_metadata().equal_range(name);
  for (auto value = begin; value != end; ++value) out.emplace_back(value->second.data(), value->second.size());
  return out;
}

// gRPC escapes the brackets of an IPv6 address, and the zone of a link-local one.
std::string unescaped(std::string_view uri) {
  constexpr std::string_view kEscaped[] = {"%5B", "%5D", "%25"};
  constexpr char kPlain[] = {'[', ']', '%'};
  std::string out;
  while (!uri.empty()) {
    std::size_t taken = 0;
    for (std::size_t i = 0; i < std::size(kEscaped) && taken == 0; ++i) {
      if (!uri.starts_with(kEscaped[i])) continue;
      out += kPlain[i];
      taken = kEscaped[i].size();
    }
    if (taken == 0) {
      out += uri.front();
      taken = 1;
    }
    uri.remove_prefix(taken);
  }
  return out;
}

}  // namespace

void tell_peer(std::string_view uri, Credentials& out) {
  const bool is_v4 = uri.starts_with("ipv4:");
  const bool is_v6 = uri.starts_with("ipv6:");
  out.peer = is_v4 || is_v6 ? unescaped(uri.substr(5)) : std::string(uri.substr(0, uri.find(':')));
  std::string_view address = out.peer;
  if (is_v4 || is_v6) address = address.substr(0, address.rfind(':'));
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  out.source = std::string(address.substr(0, address.find('%')));
}

Credentials shown_over_grpc(const grpc::CallbackServerContext& context) {
  Credentials out;
  out.sans = rpc::peer_sans(*context.auth_context());
  out.api_key = api_key_shown(values(context, kApiKey), values(context, kAuthorization));
  tell_peer(context.peer(), out);
  return out;
}

}  // namespace mpic::coordinator
