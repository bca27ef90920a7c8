// What changes while the coordinator's streams are open: what agents say of themselves is kept for people, another
// configuration costs no attempt that is open, and new streams have the new certificate.
#include "tests/integration/linked_agent.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using namespace mpic::test;
using namespace std::chrono_literals;

TEST_CASE("what an agent says of itself is kept for people, bounded and fit to be shown", "[link]") {
  LinkedAgent agent;
  agent.reads = true;
  Linked link(agent);
  REQUIRE(eventually([&] { return agent.has_stream(); }));
  CHECK_FALSE(link.client->state(link.id).status);
  v1::FromAgent message;
  message.mutable_status()->set_not_ready_because("its resolver\x1b[2J is away");
  message.mutable_status()->set_agent_version("0.1.0");
  message.mutable_status()->set_source_ipv4("192.0.2.7");
  agent.say(message);
  REQUIRE(eventually([&] { return link.client->state(link.id).status.has_value(); }));
  const LinkState state = link.client->state(link.id);
  CHECK_FALSE(state.status->ready);
  CHECK(state.status->not_ready_because == "its resolver\\x1b[2J is away");
  CHECK(state.status->agent_version == "0.1.0");
  CHECK(state.status->source_ipv4 == "192.0.2.7");
  CHECK(state.since <= link.clock.now());
  CHECK(state.since > link.clock.now() - kPatience);

  SECTION("what cannot be used is left out, and the last stays") {
    message.mutable_status()->set_source_ipv4("everywhere");
    agent.say(message);
    message.mutable_status()->set_source_ipv4("192.0.2.8");
    agent.say(message);
    REQUIRE(eventually([&] { return link.client->state(link.id).status->source_ipv4 != "192.0.2.7"; }));
    CHECK(link.client->state(link.id).status->source_ipv4 == "192.0.2.8");
  }
  SECTION("an answer that comes with it is heard all the same") {
    const AttemptId attempt = link.observe(1, 1'000);
    REQUIRE(eventually([&] { return agent.was_sent(Linked::text(attempt)); }));
    message.mutable_status()->set_source_ipv4("everywhere");
    v1::Refusal& refusal = *message.add_items()->mutable_refusal();
    refusal.set_attempt_id(Linked::text(attempt));
    refusal.mutable_problem()->set_code(v1::PROBLEM_CODE_OVERLOADED);
    refusal.mutable_problem()->set_detail("enough");
    agent.say(message);
    REQUIRE(eventually([&] { return link.heard().size() == 1; }));
    CHECK(link.heard().front() == "enough");
  }
}

TEST_CASE("what an agent says at once is kept, though the news that its stream is open comes on another thread",
          "[link]") {
  constexpr int kStreams = 60;
  LinkedAgent agent;
  agent.reads = true;
  agent.greeting.emplace();
  agent.greeting->mutable_status()->set_not_ready_because("its resolver is away");
  agent.greeting->mutable_status()->set_agent_version("0.1.0");
  for (int i = 0; i < kStreams; ++i) {
    Linked link(agent);
    REQUIRE(eventually([&] { return link.client->state(link.id).connected; }));
    REQUIRE(eventually([&] { return link.client->state(link.id).status.has_value(); }));
  }
}

TEST_CASE("connection and own word tell whether a perspective is planned onto", "[link]") {
  std::optional<LinkedAgent> agent(std::in_place);
  agent->reads = true;
  Linked link(*agent);
  CHECK(link.health.standing(link.id).ready);
  CHECK(link.gauge() == "1");
  agent->stop();
  REQUIRE(eventually([&] { return !link.client->state(link.id).connected; }));
  CHECK(link.gauge() == "0");
  CHECK(link.health.standing(link.id).ready);  // for a few seconds it may come back
  REQUIRE(eventually([&] { return !link.health.standing(link.id).ready; }));
  CHECK_THAT(link.health.standing(link.id).why, Catch::Matchers::Contains("no connection"));
}

TEST_CASE("another configuration leaves alone what has not changed", "[link]") {
  LinkedAgent agent;
  agent.reads = true;
  Linked link(agent);
  REQUIRE(eventually([&] { return agent.has_stream(); }));
  const AttemptId open = link.observe(1, 1'000);
  REQUIRE(eventually([&] { return agent.was_sent(Linked::text(open)); }));
  PerspectiveEntry drained = entry_of(link.id, agent.address());
  drained.drained = true;
  drained.provider = "another";
  link.client->apply(Linked::deployment_of({drained}));
  CHECK(link.client->state(link.id).connected);
  CHECK(link.health.standing(link.id).why == "drained by the operator");
  agent.refuse(open);
  REQUIRE(eventually([&] { return link.heard().size() == 1; }));
  CHECK(link.heard().front() == "enough");
  CHECK(agent.streams() == 1);
}

TEST_CASE("a perspective that is removed takes no more attempts, and hangs up after the last", "[link]") {
  LinkedAgent agent;
  agent.reads = true;
  Linked link(agent);
  const AttemptId answered = link.observe(1, 1'000);
  const AttemptId cancelled = link.observe(2, 1'000);
  REQUIRE(eventually([&] { return agent.was_sent(Linked::text(cancelled)); }));
  link.client->apply(Linked::deployment_of({}));
  CHECK_FALSE(link.client->state(link.id).connected);
  CHECK(link.gauge() == "0");
  link.observe(3, 1'000);
  REQUIRE(link.heard().size() == 1);
  CHECK(link.heard().front() == "not part of the configuration any more");
  CHECK(agent.has_stream());
  link.client->cancel(link.id, cancelled);
  REQUIRE(eventually([&] { return agent.cancels().size() == 1; }));
  CHECK(agent.has_stream());
  agent.refuse(answered);
  REQUIRE(eventually([&] { return link.heard().size() == 2; }));
  CHECK(link.heard().back() == "enough");
  REQUIRE(eventually([&] { return !agent.has_stream(); }));
  CHECK(agent.streams() == 1);

  SECTION("and may come back") {
    link.client->apply(Linked::deployment_of({entry_of(link.id, agent.address())}));
    REQUIRE(eventually([&] { return link.client->state(link.id).connected; }));
    CHECK(link.gauge() == "1");
  }
}

TEST_CASE("a perspective at another address is asked there; what is open at the old one is answered", "[link]") {
  LinkedAgent old_one;
  LinkedAgent new_one;
  old_one.reads = new_one.reads = true;
  Linked link(old_one);
  const AttemptId before = link.observe(1, 1'000);
  REQUIRE(eventually([&] { return old_one.was_sent(Linked::text(before)); }));
  link.client->apply(Linked::deployment_of({entry_of(link.id, new_one.address())}));
  REQUIRE(eventually([&] { return link.client->state(link.id).connected; }));
  const AttemptId after = link.observe(2, 1'000);
  REQUIRE(eventually([&] { return new_one.was_sent(Linked::text(after)); }));
  CHECK(link.gauge() == "1");
  old_one.refuse(before);
  REQUIRE(eventually([&] { return link.heard().size() == 1; }));
  CHECK(link.heard().front() == "enough");
  REQUIRE(eventually([&] { return !old_one.has_stream(); }));
  CHECK(link.gauge() == "1");
  CHECK(link.health.standing(link.id).ready);
}

TEST_CASE("attempts and cancels while the configuration changes again and again end each once", "[link]") {
  LinkedAgent one;
  LinkedAgent two;
  one.reads = two.reads = true;
  Linked link(one);
  constexpr std::uint32_t kAttempts = 600;
  std::thread asking([&] {
    for (std::uint32_t n = 0; n < kAttempts; ++n) {
      const AttemptId attempt = link.observe(n, 200);
      if (n % 3 == 0) link.client->cancel(link.id, attempt);
      static_cast<void>(link.client->state(link.id));
      std::this_thread::sleep_for(1ms);
    }
  });
  for (int round = 0; round < 30; ++round) {
    std::vector<PerspectiveEntry> entries;
    if (round % 3 != 0) entries.push_back(entry_of(link.id, (round % 3 == 1 ? one : two).address()));
    link.client->apply(Linked::deployment_of(entries));
    std::this_thread::sleep_for(20ms);
  }
  asking.join();
  one.stop();
  two.stop();
  REQUIRE(eventually([&] { return !link.client->state(link.id).connected; }));
  const std::size_t heard = link.heard().size();
  CHECK(heard >= kAttempts * 2 / 3);
  CHECK(heard <= kAttempts);
}

TEST_CASE("a stream is opened with the certificate that lies in its file then", "[link]") {
  const std::filesystem::path mine = link_keys() / "mine";
  std::filesystem::create_directories(mine);
  const auto put = [&](const char* who) {
    for (const char* file : {"tls.pem", "tls.key"}) {
      std::filesystem::copy_file(link_keys() / who / file, mine / "next",
                                 std::filesystem::copy_options::overwrite_existing);
      std::filesystem::rename(mine / "next", mine / file);
    }
  };
  put("coordinator");
  LinkedAgent agent;
  agent.reads = true;
  Linked link(agent, {link_keys() / "ca.pem", mine / "tls.pem", mine / "tls.key"});
  REQUIRE(eventually([&] { return agent.has_stream(); }));
  CHECK(agent.caller() == "coordinator.mpic.internal");
  put("clients/nobody");
  std::this_thread::sleep_for(1500ms);
  CHECK(agent.streams() == 1);  // the open stream stays
  agent.hang_up();
  REQUIRE(eventually([&] { return agent.streams() == 2; }));
  CHECK(agent.caller() == "nobody.clients.mpic.internal");
}
