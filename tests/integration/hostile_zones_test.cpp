// A validating Unbound between the agent and an authoritative server that means harm: what a perspective really stands
// behind. Unbound decides much of it; what is ours is that each lookup ends within its time with a problem of the
// target's.
#include "tests/integration/target.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;

namespace {

constexpr auto kBudget = 2s;
constexpr auto kMargin = 250ms;

// A server for hostile.test: what Unbound asks besides the name itself, when it minimises names, exists and is empty.
class Zone {
 public:
  explicit Zone(NameServer::Answer answer)
      : server_(std::move(answer), system_under_test().hostile.address, system_under_test().hostile.port) {}
  [[nodiscard]] int queries() const { return server_.queries(); }

 private:
  NameServer server_;
};

Packet authoritative(const DnsQuery& query) { return query.reply().flag(kAuthoritative); }

Looked look(const std::string& name, bool caa) {
  Target target(system_under_test().resolver, kNoPort);
  target.budget = kBudget;
  return caa ? target.look_caa(name) : target.look_http(name);
}

}  // namespace

TEST_CASE("a zone that means harm, behind Unbound", "[dns][hostile][unbound]") {
  struct Row {
    const char* label;  // of the name: each its own, as Unbound remembers
    const char* what;
    NameServer::Answer answer;
  };
  const Row rows[] = {
      {"short-a", "an address of three octets",
       [](const DnsQuery& q) {
         return q.finish(authoritative(q).raw_answer(pointer_to(kQuestionName), q.type, {127, 0, 0}));
       }},
      {"no-tag", "CAA without a tag",
       [](const DnsQuery& q) { return q.finish(authoritative(q).raw_answer(pointer_to(kQuestionName), kCaa, {0})); }},
      {"no-rdata", "records of no octets",
       [](const DnsQuery& q) { return q.finish(authoritative(q).raw_answer(pointer_to(kQuestionName), q.type, {})); }},
      {"long-chain", "a chain of CNAMEs without end",
       [](const DnsQuery& q) {
         return q.finish(authoritative(q).cname(q.name, "x" + q.name.substr(0, 40) + ".hostile.test"));
       }},
      {"self", "a CNAME to itself", [](const DnsQuery& q) { return q.finish(authoritative(q).cname(q.name, q.name)); }},
      {"counts", "counts that do not fit",
       [](const DnsQuery& q) { return q.finish(authoritative(q).count(1, 4'000)); }},
      {"garbage", "octets that are no message",
       [](const DnsQuery& q) {
         Bytes octets(500, 0xC0);
         std::copy(q.octets.begin(), q.octets.begin() + 2, octets.begin());
         return octets;
       }},
      {"other-id", "another id",
       [](const DnsQuery& q) {
         Bytes octets = q.finish(authoritative(q));
         octets[0] ^= 1;
         return octets;
       }},
      {"truncated", "truncated, over TCP too", [](const DnsQuery& q) { return q.truncated(); }},
      {"referral", "a referral to fifty servers that do not exist",
       [](const DnsQuery& q) {
         Packet reply = q.reply();
         for (int i = 0; i < 50; ++i) reply.authority(q.name, kNs, wire_name("ns" + std::to_string(i) + "." + q.name));
         return q.finish(reply);
       }},
      {"refused", "REFUSED", [](const DnsQuery& q) { return q.finish(q.reply(5)); }},
      {"formerr", "FORMERR", [](const DnsQuery& q) { return q.finish(q.reply(1)); }},
  };
  for (const Row& row : rows) {
    for (const bool caa : {true, false}) DYNAMIC_SECTION(row.what << (caa ? ", CAA" : ", http-01")) {
        Zone zone([&row](const DnsQuery& query) { return std::optional(row.answer(query)); });
        const Looked looked = look(std::string(row.label) + (caa ? "-c" : "-h") + ".hostile.test", caa);
        const rules::Judgement& judgement = caa ? *looked.caa : *looked.dcv;
        REQUIRE(judgement.problem);
        INFO(to_string(judgement.problem->code) << ": " << judgement.problem->detail);
        CHECK((judgement.outcome == Outcome::kCouldNotLook || judgement.outcome == Outcome::kContradicts));
        CHECK(looked.took < kBudget + kMargin);
        CHECK(zone.queries() > 0);
        CHECK(zone.queries() < 200);  // nor is Unbound made to ask without end
      }
  }
}

TEST_CASE("a thousand CAA records pass through Unbound whole", "[dns][hostile][unbound]") {
  Zone zone([](const DnsQuery& query) -> std::optional<Bytes> {
    Packet reply = authoritative(query);
    if (query.type != kCaa || query.name != "thousand.hostile.test") return query.finish(reply);
    if (!query.tcp) return query.truncated();
    for (int i = 0; i < 1'000; ++i) {
      reply.raw_answer(pointer_to(kQuestionName), kCaa, caa_rdata(0, "issue", "ca-" + std::to_string(i) + ".example"));
    }
    return query.finish(reply);
  });
  const Looked looked = look("thousand.hostile.test", true);
  REQUIRE(looked.caa->problem);
  CHECK(looked.caa->problem->code == ProblemCode::kCaaForbids);
  CHECK(looked.seen.caa->lookups[0].records.size() == 1'000);
}

TEST_CASE("what a zone says of other zones is not believed", "[dns][hostile][unbound]") {
  Zone zone([](const DnsQuery& query) -> std::optional<Bytes> {
    Packet reply = authoritative(query);
    reply.answer("poison.plain.test", kA, address_octets("127.0.0.1"));
    reply.authority("plain.test", kNs, wire_name("ns.hostile.test"));
    return query.finish(reply);
  });
  CHECK(look("poisoner.hostile.test", false).dcv->outcome != Outcome::kCorroborates);
  const Looked after = look("poison.plain.test", false);
  CHECK(after.dcv->problem->code == ProblemCode::kDnsNxdomain);
}
