// What must hold of any log that is read: computed from its leaves by the plain recursion of RFC 6962 2.1.
#pragma once

#include <string>
#include <vector>

#include "coordinator/audit/log_reader.hpp"

namespace mpic::test {

// Every leaf, in parts of `part`; fails the test when they cannot be read.
std::vector<coordinator::LoggedLeaf> all_leaves(coordinator::LogReader& log, std::size_t part = 100);
// What is wrong: indices with a gap, bodies that are not what their leaf says, hashes that are kept and are none of the
// tree, checkpoints of another tree. `head`: as the writer knows it.
std::vector<std::string> faults_of_log(coordinator::LogReader& log, const coordinator::TreeHead& head);

}  // namespace mpic::test
