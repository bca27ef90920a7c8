#include "cli/batch/results.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>

#include "cli/batch/plan.hpp"
#include "cli/exit_status.hpp"
#include "cli/failure.hpp"
#include "cli/json.hpp"

namespace mpic::cli {
namespace {

namespace bj = boost::json;

constexpr std::string_view kHeadBegin = R"({"batch":)";

Unexpected unreadable(std::string why) { return fail(ProblemCode::kInvalidArgument, "results", std::move(why)); }

std::optional<bj::object> object_of(std::string_view text) {
  boost::system::error_code error;
  bj::value value = bj::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.as_object());
}

std::string text_at(const bj::object& object, std::string_view key) {
  const bj::value* value = object.if_contains({key.data(), key.size()});
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::size_t number_at(const bj::object& object, std::string_view key) {
  const bj::value* value = object.if_contains({key.data(), key.size()});
  if (value == nullptr || !value->is_int64() || value->as_int64() < 0) return 0;
  return static_cast<std::size_t>(value->as_int64());
}

const bj::object* object_at(const bj::object& object, std::string_view key) {
  const bj::value* value = object.if_contains({key.data(), key.size()});
  return value == nullptr ? nullptr : value->if_object();
}

// Of an array of objects; anything else in it is passed over.
template <class Each>
void for_each_in(const bj::object& object, std::string_view key, Each each) {
  const bj::value* value = object.if_contains({key.data(), key.size()});
  const bj::array* array = value == nullptr ? nullptr : value->if_array();
  if (array == nullptr) return;
  for (const bj::value& item : *array) {
    if (const bj::object* inner = item.if_object()) each(*inner);
  }
}

v1::Verdict verdict_at(const bj::object& object, std::string_view key) {
  v1::Verdict verdict = v1::VERDICT_UNSPECIFIED;
  v1::Verdict_Parse(text_at(object, key), &verdict);
  return verdict;
}

// As outcome_of() reads it from the message.
void read_response(const bj::object& response, LineOutcome& out) {
  constexpr std::string_view kPrefix = "PROBLEM_CODE_";
  out.verdict = verdict_at(response, "verdict");
  out.would_be = verdict_at(response, "would_be");
  std::set<std::string> codes;
  for_each_in(response, "checks", [&](const bj::object& check) {
    for_each_in(check, "perspectives", [&](const bj::object& row) {
      const bj::object* problem = object_at(row, "problem");
      if (problem == nullptr) return;
      std::string code = text_at(*problem, "code");
      if (code.starts_with(kPrefix)) code.erase(0, kPrefix.size());
      if (!code.empty() && code != "NOT_WAITED_FOR") codes.insert(std::move(code));
    });
  });
  out.problems.assign(codes.begin(), codes.end());
}

// So that a new file is there after a loss of power. Some file systems cannot, and need not.
void sync_folder_of(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

std::string head_text(const BatchHead& head) {
  const bj::object batch = {{"id", head.id},
                            {"input_sha256", head.input_sha256},
                            {"requests_sha256", head.requests_sha256},
                            {"lines", head.lines},
                            {"started", head.started}};
  return bj::serialize(bj::object{{"batch", batch}}) + "\n";
}

std::string answer_text(std::size_t line, std::string_view request_id, const v1::CorroborateResponse& response) {
  return fmt::format("{{\"line\":{},\"request_id\":\"{}\",\"response\":{}}}\n", line, request_id, to_json(response));
}

std::string error_text(std::size_t line, std::string_view request_id, std::uint32_t grpc_code,
                       std::string_view message) {
  const bj::object error = {{"code", status_name(grpc_code)}, {"message", presentable(message, 4096)}};
  return fmt::format("{{\"line\":{},\"request_id\":\"{}\",\"error\":{}}}\n", line, request_id, bj::serialize(error));
}

Expected<BatchHead> parse_head(std::string_view text) {
  const auto whole = object_of(text);
  const bj::object* batch = whole ? object_at(*whole, "batch") : nullptr;
  if (batch == nullptr) return unreadable("its first line is not that of a batch");
  BatchHead head;
  head.id = text_at(*batch, "id");
  head.input_sha256 = text_at(*batch, "input_sha256");
  head.requests_sha256 = text_at(*batch, "requests_sha256");
  head.lines = number_at(*batch, "lines");
  head.started = text_at(*batch, "started");
  if (head.id.empty() || head.requests_sha256.empty())
    return unreadable("its first line lacks the batch's id or digest");
  return head;
}

Expected<LineOutcome> parse_result(std::string_view text, std::string_view batch_id) {
  const auto whole = object_of(text);
  if (!whole) return unreadable("no JSON object");
  LineOutcome out;
  out.line = number_at(*whole, "line");
  if (text_at(*whole, "request_id") != request_id_of(batch_id, out.line)) {
    return unreadable("line and request_id are not those of a request of this batch");
  }
  if (const bj::object* response = object_at(*whole, "response")) {
    read_response(*response, out);
  } else if (const bj::object* error = object_at(*whole, "error")) {
    out.error = text_at(*error, "code");
    if (out.error.empty()) return unreadable("an error without a code");
  } else {
    return unreadable("neither a response nor an error");
  }
  return out;
}

ResultsFile::ResultsFile(std::filesystem::path file) : file_(std::move(file)) {
  descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor_ < 0) throw Failure(kExitUsage, fmt::format("{}: {}", file_.string(), std::strerror(errno)));
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    ::close(descriptor_);
    throw Failure(kExitUsage,
                  fmt::format("{}: {}", file_.string(),
                              error == EWOULDBLOCK ? "another mpic batch is writing it" : std::strerror(error)));
  }
  sync_folder_of(file_);
}

ResultsFile::~ResultsFile() { ::close(descriptor_); }

std::optional<BatchHead> ResultsFile::read(const std::function<void(const BatchHead&)>& check,
                                           const std::function<void(LineOutcome)>& take) {
  std::ifstream in(file_, std::ios::binary);
  if (!in.is_open()) throw Failure(kExitNotDetermined, fmt::format("{}: cannot be read", file_.string()));
  std::optional<BatchHead> head;
  std::string text;
  std::size_t whole = 0;  // octets of whole lines
  const auto refuse = [&](std::size_t number, std::string_view why) {
    throw Failure(
        kExitUsage,
        fmt::format("{}:{}: {}: no batch can be resumed from this file; move it away, or give another --output",
                    file_.string(), number, why));
  };
  for (std::size_t number = 1; std::getline(in, text) && !in.eof(); ++number) {  // at the end: without a line feed
    if (!head) {
      auto parsed = parse_head(text);
      if (!parsed) refuse(number, parsed.error().detail);
      head = *std::move(parsed);
      check(*head);
    } else {
      auto parsed = parse_result(text, head->id);
      if (!parsed) refuse(number, parsed.error().detail);
      take(*std::move(parsed));
    }
    whole += text.size() + 1;
  }
  const bool begins_a_batch = text.starts_with(kHeadBegin) || kHeadBegin.starts_with(text);
  if (!head && !text.empty() && !begins_a_batch) refuse(1, "its first line is not that of a batch");
  if (in.bad()) throw Failure(kExitNotDetermined, fmt::format("{}: cannot be read", file_.string()));
  if (::ftruncate(descriptor_, static_cast<off_t>(whole)) != 0) {
    throw Failure(kExitNotDetermined, fmt::format("{}: {}", file_.string(), std::strerror(errno)));
  }
  return head;
}

void ResultsFile::append(std::string_view line) {
  synced_ = false;
  while (!line.empty()) {
    const ssize_t written = ::write(descriptor_, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    // What is there of the line is cut off when the batch is resumed.
    if (written < 0) throw Failure(kExitNotDetermined, fmt::format("{}: {}", file_.string(), std::strerror(errno)));
    line.remove_prefix(static_cast<std::size_t>(written));
  }
}

void ResultsFile::sync() {
  if (synced_) return;
  if (::fsync(descriptor_) != 0) {
    throw Failure(kExitNotDetermined, fmt::format("{}: {}", file_.string(), std::strerror(errno)));
  }
  synced_ = true;
}

}  // namespace mpic::cli
