#include "coordinator/access/rights.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/wire/convert.hpp"

namespace mpic::coordinator {
namespace {

Unexpected no_right(std::string_view field, std::string_view what) {
  return fail(ProblemCode::kNoRight, std::string(field),
              fmt::format("{}: this client has no right to {}", field, what));
}

template <class T>
bool has(const std::vector<T>& all, const T& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

Expected<void> check_mode(v1::Mode mode, const ClientRights& rights) {
  if (mode == v1::MODE_MONITOR && !rights.monitor) return no_right("mode", "ask in mode MONITOR");
  const bool enforces = mode == v1::MODE_ENFORCE || mode == v1::MODE_UNSPECIFIED;
  if (enforces && !rights.enforce) return no_right("mode", "ask in mode ENFORCE");
  return {};
}

Expected<void> check_issuers(std::string_view field, const std::vector<std::string>& asked,
                             const ClientRights& rights) {
  if (rights.issuer_domains.empty()) return {};
  for (const std::string& domain : asked) {
    if (has(rights.issuer_domains, domain)) continue;
    return no_right(field, fmt::format("ask for the issuer {}", mpic::quoted(domain)));
  }
  return {};
}

Expected<void> check_dcv(const DcvQuestion& question, const ClientRights& rights) {
  if (!rights.methods.empty() && !has(rights.methods, question.method())) {
    return no_right("dcv", fmt::format("validate by {}", to_string(question.method())));
  }
  const auto* persistent = std::get_if<DnsPersistent>(&question.parameters);
  if (persistent == nullptr) return {};
  return check_issuers("dcv.dns_persistent.issuer_domains", persistent->issuer_domains, rights);
}

}  // namespace

Expected<void> check_rights(const v1::CorroborateRequest& request, const ClientEntry& client) {
  const ClientRights& rights = client.rights;
  if (request.has_asserted() && !client.asserted_primary) {
    return no_right("asserted", "speak for a Primary: clients[].asserted_primary");
  }
  if (const auto good = check_mode(request.mode(), rights); !good) return good;
  if (rights.methods.empty() && rights.issuer_domains.empty()) return {};  // reading the questions costs something
  if (request.has_dcv()) {
    if (const auto question = wire::decode(request.dcv(), "dcv")) {
      if (const auto good = check_dcv(*question, rights); !good) return good;
    }
  }
  if (!request.has_caa()) return {};
  const auto question = wire::decode(request.caa(), "caa");
  return question ? check_issuers("caa.issuer_domains", question->issuer_domains, rights) : Expected<void>{};
}

}  // namespace mpic::coordinator
