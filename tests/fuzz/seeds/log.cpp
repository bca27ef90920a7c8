#include "coordinator/audit/export_files.hpp"
#include "tests/fuzz/seeds/seeds.hpp"
#include "tests/support/sample_log.hpp"

namespace mpic::fuzz {
namespace {

// What; which of the sample's records; the rest is that thing, or how it is changed.
void add_records(Seeds& out) {
  const test::SampleLog log = test::sample_log();
  const auto add = [&](const std::string& name, char what, char record, const std::string& rest) {
    out.push_back({"record", name, std::string{what, record} + rest});
  };
  add("no-body", 0, 0, "");
  add("the-body", 0, 0, log.leaves[test::SampleLog::kRecord].body);
  add("no-snapshot", 1, 0, "");
  add("the-snapshot", 1, 0, log.leaves[test::SampleLog::kSnapshot].body);
  add("no-statement", 2, 0, "");
  add("the-statement", 2, 0, log.leaves[test::SampleLog::kRecord].statement);
  add("addendum-as-it-came", 6, 0, "\x01" + log.leaves[test::SampleLog::kAddendum].body);
  for (char i = 0; i < 5; ++i) {
    const std::string number = std::to_string(i);
    add("bit-" + number, 3, i, std::string{2, i, 1, 3});
    add("cut-" + number, 3, i, std::string{5, i, 0, 7, 0});
    add("body-" + number, 4, i, std::string{i, 1, 2, i});
    add("snapshot-" + number, 5, i, std::string{i, 3, 4, i});
    add("addendum-" + number, 6, i, std::string{0, i, 5, 6, i});
  }
}

// The first octet says what the rest is.
void add_exports(Seeds& out) {
  using namespace coordinator;
  const auto add = [&](const char* name, char kind, const std::string& text) {
    out.push_back({"log_export", name, std::string(1, kind) + text});
  };
  const std::string manifest = manifest_text({"log.example", 70'000, "2026-11-25T10:00:00Z", "mpic 0.1.0"});
  add("manifest", 0, manifest);
  add("manifest-of-later-format", 0, R"({"format":"mpic-log-export-2"})");
  add("manifest-deep", 0, std::string(200, '['));
  std::string entries;
  std::uint64_t index = 0;
  const test::SampleLog log = test::sample_log();
  for (const test::SampleLog::Leaf& leaf : log.leaves) {
    LoggedLeaf logged;
    logged.index = index++;
    logged.kind = leaf.kind;
    logged.body_sha256 = evidence::sha256(leaf.body);
    // Whole bodies would be most of the octets, and teach nothing here.
    logged.body = leaf.body.substr(0, 300);
    logged.statement = leaf.statement.substr(0, 100);
    entries += delimited_entry(logged);
  }
  add("entries", 2, std::string("\x04\x00", 2) + entries);
  add("entries-more-than-said", 2, std::string("\x03\x00", 2) + entries);
  add("entries-cut-off", 2, std::string("\x04\x00", 2) + entries.substr(0, entries.size() - 20));
  add("entries-of-many", 2, std::string("\x04\x01", 2) + entries);
  LoggedLeaf pruned;
  pruned.index = 3;
  pruned.kind = evidence::LeafKind::kRecord;
  add("entry-pruned", 1, delimited_entry(pruned).substr(1));
  add("length-without-end", 2, std::string("\x01\x00", 2) + std::string(12, '\xff'));
  add("length-not-shortest", 2, std::string("\x01\x00\x80\x00", 4));
}

}  // namespace

void add_log(Seeds& out) {
  add_records(out);
  add_exports(out);
  const std::string root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  const std::string checkpoint = "PeterNeumann\n20852163\n" + root;
  const std::string signature =
      "\u2014 PeterNeumann "
      "x08go9iKupgWNHi/EgHZnoG+ps1lAjYwfjEc/8lpKQy7IflYyxkNOvLryOwkElHoaRroM1ZSqWsPs/ebq+/3jt1yDQQ=\n";
  const std::string note = checkpoint + "\n" + signature;
  const std::string proof = "c2sp.org/tlog-proof@v1\n";
  // The first octet says what the rest is.
  const auto add = [&](const char* name, char kind, const std::string& text) {
    out.push_back({"note", name, std::string(1, kind) + text});
  };
  add("checkpoint", 0, note);
  add("two-signatures", 0, note + signature);
  add("extension", 0, checkpoint + "more\n\n" + signature);
  add("no-checkpoint", 0, "two\nlines\n\n" + signature);
  add("carriage-return", 0, "a\r\n\n" + signature);
  add("empty-size", 0, "a\n0\n" + root + "\n\u2014 a AAAAAAA=\n");
  add("proof", 1, proof + "index 3\n" + root + root + "\n" + note);
  add("proof-with-extra", 1, proof + "extra Zm9vYmFy\nindex 0\n\n" + note);
  add("vkey", 2, "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  add("vkey-of-witness", 2, "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2");
  add("unchanged", 3, "");
  add("another-size", 3, std::string("\x0c\x01\x01\x38", 4));
}

}  // namespace mpic::fuzz
