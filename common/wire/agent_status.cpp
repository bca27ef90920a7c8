#include "common/wire/convert.hpp"
#include "common/wire/field.hpp"

namespace mpic::wire {
namespace {

std::string source(const std::string& text, bool v4, std::string_view field) {
  if (text.empty()) return {};
  const IpAddress address = take(IpAddress::parse(bounded(text, 64, field)), field);
  if (address.is_v4() != v4) bad(field, "an address of the other family");
  return address.text();
}

}  // namespace

Expected<AgentStatus> decode(const v1::AgentStatus& in) {
  return decoding(ProblemCode::kInvalidArgument, [&] {
    AgentStatus out;
    out.ready = in.ready();
    bounded(in.not_ready_because(), kMaxStatusReason, "not_ready_because");
    if (!out.ready) out.not_ready_because = presentable(in.not_ready_because(), kMaxStatusReason);
    if (!out.ready && out.not_ready_because.empty()) out.not_ready_because = "it does not say why";
    out.agent_version = ascii(in.agent_version(), 64, "agent_version");
    out.source_ipv4 = source(in.source_ipv4(), true, "source_ipv4");
    out.source_ipv6 = source(in.source_ipv6(), false, "source_ipv6");
    return out;
  });
}

v1::AgentStatus encode(const AgentStatus& status) {
  v1::AgentStatus out;
  out.set_ready(status.ready);
  if (!status.ready) out.set_not_ready_because(presentable(status.not_ready_because, kMaxStatusReason));
  out.set_agent_version(status.agent_version);
  out.set_source_ipv4(status.source_ipv4);
  out.set_source_ipv6(status.source_ipv6);
  return out;
}

}  // namespace mpic::wire
