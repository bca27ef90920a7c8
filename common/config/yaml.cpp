#include "common/config/yaml.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>

#include "common/config/suggestion.hpp"
#include "common/domain/problem.hpp"

namespace mpic::config {
namespace {

constexpr std::uintmax_t kMaxFile = 1024 * 1024;
constexpr std::size_t kMaxError = 1024;

std::string_view kind(const YAML::Node& node) {
  if (node.IsMap()) return "a mapping";
  if (node.IsSequence()) return "a sequence";
  return node.IsScalar() ? "a single value" : "empty";
}

// No line for a node that has none.
std::string place(const std::filesystem::path& file, const YAML::Mark& mark) {
  if (mark.is_null()) return printable(file.string(), 4096);
  return fmt::format("{}:{}", printable(file.string(), 4096), mark.line + 1);
}

bool is_empty(const YAML::Node& node) { return node.IsNull() || (node.IsScalar() && node.Scalar().empty()); }

template <class Number>
std::optional<Number> number_from(const std::string& text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Looks at documents without keeping them, up to the second one.
class Documents final : public YAML::EventHandler {
 public:
  explicit Documents(const std::string& text) {
    std::istringstream in(text);
    YAML::Parser parser(in);
    // YAML::LoadAll() would go on without end, and without bound, where the library stops making progress.
    while (count_ < 2 && parser.HandleNextDocument(*this) && has_content_) ++count_;
  }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] const YAML::Mark& last() const { return root_; }

 private:
  void OnDocumentStart(const YAML::Mark&) override { is_root_ = true; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { node(mark, false); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { node(mark, true); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t, const std::string&) override {
    node(mark, true);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    node(mark, true);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    node(mark, true);
  }
  void OnMapEnd() override {}

  void node(const YAML::Mark& mark, bool content) {
    if (!is_root_) return;
    is_root_ = false;
    has_content_ = content;
    root_ = mark;
  }

  std::size_t count_ = 0;
  bool is_root_ = false;
  bool has_content_ = false;
  YAML::Mark root_;
};

}  // namespace

struct YamlMap::State {
  YAML::Node node;
  std::filesystem::path file;
  std::string prefix;  // "tls." inside tls
  std::set<std::string> asked;

  State(YAML::Node n, std::filesystem::path f, std::string p)
      : node(std::move(n)), file(std::move(f)), prefix(std::move(p)) {
    std::set<std::string> seen;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar())
        error(entry.first, "", fmt::format("a key is {}; a word is accepted", kind(entry.first)));
      const std::string& name = entry.first.Scalar();
      if (!seen.insert(name).second) error(entry.first, name, "given twice; once is accepted");
    }
  }

  [[noreturn]] void error(const YAML::Node& at, const std::string& key, const std::string& what) const {
    const std::string full = printable(prefix + key);
    const YAML::Mark mark = at.IsNull() ? mark_of_key(key, at.Mark()) : at.Mark();
    // Whatever the file holds ends in `what`, and this on somebody's terminal.
    throw ConfigError(
        fmt::format("{}: {}{}{}", place(file, mark), full, full.empty() ? "" : ": ", presentable(what, kMaxError)));
  }

  // An empty value stands, for the parser, where the next thing begins: its key tells the line better.
  [[nodiscard]] YAML::Mark mark_of_key(const std::string& key, const YAML::Mark& otherwise) const {
    for (const auto& entry : node) {
      if (entry.first.Scalar() == key) return entry.first.Mark();
    }
    return otherwise;
  }

  // A node that is false when the key is absent.
  YAML::Node find(const std::string& key) {
    asked.insert(key);
    return std::as_const(node)[key];
  }

  YAML::Node require(const std::string& key) {
    YAML::Node found = find(key);
    if (!found) missing(key);
    return found;
  }

  [[noreturn]] void missing(const std::string& key) const {
    for (const auto& entry : node) {
      const std::string& name = entry.first.Scalar();
      if (!asked.contains(name) && nearest(name, {key})) {
        error(entry.first, key, fmt::format("missing, but required; is it meant by \"{}\" here?", printable(name)));
      }
    }
    error(node, key, "missing, but required");
  }

  std::string scalar(const YAML::Node& found, const std::string& key, std::string_view accepted) const {
    if (is_empty(found)) error(found, key, fmt::format("empty; {} is accepted", accepted));
    if (!found.IsScalar()) error(found, key, fmt::format("{}; {} is accepted", kind(found), accepted));
    return found.Scalar();
  }

  // The node that "key" or "key[2]" names; the whole mapping when there is none.
  YAML::Node node_of(const std::string& key) const {
    const YAML::Node& mapping = node;
    if (const YAML::Node found = mapping[key]) return found;
    const std::size_t bracket = key.find('[');
    if (bracket == std::string::npos || key.back() != ']') return node;
    const YAML::Node sequence = mapping[key.substr(0, bracket)];
    const auto index = number_from<std::size_t>(key.substr(bracket + 1, key.size() - bracket - 2));
    if (!sequence || !sequence.IsSequence() || !index || *index >= sequence.size()) return node;
    return sequence[*index];
  }
};

YamlMap YamlMap::load(const std::filesystem::path& file) {
  const std::string text = read_file(file);
  YAML::Node root;
  try {
    const Documents documents(text);
    if (documents.count() > 1) {
      throw ConfigError(fmt::format("{}: 2 documents; one is accepted", place(file, documents.last())));
    }
    if (documents.count() == 1) root = YAML::Load(text);
  } catch (const YAML::Exception& error) {
    throw ConfigError(fmt::format("{}: not YAML: {}", place(file, error.mark), printable(error.msg)));
  }
  if (root.IsNull()) {
    throw ConfigError(
        fmt::format("{}: empty; a mapping is accepted (key: value)", place(file, YAML::Mark::null_mark())));
  }
  if (!root.IsMap()) {
    throw ConfigError(fmt::format("{}: {}; a mapping is accepted (key: value)", place(file, root.Mark()), kind(root)));
  }
  return YamlMap(std::make_shared<State>(root, file, ""));
}

std::string YamlMap::text(const std::string& key) { return state_->scalar(state_->require(key), key, "text"); }

std::optional<std::string> YamlMap::text_if(const std::string& key) {
  const YAML::Node found = state_->find(key);
  if (!found) return std::nullopt;
  return state_->scalar(found, key, "text");
}

std::int64_t YamlMap::integer(const std::string& key, std::int64_t fallback, std::int64_t min, std::int64_t max) {
  const YAML::Node found = state_->find(key);
  if (!found) return fallback;
  const std::string accepted = fmt::format("a whole number from {} to {}", min, max);
  const std::string text = state_->scalar(found, key, accepted);
  const auto value = number_from<std::int64_t>(text);
  if (!value || *value < min || *value > max) {
    state_->error(found, key, fmt::format("\"{}\"; {} is accepted", printable(text), accepted));
  }
  return *value;
}

double YamlMap::number(const std::string& key, double min, double max) {
  const YAML::Node found = state_->require(key);
  const std::string accepted = fmt::format("a number from {} to {}", min, max);
  const std::string text = state_->scalar(found, key, accepted);
  const auto value = number_from<double>(text);
  if (!value || !std::isfinite(*value) || *value < min || *value > max) {
    state_->error(found, key, fmt::format("\"{}\"; {} is accepted", printable(text), accepted));
  }
  return *value;
}

bool YamlMap::boolean(const std::string& key, bool fallback) {
  const YAML::Node found = state_->find(key);
  if (!found) return fallback;
  const std::string text = state_->scalar(found, key, "true or false");
  if (text != "true" && text != "false") {
    state_->error(found, key, fmt::format("\"{}\"; true or false is accepted", printable(text)));
  }
  return text == "true";
}

std::vector<std::string> YamlMap::texts(const std::string& key) {
  std::vector<std::string> result;
  const YAML::Node found = state_->find(key);
  if (!found) return result;
  if (!found.IsSequence()) state_->error(found, key, fmt::format("{}; a sequence of texts is accepted", kind(found)));
  for (const YAML::Node& item : found) {
    result.push_back(state_->scalar(item, fmt::format("{}[{}]", key, result.size()), "text"));
  }
  return result;
}

std::vector<std::string> YamlMap::one_or_more(const std::string& key) {
  const YAML::Node found = state_->require(key);
  if (!found.IsSequence()) return {state_->scalar(found, key, "text, or a sequence of texts,")};
  if (found.size() == 0) state_->error(found, key, "a sequence of nothing; at least one text is accepted");
  return texts(key);
}

std::filesystem::path YamlMap::path(const std::string& key) {
  return (state_->file.parent_path() / text(key)).lexically_normal();
}

std::filesystem::path YamlMap::file(const std::string& key) {
  std::filesystem::path found = path(key);
  if (!std::filesystem::exists(found)) fail(key, found.string() + ": there is no such file");
  if (!std::filesystem::is_regular_file(found) || !std::ifstream(found)) {
    fail(key, found.string() + ": is no file that can be read here");
  }
  return found;
}

std::optional<std::filesystem::path> YamlMap::path_if(const std::string& key) {
  if (!state_->find(key)) return std::nullopt;
  return path(key);
}

YamlMap YamlMap::map(const std::string& key) {
  auto found = map_if(key);
  if (!found) state_->missing(key);
  return *std::move(found);
}

std::optional<YamlMap> YamlMap::map_if(const std::string& key) {
  const YAML::Node found = state_->find(key);
  if (!found) return std::nullopt;
  if (!found.IsMap()) state_->error(found, key, fmt::format("{}; a mapping is accepted", kind(found)));
  return YamlMap(std::make_shared<State>(found, state_->file, state_->prefix + key + "."));
}

std::vector<YamlMap> YamlMap::maps(const std::string& key) {
  std::vector<YamlMap> result;
  const YAML::Node found = state_->find(key);
  if (!found) return result;
  if (!found.IsSequence())
    state_->error(found, key, fmt::format("{}; a sequence of mappings is accepted", kind(found)));
  for (const YAML::Node& item : found) {
    const std::string name = fmt::format("{}[{}]", key, result.size());
    if (!item.IsMap()) state_->error(item, name, fmt::format("{}; a mapping is accepted", kind(item)));
    result.push_back(YamlMap(std::make_shared<State>(item, state_->file, state_->prefix + name + ".")));
  }
  return result;
}

std::map<std::string, std::string> YamlMap::entries(const std::string& key) {
  std::map<std::string, std::string> result;
  const auto mapping = map_if(key);
  if (!mapping) return result;
  for (const auto& entry : mapping->state_->node) {
    const std::string& name = entry.first.Scalar();
    result.emplace(name, mapping->state_->scalar(entry.second, name, "text"));
  }
  return result;
}

void YamlMap::fail(const std::string& key, const std::string& what) const {
  state_->error(state_->node_of(key), key, what);
}

void YamlMap::finish() const {
  for (const auto& entry : state_->node) {
    const std::string& name = entry.first.Scalar();
    if (state_->asked.contains(name)) continue;
    const auto suggestion = nearest(name, state_->asked);
    const std::string hint = suggestion ? fmt::format("did you mean \"{}\"? ", *suggestion) : "";
    const std::string_view accepted = suggestion ? "Accepted here" : "accepted here";
    state_->error(entry.first, name,
                  fmt::format("unknown key; {}{}: {}", hint, accepted, fmt::join(state_->asked, ", ")));
  }
}

bool YamlMap::has(const std::string& key) const { return static_cast<bool>(state_->find(key)); }

std::string read_file(const std::filesystem::path& file) {
  const std::string name = printable(file.string(), 4096);
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (status.type() == std::filesystem::file_type::not_found) throw ConfigError(name + ": there is no such file");
  if (error) throw ConfigError(fmt::format("{}: cannot be read: {}", name, error.message()));
  if (std::filesystem::is_directory(status)) throw ConfigError(name + ": is a folder; a file is accepted");
  std::ifstream in(file, std::ios::binary);
  std::string content(kMaxFile + 1, '\0');
  in.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (!in.is_open() || in.bad()) throw ConfigError(name + ": cannot be read; check its permissions");
  content.resize(static_cast<std::size_t>(in.gcount()));
  if (content.size() > kMaxFile) throw ConfigError(name + ": larger than 1 MiB");
  return content;
}

}  // namespace mpic::config
