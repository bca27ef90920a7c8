// The files of an exported log (docs/evidence_format.md, Exports): what they hold, and reading them from a folder that
// anybody may have made. Whatever is not exactly of the format is refused with a reason; nothing is followed or waited
// for, and what is taken into memory at a time is bounded.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "coordinator/audit/log_reader.hpp"

namespace mpic::coordinator {

inline constexpr std::string_view kExportFormat = "mpic-log-export-1";
inline constexpr const char* kExportDescription = "export.json";
inline constexpr const char* kExportCheckpoint = "checkpoint";
inline constexpr std::size_t kExportEntries = 10'000;                     // in each file but the last
inline constexpr std::size_t kMaxExportEntry = 16 * 1024 * 1024;          // octets of one LogEntry
inline constexpr std::uint64_t kMaxExportSize = std::uint64_t{1} << 40U;  // leaves

// export.json.
struct ExportManifest {
  std::string origin;
  std::uint64_t size = 0;  // leaves
  std::string written;     // RFC 3339
  std::string software;
  bool operator==(const ExportManifest&) const = default;
};
// kInvalidArgument with the reason.
[[nodiscard]] Expected<ExportManifest> parse_manifest(std::string_view json);
[[nodiscard]] std::string manifest_text(const ExportManifest& manifest);

// "entries/000017.pb"
[[nodiscard]] std::string entries_path(std::uint64_t number);
// One leaf as a file of entries has it, after its length.
[[nodiscard]] std::string delimited_entry(const LoggedLeaf& leaf);
[[nodiscard]] std::string delimited(std::string_view message);
// Without the length. kInvalidArgument with the reason.
[[nodiscard]] Expected<LoggedLeaf> parse_entry(std::string_view message);

// A regular file, open for reading; links are not followed, pipes and devices are refused.
class ExportFile {
 public:
  // `path` is below `folder`. kInternal names it.
  [[nodiscard]] static Expected<ExportFile> open(const std::string& folder, const std::string& path);
  ExportFile(ExportFile&& other) noexcept;
  ExportFile& operator=(ExportFile&& other) noexcept;
  ExportFile(const ExportFile&) = delete;
  ExportFile& operator=(const ExportFile&) = delete;
  ~ExportFile();

  [[nodiscard]] std::uint64_t size() const { return size_; }
  // The whole file; at most so many octets.
  [[nodiscard]] Expected<std::string> whole(std::size_t most) const;
  // The message whose length stands at `at`, which is moved behind it.
  [[nodiscard]] Expected<LoggedLeaf> entry(std::uint64_t& at) const;
  // Moves over it without reading it.
  [[nodiscard]] Expected<void> skip(std::uint64_t& at) const;

 private:
  ExportFile(std::string path, int descriptor, std::uint64_t size)
      : path_(std::move(path)), descriptor_(descriptor), size_(size) {}
  Expected<std::string> octets(std::uint64_t at, std::size_t count) const;
  Expected<std::size_t> length(std::uint64_t& at) const;
  [[nodiscard]] Unexpected bad(std::string_view why) const;

  std::string path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace mpic::coordinator
