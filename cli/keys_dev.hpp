// `mpic keys dev`: everything a development deployment needs to trust itself.
//
// One CA; a TLS leaf for the coordinator, each agent and each client; a signing
// key, apart from TLS, for the coordinator and each agent, because evidence
// outlives the connections it came over.
//
//   DIR/ca.pem  ca.key
//   DIR/coordinator/   tls.pem tls.key signing.key signing.pub.pem signing.kid
//   DIR/agents/<ID>/   tls.pem tls.key signing.key signing.pub.pem signing.kid
//   DIR/clients/<NAME>/tls.pem tls.key
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace mpic::cli {

struct KeysDevOptions {
  std::filesystem::path directory;
  std::string coordinator = "coordinator";  // its leaf's name is <coordinator>.mpic.internal
  std::vector<std::string> agents;          // perspective ids
  std::vector<std::string> clients;
  int days = 90;
  bool force = false;  // replace what is there; without it nothing is ever replaced
};

inline constexpr int kKeysDevDone = 0;
inline constexpr int kKeysDevUsage = 64;    // EX_USAGE: a name or a number that cannot be
inline constexpr int kKeysDevNotMade = 73;  // EX_CANTCREAT: files in the way, or not writable

// Says on `out` what each file is for, on `err` why it refused; returns one of the numbers above.
// Refuses before it writes anything if any file is in the way.
[[nodiscard]] int run_keys_dev(const KeysDevOptions& options, std::ostream& out, std::ostream& err);
[[nodiscard]] int run_keys_dev(const KeysDevOptions& options);  // to standard output and error

// Adds the subcommand `dev`. Its callback throws CLI::RuntimeError with the status if it is not 0.
void add_keys_dev(CLI::App& keys);

}  // namespace mpic::cli
