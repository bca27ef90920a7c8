// Blocking work, done where it is asked for: in virtual time nothing blocks.
#pragma once

#include "common/async/elsewhere.hpp"

namespace mpic::test {

inline Elsewhere at_once_here() {
  return [](const std::function<void()>& work) {
    work();
    return true;
  };
}

}  // namespace mpic::test
