#include <string_view>

#include "tests/fuzz/seeds/seeds.hpp"

namespace mpic::fuzz {
namespace {

void add_all(Seeds& out, const char* target, std::initializer_list<std::string_view> texts) {
  int number = 0;
  for (const std::string_view text : texts)
    out.push_back({target, "text-" + std::to_string(number++), std::string(text)});
}

}  // namespace

void add_text(Seeds& out) {
  add_all(
      out, "caa_value",
      {"", ";", " ; ", "ca.example", "ca.example;", "\tCA.Example ;foo=bar;baz=bar", "ca.example; foo=; baz =\tbar",
       "ca.example; foo=b1,b2\t; baz =\t\ta=b\t", ";foo=bar", "ca.example; AccountURI=https://ca.example/acct/1",
       "ca.example; validationmethods=http-01,ca-tbr-19", "ca.example; foo=a = b", "ca.example;;", "ca.example; -a=c",
       "ca..example", "ca.example\n", "ca.example; foo=\xe2\x98\x95", std::string_view("ca.example; foo=a\0", 18)});
  add_all(
      out, "csv",
      {"name\nwww.example.com\n*.example.com\n", "name,method\r\na.example,caa\r\n\r\nb.example,dns-01\r\n",
       "\xEF\xBB\xBFname\na.example", "\"a,b\",\"say \"\"no\"\"\",\"\"\n,\n", "\"two\r\nlines\",x\ny,z\n", "a\"b\nc\n",
       "\"a\"b\nc\n", "a,\"never closed\nb,c\n", "a\rb\nc\r", "\xff\xfe,\n\"\xc3\n\xbc\"\n",
       std::string_view("a\0b,c\n", 6), ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n"});
  add_all(out, "identifier",
          {"www.example.com",
           "*.example.com",
           "EXAMPLE.Com",
           "example.com.",
           "com",
           "xn--bcher-kva.example",
           "xn--o-ccb.com",
           "bcher-kva",
           "ihqwcrb4cv8a8dqg056pqjye",
           "n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa",
           "xn--99999999999.example.com",
           "bq--x.example.com",
           "_acme.example.com",
           "10.0.0.1",
           "128.0.0.1",
           "010.0.0.1",
           "127.1",
           "0x7f.0x1",
           "2001:db8::1",
           "2600::1",
           "::ffff:10.0.0.1",
           "::",
           "1:0:0:2::3",
           "2001:DB8::1",
           "fe80::1%eth0",
           "[::1]",
           "127.77.0.0/16",
           "::/0",
           "2001:db8::/129",
           "*.co.uk",
           "*.*.example.com",
           "server.internal",
           "1.0.0.127.in-addr.arpa",
           "example.onion",
           "b\xc3\xbc"
           "cher.example",
           std::string_view("example.com\0.evil.example", 25),
           "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.example.com"});
  // The first octet is the limit: "." is 46, "@" is 64.
  add_all(
      out, "text",
      {"@plain text", "@caf\xc3\xa9", "@caf\xe9", "@\x1b[31mred", "@right\xe2\x80\xaeleft", "@back\\slash \"quoted\"",
       std::string_view("@zero\0octet", 11), ".\xf0\x9f\x94\x92 a text of more than forty-six octets, so cut somewhere",
       "@\xed\xa0\x80 surrogate", "@\xf4\x90\x80\x80 beyond", "@\xc0\x80 overlong", std::string_view("\0", 1),
       "\x02"
       "abc"});
}

}  // namespace mpic::fuzz
