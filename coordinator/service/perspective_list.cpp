#include "coordinator/service/perspective_list.hpp"

namespace mpic::coordinator {
namespace {

void write(const LinkState& link, v1::PerspectiveInfo& out) {
  out.set_connected(link.connected);
  out.set_last_error(link.last_error);
  if (!link.status) return;
  out.set_agent_version(link.status->agent_version);
  for (const std::string& address : {link.status->source_ipv4, link.status->source_ipv6}) {
    if (!address.empty()) out.add_egress(address);
  }
}

}  // namespace

v1::ListPerspectivesResponse list_perspectives(const Deployment& deployment, const Links& links,
                                               const Conduct& conduct) {
  v1::ListPerspectivesResponse out;
  for (const PerspectiveEntry& entry : deployment.perspectives) {
    v1::PerspectiveInfo& info = *out.add_perspectives();
    info = describe(entry);
    write(links(entry.where.id), info);
    const Standing standing = conduct.standing(entry.where.id);
    info.set_ready(standing.ready);
    info.set_not_ready_because(standing.ready ? std::string() : standing.why);
    info.set_suspicion(conduct.suspicion(entry.where.id).value_or(""));
  }
  return out;
}

}  // namespace mpic::coordinator
