// A PostgreSQL server of the test's own: a new cluster in a temporary folder, reached by a Unix socket, and by loopback
// where that is asked for; gone at the end.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/store_on_disk.hpp"

namespace mpic::test {

class PostgresServer {
 public:
  // Whether the programs are installed; tests skip, loudly, where they are not.
  [[nodiscard]] static bool is_installed();

  enum class Reach { kSocket, kLoopbackToo };
  explicit PostgresServer(Reach reach = Reach::kSocket);  // throws std::runtime_error with what the server said
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  [[nodiscard]] std::string connection() const;           // by its socket
  [[nodiscard]] std::string loopback_connection() const;  // by TCP
  // As if the machine had lost power, as far as the server knows: it recovers from its log.
  void crash_and_start();
  void stop_hard();
  void start();
  // Its processes stand still until they are resumed: the kernel goes on to take connections and octets for them.
  void stand_still();
  void resume();

 private:
  void control(const std::string& arguments) const;
  [[nodiscard]] std::string as_server(const std::string& command) const;

  Folder folder_;
  const int port_;
  const std::string listens_on_;
  std::vector<pid_t> standing_still_;
};

}  // namespace mpic::test
