// `mpic audit reconcile`: which records an issuance rests on.
#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "cli/audit/reconcile.hpp"
#include "cli/batch/csv.hpp"
#include "common/wire/convert.hpp"
#include "tests/support/cli_run.hpp"
#include "tests/support/log_on_disk.hpp"

using namespace mpic;
using namespace mpic::cli;

namespace {

using namespace std::chrono_literals;

const TimePoint kIssued = TimePoint(std::chrono::sys_days(2026y / 11 / 25)) + 12h;

// A record as a word: "acme-dns-01:a.b.example>b.example" is DCV of the first name by way of the second;
// "caa:b.example" is CAA. What follows: "-3d" or "-2h" when it was decided, from the issuance; "bad" not corroborated,
// "half" corroborated and no basis, "lab" would be, "smime", "until-1h" until when it is usable, and "label=http-01"
// what CAA was asked for.
coordinator::LoggedLeaf leaf_of(const std::string& told, std::uint64_t index) {
  std::istringstream in(told);
  std::string subject;
  in >> subject;
  const std::string method = subject.substr(0, subject.find(':'));
  const std::string names = subject.substr(method.size() + 1);
  const std::string name = names.substr(0, names.find('>'));
  const std::string bare = name.starts_with("*.") ? name.substr(2) : name;
  const std::string adn = name == names ? bare : names.substr(name.size() + 1);
  v1::RecordBody body;
  body.set_record_id(fmt::format("r{}", index));
  body.mutable_request()->set_identifier(name);
  v1::Decision& decision = *body.mutable_decision();
  v1::CheckResult& check = *decision.add_checks();
  check.set_kind(method == "caa" ? v1::CHECK_KIND_CAA : v1::CHECK_KIND_DCV);
  if (method != "caa") {
    check.mutable_dcv()->set_method(static_cast<v1::DcvMethod>(methods_from(method).at(0)));
    check.mutable_dcv()->set_authorization_domain(adn);
  }
  check.set_verdict(v1::VERDICT_CORROBORATED);
  decision.set_basis_for_issuance(true);
  TimePoint decided = kIssued - 1h;
  std::optional<TimePoint> until;
  const auto moment_at = [](std::string text) {
    const char unit = text.back();
    text.pop_back();
    return kIssued +
           std::stoi(text) * (unit == 'd'   ? 24h
                              : unit == 'h' ? 1h
                                            : 0h) +
           (unit == 's' ? std::stoi(text) * 1s : 0s);
  };
  for (std::string word; in >> word;) {
    if (word == "bad") check.set_verdict(v1::VERDICT_NOT_CORROBORATED), decision.set_basis_for_issuance(false);
    if (word == "half") decision.set_basis_for_issuance(false);
    if (word == "smime") body.mutable_request()->set_certificate_type(v1::CERTIFICATE_TYPE_SMIME);
    if (word == "lab") {
      check.set_verdict(v1::VERDICT_NOT_DETERMINED), check.set_would_be(v1::VERDICT_CORROBORATED);
      decision.set_basis_for_issuance(false);
    }
    if (word.starts_with("label=")) body.mutable_request()->mutable_caa()->set_validation_method(word.substr(6));
    if (word[0] == '-' || word[0] == '+') decided = moment_at(word);
    if (word.starts_with("until")) until = moment_at(word.substr(5));
  }
  *body.mutable_decided() = wire::encode(decided);
  const auto usable = until.value_or(decided + (method == "caa" ? 8h : 200 * 24h));
  if (check.verdict() == v1::VERDICT_CORROBORATED) *check.mutable_usable_until() = wire::encode(usable);
  coordinator::LoggedLeaf out;
  out.index = index;
  out.kind = evidence::LeafKind::kRecord;
  out.body = body.SerializeAsString();
  return out;
}

// "found r0 r1": the result, and the records of control and CAA.
std::string reconciled(const std::string& name, const std::vector<std::string>& records,
                       const std::string& method = "") {
  IssuedCertificate certificate;
  certificate.issued = kIssued;
  certificate.names.push_back(certified_name(name));
  certificate.methods = methods_from(method);
  if (is_mailbox(name)) certificate.type = CertificateType::kSmime;
  ReconcileIndex index(std::span(&certificate, 1));
  for (std::size_t i = 0; i < records.size(); ++i) index.add(leaf_of(records[i], i));
  index.finish();
  const auto found = reconcile(index, certificate, certificate.names[0], kIssued);
  std::string out = report_line(index, certificate, certificate.names[0], found).front().second;
  for (const Finding* finding : {&found.control, &found.caa}) {
    out += " " + (finding->check == nullptr ? "-" : finding->check->record_id);
  }
  return out;
}

}  // namespace

TEST_CASE("an issuance rests on the newest records that may carry it (BR 4.2.1, 4.2.2.1)", "[cli][audit]") {
  struct Row {
    const char* rule;
    const char* name;
    std::vector<std::string> records;
    const char* found;
    const char* method = "";
  };
  const std::string caa = "caa:a.b.example";
  const Row rows[] = {
      {"DCV and CAA may come from two records", "a.b.example", {"acme-dns-01:a.b.example", caa}, "found r0 r1"},
      {"the newest of several",
       "a.b.example",
       {"acme-dns-01:a.b.example -3d", "acme-dns-01:a.b.example -1d", caa + " -5h", caa + " -3h"},
       "found r1 r3"},
      {"whatever the order of the log",
       "a.b.example",
       {caa + " -3h", "acme-dns-01:a.b.example -1d", caa + " -5h", "acme-dns-01:a.b.example -3d"},
       "found r1 r0"},
      {"a refusal since then does not take the older one away",
       "a.b.example",
       {"acme-dns-01:a.b.example -3d", "acme-dns-01:a.b.example -1d bad", caa},
       "found r0 r2"},
      {"none at all", "a.b.example", {}, "no_record - -"},
      {"of other names only", "a.b.example", {"acme-dns-01:c.b.example", "caa:c.b.example"}, "no_record - -"},
      {"of after the issuance", "a.b.example", {"acme-dns-01:a.b.example +31s", caa}, "no_record - r1"},
      {"clocks differ by 30 s", "a.b.example", {"acme-dns-01:a.b.example +30s", caa + " +30s"}, "found r0 r1"},
      {"200 days from 2026-03-15 on", "a.b.example", {"acme-dns-01:a.b.example -200d", caa}, "found r0 r1"},
      {"and no day more", "a.b.example", {"acme-dns-01:a.b.example -201d", caa}, "too_old r0 r1"},
      {"whatever the record says of itself",
       "a.b.example",
       {"acme-dns-01:a.b.example -201d until+9d", caa},
       "too_old r0 r1"},
      {"the record's own end, when that is earlier",
       "a.b.example",
       {"acme-dns-01:a.b.example -3d until-1h", caa},
       "too_old r0 r1"},
      {"dns-persistent 10 days (BR 3.2.2.4.22)",
       "a.b.example",
       {"dns-persistent:a.b.example -11d", caa},
       "too_old r0 r1"},
      {"not corroborated", "a.b.example", {"acme-dns-01:a.b.example bad", caa}, "not_corroborated r0 r1"},
      {"half a validation is no basis",
       "a.b.example",
       {"contact-email-txt:a.b.example half", caa},
       "not_a_basis r0 r1"},
      {"nor is a laboratory's", "a.b.example", {"acme-dns-01:a.b.example lab", caa}, "not_a_basis r0 r1"},
      {"of what does not do the nearest is told",
       "a.b.example",
       {"acme-dns-01:a.b.example -300d", "acme-dns-01:a.b.example bad", "acme-dns-01:a.b.example half", caa},
       "too_old r0 r3"},
      {"CAA is missing", "a.b.example", {"acme-dns-01:a.b.example"}, "caa_no_record r0 -"},
      {"CAA is too old", "a.b.example", {"acme-dns-01:a.b.example", caa + " -9h"}, "caa_too_old r0 r1"},
      {"CAA forbade it", "a.b.example", {"acme-dns-01:a.b.example", caa + " bad"}, "caa_not_corroborated r0 r1"},
      {"CAA of the parent is none of the name",
       "a.b.example",
       {"acme-dns-01:a.b.example>b.example", "caa:b.example"},
       "caa_no_record r0 -"},
      {"an address needs no CAA", "192.0.2.1", {"acme-http-01:192.0.2.1"}, "found r0 -"},
      {"another address is another", "192.0.2.1", {"acme-http-01:192.0.2.2"}, "no_record - -"},
      {"what cannot be validated has no record", "localhost", {}, "no_identifier - -"},
      {"a mailbox rests on its domain, by records for S/MIME",
       "ann@a.b.example",
       {"acme-dns-01:a.b.example smime", caa + " smime", "acme-dns-01:a.b.example", caa},
       "found r0 r1"},
      {"those for TLS are none", "ann@a.b.example", {"acme-dns-01:a.b.example", caa}, "no_record - -"},
      {"nor the other way", "a.b.example", {"acme-dns-01:a.b.example smime", caa + " smime"}, "no_record - -"},
      {"only the certificate's method counts, where it is told",
       "a.b.example",
       {"acme-http-01:a.b.example", "acme-dns-01:a.b.example -2d", caa},
       "found r1 r2",
       "acme-dns-01"},
      {"or none", "a.b.example", {"acme-dns-01:a.b.example", caa}, "no_record - r1", "3.2.2.4.19"},
      {"CAA that was asked for its method counts",
       "a.b.example",
       {"acme-dns-01:a.b.example", caa + " label=dns-01"},
       "found r0 r1"},
      {"CAA that was asked for another method permits that one alone (RFC 8657 4)",
       "a.b.example",
       {"acme-dns-01:a.b.example", caa + " label=http-01"},
       "caa_no_record r0 -"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.rule) { CHECK(reconciled(row.name, row.records, row.method) == row.found); }
  }
}

TEST_CASE("a validation for another name counts by its Authorization Domain Name (BR 3.2.2.4)", "[cli][audit]") {
  struct Row {
    const char* rule;
    const char* name;
    const char* record;
    bool counts;
  };
  const Row rows[] = {
      {"of a parent that another name was validated by", "a.b.example", "acme-dns-01:c.b.example>b.example", true},
      {"of the name itself, that one below was validated by", "b.example", "acme-dns-01:c.b.example>b.example", true},
      {"of the parent for itself", "a.b.example", "acme-dns-01:b.example", true},
      {"of a wildcard for its parent", "b.example", "acme-dns-01:*.b.example", true},
      {"of the parent for a wildcard", "*.b.example", "acme-dns-01:b.example", true},
      {"of a name beside it", "a.b.example", "acme-dns-01:c.b.example", false},
      {"of a name below it", "b.example", "acme-dns-01:a.b.example", false},
      {"never above the public suffix and one label", "a.co.uk", "acme-dns-01:b.co.uk>co.uk", false},
      {"not by a method that validates exactly the name", "a.b.example", "acme-http-01:b.example", false},
      {"nor for a wildcard", "*.b.example", "acme-http-01:b.example", false},
      {"by an alias only the name that was applied for", "b.example", "acme-dns-01:www.other.example>b.example", false},
      {"and none below the alias", "a.b.example", "acme-dns-01:www.other.example>b.example", false},
      {"dns-persistent of the parent for itself may lack policy=wildcard", "a.b.example", "dns-persistent:b.example",
       false},
      {"for a name below it had it", "a.b.example", "dns-persistent:c.b.example>b.example", true},
      {"for a wildcard too", "a.b.example", "dns-persistent:*.b.example", true},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.rule) {
      const std::string caa = std::string("caa:") + row.name;
      CHECK(reconciled(row.name, {row.record, caa}) == (row.counts ? "found r0 r1" : "no_record - r1"));
    }
  }
}

TEST_CASE("cli: a report is CSV that a spreadsheet takes for text", "[cli][audit]") {
  struct Row {
    const char* rule;
    const char* text;
    const char* field;
  };
  const Row rows[] = {
      {"a name is itself", "www.example.com", "www.example.com"},
      {"a wildcard too", "*.example.com", "*.example.com"},
      {"nothing", "", ""},
      {"a formula", "=1+1", "'=1+1"},
      {"by a sign", "+1", "'+1"},
      {"by another sign", "-1", "'-1"},
      {"by the old sign", "@SUM(A1)", "'@SUM(A1)"},
      {"behind a tab", "\t=1", "'\t=1"},
      {"behind a carriage return", "\r=1", "\"'\r=1\""},
      {"a formula that needs quotes", "=A(1,\"x\")", "\"'=A(1,\"\"x\"\")\""},
      {"a comma", "a,b", "\"a,b\""},
      {"a quote", "a\"b", "\"a\"\"b\""},
      {"a line feed", "a\nb", "\"a\nb\""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.rule) { CHECK(csv_field(row.text) == row.field); }
  }
}

namespace {

std::vector<std::vector<std::string>> read_csv(const std::string& text) {
  CsvReader reader(text);
  std::vector<std::vector<std::string>> out;
  while (const auto record = reader.next()) {
    REQUIRE(*record);
    out.push_back((*record)->fields);
  }
  return out;
}

// A store with records of www.example.com, and a list of certificates.
class Files {
 public:
  explicit Files(const std::string& issued) {
    test::SampleLog log = test::sample_log(3, 1);
    test::write_log(path("log.sqlite"), log, {log.checkpoint});
    write("issued.csv", issued);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path(name)) << text; }
  [[nodiscard]] Result reconcile(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"audit", "reconcile", "--store", path("log.sqlite"), path("issued.csv")});
    return mpic_run(more);
  }

 private:
  cli::Folder folder_;
};

}  // namespace

TEST_CASE("cli: audit reconcile reports each name of each certificate", "[cli][audit]") {
  const std::string titles = "serial,names,issued\n";
  const Files files(titles + "0a,www.example.com,2026-11-25T10:00:00Z\n");
  const Result found = files.reconcile();
  CHECK(found.status == 0);
  CHECK_THAT(found.errors, Catch::Contains("1 certificates with 1 names against 3 records: found 1"));
  const auto lines = read_csv(found.out);
  REQUIRE(lines.size() == 2);
  const auto value = [&](const std::string& title) {
    const auto at = std::find(lines[0].begin(), lines[0].end(), title);
    REQUIRE(at != lines[0].end());
    return lines[1].at(static_cast<std::size_t>(at - lines[0].begin()));
  };
  CHECK(value("result") == "found");
  CHECK(value("name") == "www.example.com");
  CHECK(value("serial") == "0a");
  CHECK(value("applied_for") == "www.example.com");
  CHECK(value("authorization_domain") == "www.example.com");
  CHECK(value("br_method") == "BR 3.2.2.4.7");
  CHECK(value("method") == "acme-dns-01");
  CHECK(value("record_id") == "00000000000000000000000000000001");
  CHECK(value("primary") == "corroborates");
  CHECK_THAT(value("remotes"), Catch::Contains("pdx=corroborates"));
  CHECK(value("fraction") == "6/6");
  CHECK_THAT(value("rirs"), Catch::Contains("ARIN"));
  CHECK_THAT(value("clause"), Catch::StartsWith("BR 3.2.2.9"));
  CHECK(value("caa") == "found");
  CHECK(value("caa_found_at") == "example.com");
  CHECK(value("caa_record_id") == value("record_id"));
  CHECK(value("caa_usable_until").substr(0, 16) == "2026-11-25T17:00");

  const Files lacking(titles + "0a,www.example.com b.example.org,2026-11-25T10:00:00Z\n0b,=x,2026-11-25\n");
  const Result missing = lacking.reconcile({"--out", lacking.path("report.csv")});
  CHECK(missing.status == 1);
  CHECK(missing.out.empty());
  CHECK_THAT(missing.errors, Catch::Contains("2 certificates lack a record"));
  std::ifstream report(lacking.path("report.csv"));
  const std::string text((std::istreambuf_iterator<char>(report)), std::istreambuf_iterator<char>());
  const auto told = read_csv(text);
  REQUIRE(told.size() == 4);
  CHECK(told[2][0] == "no_record");
  CHECK(told[3][0] == "no_identifier");
  CHECK(told[3][1] == "'=x");
  CHECK_FALSE(std::filesystem::exists(lacking.path("report.csv.part")));
}

TEST_CASE("cli: audit reconcile compares nothing when what was issued cannot be read", "[cli][audit]") {
  const Files files("serial,names,issued\n1,a.example,never\n");
  const Result mistaken = files.reconcile();
  CHECK(mistaken.status == 64);
  CHECK(mistaken.out.empty());
  CHECK_THAT(mistaken.errors, Catch::Contains("issued.csv:2: issued \"never\" is no time") &&
                                  Catch::Contains("mpic: 1 mistake in what was issued; nothing was compared"));
  files.write("issued.csv", "serial,names,issued\n1,a.example,2026-11-25\n");
  const Result unwritable = files.reconcile({"--out", files.path("no-such-folder/report.csv")});
  CHECK(unwritable.status == 2);
  CHECK_THAT(unwritable.errors, Catch::Contains("cannot be written"));
  CHECK(mpic_run({"audit", "reconcile", "--store", files.path("log.sqlite"), files.path("none.pem")}).status == 64);
  CHECK(mpic_run({"audit", "reconcile", "--store", files.path("none.sqlite"), files.path("issued.csv")}).status == 2);
  CHECK(mpic_run({"audit", "reconcile", files.path("issued.csv")}).status == 64);
}
