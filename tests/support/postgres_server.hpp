// A PostgreSQL server of the test's own: a new cluster in a temporary folder, reached by a Unix socket, gone at the
// end.
#pragma once

#include <filesystem>
#include <string>

#include "tests/support/store_on_disk.hpp"

namespace mpic::test {

class PostgresServer {
 public:
  // Whether the programs are installed; tests skip, loudly, where they are not.
  [[nodiscard]] static bool is_installed();

  PostgresServer();  // throws std::runtime_error with what the server said
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  [[nodiscard]] std::string connection() const;
  // As if the machine had lost power, as far as the server knows: it recovers from its log.
  void crash_and_start();
  void stop_hard();
  void start();

 private:
  void control(const std::string& arguments) const;
  [[nodiscard]] std::string as_server(const std::string& command) const;

  Folder folder_;
};

}  // namespace mpic::test
