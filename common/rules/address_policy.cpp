#include "common/rules/address_policy.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "common/rules/address_registry.hpp"

namespace mpic::rules {
namespace {

struct Row {
  Prefix prefix;
  SpecialPurpose text;
};

std::vector<Row> parsed_rows() {
  std::vector<Row> rows;
  for (const SpecialPurpose& text : address_registry_rows()) {
    const auto prefix = Prefix::parse(text.prefix);
    if (!prefix) throw std::logic_error("address registry: " + std::string(text.prefix));
    rows.push_back({*prefix, text});
  }
  // The most specific first: 192.0.0.170 is reserved for what it is, not for the block around it.
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.prefix.length > b.prefix.length; });
  return rows;
}

const std::vector<Row>& rows() {
  static const std::vector<Row> kParsed = parsed_rows();
  return kParsed;
}

}  // namespace

std::span<const SpecialPurpose> special_purpose_registry() { return address_registry_rows(); }

std::optional<SpecialPurpose> special_purpose(const IpAddress& address) {
  for (const Row& row : rows()) {
    if (row.prefix.contains(address)) return row.text;
  }
  return std::nullopt;
}

Expected<void> check_address(const IpAddress& address, std::span<const Prefix> lab_addresses) {
  const auto row = special_purpose(address);
  const auto names_it = [&](const Prefix& prefix) { return prefix.contains(address); };
  if (!row || std::any_of(lab_addresses.begin(), lab_addresses.end(), names_it)) return {};
  return fail(ProblemCode::kAddressForbidden, address.text(),
              "in a special-purpose range: " + std::string(row->prefix) + " " + std::string(row->name) + " (" +
                  std::string(row->reference) + ")");
}

}  // namespace mpic::rules
