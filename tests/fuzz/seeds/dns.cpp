#include "tests/fuzz/seeds/seeds.hpp"
#include "tests/support/dns_packet.hpp"

namespace mpic::fuzz {
namespace {

using namespace test;

constexpr const char* kName = "www.example.com";
// As dns_message_fuzz.cpp numbers them.
enum : char { kAskA = 0, kAskAaaa, kAskCaa, kAskTxt, kAskPtr, kAskCname };

Packet reply(unsigned type, unsigned rcode = 0) {
  Packet packet(rcode);
  packet.question(kName, type);
  return packet;
}

std::string text(const Octets& octets) { return {octets.begin(), octets.end()}; }

void add(Seeds& out, const char* name, char asked, const Octets& message) {
  out.push_back({"dns_message", name, std::string(1, asked) + text(message)});
}

Octets joined(std::initializer_list<Octets> parts) {
  Octets out;
  for (const Octets& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

Octets cut(Octets octets, std::size_t by) {
  octets.resize(octets.size() - by);
  return octets;
}

void add_answers(Seeds& out) {
  const Octets v4 = {192, 0, 2, 1};
  const Octets v6 = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  add(out, "a", kAskA,
      reply(kA).raw_answer(pointer_to(kQuestionName), kA, v4).flag(kAuthenticatedData).opt({}).octets());
  add(out, "aaaa", kAskAaaa, reply(kAaaa).answer(kName, kAaaa, v6, 0x80000001U).octets());
  add(out, "caa", kAskCaa,
      reply(kCaa)
          .answer(kName, kCaa, caa_rdata(0, "issue", "ca.example; validationmethods=http-01"))
          .answer(kName, kCaa, caa_rdata(128, "issuewild", ";"))
          .octets());
  add(out, "caa-odd-octets", kAskCaa,
      reply(kCaa)
          .answer(kName, kCaa, caa_rdata(255, std::string_view("is\0sue", 6), "\xff\x80\x00"))
          .answer(kName, kCaa, {0, 0})
          .answer(kName, kCaa, {0, 200, 'x'})
          .answer(kName, kCaa, {})
          .octets());
  add(out, "txt-odd-octets", kAskTxt,
      reply(kTxt)
          .answer(kName, kTxt, txt_rdata({std::string_view("\0\xff\\\"", 4), "", "plain"}))
          .answer(kName, kTxt, {9, 'x'})
          .octets());
  add(out, "ptr", kAskPtr, reply(kPtr).raw_answer(pointer_to(kQuestionName), kPtr, pointer_to(kQuestionName)).octets());
  add(out, "cname-asked", kAskCname, reply(kCname).cname(kName, "Target.Example.NET").octets());
  add(out, "empty", kAskCaa, reply(kCaa).octets());
  add(out, "nxdomain", kAskCaa, reply(kCaa, 3).octets());
  add(out, "refused-without-question", kAskA, Packet(5).octets());
  add(out, "servfail-bogus", kAskCaa,
      reply(kCaa, 2)
          .opt(joined({extended_error(7, "signature expired"), option(10, {1, 2, 3, 4, 5, 6, 7, 8})}))
          .octets());
  add(out, "ede-not-utf8", kAskA, reply(kA, 2).opt(extended_error(0, std::string_view("caf\xe9\0", 5)), 1).octets());
}

void add_chains(Seeds& out) {
  add(out, "cname-chain", kAskCaa,
      reply(kCaa)
          .cname(kName, "a.example.net", 50)
          .cname("a.example.net", "b.example.org", 40)
          .answer("b.example.org", kCaa, caa_rdata(0, "issue", "ca.example"))
          .octets());
  add(out, "cname-to-itself", kAskA, reply(kA).cname(kName, kName).octets());
  add(out, "cname-loop", kAskA, reply(kA).cname(kName, "a.example").cname("a.example", kName).octets());
  add(out, "cname-two-targets", kAskA, reply(kA).cname(kName, "a.example").cname(kName, "b.example").octets());
  Packet seventeen = reply(kA);
  for (int i = 0; i < 17; ++i) {
    seventeen.cname(i == 0 ? kName : "n" + std::to_string(i) + ".example", "n" + std::to_string(i + 1) + ".example");
  }
  add(out, "cname-seventeen", kAskA, seventeen.octets());
  add(out, "dname", kAskA,
      reply(kA).answer("com", kDname, wire_name("net")).cname(kName, "www.example.net", 0).octets());
}

void add_hostile(Seeds& out) {
  Packet many = reply(kCaa);
  for (int i = 0; i < 1030; ++i) many.raw_answer(pointer_to(kQuestionName), kCaa, caa_rdata(0, "issue", ";"));
  add(out, "thousand-records", kAskCaa, many.octets());
  add(out, "truncated", kAskCaa, reply(kCaa).flag(kTruncation).octets());
  const Octets whole = reply(kA).answer(kName, kA, {192, 0, 2, 1}).octets();
  add(out, "cut-in-record", kAskA, cut(whole, 3));
  add(out, "cut-in-header", kAskA, cut(whole, whole.size() - 7));
  add(out, "counts-lie", kAskA, reply(kA).answer(kName, kA, {192, 0, 2, 1}).count(1, 65535).octets());
  add(out, "pointer-to-itself", kAskA, Packet().raw_question(pointer_to(kQuestionName), kA).octets());
  add(out, "pointer-forward", kAskA, reply(kA).raw_answer(pointer_to(0x3fff), kA, {192, 0, 2, 1}).octets());
  add(out, "pointer-loop", kAskCname,
      reply(kCname).raw_answer(pointer_to(kQuestionName), kCname, pointer_to(45)).octets());
  add(out, "name-with-dots-inside", kAskCname,
      reply(kCname).answer(kName, kCname, {3, 'a', '.', 'b', 2, '\\', 0, 1, 0xff, 0}).octets());
  add(out, "two-opt", kAskA, reply(kA).opt({}).opt({}).octets());
  add(out, "option-too-long", kAskA, reply(kA).opt({0, 15, 0, 9, 0, 6}).octets());
  add(out, "a-query", kAskA, reply(kA).query().octets());
  add(out, "another-question", kAskA, Packet().question("evil.example", kA).octets());
}

struct Property {
  unsigned flags;
  std::string_view tag;
  std::string_view value;
};

std::string piece(std::string_view text) { return static_cast<char>(text.size()) + std::string(text); }

void add_set(Seeds& out, const char* name, char flags, std::string_view method, std::string_view account,
             std::initializer_list<Property> set) {
  std::string octets = flags + piece(method) + piece(account);
  for (const Property& property : set) {
    octets += static_cast<char>(property.flags) + piece(property.tag) + piece(property.value);
  }
  out.push_back({"caa", name, octets});
}

void add_sets(Seeds& out) {
  constexpr char kPlain = 0, kWildcard = 1, kSmime = 2;
  constexpr std::string_view kAccount = "https://ca.example/acct/1";
  add_set(out, "ours", kPlain, "", "", {{0, "issue", "ca.example"}});
  add_set(out, "another", kPlain, "", "", {{0, "issue", "other.example"}, {0, "iodef", "mailto:security@example.com"}});
  add_set(out, "nobody", kPlain, "", "", {{0, "issue", ";"}});
  add_set(out, "wild-replaces", kWildcard, "", "", {{0, "issue", "ca.example"}, {0, "issuewild", ";"}});
  add_set(out, "wild-falls-back", kWildcard, "", "", {{0, "issue", "ca.example"}});
  add_set(out, "mail", kSmime, "", "", {{0, "issuemail", "ca.test"}, {0, "issue", ";"}});
  add_set(out, "critical", kPlain, "", "", {{128, "tbs", "unknown"}, {0, "issue", "ca.example"}});
  add_set(out, "classic-mistake", kPlain, "", "", {{1, "tbs", "unknown"}});
  add_set(out, "method", kPlain, "http-01", "", {{0, "issue", "ca.example; validationmethods=ca-tbr-19,dns-01"}});
  add_set(out, "method-invalid-end", kPlain, "http-01", "", {{0, "issue", "ca.example; validationmethods=http-01,"}});
  add_set(out, "account", kPlain, "", kAccount, {{0, "ISSUE", "CA.example; accounturi=https://ca.example/acct/1"}});
  add_set(out, "account-twice", kPlain, "", kAccount,
          {{0, "issue", "ca.example; accounturi=https://ca.example/acct/1; accounturi=https://ca.example/acct/1"}});
  add_set(
      out, "odd-octets", kPlain, "", "",
      {{0x7e, std::string_view("\0\xff", 2), std::string_view("\x1b[31m\0\"\\", 8)}, {0, "issue", "caf\xe9.example"}});
}

}  // namespace

void add_dns(Seeds& out) {
  add_answers(out);
  add_chains(out);
  add_hostile(out);
  add_sets(out);
}

}  // namespace mpic::fuzz
