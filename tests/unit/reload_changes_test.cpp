// What a reload says that it changed, and what it may not change.
#include <fmt/format.h>

#include <functional>

#include "coordinator/program/changes.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/worldwide.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using namespace std::chrono_literals;

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : "; ") + word;
  return out;
}

const evidence::SigningKey& signing_key() {
  static const evidence::SigningKey key = evidence::SigningKey::generate();
  return key;
}

const evidence::NoteSigner& checkpoint_key() {
  static const evidence::NoteSigner key = evidence::NoteSigner::generate("mpic.example/log");
  return key;
}

std::string checkpoint_key_id() { return fmt::format("{:08x}", checkpoint_key().verifier().key_id()); }

Settings settings() {
  Settings out{test::worldwide(), Digest{}, signing_key(), {}, {}};
  out.deployment.perspectives[1].keys.push_back({signing_key().public_key()});
  return out;
}

}  // namespace

TEST_CASE("a reload names what is new, and tells no secret", "[reload]") {
  struct Row {
    const char* what;
    std::function<void(Settings&)> change;
    std::string says;
  };
  const Row rows[] = {
      {"nothing", [](Settings&) {}, ""},
      {"how long bodies are kept", [](Settings& s) { s.deployment.retention.keep = std::chrono::days(1200); },
       "store.keep_days: 0 to 1200"},
      {"that this is too short, and known to be",
       [](Settings& s) { s.deployment.retention.below_floor_accepted = true; },
       "store.below_floor: refused to accepted"},
      {"that the CA reuses CAA", [](Settings& s) { s.deployment.retention.caa_is_reused = true; },
       "store.caa_reuse: false to true"},
      {"the key of checkpoints", [](Settings& s) { s.checkpoint_key = checkpoint_key(); },
       "checkpoint key: none to " + checkpoint_key_id()},
      {"a client", [](Settings& s) { s.deployment.clients.push_back({.name = "batch", .san = "batch.example"}); },
       "client batch added"},
      {"another client", [](Settings& s) { s.deployment.clients.front() = {.name = "batch", .san = "batch.example"}; },
       "client batch added; client pipeline removed"},
      {"a client's certificate", [](Settings& s) { s.deployment.clients.front().san = "new.example"; },
       "client pipeline: san"},
      {"a client's rights",
       [](Settings& s) {
         s.deployment.clients.front().reads_all_records = true;
         s.deployment.clients.front().open_requests = 5;
         s.deployment.clients.front().asserted_primary = s.deployment.perspectives.front();
       },
       "client pipeline: asserted_primary, open_requests, reads_all_records"},
      {"a perspective", [](Settings& s) { s.deployment.perspectives.pop_back(); }, "perspective jnb removed"},
      {"another place and a rotated key",
       [](Settings& s) {
         s.deployment.perspectives[1].where.place.latitude += 1;
         s.deployment.perspectives[1].keys.push_back({evidence::SigningKey::generate().public_key()});
       },
       "perspective dub: keys, place"},
      {"the validity of a key",
       [](Settings& s) {
         s.deployment.perspectives[1].keys.front().not_after = TimePoint(std::chrono::sys_days(2026y / 12 / 15));
       },
       "perspective dub: keys"},
      {"the order of perspectives is nothing",
       [](Settings& s) { std::swap(s.deployment.perspectives[1], s.deployment.perspectives[2]); }, ""},
      {"a drained perspective", [](Settings& s) { s.deployment.perspectives[3].drained = true; },
       "perspective pdx: drained"},
      {"the profile",
       [](Settings& s) {
         s.deployment.profiles = {Profile::kTls, Profile::kSmime};
       },
       "policy.profile: cabf-tls-br to cabf-tls-br cabf-smime-br"},
      {"the secret of planning",
       [](Settings& s) { s.deployment.planning.secret = "very secret", s.deployment.planning.remotes = 5; },
       "planning.remotes: 0 to 5; planning.secret"},
      {"limits",
       [](Settings& s) { s.limits.look = 5s, s.admission.open_requests = 10, s.limits.default_deadline = 30s; },
       "limits.deadline_ms: 20000 to 30000; limits.look_ms: 10000 to 5000; limits.open_requests: 1000 to 10"},
      {"the policy's clock",
       [](Settings& s) { s.deployment.lab.policy_clock = TimePoint(std::chrono::sys_days(2026y / 12 / 15)); },
       "lab: none to policy-clock 2026-12-15T00:00:00Z"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.what) {
      Settings after = settings();
      row.change(after);
      CHECK(joined(changes(settings(), after)) == row.says);
    }
}

TEST_CASE("a new signing key is told by both ids", "[reload]") {
  Settings after = settings();
  after.key = evidence::SigningKey::generate();
  CHECK(joined(changes(settings(), after)) == "signing key: " + signing_key().id() + " to " + after.key.id());
}

TEST_CASE("what is fixed until the next start is named", "[reload]") {
  const Config before;
  Config after;
  CHECK(fixed_keys_changed(before, after).empty());
  after.deployment.lab.top_level_domains = {"test"};
  after.deployment.profiles = {Profile::kCustom};
  after.signing_key = "other.key";
  CHECK(fixed_keys_changed(before, after).empty());
  after.deployment.log_origin = "other";
  after.listen.port = 1;
  after.admin.port = 2;
  after.tls = {"ca", "certificate", "key"};
  after.sqlite = "other.sqlite";
  after.deployment.lab.records_nowhere = true;
  after.threads = 7;
  after.events = "events.jsonl";
  after.checkpoint_key = "other.pem";
  CHECK(joined(fixed_keys_changed(before, after)) ==
        "log_origin; listen; admin; tls.ca; tls.certificate; tls.key; store.sqlite; lab.records_nowhere; threads; "
        "events");
}
