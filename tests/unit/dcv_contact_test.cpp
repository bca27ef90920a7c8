// Contacts in DNS (BR 3.2.2.4.13, .14, .16, .17; Appendix A).
#include "common/rules/dcv_contact.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/dns_methods.hpp"

namespace mpic::rules {
namespace {

using test::answered;
using test::caa_rdata;
using test::ending;
using test::judged;
using test::subject;

struct Text {
  const char* rule;
  std::string text;
};

}  // namespace

TEST_CASE("an e-mail address is the whole value (RFC 6532 3.2, BR Appendix A)", "[dcv][contact]") {
  const Text good[] = {
      {"the usual kind", "admin@example.com"},
      {"dots and a tag", "first.last+ca@mail.example.co.uk"},
      {"every mark of an atom", "!#$%&'*+-/=?^_`{|}~@example.com"},
      {"a quoted local part", "\"first last\"@example.com"},
      {"a quoted pair", "\"a\\\"b\\\\c\"@example.com"},
      {"an at sign in quotes", "\"a@b\"@example.com"},
      {"an empty quoted local part", "\"\"@example.com"},
      {"UTF-8 in both parts", "p\xC3\xA9rez@ex\xC3\xA4mple.com"},
      {"UTF-8 in quotes", "\"p\xC3\xA9 rez\"@example.com"},
      {"one label of domain", "root@localhost"},
      {"320 octets", std::string(64, 'a') + '@' + std::string(255, 'b')},
  };
  for (const Text& row : good) DYNAMIC_SECTION("an address: " << row.rule) {
      CHECK(is_email_address(row.text));
      CHECK(mailbox_of(row.text).size() == row.text.size());
    }
  const Text bad[] = {
      {"nothing", ""},
      {"no at sign", "admin.example.com"},
      {"no local part", "@example.com"},
      {"no domain", "admin@"},
      {"two at signs", "a@b@example.com"},
      {"a dot in front", ".a@example.com"},
      {"a dot at the end of the local part", "a.@example.com"},
      {"two dots", "a..b@example.com"},
      {"a dot at the end of the domain", "a@example.com."},
      {"a blank in front", " admin@example.com"},
      {"a blank at the end", "admin@example.com "},
      {"a newline at the end", "admin@example.com\n"},
      {"a zero octet", std::string("admin@example.com\0", 18)},
      {"quotes around the whole", "\"admin@example.com\""},
      {"angle brackets", "<admin@example.com>"},
      {"a display name", "Admin <admin@example.com>"},
      {"a URI", "mailto:admin@example.com"},
      {"a comment", "admin(me)@example.com"},
      {"a list", "a@example.com,b@example.com"},
      {"a list by semicolons", "a@example.com; b@example.com"},
      {"an address literal", "admin@[192.0.2.1]"},
      {"quotes that do not end", "\"admin@example.com"},
      {"a quoted pair that does not end", "\"admin\\"},
      {"quotes and then more", "\"a\"b@example.com"},
      {"folding", "\"a\r\n b\"@example.com"},
      {"octets that are not UTF-8", "caf\xE9@example.com"},
      {"321 octets", std::string(65, 'a') + '@' + std::string(255, 'b')},
  };
  for (const Text& row : bad) DYNAMIC_SECTION("no address: " << row.rule) {
      CHECK_FALSE(is_email_address(row.text));
      CHECK(mailbox_of(row.text).empty());
    }
}

TEST_CASE("a mailbox is its local part with its case, its domain without (ours)", "[dcv][contact]") {
  CHECK(mailbox_of("Admin@EXAMPLE.com") == "Admin@example.com");
  CHECK(mailbox_of("\"A b\"@Example.COM") == "\"A b\"@example.com");
  CHECK(mailbox_of("\"admin\"@example.com") != mailbox_of("admin@example.com"));
  CHECK(mailbox_of("a@ex\xC3\x84mple.com") !=
        mailbox_of("a@ex\xC3\xA4mple.com"));  // only ASCII letters have a case here
}

TEST_CASE("a phone number is a global number (RFC 3966 5.1.4, BR Appendix A)", "[dcv][contact]") {
  struct Number {
    const char* rule;
    std::string text;
    std::string digits;
  };
  const Number good[] = {
      {"digits alone", "+15555550100", "+15555550100"},
      {"hyphens", "+1-555-555-0100", "+15555550100"},
      {"every visual separator", "+1.(555)-555.0100", "+15555550100"},
      {"spaces inside", "+1 555 555 0100", "+15555550100"},
      {"a separator at once, and at the end", "+(1)555(5550100)", "+15555550100"},
      {"the fewest digits", "+1234", "+1234"},
      {"the most digits", "+123456789012345", "+123456789012345"},
      {"64 octets", "+1" + std::string(58, '-') + "5550", "+15550"},
  };
  for (const Number& row : good) DYNAMIC_SECTION("a number: " << row.rule) {
      CHECK(is_global_number(row.text));
      CHECK(digits_of(row.text) == row.digits);
    }
  const Text bad[] = {
      {"nothing", ""},
      {"only a plus sign", "+"},
      {"no plus sign", "15555550100"},
      {"a local number", "555-0100"},
      {"a country code of zero", "+0555550100"},
      {"a zero after a separator", "+(0)555550100"},
      {"three digits", "+123"},
      {"sixteen digits", "+1234567890123456"},
      {"65 octets", "+1" + std::string(59, '-') + "5550"},
      {"a blank in front", " +15555550100"},
      {"a blank after the plus sign", "+ 15555550100"},
      {"a blank at the end", "+15555550100 "},
      {"a tab", "+1\t5555550100"},
      {"two plus signs", "++15555550100"},
      {"a plus sign inside", "+1+5555550100"},
      {"a URI", "tel:+15555550100"},
      {"an extension", "+15555550100;ext=5"},
      {"letters", "+1555FLOWERS"},
      {"digits of another script", "+1\xD9\xA1\xD9\xA2\xD9\xA3\xD9\xA4"},
      {"a list", "+15555550100,+15555550101"},
      {"quotes", "\"+15555550100\""},
      {"a zero octet", std::string("+15555550100\0", 13)},
  };
  for (const Text& row : bad) DYNAMIC_SECTION("no number: " << row.rule) {
      CHECK_FALSE(is_global_number(row.text));
    }
}

TEST_CASE("a contact in TXT is a whole record (BR 3.2.2.4.14, .16)", "[dcv][contact]") {
  struct Row {
    const char* rule;
    std::vector<std::string> records;
    const char* email;
    const char* phone;
  };
  const Row rows[] = {
      {"the contact", {"admin@example.com", "+1-555-555-0100"}, "corroborates", "corroborates"},
      {"the same contact, written otherwise",
       {"admin@EXAMPLE.COM", "+1 (555) 555.0100"},
       "corroborates",
       "corroborates"},
      {"another local part by its case",
       {"Admin@example.com", "+15555550101"},
       "CHALLENGE_MISMATCH",
       "CHALLENGE_MISMATCH"},
      {"with padding", {" admin@example.com", "+15555550100 "}, "CHALLENGE_MISMATCH", "CHALLENGE_MISMATCH"},
      {"in quotes", {"\"admin@example.com\"", "\"+15555550100\""}, "CHALLENGE_MISMATCH", "CHALLENGE_MISMATCH"},
      {"with structure", {"mailto:admin@example.com", "tel:+15555550100"}, "CHALLENGE_MISMATCH", "CHALLENGE_MISMATCH"},
      {"two in one record",
       {"admin@example.com,b@example.com", "+15555550100,+15555550101"},
       "CHALLENGE_MISMATCH",
       "CHALLENGE_MISMATCH"},
      {"nothing", {}, "DNS_NO_RECORD", "DNS_NO_RECORD"},
  };
  const DcvQuestion email{ContactLookup{DcvMethod::kContactEmailTxt, "admin@example.com"}};
  const DcvQuestion phone{ContactLookup{DcvMethod::kContactPhoneTxt, "+1 (555) 555-0100"}};
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const auto by_email =
          judged(subject("example.com"), email, {test::txt_at("_validation-contactemail.example.com", row.records)});
      const auto by_phone =
          judged(subject("example.com"), phone, {test::txt_at("_validation-contactphone.example.com", row.records)});
      CHECK(ending(by_email) == row.email);
      CHECK(ending(by_phone) == row.phone);
      CHECK(by_email.key == (by_email.problem ? "" : "admin@example.com"));
      CHECK(by_phone.key == (by_phone.problem ? "" : "+15555550100"));
    }
}

TEST_CASE("a contact in CAA is in the first set of the climb (BR 3.2.2.4.13, .17; RFC 8659 3)", "[dcv][contact]") {
  const auto set = [](const char* name, std::vector<Bytes> records) {
    return answered(name, RecordType::kCaa, std::move(records));
  };
  const auto none = [&](const char* name) { return set(name, {}); };
  const auto nx = [](const char* name) { return test::refused_with(kNxdomain, name, RecordType::kCaa); };
  const auto fails = [](const char* name) { return test::refused_with(kServfail, name, RecordType::kCaa); };
  const Bytes email = caa_rdata(0, "contactemail", "admin@example.com");
  const Bytes phone = caa_rdata(0, "contactphone", "+1.5555550100");
  const Bytes other = caa_rdata(0, "contactemail", "other@example.com");
  const Bytes issue = caa_rdata(0, "issue", "ca.example");
  DnsLookup cut = set("www.example.com", {email, phone});
  cut.records_cut = true;
  struct Row {
    const char* rule;
    std::vector<DnsLookup> seen;
    const char* email;
    const char* phone;
  };
  const Row rows[] = {
      {"at the name",
       {set("www.example.com", {issue, email, phone}), none("example.com"), none("com")},
       "corroborates",
       "corroborates"},
      {"at a parent",
       {none("www.example.com"), set("example.com", {email, phone}), none("com")},
       "corroborates",
       "corroborates"},
      {"at a parent of a name that does not exist",
       {nx("www.example.com"), set("example.com", {email, phone}), none("com")},
       "corroborates",
       "corroborates"},
      {"a set without a contact hides the parent's",
       {set("www.example.com", {issue}), set("example.com", {email, phone}), none("com")},
       "DNS_NO_RECORD",
       "DNS_NO_RECORD"},
      {"a contact of one kind is none of the other",
       {set("www.example.com", {email}), none("example.com"), none("com")},
       "corroborates",
       "DNS_NO_RECORD"},
      {"the tag in another case",
       {set("www.example.com",
            {caa_rdata(0, "ContactEmail", "admin@Example.com"), caa_rdata(128, "CONTACTPHONE", "+15555550100")}),
        none("example.com"), none("com")},
       "corroborates",
       "corroborates"},
      {"several contacts, one of them",
       {set("www.example.com", {other, email, phone}), none("example.com"), none("com")},
       "corroborates",
       "corroborates"},
      {"another contact",
       {set("www.example.com", {other, caa_rdata(0, "contactphone", "+15555550199")}), none("example.com"),
        none("com")},
       "CHALLENGE_MISMATCH",
       "CHALLENGE_MISMATCH"},
      {"a contact with padding",
       {set("www.example.com",
            {caa_rdata(0, "contactemail", "admin@example.com "), caa_rdata(0, "contactphone", " +15555550100")}),
        none("example.com"), none("com")},
       "CHALLENGE_MISMATCH",
       "CHALLENGE_MISMATCH"},
      {"a contact in another property",
       {set("www.example.com", {caa_rdata(0, "iodef", "admin@example.com")}), none("example.com"), none("com")},
       "DNS_NO_RECORD",
       "DNS_NO_RECORD"},
      {"a property that cannot be read beside it",
       {set("www.example.com", {Bytes{0, 50, 'c'}, email, phone}), none("example.com"), none("com")},
       "corroborates",
       "corroborates"},
      {"only a property that cannot be read",
       {set("www.example.com", {Bytes{0, 50, 'c'}}), none("example.com"), none("com")},
       "DNS_MALFORMED",
       "DNS_MALFORMED"},
      {"none anywhere", {none("www.example.com"), none("example.com"), none("com")}, "DNS_NO_RECORD", "DNS_NO_RECORD"},
      {"an error before the set",
       {fails("www.example.com"), set("example.com", {email, phone}), none("com")},
       "DNS_SERVFAIL",
       "DNS_SERVFAIL"},
      {"an error above the set does not matter",
       {set("www.example.com", {email, phone}), fails("example.com"), fails("com")},
       "corroborates",
       "corroborates"},
      {"a set that was cut", {cut, none("example.com"), none("com")}, "DNS_TOO_MANY_RECORDS", "DNS_TOO_MANY_RECORDS"},
      {"ours: a top-level domain that does not exist",
       {nx("www.example.com"), nx("example.com"), nx("com")},
       "DNS_NXDOMAIN",
       "DNS_NXDOMAIN"},
      {"a climb that ends too early", {set("www.example.com", {email, phone})}, "EVIDENCE_INVALID", "EVIDENCE_INVALID"},
      {"a climb in another order",
       {none("example.com"), set("www.example.com", {email, phone}), none("com")},
       "EVIDENCE_INVALID",
       "EVIDENCE_INVALID"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const auto by = [&](DcvMethod method, const char* contact) {
        return judged(subject("*.www.example.com"), {ContactLookup{method, contact}}, row.seen);
      };
      const auto by_email = by(DcvMethod::kContactEmailCaa, "admin@EXAMPLE.com");
      const auto by_phone = by(DcvMethod::kContactPhoneCaa, "+1 555 555 0100");
      CHECK(ending(by_email) == row.email);
      CHECK(ending(by_phone) == row.phone);
      CHECK(by_email.key == (by_email.problem ? "" : "admin@example.com"));
      CHECK(by_phone.key == (by_phone.problem ? "" : "+15555550100"));
      if (ending(by_email) == "DNS_NXDOMAIN") CHECK(by_email.outcome == Outcome::kCouldNotLook);
    }
}

}  // namespace mpic::rules
