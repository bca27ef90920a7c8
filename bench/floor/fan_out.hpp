// The streams between a coordinator and its agents, with nothing done: same messages, same batching, same
// TLS.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/floor/rounds.hpp"
#include "common/rpc/credentials.hpp"

namespace mpic::floor {

// Octets, as measured in a real run.
struct MessageSizes {
  std::size_t assignment = 300;
  std::size_t observation = 700;
  std::size_t root_payload = 100;
  std::size_t signature = 71;
};

// Answers every assignment at once, until SIGTERM. Prints the port it was given. Returns the exit status.
int serve_echo(const std::string& address, const rpc::TlsFiles& tls, const MessageSizes& sizes);

struct EchoServer {
  std::string address;
  std::string tls_name;
};
// Prints one JSON object. Returns the exit status.
int fan_out(const std::vector<EchoServer>& servers, const rpc::TlsFiles& tls, const MessageSizes& sizes,
            const RoundsPlan& plan);

}  // namespace mpic::floor
