// What an agent says of itself: any octets are refused with a field, or are bounded, fit for people, and survive the
// way there and back. Input: a serialized mpic.v1.AgentStatus.
#include "common/wire/convert.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

void run(Octets octets) {
  v1::AgentStatus message;
  if (!message.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) return;
  const auto status = wire::decode(message);
  if (!status) {
    hold(!status.error().where.empty(), "a refusal names the field");
    hold_presentable(status.error().detail);
    return;
  }
  hold(status->ready == status->not_ready_because.empty(), "who is not ready has a reason, and nobody else");
  hold(status->not_ready_because.size() <= kMaxStatusReason, "a reason is bounded");
  hold_presentable(status->not_ready_because);
  hold_presentable(status->agent_version);
  for (const std::string& source : {status->source_ipv4, status->source_ipv6}) {
    hold(source.empty() || IpAddress::parse(source)->text() == source, "a source is an address in its one spelling");
  }
  const auto again = wire::decode(wire::encode(*status));
  hold(again.has_value() && *again == *status, "a status survives the way there and back");
}

const Target kTarget("agent_status", run);

}  // namespace
}  // namespace mpic::fuzz
