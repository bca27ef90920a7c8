// The results of a batch: a file of JSON lines that a batch is resumed from.
//
//   {"batch":{"id":"…","input_sha256":"…","requests_sha256":"…","lines":10000,"started":"2026-12-15T08:00:00Z"}}
//   {"line":2,"request_id":"batch-…","response":{CorroborateResponse}}
//   {"line":3,"request_id":"batch-…","error":{"code":"INVALID_ARGUMENT","message":"…"}}
//
// In the order of the answers. Each line of the file is of another line of the input.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cli/batch/tally.hpp"
#include "common/domain/problem.hpp"

namespace mpic::cli {

struct BatchHead {
  std::string id;               // random, hexadecimal: request ids follow from it
  std::string input_sha256;     // of the file
  std::string requests_sha256;  // of what is asked: file and options
  std::size_t lines = 0;
  std::string started;  // RFC 3339

  friend bool operator==(const BatchHead&, const BatchHead&) = default;
};

// One line each, with its line feed.
[[nodiscard]] std::string head_text(const BatchHead& head);
[[nodiscard]] std::string answer_text(std::size_t line, std::string_view request_id,
                                      const v1::CorroborateResponse& response);
[[nodiscard]] std::string error_text(std::size_t line, std::string_view request_id, std::uint32_t grpc_code,
                                     std::string_view message);

// One line without its line feed. The error says what is wrong with it.
[[nodiscard]] Expected<BatchHead> parse_head(std::string_view text);
[[nodiscard]] Expected<LineOutcome> parse_result(std::string_view text, std::string_view batch_id);

// The file itself, held against other processes. Every member throws Failure when the file cannot be read or written.
class ResultsFile {
 public:
  // Opened, or made. What another process writes is refused.
  explicit ResultsFile(std::filesystem::path file);
  ~ResultsFile();
  ResultsFile(const ResultsFile&) = delete;
  ResultsFile& operator=(const ResultsFile&) = delete;

  // What is there, a result at a time; a last line that was not wholly written is cut off. None: the file is new.
  // Anything that no batch wrote is refused.
  [[nodiscard]] std::optional<BatchHead> read(const std::function<void(const BatchHead&)>& check,
                                              const std::function<void(LineOutcome)>& take);
  // A whole line, behind all others.
  void append(std::string_view line);
  // What was appended survives a loss of power.
  void sync();

 private:
  std::filesystem::path file_;
  int descriptor_ = -1;
  bool synced_ = true;
};

}  // namespace mpic::cli
