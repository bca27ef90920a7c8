// SIGINT and SIGTERM, counted instead of ending the process, as long as one of these lives. One at a time.
#pragma once

#include <csignal>

namespace mpic::cli {

class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  [[nodiscard]] int count() const;

 private:
  struct sigaction before_int_ {};
  struct sigaction before_term_ {};
};

}  // namespace mpic::cli
