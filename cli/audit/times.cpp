#include "cli/audit/times.hpp"

#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>

#include "cli/exit_status.hpp"
#include "cli/failure.hpp"
#include "common/wire/convert.hpp"

namespace mpic::cli {

std::optional<TimePoint> moment_of(const std::string& text) {
  google::protobuf::Timestamp out;
  const std::string whole = text.size() == 10 ? text + "T00:00:00Z" : text;
  const bool is_time = google::protobuf::util::TimeUtil::FromString(whole, &out);
  return is_time ? wire::decode(out) : std::nullopt;
}

TimePoint time_of(const std::string& option, const std::string& text) {
  const auto when = moment_of(text);
  if (!when) throw Failure(kExitUsage, option + ": no time; accepted are 2026-11-25 and 2026-11-25T08:00:00Z");
  return *when;
}

std::string rfc3339(TimePoint when) { return google::protobuf::util::TimeUtil::ToString(wire::encode(when)); }

}  // namespace mpic::cli
