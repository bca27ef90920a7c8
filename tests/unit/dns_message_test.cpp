#include "common/rules/dns_message.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/dns_packet.hpp"

namespace mpic::rules {
namespace {

using namespace test;

Packet reply(unsigned type, unsigned rcode = 0) {
  Packet packet(rcode);
  packet.question("example.com", type);
  return packet;
}

DnsLookup read(const Packet& packet, RecordType type = RecordType::kA) {
  return read_reply(packet.octets(), "example.com", type);
}

const Octets kAddress = {192, 0, 2, 1};

}  // namespace

TEST_CASE("a reply is read into what it says", "[dns]") {
  SECTION("records, the lowest TTL, the end of the chain") {
    const DnsLookup seen =
        read(reply(kA).answer("example.com", kA, kAddress, 300).answer("example.com", kA, {192, 0, 2, 2}, 60));
    CHECK(seen.status == DnsStatus::kAnswered);
    CHECK(seen.rcode == kNoError);
    CHECK(seen.name == "example.com");
    CHECK(seen.type == RecordType::kA);
    CHECK(seen.records == std::vector<Bytes>{kAddress, {192, 0, 2, 2}});
    CHECK(seen.ttl == 60);
    CHECK(seen.end_of_chain == "example.com");
    CHECK(seen.chain.empty());
    CHECK_FALSE(seen.authenticated);
    CHECK_FALSE(seen.records_cut);
  }
  SECTION("NOERROR without data is an empty answer") {
    const DnsLookup seen = read(reply(kTxt), RecordType::kTxt);
    CHECK(seen.status == DnsStatus::kAnswered);
    CHECK(is_empty_answer(seen));
    CHECK_FALSE(problem_of(seen));
  }
  SECTION("the AD bit") { CHECK(read(reply(kA).flag(kAuthenticatedData)).authenticated); }
  SECTION("the case of names does not matter") {
    Packet packet;
    packet.question("eXaMpLe.CoM", kA).answer("EXAMPLE.com", kA, kAddress);
    CHECK(read_reply(packet.octets(), "Example.Com", RecordType::kA).records.size() == 1);
  }
  SECTION("compressed owner names") {
    CHECK(read(reply(kA).raw_answer(pointer_to(kQuestionName), kA, kAddress)).records.size() == 1);
  }
  SECTION("records of other types, names and classes are passed over") {
    const DnsLookup seen = read(reply(kA)
                                    .answer("other.example", kA, {192, 0, 2, 9})
                                    .answer("example.com", kTxt, txt_rdata({"x"}))
                                    .raw_answer(wire_name("example.com"), kA, {192, 0, 2, 8}, 300, 3)
                                    .answer("example.com", kA, kAddress));
    CHECK(seen.records == std::vector<Bytes>{kAddress});
  }
  SECTION("a TTL with the highest bit is 0 (RFC 2181 8)") {
    CHECK(read(reply(kA).answer("example.com", kA, kAddress, 0x80000000U)).ttl == 0);
  }
  SECTION("an error has no records, whatever is in the message") {
    const DnsLookup seen = read(reply(kA, kServfail).answer("example.com", kA, kAddress));
    CHECK(seen.status == DnsStatus::kAnswered);
    CHECK(seen.rcode == kServfail);
    CHECK(seen.records.empty());
  }
  SECTION("an error without its question is still an error") {
    CHECK(read(Packet(kRefused)).rcode == kRefused);
    CHECK(read(Packet()).status == DnsStatus::kMalformed);
    CHECK(read(Packet(kNxdomain)).status == DnsStatus::kMalformed);
  }
}

TEST_CASE("the CNAME chain is followed to its records", "[dns]") {
  SECTION("in order, with every TTL") {
    const DnsLookup seen = read(reply(kCaa)
                                    .cname("example.com", "A.Example.net", 50)
                                    .cname("a.example.net", "b.example.org", 40)
                                    .answer("b.example.org", kCaa, caa_rdata(0, "issue", "ca.example"), 300),
                                RecordType::kCaa);
    CHECK(seen.chain ==
          std::vector<CnameLink>{{"example.com", "a.example.net", 50}, {"a.example.net", "b.example.org", 40}});
    CHECK(seen.end_of_chain == "b.example.org");
    CHECK(seen.records.size() == 1);
    CHECK(seen.ttl == 40);
  }
  SECTION("in any order of the records") {
    const DnsLookup seen = read(reply(kA)
                                    .answer("b.example.org", kA, kAddress)
                                    .cname("a.example.net", "b.example.org")
                                    .cname("example.com", "a.example.net"));
    CHECK(seen.records == std::vector<Bytes>{kAddress});
  }
  SECTION("records beside the chain do not count") {
    const DnsLookup seen =
        read(reply(kA).cname("example.com", "a.example.net").answer("example.com", kA, {192, 0, 2, 9}));
    CHECK(seen.records.empty());
  }
  SECTION("a chain to a name that does not exist") {
    const DnsLookup seen = read(reply(kCaa, kNxdomain).cname("example.com", "gone.example.net"), RecordType::kCaa);
    CHECK(seen.rcode == kNxdomain);
    CHECK(seen.chain.size() == 1);
    CHECK(is_empty_answer(seen));
  }
  SECTION("the synthesized CNAME of a DNAME") {
    const DnsLookup seen = read(reply(kA)
                                    .answer("com", kDname, wire_name("net"))
                                    .cname("example.com", "example.net", 0)
                                    .answer("example.net", kA, kAddress));
    CHECK(seen.records.size() == 1);
    CHECK(seen.ttl == 0);
  }
  SECTION("as many links as are kept, and one more") {
    const auto chain_of = [](std::size_t links) {
      Packet packet = reply(kA);
      for (std::size_t i = 0; i < links; ++i) {
        packet.cname(i == 0 ? "example.com" : "n" + std::to_string(i) + ".example",
                     "n" + std::to_string(i + 1) + ".example");
      }
      return read(packet);
    };
    CHECK(chain_of(kMaxCnames).chain.size() == kMaxCnames);
    CHECK(chain_of(kMaxCnames + 1).status == DnsStatus::kMalformed);
  }
  SECTION("loops") {
    CHECK(read(reply(kA).cname("example.com", "example.com")).status == DnsStatus::kMalformed);
    CHECK(read(reply(kA).cname("example.com", "a.example").cname("a.example", "example.com")).status ==
          DnsStatus::kMalformed);
  }
  SECTION("two targets of one name (RFC 2181 10.1)") {
    CHECK(read(reply(kA).cname("example.com", "a.example").cname("example.com", "b.example")).status ==
          DnsStatus::kMalformed);
    CHECK(read(reply(kA).cname("example.com", "a.example").cname("example.com", "a.example")).chain.size() == 1);
  }
  SECTION("asked for CNAME itself, the record is the answer") {
    const DnsLookup seen = read(reply(kCname).raw_answer(pointer_to(kQuestionName), kCname, pointer_to(kQuestionName)),
                                RecordType::kCname);
    CHECK(seen.chain.empty());
    CHECK(seen.records == std::vector<Bytes>{wire_name("example.com")});  // decompressed
  }
}

TEST_CASE("EDNS adds to a reply (RFC 6891, RFC 8914)", "[dns]") {
  SECTION("the upper bits of the RCODE") { CHECK(read(reply(kA, 0).opt({}, 1)).rcode == 16); }
  SECTION("Extended DNS Errors") {
    Octets options = option(10, {1, 2, 3});
    for (const Octets& more : {extended_error(7, "expired"), extended_error(22, "")}) {
      options.insert(options.end(), more.begin(), more.end());
    }
    const DnsLookup seen = read(reply(kA, kServfail).opt(options));
    CHECK(seen.extended_errors == std::vector<ExtendedDnsError>{{7, "expired"}, {22, ""}});
  }
  SECTION("at most eight are kept") {
    Octets options;
    for (int i = 0; i < 20; ++i) {
      const Octets one = extended_error(6, "x");
      options.insert(options.end(), one.begin(), one.end());
    }
    CHECK(read(reply(kA).opt(options)).extended_errors.size() == 8);
  }
  SECTION("texts that are too long or no UTF-8 are made fit") {
    const auto text = [](const std::string& extra) {
      return read(reply(kA).opt(extended_error(0, extra))).extended_errors.at(0).text;
    };
    CHECK(text("caf\xC3\xA9") == "caf\xC3\xA9");
    CHECK(text("caf\xE9") == "caf\\xe9");
    CHECK(text(std::string("ends in zero\0", 13)) == "ends in zero");
    CHECK(text(std::string(5'000, 'a')).size() == 256);
  }
  SECTION("an option that reaches beyond its record") {
    CHECK(read(reply(kA).opt({0, 15, 0, 9, 0, 6})).status == DnsStatus::kMalformed);
    CHECK(read(reply(kA).opt({0, 15})).status == DnsStatus::kMalformed);
    CHECK(read(reply(kA).opt({0, 15, 0, 1, 0})).status == DnsStatus::kMalformed);
  }
  SECTION("two OPT records") { CHECK(read(reply(kA).opt({}).opt({})).status == DnsStatus::kMalformed); }
}

TEST_CASE("a truncated reply is told as such, whatever else it says", "[dns]") {
  CHECK(read(reply(kCaa).flag(kTruncation), RecordType::kCaa).status == DnsStatus::kTruncated);
  CHECK(read(reply(kCaa, kNxdomain).flag(kTruncation), RecordType::kCaa).status == DnsStatus::kTruncated);
  Octets cut = reply(kA).flag(kTruncation).answer("example.com", kA, kAddress).octets();
  cut.resize(cut.size() - 3);
  CHECK(read_reply(cut, "example.com", RecordType::kA).status == DnsStatus::kTruncated);
}

TEST_CASE("a message that cannot be believed is malformed and says nothing", "[dns][hostile]") {
  struct Row {
    const char* rule;
    Octets octets;
  };
  Octets self_pointer_name = pointer_to(kQuestionName);
  const auto cut_by = [](std::size_t octets) {
    Octets message = reply(kA).answer("example.com", kA, kAddress).octets();
    message.resize(message.size() - octets);
    return message;
  };
  const auto longer_by = [](std::size_t octets) {
    Octets message = reply(kA).answer("example.com", kA, kAddress).octets();
    message.resize(message.size() + octets);
    return message;
  };
  const Row rows[] = {
      {"empty", {}},
      {"half a header", Octets(11, 0x80)},
      {"a query", reply(kA).query().octets()},
      {"another operation", reply(kA).flag(0x2800).octets()},
      {"another name", Packet().question("example.org", kA).octets()},
      {"a longer name", Packet().question("www.example.com", kA).octets()},
      {"another type", reply(kAaaa).octets()},
      {"another class", Packet().question("example.com", kA, 3).octets()},
      {"two questions", Packet().question("example.com", kA).question("example.com", kA).octets()},
      {"a question that is promised, not there", Packet().count(0, 1).octets()},
      {"answers that are promised, not there", reply(kA).count(1, 1).octets()},
      {"sixty thousand answers that are promised", reply(kA).count(1, 60'000).octets()},
      {"an answer cut in its data", cut_by(1)},
      {"an answer cut in its header", cut_by(8)},
      {"octets after the end", longer_by(1)},
      {"a name that points to itself", Packet().raw_question(self_pointer_name, kA).octets()},
      {"a name that points forward", reply(kA).raw_answer(pointer_to(0x3FFF), kA, kAddress).octets()},
      {"an owner that points into its own middle", reply(kA).raw_answer({1, 'a', 0xC0, 29}, kA, kAddress).octets()},
      {"a CNAME that points to itself",
       reply(kA).raw_answer(pointer_to(kQuestionName), kCname, pointer_to(41)).octets()},
      {"a CNAME with octets after its name", reply(kA).answer("example.com", kCname, {1, 'a', 0, 0}).octets()},
      {"a CNAME without a name", reply(kA).answer("example.com", kCname, {}).octets()},
      {"a CNAME that is longer than its record", reply(kA).answer("example.com", kCname, {9, 'a'}).octets()},
      {"a label of a reserved kind", reply(kA).raw_answer({0x80, 'a', 0}, kA, kAddress).octets()},
      {"more than a DNS message can hold", Octets(70'000, 0x80)},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const DnsLookup seen = read_reply(row.octets, "example.com", RecordType::kA);
      CHECK(seen.status == DnsStatus::kMalformed);
      CHECK(seen.records.empty());
      CHECK(seen.chain.empty());
      CHECK(problem_of(seen)->code == ProblemCode::kDnsMalformed);
      CHECK_FALSE(is_empty_answer(seen));
    }
}

TEST_CASE("every shortened or altered reply is read without harm", "[dns][hostile]") {
  const Octets whole = reply(kCaa)
                           .cname("example.com", "a.example.net")
                           .answer("a.example.net", kCaa, caa_rdata(0, "issue", "ca.example"))
                           .opt(extended_error(6, "bogus"))
                           .octets();
  std::size_t answered = 0;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const Octets part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    answered += read_reply(part, "example.com", RecordType::kCaa).status == DnsStatus::kAnswered ? 1U : 0U;
  }
  CHECK(answered == 1);  // only the whole
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const unsigned value : {0U, 1U, 0x3FU, 0x80U, 0xC0U, 0xFFU}) {
      Octets altered = whole;
      altered[at] = static_cast<std::uint8_t>(value);
      const DnsLookup seen = read_reply(altered, "example.com", RecordType::kCaa);
      if (seen.status != DnsStatus::kAnswered && !seen.records.empty()) FAIL("records in a reply that was not read");
    }
  }
}

TEST_CASE("more records than are kept are cut with a mark", "[dns][hostile]") {
  const auto records_of = [](std::size_t number) {
    Packet packet = reply(kA);
    for (std::size_t i = 0; i < number; ++i) {
      packet.raw_answer(pointer_to(kQuestionName), kA, {192, 0, 2, static_cast<std::uint8_t>(i)});
    }
    return read(packet);
  };
  const DnsLookup full = records_of(kMaxRecords);
  CHECK(full.records.size() == kMaxRecords);
  CHECK_FALSE(full.records_cut);
  const DnsLookup over = records_of(kMaxRecords + 1);
  CHECK(over.records.size() == kMaxRecords);
  CHECK(over.records_cut);
  CHECK(records_of(4'000).records.size() == kMaxRecords);
}

TEST_CASE("a CAA record is flags, tag and value (RFC 8659 4.1)", "[dns]") {
  CHECK(read_caa(caa_rdata(128, "issue", "ca.example")) == CaaRecord{128, "issue", "ca.example"});
  CHECK(read_caa(caa_rdata(0, "issue", "")) == CaaRecord{0, "issue", ""});
  CHECK(read_caa(Octets{}).error().code == ProblemCode::kDnsMalformed);
  CHECK(read_caa(Octets{0}).error().code == ProblemCode::kDnsMalformed);
  CHECK(read_caa(caa_rdata(0, "", "x")).error().code == ProblemCode::kDnsMalformed);
  CHECK(read_caa(Octets{0, 200, 'i'}).error().code == ProblemCode::kDnsMalformed);
}

TEST_CASE("the strings of a TXT record are joined", "[dns]") {
  CHECK(read_txt(txt_rdata({"a", "b", "c"})) == "abc");
  CHECK(read_txt(txt_rdata({""})) == "");
  CHECK(read_txt(txt_rdata({std::string(255, 'x'), "y"})) == std::string(255, 'x') + "y");
  CHECK(read_txt(Octets{}).error().code == ProblemCode::kDnsMalformed);
  CHECK(read_txt(Octets{3, 'a'}).error().code == ProblemCode::kDnsMalformed);
}

TEST_CASE("a name as RDATA is one whole name, without case (RFC 4343)", "[dns]") {
  CHECK(read_name(wire_name("Www.Example.COM")).value() == "www.example.com");
  CHECK(read_name(Octets{3, 'a', '.', 'b', 2, 0, 0xFF, 0}).value() == "a\\.b.\\000\\255");
  CHECK(read_name(Octets{0}).value().empty());
  const DnsLookup seen =
      read(reply(kCname).answer("example.com", kCname, pointer_to(kQuestionName)), RecordType::kCname);
  REQUIRE(seen.records.size() == 1);
  CHECK(read_name(seen.records[0]).value() == "example.com");
  for (const Octets& bad : {Octets{}, Octets{3, 'w', 'w', 'w'}, Octets{3, 'w', 'w', 'w', 0, 0}, Octets{64, 'w'},
                            Octets{0xC0, 0}, Octets{1, 'a', 0xC0, 0}, Octets{0xC0, 2, 1, 'a', 0}}) {
    INFO(bad.size());
    const auto name = read_name(bad);
    REQUIRE_FALSE(name);
    CHECK(name.error().code == ProblemCode::kDnsMalformed);
  }
}

}  // namespace mpic::rules
