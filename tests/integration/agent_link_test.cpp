// The coordinator's stream to one agent, against an agent of the test's own: what is queued is bounded, what was
// cancelled before it was sent never is, and what breaks is known at once.
#include "tests/integration/linked_agent.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using namespace mpic::test;
using namespace std::chrono_literals;

TEST_CASE("what an agent does not read is queued up to a bound, then unreachable at once", "[link]") {
  LinkedAgent agent;
  Linked link(agent);
  constexpr std::size_t kSize = 64 * 1024;
  constexpr std::uint32_t kFits = kMaxQueuedOctets / kSize;
  for (std::uint32_t n = 0; n < 6 * kFits; ++n) link.observe(n, kSize);
  const auto heard = link.heard();
  REQUIRE(heard.size() > 3 * kFits);  // gRPC and the connection hold some, too
  REQUIRE(heard.size() <= 5 * kFits);
  for (const std::string& problem : heard) CHECK(problem == "the queue to the agent is full");
}

TEST_CASE("what is cancelled before it was sent is never sent, and of the rest the agent is told", "[link]") {
  LinkedAgent agent;
  Linked link(agent);
  // Fills what gRPC and the connection hold, so that the last ones wait in the queue.
  const AttemptId first = link.observe(0, 1'000);
  std::this_thread::sleep_for(50ms);
  for (std::uint32_t n = 1; n < 100; ++n) link.observe(n, 64 * 1024);
  const AttemptId last = link.observe(100, 1'000);
  link.client->cancel(link.id, last);
  link.client->cancel(link.id, first);
  const AttemptId after = link.observe(101, 1'000);
  agent.reads = true;
  REQUIRE(eventually([&] { return agent.was_sent(Linked::text(after)); }));
  REQUIRE(eventually([&] { return !agent.cancels().empty(); }));
  CHECK(agent.was_sent(Linked::text(first)));
  CHECK_FALSE(agent.was_sent(Linked::text(last)));
  CHECK(agent.cancels() == std::set<std::string>{Linked::text(first)});
  CHECK(link.heard().empty());
}

TEST_CASE("a stream that breaks makes its attempts unreachable at once, and nothing is sent again", "[link]") {
  std::optional<LinkedAgent> agent(std::in_place);
  Linked link(*agent);
  const AttemptId lost = link.observe(0, 1'000);
  agent->stop();
  REQUIRE(eventually([&] { return link.heard().size() == 1; }));
  CHECK_THAT(link.heard().front(), Catch::Matchers::Contains("broke"));
  REQUIRE(eventually([&] { return !link.client->state(link.id).connected; }));
  link.observe(1, 1'000);
  CHECK_THAT(link.heard().back(), Catch::Matchers::Contains("no connection to the agent"));
  link.client->cancel(link.id, lost);  // has ended already: no effect
}
