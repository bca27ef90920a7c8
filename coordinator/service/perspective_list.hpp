// The perspectives as they are configured and as they are now: for ListPerspectives and for allow-lists.
#pragma once

#include <functional>

#include "coordinator/perspectives/grpc_client.hpp"
#include "coordinator/pipeline/conduct.hpp"

namespace mpic::coordinator {

// How the connection to a perspective is. From any thread.
using Links = std::function<LinkState(const PerspectiveId&)>;

[[nodiscard]] v1::ListPerspectivesResponse list_perspectives(const Deployment& deployment, const Links& links,
                                                             const Conduct& conduct);

}  // namespace mpic::coordinator
