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

}  // namespace

void add_log(Seeds& out) {
  add_records(out);
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
