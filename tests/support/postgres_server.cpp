#include "tests/support/postgres_server.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace mpic::test {
namespace {

namespace fs = std::filesystem;

// Where Debian has the newest version's programs; empty: nowhere.
std::string programs() {
  std::string newest;
  std::error_code ignored;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    const fs::path bin = version.path() / "bin";
    if (fs::exists(bin / "initdb", ignored) && bin.string() > newest) newest = bin.string();
  }
  return newest;
}

void run(const std::string& command, const fs::path& log) {
  if (std::system((command + " >>" + log.string() + " 2>&1").c_str()) == 0) return;
  std::ifstream said(log);
  throw std::runtime_error(command + ": " + std::string(std::istreambuf_iterator<char>(said), {}));
}

}  // namespace

bool PostgresServer::is_installed() { return !programs().empty(); }

PostgresServer::PostgresServer() {
  const fs::path log = folder_.path() / "setup.log";
  if (geteuid() == 0) run("chown postgres " + folder_.path().string(), log);
  run(as_server(programs() + "/initdb -D " + (folder_.path() / "data").string() +
                " -U mpic -A trust -E UTF8 --locale=C --no-sync"),
      log);
  start();
}

PostgresServer::~PostgresServer() {
  const std::string stop =
      as_server(programs() + "/pg_ctl stop -m immediate -w -D " + (folder_.path() / "data").string()) +
      " >/dev/null 2>&1";
  [[maybe_unused]] const int ignored = std::system(stop.c_str());
}

std::string PostgresServer::connection() const {
  return "host=" + folder_.path().string() + " dbname=postgres user=mpic";
}

// The server refuses to run as root.
std::string PostgresServer::as_server(const std::string& command) const {
  if (geteuid() != 0) return command;
  return "setpriv --reuid=postgres --regid=postgres --clear-groups -- " + command;
}

void PostgresServer::control(const std::string& arguments) const {
  run(as_server(programs() + "/pg_ctl " + arguments + " -w -D " + (folder_.path() / "data").string() + " -l " +
                (folder_.path() / "data" / "server.log").string() + " -o \"-k " + folder_.path().string() +
                " -c listen_addresses=\""),
      folder_.path() / "setup.log");
}

void PostgresServer::start() { control("start"); }
void PostgresServer::crash_and_start() { control("restart -m immediate"); }
void PostgresServer::stop_hard() { control("stop -m immediate"); }

}  // namespace mpic::test
