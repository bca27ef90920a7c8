#include "tests/scenarios/operator.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <iomanip>
#include <sstream>
#include <stdexcept>

#include "common/evidence/merkle.hpp"

namespace mpic::test {
namespace {

using namespace coordinator;

asio::awaitable<void> wait_and_call(FakeClock& clock, asio::io_context& io, SteadyPoint when,
                                    std::function<void()> what) {
  const auto timer = clock.make_timer(io.get_executor());
  co_await timer->wait_until(when);
  what();
}

PerspectiveEntry& entry_of(Deployment& deployment, const std::string& name) {
  for (PerspectiveEntry& entry : deployment.perspectives) {
    if (entry.where.id.text() == name) return entry;
  }
  throw std::runtime_error("no perspective is called " + name);
}

}  // namespace

TimePoint date(const std::string& text) {
  std::istringstream in(text.size() == 10 ? text + "T00:00:00" : text);
  std::tm tm{};
  in >> std::get_time(&tm, "%Y-%m-%dT%H:%M:%S");
  if (in.fail()) throw std::runtime_error("no date: " + text);
  return TimePoint(std::chrono::seconds(timegm(&tm)));
}

void at(FakeClock& clock, asio::io_context& io, TimePoint when, std::function<void()> what) {
  const SteadyPoint point = clock.steady_now() + (when - clock.now());
  asio::co_spawn(io, wait_and_call(clock, io, point, std::move(what)), asio::detached);
}

void set_up_client(const Scenario::Line& line, Deployment& deployment) {
  ClientEntry& client = deployment.clients.front();
  const std::string& what = line.words.at(1);
  if (what == "enforces") {
    client.rights.enforce = line.words.at(2) == "yes";
    return;
  }
  if (what == "issues-by") {
    client.rights.issuer_domains = {line.words.at(2)};
    return;
  }
  if (what != "asserts") throw std::runtime_error("a client cannot be set up to " + what);
  const Place virginia{"Virginia", 39.0, -77.5};
  client.asserted_primary = PerspectiveEntry{.where = {.id = PerspectiveId::parse(line.words.at(2)).value(),
                                                       .role = Role::kPrimary,
                                                       .rir = Rir::kArin,
                                                       .place = virginia,
                                                       .resolver_place = virginia,
                                                       .resolver_rir = Rir::kArin}};
}

Reload read_reload(const Scenario::Line& line) {
  if (line.words.at(1) != "after") throw std::runtime_error("reload after MILLISECONDS WHAT [NAME]");
  return {std::chrono::milliseconds(std::stoi(line.words.at(2))), line.words.at(3),
          line.words.size() > 4 ? line.words[4] : ""};
}

SettingsPtr reloaded(const Settings& before, const Reload& reload) {
  Settings next = before;
  if (reload.what == "without") {
    std::erase_if(next.deployment.perspectives,
                  [&](const PerspectiveEntry& entry) { return entry.where.id.text() == reload.name; });
  } else if (reload.what == "new-key") {
    entry_of(next.deployment, reload.name).keys = {evidence::PinnedKey{evidence::SigningKey::generate().public_key()}};
  } else if (reload.what == "signing-key") {
    next.key = evidence::SigningKey::generate();
  } else if (reload.what == "no-rights") {
    next.deployment.clients.front().asserted_primary.reset();
  } else if (reload.what == "nobody") {
    next.deployment.clients.clear();
  } else {
    throw std::runtime_error("nothing is reloaded by " + reload.what);
  }
  next.snapshot = evidence::sha256(snapshot(next.deployment, next.key.public_key()).SerializeAsString());
  return std::make_shared<const Settings>(std::move(next));
}

}  // namespace mpic::test
