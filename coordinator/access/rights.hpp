// What a client may ask for. Pure.
#pragma once

#include "coordinator/perspectives/deployment.hpp"
#include "mpic/v1/coordinator.pb.h"

namespace mpic::coordinator {

// kNoRight, naming the right, when `request` is for something that the client was not given: a DCV method, a mode, an
// issuer domain (of the CAA question and of dns-persistent), an asserted Primary. Fields that cannot be read are left
// to check_request().
[[nodiscard]] Expected<void> check_rights(const v1::CorroborateRequest& request, const ClientEntry& client);

}  // namespace mpic::coordinator
