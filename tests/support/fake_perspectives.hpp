// Agents in one process and virtual time: each answers an assignment as its script says, with evidence that
// is really signed, or really forged.
#pragma once

#include <boost/asio/io_context.hpp>
#include <map>
#include <set>
#include <string>

#include "coordinator/perspectives/client.hpp"
#include "coordinator/perspectives/deployment.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/forger.hpp"

namespace mpic::test {

// What an agent sees, and how it tells it.
struct Behaviour {
  std::string sees = "yes";  // seen.hpp
  // silent, down, twice, or what Forger::lies() holds
  std::string tells = "honest";
  std::chrono::milliseconds after{20};
};

class FakePerspectives final : public coordinator::PerspectiveClient {
 public:
  FakePerspectives(asio::io_context& io, FakeClock& clock, const coordinator::Deployment& deployment,
                   std::map<PerspectiveId, evidence::SigningKey> keys)
      : io_(io), clock_(clock), deployment_(deployment), keys_(std::move(keys)) {}

  void observe(const PerspectiveId& perspective, const AttemptId& attempt, std::string assignment, Done done) override;
  void cancel(const PerspectiveId& perspective, const AttemptId& attempt) override;

  // By perspective id: for each time that it is asked, the last one for every time after.
  std::map<std::string, std::vector<Behaviour>> script;
  std::map<std::string, std::size_t> asked;  // how many times
  std::set<std::string> cancelled;
  std::set<std::string> lab_relaxations;  // stamped into every observation

 private:
  coordinator::Reply answer(const PerspectiveId& perspective, const std::string& octets, const Behaviour& behaviour);
  Forger& forger(const PerspectiveId& perspective);
  asio::io_context& io_;
  FakeClock& clock_;
  const coordinator::Deployment& deployment_;
  std::map<PerspectiveId, evidence::SigningKey> keys_;
  std::map<PerspectiveId, Forger> forgers_;
};

}  // namespace mpic::test
