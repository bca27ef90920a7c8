// `mpic keys dev`: everything a development deployment needs to trust itself.
//
// One CA; a TLS leaf for the coordinator, each agent and each client; a signing
// key, apart from TLS, for the coordinator and each agent, because evidence
// outlives the connections it came over; and the key of the log's checkpoints.
//
//   DIR/ca.pem  ca.key
//   DIR/coordinator/   tls.pem tls.key signing.key signing.pub.pem signing.kid checkpoint-key.pem checkpoint.vkey
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
  std::string log_origin;                   // of its log; empty: as its leaf's name
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

// `mpic keys vkey`: the public half of a checkpoint key, as C2SP tools take it, on `out`; one of the numbers above.
[[nodiscard]] int run_keys_vkey(const std::string& name, const std::filesystem::path& file, std::ostream& out,
                                std::ostream& err);

// Adds the subcommands `dev` and `vkey`. Their callbacks throw CLI::RuntimeError with the status if it is not 0.
void add_keys_dev(CLI::App& keys);
void add_keys_vkey(CLI::App& keys);

}  // namespace mpic::cli
