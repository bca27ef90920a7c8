// Judges a record again from what it holds and from the deployment of the snapshot it names: the coordinator's own
// stages, as of the record's own time. Pure.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "coordinator/perspectives/deployment.hpp"
#include "mpic/v1/record.pb.h"

namespace mpic::coordinator {

// Roots as they came in messages. Evidence that came in one message shares one, also across records, so that its
// signature is verified once. For one thread at a time.
class RootCache {
 public:
  [[nodiscard]] std::shared_ptr<const evidence::ReceivedRoot> of(const v1::SignedRoot& root);

 private:
  static constexpr std::size_t kMost = 4'096;  // then it is begun anew
  std::map<std::string, std::shared_ptr<const evidence::ReceivedRoot>, std::less<>> roots_;
};

// Everything that does not follow, one sentence each, in the order of the record. Empty: the plans are what the request
// and the deployment make of it, and the decision and each earlier one what this program makes of the evidence.
[[nodiscard]] std::vector<std::string> rederive(const v1::RecordBody& body, const Deployment& deployment,
                                                RootCache& roots);

// The same of what a perspective said after the answer: it is of a look in the plan that was not waited for, and
// contradicts the Primary as it says.
[[nodiscard]] std::vector<std::string> rederive(const v1::Addendum& addendum, const v1::RecordBody& body,
                                                const Deployment& deployment, RootCache& roots);

}  // namespace mpic::coordinator
