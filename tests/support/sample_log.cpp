#include "tests/support/sample_log.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "common/domain/version.hpp"
#include "common/evidence/checkpoint.hpp"
#include "common/evidence/text_form.hpp"
#include "common/wire/convert.hpp"
#include "coordinator/pipeline/recorded.hpp"
#include "coordinator/pipeline/stages.hpp"
#include "tests/support/observed.hpp"
#include "tests/support/worldwide.hpp"

namespace mpic::test {
namespace {

using namespace coordinator;
using namespace std::chrono_literals;

const TimePoint kReceived = TimePoint(std::chrono::sys_days(2026y / 11 / 25)) + 9h + 123'456'789ns;
constexpr const char* kDigest = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0";

class Counting final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& octet : out) {
      ++state_;
      octet = static_cast<std::uint8_t>(state_ + (state_ >> 8U) * 31);
    }
  }

 private:
  std::uint32_t state_ = 0;
};

class AllReady final : public Standings {
 public:
  [[nodiscard]] Standing standing(const PerspectiveId&) const override { return {}; }
};

evidence::SigningKey key_of(char secret) {
  return evidence::SigningKey::from_pem(ed25519_pem(std::string(32, secret))).value();
}

// Perspective n signs with the secret of 32 octets n + 1.
evidence::SigningKey key_of_perspective(const Deployment& deployment, const PerspectiveId& id, char salt) {
  auto secret = static_cast<char>(1 + salt);
  for (const PerspectiveEntry& entry : deployment.perspectives) {
    if (entry.where.id == id) break;
    ++secret;
  }
  return key_of(secret);
}

Settings settings(char salt) {
  Settings out{.deployment = worldwide(), .snapshot = {}, .key = statement_key(salt)};
  for (PerspectiveEntry& entry : out.deployment.perspectives) {
    entry.keys.push_back({key_of_perspective(out.deployment, entry.where.id, salt).public_key(),
                          TimePoint(std::chrono::sys_days(2026y / 1 / 1)),
                          TimePoint(std::chrono::sys_days(2027y / 6 / 30))});
  }
  return out;
}

// Number n of them; the first is the one that vectors are of.
v1::CorroborateRequest request(std::size_t number) {
  v1::CorroborateRequest out;
  out.set_request_id(number == 0 ? "order-17/www" : fmt::format("order-{}", number));
  out.set_identifier("WWW.example.com");
  out.mutable_dcv()->mutable_acme_dns_01()->set_key_authorization_digest(kDigest);
  out.mutable_caa()->add_issuer_domains("ca.example");
  out.mutable_caa()->add_account_uris("https://ca.example/acct/1");
  out.set_trace_id("trace-1");
  return out;
}

// What a perspective saw that was asked this: the right record, or none, and a CAA set one label up.
Observation seen(const PlannedLook& look, bool has_record, TimePoint started) {
  Observation out{.perspective = look.perspective->where.id};
  out.assignment_sha256 = evidence::sha256(look.octets);
  out.nonce = look.assignment.nonce;
  out.role = look.assignment.role;
  out.rir = look.perspective->where.rir;
  out.agent_version = std::string(kSoftwareVersion);
  out.started = started;
  out.ended = started + 40ms;
  out.source_ipv4 = "192.0.2.7";
  out.resolver = "127.0.0.1:53";
  out.resolver_config_sha256 = evidence::sha256("server:");
  std::vector<Bytes> records;
  if (has_record) records.push_back(txt_rdata({kDigest}));
  DnsObservation dns;
  dns.lookups.push_back(answered("_acme-challenge.www.example.com", RecordType::kTxt, records));
  out.dcv = DcvObservation{DcvMethod::kAcmeDns01, dns};
  out.caa = CaaObservation{{answered("www.example.com", RecordType::kCaa),
                            answered("example.com", RecordType::kCaa, {caa_rdata(0, "issue", "ca.example")})}};
  for (DnsLookup* lookup :
       {&std::get<DnsObservation>(out.dcv->seen).lookups[0], &out.caa->lookups[0], &out.caa->lookups[1]}) {
    lookup->authenticated = true;
    lookup->server = out.resolver;
    lookup->tries = 1;
    lookup->started = started + 1ms;
  }
  return out;
}

// Signed beside another observation, so that there is a path.
Reply reply_of(const PlannedLook& look, const Deployment& deployment, bool has_record, TimePoint started, char salt) {
  const PerspectiveId& id = look.perspective->where.id;
  v1::FromAgent message;
  evidence::sign_observations(id, key_of_perspective(deployment, id, salt),
                              {{AttemptId{}, "of another assignment"},
                               {look.assignment.attempt, wire::encode(seen(look, has_record, started))}},
                              message);
  Reply reply;
  reply.evidence = message.items(1).evidence();
  reply.signed_root = std::make_shared<evidence::ReceivedRoot>(message.signed_root());
  reply.received = started + 60ms;
  return reply;
}

Reply not_waited_for(const PlannedLook& look, TimePoint when) {
  Reply reply;
  reply.problem =
      Problem(ProblemCode::kNotWaitedFor, look.perspective->where.id.text(), "the outcome was settled without it");
  reply.received = when;
  return reply;
}

// What becomes of a record: who sees no record of the challenge, and who is not waited for.
struct Course {
  std::string_view without;
  std::string_view late;
};
constexpr Course kCourses[] = {{"pdx", "jnb"}, {"", ""}, {"primary", ""}, {"sin", ""}, {"", "jnb"}};

Gathered gathered(Plan plan, const Deployment& deployment, const Course& course, char salt) {
  Gathered out;
  for (const PlannedLook& look : plan.looks) {
    const std::string& id = look.perspective->where.id.text();
    Reply reply = id == course.late ? not_waited_for(look, plan.started + 200ms)
                                    : reply_of(look, deployment, id != course.without, plan.started + 10ms, salt);
    out.looks.push_back(verify(look, reply, plan.started));
    out.replies.push_back(std::move(reply));
  }
  out.plan = std::move(plan);
  return out;
}

std::string started_event(const Settings& in_force) {
  v1::ChangeEvent out;
  out.set_log_origin(in_force.deployment.log_origin);
  *out.mutable_at() = wire::encode(kReceived - 1h);
  out.set_kind(v1::ChangeEvent::STARTED);
  out.set_who("mpic@coordinator.example");
  out.add_what("mpic-coordinator started");
  out.set_snapshot_sha256(in_force.snapshot.data(), in_force.snapshot.size());
  out.set_software_version(std::string(kSoftwareVersion));
  out.set_ruleset_version(std::string(kRulesetVersion));
  return out.SerializeAsString();
}

}  // namespace

std::string ed25519_pem(std::string_view secret) {
  // RFC 8410, section 7, before the 32 octets.
  const std::string der =
      std::string("\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20", 16).append(secret);
  return "-----BEGIN PRIVATE KEY-----\n" + evidence::to_base64(der) + "\n-----END PRIVATE KEY-----\n";
}

std::string checkpoint_secret() {
  std::string out;
  for (char octet = 0; octet < 32; ++octet) out += octet;
  return out;
}

namespace {

class Writer {
 public:
  using Take = std::function<void(SampleLog::Leaf)>;

  Writer(char salt, Take take)
      : salt_(salt), take_(std::move(take)), in_force_(settings(salt)), signer_(signer_of(in_force_, salt)) {
    log_.origin = in_force_.deployment.log_origin;
    log_.vkey = signer_.verifier().vkey();
    v1::DeploymentSnapshot described = snapshot(in_force_.deployment, in_force_.key.public_key());
    // Not the day of a library's list: the octets are the same on every system.
    described.mutable_registries()->DeleteSubrange(1, described.registries_size() - 1);
    described.mutable_checkpoint_key()->set_public_key(signer_.verifier().spki_der());
    const std::string octets = described.SerializeAsString();
    in_force_.snapshot = evidence::sha256(octets);
    add(evidence::LeafKind::kSnapshot, octets);
    add(evidence::LeafKind::kEvent, started_event(in_force_));
  }

  // With what came after its answer.
  void add_record(std::size_t number) {
    const TimePoint received = kReceived + number * 1s;
    const Course& course = kCourses[number % std::size(kCourses)];
    const Caller caller("pipeline");
    const auto checked =
        check_request(request(number), in_force_.deployment, in_force_.limits, nullptr, received).value();
    const AttemptId attempt = random_.octets<16>();
    const auto input = [&](TimePoint now) { return PlanInput{checked, in_force_.deployment, attempt, 0, now, 5s}; };
    std::vector<Attempted> attempts(1);
    std::vector<Gathered>& parts = attempts[0].parts;
    parts.push_back(gathered(plan_primary(input(received), random_), in_force_.deployment, course, salt_));
    if (course.without != "primary") {
      const AllReady standings;
      Plan plan = plan_remotes(input(received + 100ms), standings, random_);
      parts.push_back(gathered(std::move(plan), in_force_.deployment, course, salt_));
    }
    const std::vector<JudgedLook> nobody;
    const std::string not_asked;
    attempts[0].decision = decide(
        {checked, in_force_.deployment, parts[0].looks.front(), parts.size() > 1 ? parts[1].looks : nobody, not_asked});
    const std::string id = number == 0 ? "000102030405060708090a0b0c0d0e0f" : fmt::format("{:032x}", number);
    const Corroborated all{id, caller, checked, in_force_, received, received + 350ms, attempts};
    const v1::RecordBody body = record_body(all);
    const std::string octets = body.SerializeAsString();
    add(evidence::LeafKind::kRecord, octets,
        sign_statement(statement_of(body, octets), in_force_.key).SerializeAsString());
    if (course.late.empty()) return;
    const PlannedLook& look = parts[1].plan.looks.back();
    const Reply late = reply_of(look, in_force_.deployment, false, received + 500ms, salt_);
    add(evidence::LeafKind::kAddendum, addendum(all.record_id, attempt, look, late, true).body);
  }

  void add_event() { add(evidence::LeafKind::kEvent, started_event(in_force_)); }

  SampleLog take() {
    log_.checkpoint = signer_.sign({log_.origin, log_.tree.tree().size(), log_.tree.tree().root()});
    return std::move(log_);
  }

 private:
  static evidence::NoteSigner signer_of(const Settings& in_force, char salt) {
    std::string secret = checkpoint_secret();
    secret.front() = salt;
    return evidence::NoteSigner::from_pem(in_force.deployment.log_origin, ed25519_pem(secret)).value();
  }
  void add(evidence::LeafKind kind, std::string body, std::string statement = "") {
    log_.tree.append(evidence::log_leaf_hash(kind, evidence::sha256(body)));
    SampleLog::Leaf leaf{kind, std::move(body), std::move(statement)};
    take_ ? take_(std::move(leaf)) : log_.leaves.push_back(std::move(leaf));
  }

  const char salt_;
  const Take take_;  // none: leaves are kept
  Settings in_force_;
  const evidence::NoteSigner signer_;
  Counting random_;
  SampleLog log_;
};

}  // namespace

SampleLog sample_log() { return sample_log(1, 1); }

evidence::SigningKey statement_key(char salt) { return key_of(static_cast<char>(0x40 + salt)); }

SampleLog sample_log(std::size_t records, std::size_t events, char salt) {
  Writer writer(salt, nullptr);
  for (std::size_t i = 1; i < events; ++i) writer.add_event();
  for (std::size_t i = 0; i < records; ++i) writer.add_record(i);
  return writer.take();
}

void sample_log(std::size_t records, const std::function<void(SampleLog::Leaf)>& take) {
  Writer writer(0, take);
  for (std::size_t i = 0; i < records; ++i) writer.add_record(i);
}

SampleLog::Leaf pruned_event(const SampleLog& log, std::uint64_t minimum_index) {
  v1::ChangeEvent event;
  if (!event.ParseFromString(log.leaves[SampleLog::kStarted].body)) throw std::runtime_error("a leaf that is no event");
  event.set_kind(v1::ChangeEvent::PRUNED);
  *event.mutable_at() = wire::encode(kReceived + 24h);
  *event.mutable_pruned()->mutable_decided_before() = wire::encode(kReceived + 12h);
  event.mutable_pruned()->set_minimum_index(minimum_index);
  return {evidence::LeafKind::kEvent, event.SerializeAsString(), ""};
}

void add(SampleLog& log, SampleLog::Leaf leaf) {
  log.tree.append(evidence::log_leaf_hash(leaf.kind, evidence::sha256(leaf.body)));
  log.leaves.push_back(std::move(leaf));
}

}  // namespace mpic::test
