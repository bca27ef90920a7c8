// The agent's sessions over several io threads: assignments, cancels and answers at once, real timers. For the thread
// sanitizer.
#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <thread>

#include "common/async/io_threads.hpp"
#include "common/wire/convert.hpp"
#include "tests/support/agent_under_test.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;

namespace {

constexpr int kSessions = 3;
constexpr int kMessages = 30;
constexpr int kPerMessage = 4;

// As a transport: every write is done later, on a thread of its own. Called with the session's lock held, so it posts.
class WritingOutlet final : public agent::Outlet {
 public:
  explicit WritingOutlet(asio::io_context& io) : io_(io) {}
  void use(std::weak_ptr<agent::Session> session) { session_ = std::move(session); }

  void start_read() override {}
  void start_write(const v1::FromAgent& message) override {
    items += message.items_size();
    asio::post(io_, [session = session_] {
      if (const auto held = session.lock()) held->write_done(true);
    });
  }
  void finish(End) override { ended = true; }

  std::atomic<int> items = 0;
  std::atomic<bool> ended = false;

 private:
  asio::io_context& io_;
  std::weak_ptr<agent::Session> session_;
};

// What one io thread looks with.
struct FakeLane {
  FakeDnsClient dns;
  FakeHttpClient http;
  FakeTlsClient tls;
  explicit FakeLane(Clock& clock) : dns(clock), http(clock), tls(clock) {
    dns.addresses("example.com", {"203.113.7.1"});
    dns.answer("com", RecordType::kCaa, {});
    http.serve("203.113.7.1", http_reply(200, kChallenge.key_authorization));
  }
};

Assignment fresh(const Clock& clock, int session, int message, int number) {
  Assignment out = some_assignment(1);
  out.issued = clock.now();
  out.attempt = {static_cast<std::uint8_t>(session), static_cast<std::uint8_t>(message),
                 static_cast<std::uint8_t>(number)};
  return out;
}

}  // namespace

TEST_CASE("sessions answer from many threads, and end", "[agent][session][threads]") {
  SystemClock clock;
  telemetry::Metrics metrics;
  agent::CurrentKey key(evidence::SigningKey::generate());
  std::vector<std::unique_ptr<FakeLane>> fakes;
  IoThreads writing(1);
  IoThreads looking(3);
  std::vector<agent::Lane> lanes;
  for (std::size_t i = 0; i < looking.size(); ++i) {
    fakes.push_back(std::make_unique<FakeLane>(clock));
    lanes.push_back(agent::Lane{looking.at(i).get_executor(), fakes[i]->dns, fakes[i]->http, fakes[i]->tls});
  }
  agent::Attempts attempts(eu_west(), lanes, clock, metrics, {64, 64});
  std::vector<std::unique_ptr<WritingOutlet>> outlets;
  std::vector<std::shared_ptr<agent::Session>> sessions;
  for (int i = 0; i < kSessions; ++i) {
    outlets.push_back(std::make_unique<WritingOutlet>(writing.at(0)));
    sessions.push_back(std::make_shared<agent::Session>(attempts, key, *outlets.back()));
    outlets.back()->use(sessions.back());
  }

  std::vector<std::thread> coordinators;
  for (int i = 0; i < kSessions; ++i) {
    coordinators.emplace_back([&, i] {
      for (int message = 0; message < kMessages; ++message) {
        v1::ToAgent sent;
        for (int number = 0; number < kPerMessage; ++number) {
          sent.add_assignments(wire::encode(fresh(clock, i, message, number)));
        }
        const auto cancelled = fresh(clock, i, message, 0).attempt;
        sent.add_cancels()->set_attempt_id(std::string(cancelled.begin(), cancelled.end()));
        sessions[static_cast<std::size_t>(i)]->receive(sent);
        std::this_thread::sleep_for(1ms);
      }
      if (i == 0) {
        sessions[0]->broken();
      } else {
        sessions[static_cast<std::size_t>(i)]->reads_ended();
      }
    });
  }
  // Meanwhile keys are replaced, and the perspective says how it is.
  for (int i = 0; i < kMessages; ++i) {
    key.replace(evidence::SigningKey::generate());
    v1::AgentStatus status;
    status.set_ready(i % 2 == 0);
    for (const auto& session : sessions) session->tell(status);
    std::this_thread::sleep_for(1ms);
  }
  for (std::thread& coordinator : coordinators) coordinator.join();
  const auto all_ended = [&] {
    return std::all_of(outlets.begin(), outlets.end(), [](const auto& outlet) { return outlet->ended.load(); });
  };
  const auto limit = std::chrono::steady_clock::now() + 60s;
  while ((!all_ended() || !attempts.idle()) && std::chrono::steady_clock::now() < limit)
    std::this_thread::sleep_for(5ms);
  CHECK(all_ended());
  CHECK(attempts.idle());
  CHECK(outlets[1]->items >= kMessages * (kPerMessage - 1));  // each answered or refused, but the cancelled
  looking.stop();
  writing.stop();
}
