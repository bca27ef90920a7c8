#include "coordinator/perspectives/registries.hpp"

#include "common/rules/address_policy.hpp"
#include "common/rules/namespace_policy.hpp"

namespace mpic::coordinator {
namespace {

v1::DataSource registry(const char* name, const char* source, std::string date) {
  v1::DataSource out;
  out.set_name(name);
  out.set_source(source);
  out.set_date(std::move(date));
  return out;
}

}  // namespace

std::vector<v1::DataSource> registries() {
  return {registry("special-purpose addresses", "IANA IPv4 and IPv6 Special-Purpose Address Registries",
                   std::string(rules::kSpecialPurposeDate)),
          registry("public suffixes and top-level domains", "the ICANN section of the Public Suffix List, in libpsl",
                   rules::suffix_list_date())};
}

}  // namespace mpic::coordinator
