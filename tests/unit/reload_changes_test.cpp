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

ApiKey api_key(const std::string& id, const std::string& name) {
  ApiKey key;
  key.id = id;
  key.client = "pipeline";
  key.name = name;
  return key;
}

std::string checkpoint_key_id() { return fmt::format("{:08x}", checkpoint_key().verifier().key_id()); }

Settings settings() {
  Settings out{test::worldwide(), Digest{}, signing_key(), {}, {}};
  out.deployment.perspectives[1].keys.push_back({signing_key().public_key()});
  out.deployment.clients.front().api_keys = {api_key("00000001", "old")};
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
       "client batch added; client pipeline removed; API key 00000001 (old) of pipeline is gone"},
      {"a client's certificate", [](Settings& s) { s.deployment.clients.front().san = "new.example"; },
       "client pipeline: san"},
      {"a client's rights",
       [](Settings& s) {
         s.deployment.clients.front().reads_all_records = true;
         s.deployment.clients.front().open_requests = 5;
         s.deployment.clients.front().asserted_primary = s.deployment.perspectives.front();
       },
       "client pipeline: asserted_primary, open_requests, reads_all_records"},
      {"what a client may ask for, and how often",
       [](Settings& s) {
         s.deployment.clients.front().rights.methods = {DcvMethod::kAcmeHttp01};
         s.deployment.clients.front().rate = {.per_second = 5, .burst = 5};
       },
       "client pipeline: rate, rights"},
      {"which issuers", [](Settings& s) { s.deployment.clients.front().rights.issuer_domains = {"ca.example"}; },
       "client pipeline: rights"},
      {"which modes", [](Settings& s) { s.deployment.clients.front().rights.enforce = false; },
       "client pipeline: rights"},
      {"an API key",
       [](Settings& s) { s.deployment.clients.front().api_keys.push_back(api_key("3fa9c0d1", "ejbca-prod")); },
       "API key 3fa9c0d1 (ejbca-prod) of pipeline is new"},
      {"an API key in place of another",
       [](Settings& s) { s.deployment.clients.front().api_keys = {api_key("3fa9c0d1", "ejbca-prod")}; },
       "API key 3fa9c0d1 (ejbca-prod) of pipeline is new; API key 00000001 (old) of pipeline is gone"},
      {"when an API key ends",
       [](Settings& s) {
         s.deployment.clients.front().api_keys.front().expires = TimePoint(std::chrono::sys_days(2026y / 12 / 15));
       },
       "API key 00000001 (old) of pipeline: expires"},
      {"another secret by the same id", [](Settings& s) { s.deployment.clients.front().api_keys[0].sha256[0] = 1; },
       "API key 00000001 (old) of pipeline: sha256"},
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
  after.api_keys = "api-keys.yaml";
  after.threads = 7;
  after.events = "events.jsonl";
  after.checkpoint_key = "other.pem";
  CHECK(joined(fixed_keys_changed(before, after)) ==
        "log_origin; listen; admin; tls.ca; tls.certificate; tls.key; store.sqlite; lab.records_nowhere; api_keys; "
        "threads; events");
}

TEST_CASE("the file of API keys may be another one, where there was one before", "[reload]") {
  Config before;
  before.api_keys = "old.yaml";
  Config after = before;
  after.api_keys = "new.yaml";
  CHECK(fixed_keys_changed(before, after).empty());
}
