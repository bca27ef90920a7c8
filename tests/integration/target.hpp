// A whole look at a target in hostile hands: the agent's own clients and checks over real sockets, a name server and a
// web server that do as a test says, then what the coordinator does with the observation: read it and judge it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "agent/service/look.hpp"
#include "common/rules/judgement.hpp"
#include "tests/integration/system.hpp"
#include "tests/support/hostile_server.hpp"
#include "tests/support/name_server.hpp"

namespace mpic::test {

// How long the octets sent were, what was judged, and how long all of it took.
struct Looked {
  std::size_t octets = 0;
  Observation seen;
  std::optional<rules::Judgement> dcv;
  std::optional<rules::Judgement> caa;
  std::chrono::milliseconds took{0};
};

class Target {
 public:
  // The resolver that the agent asks is `resolver`, an endpoint; its servers, whatever they speak, listen on `port`.
  Target(std::string resolver, std::uint16_t port);

  std::chrono::milliseconds budget{3'000};
  std::string address = "127.0.0.1";  // the one that may be connected to
  bool has_ipv6 = false;              // the agent; from ::1

  // Judged with the stamps of the observation, and never believed before it was encoded and decoded.
  Looked look_http(const std::string& name);
  Looked look_caa(const std::string& name);
  Looked look_tls(const std::string& name);  // for a digest of zeros

 private:
  Looked look(Assignment assignment);
  std::string resolver_;
  std::uint16_t port_;
};

// Answers A for every name with `addresses`, and everything else with nothing.
[[nodiscard]] NameServer::Answer addresses_only(std::vector<std::string> addresses);
[[nodiscard]] Octets address_octets(const std::string& text);
// A free port that nothing listens on.
inline constexpr std::uint16_t kNoPort = 9;

}  // namespace mpic::test
