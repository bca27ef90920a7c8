// From the lines of a batch file to the requests that are sent. Pure.
#pragma once

#include <optional>

#include "cli/batch/columns.hpp"
#include "cli/batch/csv.hpp"

namespace mpic::cli {

inline constexpr std::size_t kMostLines = 1'000'000;
inline constexpr std::size_t kMistakesTold = 20;

enum class BatchFormat {
  kCsv,        // the first record names the columns
  kJsonLines,  // each line a CorroborateRequest as Protobuf writes it in JSON
};

// By the end of a file's name: .csv, .jsonl, .ndjson; none for others.
[[nodiscard]] std::optional<BatchFormat> batch_format_of(std::string_view file_name);

struct BatchLine {
  std::size_t number = 0;  // in the file, from 1
  std::string request;     // serialized CorroborateRequest without request_id
};

struct BatchPlan {
  std::vector<BatchLine> lines;  // by number
  // The first kMistakesTold of them. With a single one nothing is sent.
  std::vector<LineMistake> mistakes;
  std::size_t mistake_count = 0;
  std::uint32_t longest_deadline_ms = 0;
};

// `common`: what is the same for each line, where a line of JSON does not say it itself: deadline, attempts, parallel,
// settled. Everything is checked that can be checked without the coordinator: it may still refuse a line.
[[nodiscard]] BatchPlan plan_batch(std::string_view text, BatchFormat format, const BatchValues& defaults,
                                   const CheckOptions& common);

// Hexadecimal SHA-256 over all lines with their numbers: two plans with the same digest ask the same.
[[nodiscard]] std::string digest_of(const BatchPlan& plan);

// The id that a line is asked with, however often the batch is begun again: the coordinator answers it once.
[[nodiscard]] std::string request_id_of(std::string_view batch_id, std::size_t line);

}  // namespace mpic::cli
