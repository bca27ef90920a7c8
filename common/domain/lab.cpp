#include "common/domain/lab.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace mpic {
namespace {

constexpr std::string_view kAddresses = "addresses";
constexpr std::string_view kPorts = "ports";
constexpr std::string_view kTopLevelDomains = "top-level-domains";
constexpr std::string_view kPolicyClock = "policy-clock";
constexpr std::string_view kRedirects = "redirects";

template <class Number>
std::optional<Number> number_from(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// One stamp: the kind, a blank, the sorted values joined by commas.
std::string stamp(std::string_view kind, std::vector<std::string> values) {
  std::sort(values.begin(), values.end());
  std::string out(kind);
  char separator = ' ';
  for (const std::string& value : values) {
    out += separator + value;
    separator = ',';
  }
  return out;
}

std::vector<std::string_view> stamped_values(const std::vector<std::string>& stamps, std::string_view kind) {
  std::vector<std::string_view> values;
  for (const std::string& text : stamps) {
    std::string_view rest = text;
    if (rest.substr(0, kind.size()) != kind || rest.size() <= kind.size() || rest[kind.size()] != ' ') continue;
    rest.remove_prefix(kind.size() + 1);
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      values.push_back(rest.substr(0, comma));
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
  }
  return values;
}

std::string utc_text(TimePoint when) {
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(when - day));
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text;
}

}  // namespace

Expected<Prefix> Prefix::parse(std::string_view text) {
  const auto refused = [&](std::string why) {
    return fail(ProblemCode::kInvalidArgument, printable(text, 128), std::move(why));
  };
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return refused("a prefix is an address, \"/\" and a length");
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return refused(address.error().detail);
  const auto length = number_from<std::uint8_t>(text.substr(slash + 1));
  if (!length || *length > address->octets().size() * 8) return refused("the prefix length is out of range");
  const Prefix prefix{*address, *length};
  for (std::size_t bit = *length; bit < address->octets().size() * 8; ++bit) {
    if ((address->octets()[bit / 8] & (0x80U >> (bit % 8))) != 0) {
      return refused("the prefix has bits set beyond its length");
    }
  }
  return prefix;
}

bool Prefix::contains(const IpAddress& candidate) const {
  if (candidate.is_v4() != address.is_v4()) return false;
  const auto ours = address.octets();
  const auto theirs = candidate.octets();
  const std::size_t whole = length / 8U;
  if (!std::equal(ours.begin(), ours.begin() + static_cast<std::ptrdiff_t>(whole), theirs.begin())) return false;
  const unsigned rest = length % 8U;
  return rest == 0 || ((ours[whole] ^ theirs[whole]) >> (8U - rest)) == 0;
}

std::string Prefix::text() const { return address.text() + '/' + std::to_string(length); }

bool LabRelaxations::any() const {
  return !addresses.empty() || !ports.empty() || !top_level_domains.empty() || foreign_trust_anchor ||
         policy_clock.has_value() || records_nowhere || redirects != 0 || !recorded.empty();
}

std::vector<std::string> LabRelaxations::describe() const {
  if (!recorded.empty()) return recorded;
  std::vector<std::string> out;
  if (!addresses.empty()) {
    std::vector<std::string> values;
    for (const Prefix& prefix : addresses) values.push_back(prefix.text());
    out.push_back(stamp(kAddresses, std::move(values)));
  }
  if (foreign_trust_anchor) out.emplace_back("foreign-trust-anchor");
  if (policy_clock) out.push_back(stamp(kPolicyClock, {utc_text(*policy_clock)}));
  if (!ports.empty()) {
    std::vector<std::string> values;
    for (const auto& [from, to] : ports) values.push_back(std::to_string(from) + '=' + std::to_string(to));
    out.push_back(stamp(kPorts, std::move(values)));
  }
  if (records_nowhere) out.emplace_back("records-nowhere");
  if (redirects != 0) out.push_back(stamp(kRedirects, {std::to_string(redirects)}));
  if (!top_level_domains.empty()) out.push_back(stamp(kTopLevelDomains, top_level_domains));
  return out;  // the order of the kinds above is alphabetical
}

bool stamped(const std::vector<std::string>& stamps, std::string_view kind) {
  return std::any_of(stamps.begin(), stamps.end(), [&](std::string_view text) {
    return text.substr(0, kind.size()) == kind && (text.size() == kind.size() || text[kind.size()] == ' ');
  });
}

std::vector<Prefix> stamped_addresses(const std::vector<std::string>& stamps) {
  std::vector<Prefix> prefixes;
  for (const std::string_view value : stamped_values(stamps, kAddresses)) {
    if (const auto prefix = Prefix::parse(value)) prefixes.push_back(*prefix);
  }
  return prefixes;
}

std::vector<std::string> stamped_top_level_domains(const std::vector<std::string>& stamps) {
  std::vector<std::string> out;
  for (const std::string_view value : stamped_values(stamps, kTopLevelDomains)) out.emplace_back(value);
  return out;
}

std::size_t stamped_redirects(const std::vector<std::string>& stamps) {
  const auto values = stamped_values(stamps, kRedirects);
  const auto told = values.size() == 1 ? number_from<std::size_t>(values.front()) : std::nullopt;
  return told && *told < kMaxHopsInLab ? *told : kMaxHops - 1;
}

std::optional<TimePoint> stamped_policy_clock(const std::vector<std::string>& stamps) {
  const auto values = stamped_values(stamps, kPolicyClock);
  if (values.size() != 1) return std::nullopt;
  const std::string text(values.front());
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (std::sscanf(text.c_str(), "%4d-%2u-%2uT%2u:%2u:%2uZ", &year, &month, &day, &hour, &minute, &second) != 6) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  const auto clock = std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
  if (!date.ok()) return std::nullopt;
  const TimePoint when = std::chrono::sys_days(date) + clock;
  return utc_text(when) == text ? std::optional(when) : std::nullopt;  // no other way to write it is accepted
}

std::uint16_t stamped_port(const std::vector<std::string>& stamps, std::uint16_t port) {
  for (const std::string_view value : stamped_values(stamps, kPorts)) {
    const std::size_t equals = value.find('=');
    if (equals == std::string_view::npos) continue;
    const auto to = number_from<std::uint16_t>(value.substr(equals + 1));
    if (to && number_from<std::uint16_t>(value.substr(0, equals)) == port) return *to;
  }
  return port;
}

}  // namespace mpic
