// The file of `api_keys`, as the coordinator reads it and `mpic keys api` writes it.
#include "coordinator/access/api_keys_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "common/config/yaml.hpp"
#include "common/domain/hex.hpp"

namespace mpic::coordinator {
namespace {

using config::YamlMap;

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::size_t kIdDigits = 8;
constexpr std::size_t kMaxFile = 1024 * 1024;  // config::read_file

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of(kDigits) == std::string_view::npos;
}

Expected<Digest> parse_hash(const std::string& text) {
  Digest out{};
  if (!is_hex(text, 2 * out.size())) {
    return fail(ProblemCode::kInvalidArgument, "sha256", "64 lower-case hexadecimal digits are accepted");
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto digit = [&](std::size_t at) { return static_cast<unsigned>(kDigits.find(text[at])); };
    out[i] = static_cast<std::uint8_t>(digit(2 * i) << 4U | digit(2 * i + 1));
  }
  return out;
}

Expected<std::string> parse_id(const std::string& text) {
  if (is_hex(text, kIdDigits)) return text;
  return fail(ProblemCode::kInvalidArgument, "id", "eight lower-case hexadecimal digits are accepted");
}

Expected<std::string> parse_name(const std::string& text) {
  const bool is_graphic = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (is_graphic && !text.empty() && text.size() <= kLongestApiKeyName) return text;
  return fail(ProblemCode::kInvalidArgument, "name",
              fmt::format("1 to {} octets of printable ASCII without blanks are accepted", kLongestApiKeyName));
}

// "2026-11-25": its first moment, UTC.
Expected<TimePoint> parse_day(const std::string& text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int end = 0;
  const bool is_whole = std::sscanf(text.c_str(), "%4d-%2u-%2u%n", &year, &month, &day, &end) == 3 &&
                        end == static_cast<int>(text.size());
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (!is_whole || !date.ok() || year < 1970 || year > 2200) {
    return fail(ProblemCode::kInvalidArgument, "day", "no day; accepted are such as 2026-11-25");
  }
  return TimePoint(std::chrono::sys_days(date));
}

std::string day_text(TimePoint when) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(when)};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

// As a double-quoted scalar of YAML.
std::string scalar(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

ApiKey load_key(YamlMap& map) {
  ApiKey key;
  key.id = map.parsed("id", parse_id);
  key.client = map.parsed("client", parse_name);
  key.name = map.parsed("name", parse_name);
  key.sha256 = map.parsed("sha256", parse_hash);
  key.created = map.parsed("created", parse_day);
  if (map.has("expires")) key.expires = map.parsed("expires", parse_day);
  map.finish();
  return key;
}

// `is_client`: empty where any will do.
std::vector<ApiKey> load(const std::filesystem::path& file, const std::function<bool(const std::string&)>& is_client) {
  YamlMap root = YamlMap::load(file);
  std::vector<ApiKey> out;
  std::set<std::string> ids;
  std::set<std::pair<std::string, std::string>> names;
  for (YamlMap& map : root.maps("keys")) {
    if (out.size() == kMostApiKeys) root.fail("keys", fmt::format("at most {} are accepted", kMostApiKeys));
    ApiKey key = load_key(map);
    if (!ids.insert(key.id).second) map.fail("id", "another key has the same id");
    if (!names.emplace(key.client, key.name).second) map.fail("name", "another key of this client has the same name");
    if (is_client && !is_client(key.client)) {
      map.fail("client", fmt::format("no client {} is configured, and this key is one of its; configure the client, or "
                                     "revoke the key: mpic keys api revoke --keys {} {}",
                                     mpic::quoted(key.client), file.string(), key.id));
    }
    out.push_back(std::move(key));
  }
  root.finish();
  return out;
}

}  // namespace

Expected<std::string> parse_api_key_name(const std::string& text) { return parse_name(text); }

std::vector<ApiKey> load_api_keys(const std::filesystem::path& file) { return load(file, {}); }

std::vector<ApiKey> load_api_keys_of(const std::filesystem::path& file,
                                     const std::function<bool(const std::string&)>& is_client) {
  return load(file, is_client);
}

bool fits_a_file(const std::vector<ApiKey>& keys) {
  return keys.size() <= kMostApiKeys && api_keys_text(keys).size() <= kMaxFile;
}

std::string api_keys_text(const std::vector<ApiKey>& keys) {
  std::string out =
      "# API keys of mpic-coordinator, by their hashes. `mpic keys api` writes this file; send SIGHUP to the "
      "coordinator\n"
      "# afterwards.\n";
  out += keys.empty() ? "keys: []\n" : "keys:\n";
  for (const ApiKey& key : keys) {
    out += fmt::format("  - id: {}\n    client: {}\n    name: {}\n    sha256: {}\n    created: {}\n", scalar(key.id),
                       scalar(key.client), scalar(key.name), scalar(hex(key.sha256)), day_text(key.created));
    if (key.expires) out += fmt::format("    expires: {}\n", day_text(*key.expires));
  }
  return out;
}

}  // namespace mpic::coordinator
