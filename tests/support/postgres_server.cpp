#include "tests/support/postgres_server.hpp"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
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

// That nobody listens on at present.
int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  const bool bound = bind(socket, reinterpret_cast<sockaddr*>(&at), size) == 0 &&
                     getsockname(socket, reinterpret_cast<sockaddr*>(&at), &size) == 0;
  close(socket);
  if (!bound) throw std::runtime_error("no port");
  return ntohs(at.sin_port);
}

// 0: it has ended.
pid_t parent_of(const std::string& pid) {
  std::ifstream status("/proc/" + pid + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("PPid:", 0) == 0) return std::stoi(line.substr(5));
  }
  return 0;
}

}  // namespace

bool PostgresServer::is_installed() { return !programs().empty(); }

PostgresServer::PostgresServer(Reach reach)
    : port_(free_port()), listens_on_(reach == Reach::kLoopbackToo ? "127.0.0.1" : "") {
  const fs::path log = folder_.path() / "setup.log";
  if (geteuid() == 0) run("chown postgres " + folder_.path().string(), log);
  run(as_server(programs() + "/initdb -D " + (folder_.path() / "data").string() +
                " -U mpic -A trust -E UTF8 --locale=C --no-sync"),
      log);
  start();
}

PostgresServer::~PostgresServer() {
  resume();
  const std::string stop =
      as_server(programs() + "/pg_ctl stop -m immediate -w -D " + (folder_.path() / "data").string()) +
      " >/dev/null 2>&1";
  [[maybe_unused]] const int ignored = std::system(stop.c_str());
}

std::string PostgresServer::connection() const {
  return "host=" + folder_.path().string() + " port=" + std::to_string(port_) + " dbname=postgres user=mpic";
}

std::string PostgresServer::loopback_connection() const {
  return "host=127.0.0.1 port=" + std::to_string(port_) + " dbname=postgres user=mpic";
}

// The server refuses to run as root.
std::string PostgresServer::as_server(const std::string& command) const {
  if (geteuid() != 0) return command;
  return "setpriv --reuid=postgres --regid=postgres --clear-groups -- " + command;
}

void PostgresServer::control(const std::string& arguments) const {
  run(as_server(programs() + "/pg_ctl " + arguments + " -w -D " + (folder_.path() / "data").string() + " -l " +
                (folder_.path() / "data" / "server.log").string() + " -o \"-k " + folder_.path().string() + " -p " +
                std::to_string(port_) + " -c listen_addresses=" + listens_on_ + "\""),
      folder_.path() / "setup.log");
}

void PostgresServer::start() { control("start"); }
void PostgresServer::crash_and_start() { control("restart -m immediate"); }
void PostgresServer::stop_hard() { control("stop -m immediate"); }

// The first of them begins no others once it stands still.
void PostgresServer::stand_still() {
  pid_t first = 0;
  std::ifstream(folder_.path() / "data" / "postmaster.pid") >> first;
  if (first <= 0 || kill(first, SIGSTOP) != 0) throw std::runtime_error("the server does not run");
  standing_still_.push_back(first);
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    const bool is_process = name.find_first_not_of("0123456789") == std::string::npos;
    if (!is_process || parent_of(name) != first) continue;
    standing_still_.push_back(std::stoi(name));
    kill(standing_still_.back(), SIGSTOP);
  }
}

void PostgresServer::resume() {
  for (const pid_t pid : standing_still_) kill(pid, SIGCONT);
  standing_still_.clear();
}

}  // namespace mpic::test
