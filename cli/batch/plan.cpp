#include "cli/batch/plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "common/domain/hex.hpp"
#include "common/domain/identifier.hpp"
#include "common/evidence/merkle.hpp"
#include "common/wire/convert.hpp"

namespace mpic::cli {
namespace {

constexpr std::uint32_t kMinDeadlineMs = 1'000;
constexpr std::uint32_t kMaxDeadlineMs = 120'000;
constexpr std::uint32_t kMostAttempts = 5;
constexpr std::size_t kLongestTrace = 128;

Unexpected refused(std::string_view field, std::string_view why) {
  return fail(ProblemCode::kInvalidArgument, std::string(field), fmt::format("{}: {}", field, why));
}

// What the coordinator would refuse whatever its deployment is.
Expected<void> check(const v1::CorroborateRequest& request) {
  const auto name = Identifier::parse(request.identifier());
  if (!name) return refused("identifier", name.error().detail);
  if (name->is_ip() && request.has_caa()) {
    return refused("caa",
                   "CAA is for names, not for IP addresses (BR 4.2.2.1); with a column issuer in place of the "
                   "option a line can go without");
  }
  if (!request.authorization_domain().empty()) {
    const auto adn = DnsName::parse(request.authorization_domain());
    if (!adn) return refused("authorization_domain", adn.error().detail);
  }
  if (!request.has_dcv() && !request.has_caa()) return refused("dcv, caa", "neither is there: nothing is asked");
  if (request.has_dcv()) {
    if (const auto dcv = wire::decode(request.dcv(), "dcv"); !dcv) return Unexpected(dcv.error());
  }
  if (request.has_caa()) {
    if (const auto caa = wire::decode(request.caa(), "caa"); !caa) return Unexpected(caa.error());
  }
  const std::string& trace = request.trace_id();
  const bool ascii = std::all_of(trace.begin(), trace.end(), [](char c) { return c >= 0x20 && c <= 0x7E; });
  if (trace.size() > kLongestTrace || !ascii) {
    return refused("trace", fmt::format("at most {} octets of printable ASCII are accepted", kLongestTrace));
  }
  const std::uint32_t deadline = request.deadline_ms();
  if (deadline != 0 && (deadline < kMinDeadlineMs || deadline > kMaxDeadlineMs)) {
    return refused("deadline_ms", fmt::format("{} to {} are accepted", kMinDeadlineMs, kMaxDeadlineMs));
  }
  if (request.max_attempts() > kMostAttempts) {
    return refused("max_attempts", fmt::format("at most {} are accepted", kMostAttempts));
  }
  return {};
}

class Planner {
 public:
  Planner(const BatchValues& defaults, const CheckOptions& common) : defaults_(defaults), common_(common) {}

  void read_csv(std::string_view text) {
    CsvReader reader(text);
    const auto header = reader.next();
    if (!header) return mistake(1, "empty: the first line names the columns");
    if (!*header) return mistake(header->error().line, header->error().text);
    if (!read_header(**header)) return;
    while (auto record = reader.next()) {
      if (!*record) {
        mistake(record->error().line, record->error().text);
      } else if ((*record)->fields.size() != columns_.size()) {
        mistake((*record)->line, fmt::format("{} fields, but the first line names {} columns", (*record)->fields.size(),
                                             columns_.size()));
      } else {
        read_record(**record);
      }
    }
  }

  void read_json_lines(std::string_view text) {
    for (std::size_t number = 1; !text.empty(); ++number) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      read_json(number, line);
    }
  }

  [[nodiscard]] BatchPlan finish() && {
    if (plan_.lines.empty() && plan_.mistake_count == 0) mistake(1, "no line asks anything");
    return std::move(plan_);
  }

 private:
  void mistake(std::size_t line, std::string text) {
    if (++plan_.mistake_count <= kMistakesTold) plan_.mistakes.push_back({line, std::move(text)});
  }

  bool read_header(const CsvRecord& header) {
    std::set<std::string_view> seen;
    for (std::string name : header.fields) {
      std::replace(name.begin(), name.end(), '-', '_');
      const auto all = batch_columns();
      const auto known = std::find_if(all.begin(), all.end(), [&](const BatchColumn& c) { return c.name == name; });
      if (known == all.end()) {
        std::vector<std::string_view> names;
        for (const BatchColumn& column : all) names.push_back(column.name);
        mistake(header.line, fmt::format("{} is no column; these are: {}", quoted(name), fmt::join(names, ", ")));
        return false;
      }
      if (!seen.insert(known->name).second) {
        mistake(header.line, fmt::format("the column {} stands there twice", name));
        return false;
      }
      columns_.push_back(known->name);
    }
    if (seen.contains("name")) return true;
    mistake(header.line, "the column name is missing");
    return false;
  }

  void read_record(const CsvRecord& record) {
    BatchValues cells;
    for (std::size_t i = 0; i < columns_.size(); ++i) cells.emplace(columns_[i], record.fields[i]);
    auto request = batch_question(cells, defaults_, common_);
    if (!request) return mistake(record.line, request.error().detail);
    add(record.line, *request);
  }

  void read_json(std::size_t number, std::string_view line) {
    if (line.size() > kLongestRecord) return mistake(number, fmt::format("longer than {} octets", kLongestRecord));
    v1::CorroborateRequest request;
    const auto read = google::protobuf::util::JsonStringToMessage(std::string(line), &request);
    if (!read.ok()) return mistake(number, "no CorroborateRequest: " + printable(std::string(read.message())));
    if (!request.request_id().empty())
      return mistake(number, "request_id: is made by the batch, to be the same in each run");
    if (request.deadline_ms() == 0) {
      request.set_deadline_ms(static_cast<std::uint32_t>(std::lround(common_.deadline * 1000)));
    }
    if (request.max_attempts() == 0) request.set_max_attempts(common_.attempts);
    if (request.respond() == v1::RESPOND_UNSPECIFIED) {
      request.set_respond(common_.settled ? v1::RESPOND_SETTLED : v1::RESPOND_COMPLETE);
    }
    if (common_.parallel) request.set_parallel(true);
    add(number, request);
  }

  void add(std::size_t number, const v1::CorroborateRequest& request) {
    if (const auto good = check(request); !good) return mistake(number, good.error().detail);
    if (plan_.lines.size() == kMostLines) {
      if (!full_) mistake(number, fmt::format("more than {} lines; split the file", kMostLines));
      full_ = true;
      return;
    }
    plan_.longest_deadline_ms = std::max(plan_.longest_deadline_ms, request.deadline_ms());
    plan_.lines.push_back({number, request.SerializeAsString()});
  }

  const BatchValues& defaults_;
  const CheckOptions& common_;
  std::vector<std::string_view> columns_;
  BatchPlan plan_;
  bool full_ = false;
};

}  // namespace

std::optional<BatchFormat> batch_format_of(std::string_view file_name) {
  if (file_name.ends_with(".csv")) return BatchFormat::kCsv;
  if (file_name.ends_with(".jsonl") || file_name.ends_with(".ndjson")) return BatchFormat::kJsonLines;
  return std::nullopt;
}

BatchPlan plan_batch(std::string_view text, BatchFormat format, const BatchValues& defaults,
                     const CheckOptions& common) {
  Planner planner(defaults, common);
  if (format == BatchFormat::kCsv) {
    planner.read_csv(text);
  } else {
    planner.read_json_lines(text);
  }
  return std::move(planner).finish();
}

std::string digest_of(const BatchPlan& plan) {
  std::string all;
  for (const BatchLine& line : plan.lines) {
    all += fmt::format("{} {}\n", line.number, line.request.size());
    all += line.request;
  }
  return hex(evidence::sha256(all));
}

std::string request_id_of(std::string_view batch_id, std::size_t line) {
  return "batch-" + hex(evidence::sha256(fmt::format("{} {}", batch_id, line)));
}

}  // namespace mpic::cli
