#include "coordinator/audit/export_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <utility>

#include "common/evidence/checkpoint.hpp"
#include "mpic/v1/record.pb.h"

namespace mpic::coordinator {
namespace {

namespace bj = boost::json;

constexpr std::size_t kMostText = 256;  // octets of `written` and `software`
constexpr std::size_t kLongestVarint = 10;

Unexpected no_manifest(std::string why) { return fail(ProblemCode::kInvalidArgument, "export.json", std::move(why)); }
Unexpected no_entry(std::string why) { return fail(ProblemCode::kInvalidArgument, "entry", std::move(why)); }

Expected<std::string> text_of(const bj::object& fields, std::string_view name) {
  const bj::value* value = fields.if_contains(bj::string_view(name.data(), name.size()));
  if (value == nullptr || !value->is_string()) return no_manifest(fmt::format("{} is missing, or no text", name));
  std::string text(value->get_string().begin(), value->get_string().end());
  if (text.size() > kMostText) return no_manifest(fmt::format("{} is longer than {} octets", name, kMostText));
  return text;
}

Expected<std::uint64_t> size_of(const bj::object& fields) {
  const bj::value* value = fields.if_contains("size");
  const bool is_number = value != nullptr && value->is_int64();
  if (!is_number || value->get_int64() < 0 || static_cast<std::uint64_t>(value->get_int64()) > kMaxExportSize) {
    return no_manifest("size is missing, or no number of leaves");
  }
  return static_cast<std::uint64_t>(value->get_int64());
}

// The folder itself may be reached by links: whoever audits named it. -1 and errno.
int open_below(const std::string& folder, const std::filesystem::path& path) {
  constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  int at = ::open(folder.c_str(), kFlags | O_DIRECTORY);
  for (auto part = path.begin(); part != path.end() && at >= 0; ++part) {
    const bool is_last = std::next(part) == path.end();
    const int below = ::openat(at, part->c_str(), kFlags | O_NOFOLLOW | (is_last ? 0 : O_DIRECTORY));
    const int error = errno;
    ::close(at);
    errno = error;
    at = below;
  }
  return at;
}

}  // namespace

Expected<ExportManifest> parse_manifest(std::string_view json) {
  bj::error_code error;
  bj::parse_options options;
  options.max_depth = 4;
  const bj::value value = bj::parse(bj::string_view(json.data(), json.size()), error, {}, options);
  if (error || !value.is_object()) return no_manifest("it is no JSON object");
  const bj::object& fields = value.get_object();
  const auto format = text_of(fields, "format");
  if (!format) return Unexpected(format.error());
  if (*format != kExportFormat) {
    return no_manifest(fmt::format("its format is {}, this program reads {}", quoted(*format, 64), kExportFormat));
  }
  if (fields.size() != 5) return no_manifest("it has other fields than format, origin, size, written and software");
  const auto origin = text_of(fields, "origin");
  const auto written = text_of(fields, "written");
  const auto software = text_of(fields, "software");
  const auto size = size_of(fields);
  for (const auto* text : {&origin, &written, &software}) {
    if (!*text) return Unexpected(text->error());
  }
  if (!size) return Unexpected(size.error());
  if (!evidence::is_log_origin(*origin)) return no_manifest("origin is no name that a log may have");
  return ExportManifest{*origin, *size, *written, *software};
}

std::string manifest_text(const ExportManifest& manifest) {
  const auto quoted_json = [](const std::string& text) { return bj::serialize(bj::string(text)); };
  return fmt::format(
      "{{\n  \"format\": \"{}\",\n  \"origin\": {},\n  \"size\": {},\n  \"written\": {},\n"
      "  \"software\": {}\n}}\n",
      kExportFormat, quoted_json(manifest.origin), manifest.size, quoted_json(manifest.written),
      quoted_json(manifest.software));
}

std::string entries_path(std::uint64_t number) { return fmt::format("entries/{:06}.pb", number); }

std::string delimited_entry(const LoggedLeaf& leaf) {
  v1::LogEntry entry;
  entry.set_index(leaf.index);
  entry.set_kind(static_cast<v1::LeafKind>(leaf.kind));
  entry.set_body_sha256(leaf.body_sha256.data(), leaf.body_sha256.size());
  entry.set_body(leaf.body);
  entry.set_statement(leaf.statement);
  return delimited(entry.SerializeAsString());
}

std::string delimited(std::string_view message) {
  std::string out;
  for (std::size_t rest = message.size();; rest >>= 7U) {
    const bool is_last = rest < 0x80;
    out += static_cast<char>((rest & 0x7FU) | (is_last ? 0U : 0x80U));
    if (is_last) break;
  }
  return out.append(message);
}

Expected<LoggedLeaf> parse_entry(std::string_view message) {
  v1::LogEntry entry;
  if (!entry.ParseFromArray(message.data(), static_cast<int>(message.size()))) return no_entry("it is no LogEntry");
  if (!entry.GetReflection()->GetUnknownFields(entry).empty()) return no_entry("it has fields that are not known");
  if (entry.kind() < v1::LEAF_KIND_RECORD || entry.kind() > v1::LEAF_KIND_EVENT) {
    return no_entry(fmt::format("kind {} is none of a leaf", static_cast<int>(entry.kind())));
  }
  LoggedLeaf leaf;
  if (entry.body_sha256().size() != leaf.body_sha256.size()) return no_entry("body_sha256 is no hash");
  if (entry.kind() != v1::LEAF_KIND_RECORD && !entry.statement().empty()) {
    return no_entry("it has a statement, and is no record");
  }
  leaf.index = entry.index();
  leaf.kind = static_cast<evidence::LeafKind>(entry.kind());
  std::copy(entry.body_sha256().begin(), entry.body_sha256().end(), leaf.body_sha256.begin());
  leaf.body = std::move(*entry.mutable_body());
  leaf.statement = std::move(*entry.mutable_statement());
  return leaf;
}

Expected<ExportFile> ExportFile::open(const std::string& folder, const std::string& path) {
  const std::string whole = (std::filesystem::path(folder) / path).string();
  const auto refused = [&](std::string_view why) {
    return fail(ProblemCode::kInternal, whole, fmt::format("{}: {}", whole, why));
  };
  const int descriptor = open_below(folder, path);
  if (descriptor < 0) return refused(errno == ELOOP ? "a link, which is not followed" : std::strerror(errno));
  struct stat about {};
  ExportFile file(whole, descriptor, 0);
  if (::fstat(descriptor, &about) != 0) return refused(std::strerror(errno));
  if (!S_ISREG(about.st_mode)) return refused("it is no file");
  file.size_ = static_cast<std::uint64_t>(about.st_size);
  return file;
}

ExportFile::ExportFile(ExportFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}

ExportFile& ExportFile::operator=(ExportFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}

ExportFile::~ExportFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Unexpected ExportFile::bad(std::string_view why) const {
  return fail(ProblemCode::kInternal, path_, fmt::format("{}: {}", path_, why));
}

Expected<std::string> ExportFile::octets(std::uint64_t at, std::size_t count) const {
  std::string out(count, '\0');
  std::size_t done = 0;
  while (done < count) {
    const ssize_t got = ::pread(descriptor_, out.data() + done, count - done, static_cast<off_t>(at + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return bad(std::strerror(errno));
    if (got == 0) return bad("it ends too early");
    done += static_cast<std::size_t>(got);
  }
  return out;
}

Expected<std::string> ExportFile::whole(std::size_t most) const {
  if (size_ > most) return bad(fmt::format("it is longer than {} octets", most));
  return octets(0, size_);
}

Expected<std::size_t> ExportFile::length(std::uint64_t& at) const {
  if (at >= size_) return bad("it has fewer entries than it should");
  const auto head = octets(at, std::min<std::uint64_t>(kLongestVarint, size_ - at));
  if (!head) return Unexpected(head.error());
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < head->size(); ++i) {
    const auto octet = static_cast<std::uint8_t>((*head)[i]);
    if (i == 4) break;  // 28 bits are more than any entry has
    length |= std::uint64_t{octet & 0x7FU} << (7 * i);
    if ((octet & 0x80U) != 0) continue;
    if (i > 0 && octet == 0) return bad(fmt::format("the length at octet {} is not in its shortest form", at));
    if (length > kMaxExportEntry) break;
    const std::uint64_t begin = at + i + 1;
    if (length > size_ - begin) return bad(fmt::format("the entry at octet {} is cut off", at));
    at = begin;
    return length;
  }
  return bad(fmt::format("the entry at octet {} is cut off, or longer than {} octets", at, kMaxExportEntry));
}

Expected<LoggedLeaf> ExportFile::entry(std::uint64_t& at) const {
  const std::uint64_t begin = at;
  const auto count = length(at);
  if (!count) return Unexpected(count.error());
  const auto message = octets(at, *count);
  if (!message) return Unexpected(message.error());
  at += *count;
  auto leaf = parse_entry(*message);
  if (!leaf) return bad(fmt::format("the entry at octet {}: {}", begin, leaf.error().detail));
  return leaf;
}

Expected<void> ExportFile::skip(std::uint64_t& at) const {
  const auto count = length(at);
  if (!count) return Unexpected(count.error());
  at += *count;
  return {};
}

}  // namespace mpic::coordinator
