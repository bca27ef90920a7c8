#include "tests/scenarios/scenario.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "coordinator/pipeline/corroborate.hpp"
#include "coordinator/service/corroborator.hpp"
#include "tests/scenarios/asked.hpp"
#include "tests/scenarios/auditor.hpp"
#include "tests/scenarios/expectations.hpp"
#include "tests/scenarios/meanwhile.hpp"
#include "tests/scenarios/operator.hpp"
#include "tests/scenarios/planned.hpp"
#include "tests/support/at_once.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_perspectives.hpp"
#include "tests/support/fake_store.hpp"

namespace mpic::test {
namespace {

using namespace coordinator;

// Places far enough from each other, by RIR.
const std::map<char, std::vector<Place>>& places() {
  static const std::map<char, std::vector<Place>> kPlaces = {
      {'A', {{"Oregon", 45.5, -122.7}, {"Texas", 32.8, -96.8}, {"Quebec", 46.8, -71.2}, {"Florida", 25.8, -80.2}}},
      {'R',
       {{"London", 51.5, -0.1},
        {"Milan", 45.5, 9.2},
        {"Stockholm", 59.3, 18.1},
        {"Warsaw", 52.2, 21.0},
        {"Madrid", 40.4, -3.7},
        {"Athens", 38.0, 23.7}}},
      {'P', {{"Singapore", 1.35, 103.8}, {"Tokyo", 35.7, 139.7}, {"Sydney", -33.9, 151.2}, {"Mumbai", 19.1, 72.9}}},
      {'L', {{"Sao Paulo", -23.5, -46.6}, {"Santiago", -33.4, -70.7}}},
      {'F', {{"Cape Town", -33.9, 18.4}, {"Nairobi", -1.3, 36.8}}}};
  return kPlaces;
}

Rir rir_of(char letter) {
  switch (letter) {
    case 'A':
      return Rir::kArin;
    case 'R':
      return Rir::kRipe;
    case 'P':
      return Rir::kApnic;
    case 'L':
      return Rir::kLacnic;
    case 'F':
      return Rir::kAfrinic;
    default:
      throw std::runtime_error(fmt::format("no RIR has the letter {}", letter));
  }
}

// Numbers that a scenario can repeat.
class CountingRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& octet : out) octet = static_cast<std::uint8_t>(++state_ * 167 >> 3U);
  }

 private:
  std::uint32_t state_ = 0;
};

class CollectedAlerts final : public Alerts {
 public:
  explicit CollectedAlerts(std::set<std::string>& who) : who_(who) {}
  void contradicted_later(const std::string&, const PerspectiveId& perspective, const std::string&) override {
    who_.insert(perspective.text());
  }
  void not_followed() override { who_.insert("not-followed"); }
  void addendum_lost(const std::string&, const Problem&) override { who_.insert("lost"); }

 private:
  std::set<std::string>& who_;
};

// Everything a scenario sets up, and what came of it.
struct Stage {
  explicit Stage(const Scenario& scenario) { read(scenario); }

  asio::io_context io{1};
  TimePoint start = date("2026-11-23T12:00:00");
  Deployment deployment{.log_origin = "mpic.test/scenario",
                        .profiles = {Profile::kTls, Profile::kSmime},
                        .clients = {{.name = "tester", .san = "tester.example"}}};
  std::map<PerspectiveId, evidence::SigningKey> keys;
  std::map<std::string, std::vector<Behaviour>> script;
  std::set<std::string> stamps;
  v1::CorroborateRequest request;
  struct Later {
    v1::CorroborateRequest request;
    std::optional<TimePoint> at;  // not before
  };
  std::vector<Later> later;                     // asked one after the other, when the one before has its answer
  std::vector<v1::CorroborateRequest> at_once;  // asked while `request` is in progress
  std::vector<std::string> store{"works"};
  std::optional<std::chrono::milliseconds> caller_waits;
  std::vector<Reload> reloads;
  AdmissionLimits limits;
  std::optional<std::chrono::milliseconds> drain_after;
  FakeConduct conduct;
  std::vector<Scenario::Line> expectations;

  std::optional<Expected<v1::CorroborateResponse>> first;
  std::optional<Expected<v1::CorroborateResponse>> result;  // of what was asked last
  std::chrono::milliseconds took{0};
  std::map<std::string, std::size_t> asked;
  std::vector<std::string> watched;
  std::set<std::string> snapshots;  // that records name
  std::size_t records = 0;
  v1::RecordBody recorded;  // the last
  std::size_t plans = 0;
  std::vector<v1::Addendum> addenda;
  std::set<std::string> cancelled;
  std::set<std::string> alerts;
  std::vector<std::string> found_by_auditor;

  void run();

 private:
  void read(const Scenario& scenario);
  void add_perspective(const std::string& name, Role role, Rir rir, const Place& place);
  void add_remotes(const std::string& letters);
  void option(const Scenario::Line& line);
  void behave(const Scenario::Line& line);
};

void Stage::add_perspective(const std::string& name, Role role, Rir rir, const Place& place) {
  const auto id = PerspectiveId::parse(name).value();
  const auto key = keys.emplace(id, evidence::SigningKey::generate()).first->second;
  PerspectiveEntry entry{
      .where = {.id = id, .role = role, .rir = rir, .place = place, .resolver_place = place, .resolver_rir = rir}};
  entry.keys.push_back(evidence::PinnedKey{key.public_key()});
  deployment.perspectives.push_back(std::move(entry));
}

void Stage::add_remotes(const std::string& letters) {
  std::map<char, std::size_t> used;
  int number = 0;
  Role role = Role::kRemote;
  for (const char letter : letters) {
    if (letter == 's') {
      role = Role::kShadow;
      continue;
    }
    const Place& place = places().at(letter).at(used[letter]++);
    add_perspective(fmt::format("r{}", ++number), role, rir_of(letter), place);
    role = Role::kRemote;
  }
}

void Stage::option(const Scenario::Line& line) {
  if (ask_option(line, request) || planning_option(line, deployment)) return;
  const std::string& name = line.words.at(1);
  if (name == "stamp") return void(stamps.insert(line.rest));
  if (name == "lab-clock") return void(deployment.lab.policy_clock = date(line.words.at(2)));
  if (name == "profile") return void(deployment.profiles = {profile_from(line.words.at(2)).value()});
  throw std::runtime_error("no option is called " + name);
}

void Stage::behave(const Scenario::Line& line) {
  if (line.words.at(1) == "is") return stand(line, deployment, conduct);
  const bool again = line.words.at(1) == "then";
  std::vector<Behaviour>& told = script[line.words[0]];
  if (again || told.empty()) told.emplace_back();
  Behaviour& behaviour = told.back();
  for (std::size_t i = again ? 2 : 1; i + 1 < line.words.size(); i += 2) {
    std::string value = line.words[i + 1];
    if (value.ends_with(',')) value.pop_back();
    if (line.words[i] == "sees") {
      behaviour.sees = value;
    } else if (line.words[i] == "tells") {
      behaviour.tells = value;
    } else if (line.words[i] == "after") {
      behaviour.after = std::chrono::milliseconds(std::stoi(value));
    } else {
      throw std::runtime_error("a perspective cannot " + line.words[i]);
    }
  }
}

void Stage::read(const Scenario& scenario) {
  request.set_respond(v1::RESPOND_COMPLETE);
  add_perspective("primary", Role::kPrimary, Rir::kArin, {"Virginia", 39.0, -77.5});
  for (const Scenario::Line& line : scenario.lines) {
    const std::string& verb = line.words[0];
    if (verb == "date") {
      start = date(line.words.at(1));
    } else if (verb == "remotes") {
      add_remotes(line.words.at(1));
    } else if (verb == "check") {
      ask_check(line.words.at(1), line.words.at(2), request);
    } else if (verb == "option") {
      option(line);
    } else if (verb == "again" || verb == "at-once") {
      Later next{request, std::nullopt};
      for (std::size_t i = 1; i + 1 < line.words.size(); i += 2) {
        if (line.words[i] == "for") next.request.set_identifier(line.words[i + 1]);
        if (line.words[i] == "at") next.at = date(line.words[i + 1]);
      }
      if (verb == "again") {
        later.push_back(std::move(next));
      } else {
        at_once.push_back(std::move(next.request));
      }
    } else if (verb == "client") {
      set_up_client(line, deployment);
    } else if (verb == "caller-waits") {
      caller_waits = std::chrono::milliseconds(std::stoi(line.words.at(1)));
    } else if (verb == "limit") {
      (line.words.at(1) == "target" ? limits.open_requests_per_target : limits.open_requests) =
          std::stoul(line.words.at(2));
    } else if (verb == "drain") {
      drain_after = std::chrono::milliseconds(std::stoi(line.words.at(2)));
    } else if (verb == "reload") {
      reloads.push_back(read_reload(line));
    } else if (verb == "store") {
      store.assign(line.words.begin() + 1, line.words.end());
    } else if (verb == "expect") {
      expectations.push_back(line);
    } else {
      behave(line);
    }
  }
}

void Stage::run() {
  FakeClock clock(start);
  FakePerspectives perspectives(io, clock, deployment, keys);
  perspectives.script = script;
  perspectives.lab_relaxations = stamps;
  FakeStore records_kept;
  records_kept.fails = store.at(0) == "fails";
  records_kept.known_to_fail = store.at(0) == "is-down";
  CollectedAlerts told(alerts);
  FollowUp follow_up(clock, perspectives, records_kept, told);
  Admission admission(limits);
  CountingRandom random;
  const evidence::SigningKey key = evidence::SigningKey::generate();
  Auditor auditor;
  Settings first_settings{deployment, Digest{}, key, {}};
  first_settings.snapshot = auditor.keep(first_settings);
  records_kept.snapshots.emplace(first_settings.snapshot, snapshot(deployment, key.public_key()).SerializeAsString());
  SettingsInForce settings(std::make_shared<const Settings>(std::move(first_settings)));
  Checkpoints checkpoints(clock);
  Prover prover(records_kept, checkpoints, clock, at_once_here());
  telemetry::NoEvents no_events;
  const Workshop workshop{clock,     random,   perspectives, records_kept, follow_up,
                          admission, settings, conduct,      prover,       no_events};
  const auto ask = [&](const v1::CorroborateRequest& asked_for) {
    const SteadyPoint began = clock.steady_now();
    Caller caller("tester");
    if (caller_waits) caller.deadline = began + *caller_waits;
    caller.progress = [this](const v1::PerspectiveProgress& progress) {
      watched.push_back(progress.result().perspective());
    };
    const auto answered = [&, began](Expected<v1::CorroborateResponse> answer) {
      took = std::chrono::duration_cast<std::chrono::milliseconds>(clock.steady_now() - began);
      result = std::move(answer);
      if (!first) first = result;
    };
    auto seat = admission.seat(caller.client);  // at the door, as every transport asks for one
    if (!seat) return answered(Unexpected(seat.error()));
    asio::co_spawn(io, corroborate(workshop, asked_for, std::move(caller)),
                   [answered, held = std::make_shared<Admission::Seat>(*std::move(seat))](
                       std::exception_ptr error, Expected<v1::CorroborateResponse> answer) {
                     if (error) std::rethrow_exception(error);
                     answered(std::move(answer));
                   });
  };
  if (drain_after) at(clock, io, start + *drain_after, [&admission] { admission.close(); });
  for (const Reload& reload : reloads) {
    at(clock, io, start + reload.after, [&settings, &reload, &auditor] {
      settings.replace(reloaded(*settings.get(), reload));
      auditor.keep(*settings.get());
    });
  }
  ask(request);
  for (const v1::CorroborateRequest& beside : at_once) ask(beside);
  clock.run(io);
  meanwhile(store, records_kept, checkpoints, deployment.log_origin, clock.now());
  for (const Later& next : later) {
    at(clock, io, next.at.value_or(clock.now()), [&ask, &next] { ask(next.request); });
    clock.run(io);
  }
  for (const auto& [id, record] : records_kept.records) {
    v1::RecordBody body;
    if (!body.ParseFromString(record.body)) throw std::runtime_error("a record that cannot be read");
    snapshots.insert(body.snapshot_sha256());
  }
  asked = perspectives.asked;
  cancelled = perspectives.cancelled;
  for (const StoredAddendum& stored : records_kept.addenda) {
    v1::Addendum& addendum = addenda.emplace_back();
    if (!addendum.ParseFromString(stored.body)) throw std::runtime_error("an addendum that cannot be read");
  }
  if (store.at(0) != "forges") found_by_auditor = auditor.faults_of(records_kept);
  records = records_kept.records.size();
  recorded = last_of(records_kept.records);
  plans = records_kept.plans.size();
}

std::set<std::string> names_of(const std::map<std::string, std::size_t>& asked) {
  std::set<std::string> names;
  for (const auto& [name, times] : asked) names.insert(name);
  return names;
}

std::set<std::string> names_of(const std::vector<v1::Addendum>& addenda) {
  std::set<std::string> names;
  for (const v1::Addendum& addendum : addenda) names.insert(addendum.perspective_id());
  return names;
}

std::optional<std::string> expect(const Scenario::Line& line, const Stage& stage) {
  const std::string& what = line.words.at(1);
  const std::map<std::string, std::set<std::string>> sets = {{"asked", names_of(stage.asked)},
                                                             {"cancelled", stage.cancelled},
                                                             {"addenda", names_of(stage.addenda)},
                                                             {"alerts", stage.alerts}};
  if (const auto set = sets.find(what); set != sets.end()) {
    const std::set<std::string> wanted(line.words.begin() + 2, line.words.end());
    return compare(what, fmt::format("{}", fmt::join(wanted, " ")), fmt::format("{}", fmt::join(set->second, " ")));
  }
  if (what == "watched") {
    return compare(what, line.rest, fmt::format("{}", fmt::join(stage.watched, " ")));
  }
  if (what == "asked-times") {
    return compare(what, line.words.at(3),
                   std::to_string(stage.asked.contains(line.words[2]) ? stage.asked.at(line.words[2]) : 0));
  }
  if (what == "snapshots") return compare(what, line.words.at(2), std::to_string(stage.snapshots.size()));
  if (is_about_plans(what)) return expect_plan(line, stage.recorded);
  if (what == "took") return compare(what, line.words.at(2), std::to_string(stage.took.count()));
  if (what == "records") return compare(what, line.words.at(2), std::to_string(stage.records));
  if (what == "plans") return compare(what, line.words.at(2), std::to_string(stage.plans));
  if (!stage.result) return "the request never ended";
  if (what == "same-answer") {
    const bool same =
        *stage.first && *stage.result && (*stage.first)->SerializeAsString() == (*stage.result)->SerializeAsString();
    return same ? std::nullopt : std::optional<std::string>("the answers differ");
  }
  if (what == "first-error")
    return compare(what, line.words.at(2),
                   *stage.first ? "a response" : std::string(to_string(stage.first->error().code)));
  const auto& result = *stage.result;
  if (what == "error") {
    return compare(what, line.words.at(2), result ? "a response" : std::string(to_string(result.error().code)));
  }
  if (what == "error-says") {
    const std::string text = result ? "a response" : result.error().detail;
    return text.find(line.rest) == std::string::npos ? std::optional("error says: " + text) : std::nullopt;
  }
  if (!result) return fmt::format("{}: there is only an error: {}", what, result.error().detail);
  return expect_response(line, *result);
}

}  // namespace

Scenario load_scenario(const std::filesystem::path& file) {
  Scenario scenario{.file = file.filename().string()};
  std::ifstream in(file);
  std::string text;
  for (int number = 1; std::getline(in, text); ++number) {
    if (text.starts_with("# ") && scenario.title.empty()) scenario.title = text.substr(2);
    if (text.empty() || text.starts_with('#')) continue;
    Scenario::Line line{.number = number};
    std::istringstream words(text);
    for (std::string word; words >> word;) {
      line.words.push_back(word);
      if (line.words.size() == 2) {
        std::getline(std::istringstream(text.substr(
                         static_cast<std::size_t>(words.tellg() < 0 ? std::streampos(text.size()) : words.tellg()))) >>
                         std::ws,
                     line.rest);
      }
    }
    scenario.lines.push_back(std::move(line));
  }
  return scenario;
}

std::vector<std::string> run_scenario(const Scenario& scenario) {
  try {
    Stage stage(scenario);
    stage.run();
    std::vector<std::string> failures;
    if (stage.expectations.empty()) failures.push_back(scenario.file + ": expects nothing");
    for (const std::string& fault : stage.found_by_auditor) {
      failures.push_back(fmt::format("{}: {}", scenario.file, fault));
    }
    for (const Scenario::Line& line : stage.expectations) {
      if (const auto failure = expect(line, stage))
        failures.push_back(fmt::format("{}:{}: {}", scenario.file, line.number, *failure));
    }
    return failures;
  } catch (const std::exception& error) {
    return {fmt::format("{}: {}", scenario.file, error.what())};
  }
}

}  // namespace mpic::test
