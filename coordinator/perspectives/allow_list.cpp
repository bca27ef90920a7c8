#include "coordinator/perspectives/allow_list.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <functional>
#include <set>

#include "common/domain/identifier.hpp"
#include "common/domain/perspective.hpp"

namespace mpic::coordinator {
namespace {

namespace bj = boost::json;

using ForEach = std::function<void(const IpAddress& address, const v1::PerspectiveInfo& of)>;

void for_each_address(const v1::ListPerspectivesResponse& perspectives, const ForEach& take) {
  for (const v1::PerspectiveInfo& info : perspectives.perspectives()) {
    for (const std::string& text : info.egress()) {
      if (const auto address = IpAddress::parse(text)) take(*address, info);
    }
  }
}

std::string rir_of(const v1::PerspectiveInfo& info) { return std::string(to_string(static_cast<Rir>(info.rir()))); }

std::string as_json(const v1::ListPerspectivesResponse& perspectives, const std::string& user_agent) {
  bj::array all;
  for (const v1::PerspectiveInfo& info : perspectives.perspectives()) {
    bj::array egress;
    for (const std::string& text : info.egress()) {
      if (const auto address = IpAddress::parse(text)) egress.emplace_back(address->text());
    }
    all.emplace_back(bj::object{{"perspective_code", info.id()},
                                {"role", to_string(static_cast<Role>(info.role()))},
                                {"rir", rir_of(info)},
                                {"place", info.place().name()},
                                {"egress", std::move(egress)},
                                {"ready", info.ready()}});
  }
  return bj::serialize(
             bj::object{{"user_agent", user_agent.empty() ? bj::value(nullptr) : bj::value(bj::string(user_agent))},
                        {"perspectives", std::move(all)}}) +
         "\n";
}

std::string as_plain(const v1::ListPerspectivesResponse& perspectives) {
  std::string out;
  for_each_address(perspectives, [&](const IpAddress& address, const auto&) { out += address.text() + "\n"; });
  return out;
}

std::string as_nginx(const v1::ListPerspectivesResponse& perspectives) {
  std::string out = "# Perspectives of multi-perspective issuance corroboration.\n";
  for_each_address(perspectives, [&](const IpAddress& address, const v1::PerspectiveInfo& of) {
    out += fmt::format("allow {};  # {}, {}\n", address.text(), printable(of.id(), 64), rir_of(of));
  });
  return out;
}

std::string nft_set(const char* name, const char* type, const std::set<std::string>& addresses) {
  const std::string elements =
      addresses.empty() ? "" : fmt::format("    elements = {{ {} }}\n", fmt::join(addresses, ", "));
  return fmt::format("  set {} {{\n    type {}\n{}  }}\n", name, type, elements);
}

std::string as_nftables(const v1::ListPerspectivesResponse& perspectives) {
  std::set<std::string> four;
  std::set<std::string> six;
  for_each_address(perspectives, [&](const IpAddress& address, const auto&) {
    (address.is_v4() ? four : six).insert(address.text());
  });
  return "# Perspectives of multi-perspective issuance corroboration; for nft -f.\ntable inet mpic {\n" +
         nft_set("perspectives4", "ipv4_addr", four) + nft_set("perspectives6", "ipv6_addr", six) + "}\n";
}

}  // namespace

std::optional<AllowListFormat> allow_list_format(std::string_view name) {
  if (name == "json") return AllowListFormat::kJson;
  if (name == "plain") return AllowListFormat::kPlain;
  if (name == "nginx") return AllowListFormat::kNginx;
  if (name == "nftables") return AllowListFormat::kNftables;
  return std::nullopt;
}

std::string allow_list(const v1::ListPerspectivesResponse& perspectives, AllowListFormat format,
                       const std::string& user_agent) {
  switch (format) {
    case AllowListFormat::kJson:
      return as_json(perspectives, user_agent);
    case AllowListFormat::kPlain:
      return as_plain(perspectives);
    case AllowListFormat::kNginx:
      return as_nginx(perspectives);
    case AllowListFormat::kNftables:
      break;
  }
  return as_nftables(perspectives);
}

std::string_view media_type_of(AllowListFormat format) {
  return format == AllowListFormat::kJson ? "application/json" : "text/plain; charset=utf-8";
}

}  // namespace mpic::coordinator
