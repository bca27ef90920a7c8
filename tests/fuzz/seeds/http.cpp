#include "tests/fuzz/seeds/seeds.hpp"

namespace mpic::fuzz {
namespace {

// The limit of the body and the sizes of pieces in front, as http_response_fuzz.cpp takes them.
void add(Seeds& out, const char* name, std::string stream, unsigned limit = 100) {
  out.push_back({"http_response", name, std::string{static_cast<char>(limit), 7, 31} + std::move(stream)});
}

std::string with_body(const std::string& header, const std::string& body) {
  return "HTTP/1.1 200 OK\r\n" + header + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

void add_responses(Seeds& out) {
  add(out, "length", with_body("", "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0.k\n"));
  add(out, "until-close", "HTTP/1.0 200 OK\r\nServer: x\r\n\r\nhello");
  add(out, "chunked",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nT: v\r\n\r\n");
  add(out, "chunk-of-many-digits", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nx");
  add(out, "chunk-of-no-digits", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n\r\n");
  add(out, "chunk-bare-newline", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\nx\n0\n\n");
  add(out, "interim",
      "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + with_body("", "ok"));
  add(out, "interim-without-end", repeated("HTTP/1.1 100 Continue\r\n\r\n", 12));
  add(out, "switching-protocols", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n");
  add(out, "redirect",
      "HTTP/1.1 301 Moved\r\nLocation: https://www.example.com/x\r\nLocation: /y\r\nContent-Length: 9\r\n\r\n");
  add(out, "not-modified", "HTTP/1.1 304 Not Modified\r\n\r\n");
  add(out, "no-content", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello");
  add(out, "not-found", "HTTP/1.1 404 Not Found\r\nContent-Length: 500\r\n\r\nabc");
  add(out, "gzip", with_body("Content-Encoding: gzip\r\n", "\x1f\x8b"));
  add(out, "gzip-transfer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n");
  add(out, "over-limit", with_body("", std::string(200, 'x')), 20);
  add(out, "over-limit-chunked",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n" + std::string(32, 'x') + "\r\n", 5);
  add(out, "no-body-wanted", with_body("", "x"), 0);
  add(out, "two-lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab");
  add(out, "length-and-chunked",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n");
  add(out, "length-huge", "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n");
  add(out, "length-negative", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n");
  add(out, "folded-field", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 1\r\n\r\nx");
  add(out, "field-without-colon", "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n");
  add(out, "zero-octet-in-field", std::string("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", 28));
  add(out, "smuggled", with_body("", "ok") + "HTTP/1.1 500 smuggled\r\n\r\n");
  add(out, "http2-settings",
      std::string("\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80\0\x04\0\x01\0\0\0\x05\0\xff\xff\xff", 27));
  add(out, "http2-version", "HTTP/2.0 200 OK\r\n\r\n");
  add(out, "tls-alert", std::string("\x15\x03\x01\0\x02\x02\x46\r\n", 9));
  add(out, "ssh", "SSH-2.0-OpenSSH_9.2\r\n");
  add(out, "a-page", "<html>hello</html>\r\n\r\n");
  add(out, "closed-in-header", "HTTP/1.1 200 OK\r\nConte");
  add(out, "nothing", "");
}

void add_redirects(Seeds& out) {
  const char* const locations[] = {
      "/next",
      "next?x=1#fragment",
      "?x=y",
      "#top",
      "../../../a/./b/..",
      "//www.example.net/path",
      "http://www.example.net",
      "HTTPS://WWW.Example.NET:443/a%2e%2e/b",
      "https://www.example.com:80/",
      "http://www.example.com.:80/",
      "http://203.113.7.1/",
      "http://127.0.0.1./",
      "http://127.0.0.1:80:80/",
      "http://0x7f.1/",
      "http://2130706433/",
      "http://[2001:db8::1]/",
      "http://[::ffff:10.0.0.1]/",
      "http://[fe80::1%25eth0]/",
      "http://[v1.a]/",
      "http://user:pass@example.com/",
      "http://example.com@evil.example/",
      "http://example.com:65616/",
      "http://example.com:/",
      "http://ex%61mple.com/",
      "http://xn--bcher-kva.example/",
      "https://misconfigured.well-known/acme-challenge/x",
      "javascript:alert(1)",
      "file:///etc/passwd",
      "http:foo",
      "http:///path",
      "http://example.com/\r\nX: y",
      "http://a_b.example.com/",
      "/?v=0123456789abcdef+/%2541",
      "/%30123456789abcdef%2b%2F%2541",
      "http://0123456789abcdef.example.com/",
  };
  int number = 0;
  for (const char* location : locations) {
    // Which URL redirects, and with which status: all of them in turn.
    const char from = static_cast<char>(number % 2 == 0 ? 4 + number % 4 : 16 + number % 4);
    out.push_back({"redirect", "location-" + std::to_string(number++), from + std::string(location)});
  }
  out.push_back({"redirect", "location-long", '\x04' + ("/" + std::string(2047, 'x'))});
}

void add_page(Seeds& out, const char* name, char method, std::string_view regex, std::string_view page,
              std::string_view value = "") {
  const auto piece = [](std::string_view text) { return static_cast<char>(text.size()) + std::string(text); };
  out.push_back({"page", name, method + piece(value) + piece(regex) + std::string(page)});
}

// As page_fuzz.cpp numbers the methods, and its token and value.
void add_pages(Seeds& out) {
  constexpr char kHttp01 = 0, kPageOfName = 1, kPageOfAddress = 2;
  const std::string key = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI";
  const std::string value = "0123456789abcdef0123456789abcdef";
  add_page(out, "key", kHttp01, "", key);
  add_page(out, "key-white-space", kHttp01, "", key + "\r\n \t");
  add_page(out, "key-and-more", kHttp01, "", key + "x");
  add_page(out, "value", kPageOfName, "", "<p>" + value + "</p>");
  add_page(out, "value-matched", kPageOfName, "^id: [0-9a-f]{32}$", "id: " + value);
  add_page(out, "value-not-matched", kPageOfName, "(?i)(a|b)*c{1,100}\\xFF", value + "\xff");
  add_page(out, "regex-large", kPageOfName, "((a{100}){100}){100}", value);
  add_page(out, "not-a-regex", kPageOfName, "(", value);
  add_page(out, "meta", kPageOfAddress, "", "<html><head><META Name='ca' content=\"" + value + "\"></head></html>");
  add_page(out, "meta-no-quotes", kPageOfAddress, "", "<meta content=" + value + ">");
  add_page(out, "meta-ampersand", kPageOfAddress, "", "<meta content='a&amp;b'/>", "a&b");
  add_page(out, "meta-second-attribute", kPageOfAddress, "", "<meta content=x content=" + value + ">");
  add_page(out, "meta-in-comment", kPageOfAddress, "", "<!-- <meta content=" + value + "> --!><!--><!---></p a='>'>");
  add_page(out, "meta-in-script", kPageOfAddress, "",
           "<script>'<meta content=" + value + ">'</script ><title></titles");
  add_page(out, "meta-in-attribute", kPageOfAddress, "", "<p title='<meta content=" + value + ">'>");
  add_page(out, "meta-cut", kPageOfAddress, "", "<!doctype html><?x?><meta content=\"" + value);
  add_page(out, "value-as-text", kPageOfAddress, "", value);
  add_page(out, "nothing", kPageOfAddress, "", "");
}

}  // namespace

void add_http(Seeds& out) {
  add_responses(out);
  add_redirects(out);
  add_pages(out);
}

}  // namespace mpic::fuzz
