#include "agent/net/http_response_reader.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>

namespace mpic::agent {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::size_t kBeginning = 64;
constexpr std::string_view kHttp = "HTTP/";
constexpr std::size_t kTelling = 12;  // octets that tell HTTP/2 and TLS from anything else
// Framing (chunk sizes, extensions, trailers) may not cost more than this beside header and body.
constexpr std::size_t kMaxFraming = 64 * 1024;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

// A frame header of HTTP/2 (RFC 9113 4.1) on stream 0 of a kind that a server begins with: SETTINGS or
// GOAWAY.
bool begins_like_http2(std::string_view octets) {
  constexpr std::size_t kFrameHeader = 9;
  constexpr char kGoAway = 7;
  constexpr char kSettings = 4;
  if (octets.starts_with("PRI * HTTP/2")) return true;
  return octets.size() >= kFrameHeader && octets[0] == 0 && (octets[3] == kSettings || octets[3] == kGoAway) &&
         octets.substr(5, 4) == std::string_view("\0\0\0\0", 4);
}

// A TLS record: an alert or a handshake message, version 3.x.
bool begins_like_tls(std::string_view octets) {
  return octets.size() >= 3 && (octets[0] == 0x15 || octets[0] == 0x16) && octets[1] == 3 && octets[2] <= 4;
}

}  // namespace

// Keeps of a response only what an observation needs. Beast does the parsing.
class HttpResponseReader::Parser final : public http::basic_parser<false> {
 public:
  explicit Parser(std::size_t body_limit) : limit_(body_limit) {
    header_limit(kMaxHttpHeader);
    http::basic_parser<false>::body_limit(boost::none);  // ours is applied in on_body
  }

  unsigned status = 0;
  std::string location;
  std::string coding;
  std::string body;
  bool over_limit = false;

  [[nodiscard]] bool is_interim() const { return status / 100 == 1 && status != 101; }
  // A redirect's body plays no part: waiting for it would only give the server time.
  [[nodiscard]] bool is_redirect() const { return status / 100 == 3; }
  [[nodiscard]] bool is_success() const { return status / 100 == 2; }
  [[nodiscard]] bool awaits_first_chunk() const { return is_header_done() && chunked() && !has_chunk_; }

 private:
  using Error = beast::error_code;
  void on_request_impl(http::verb, beast::string_view, beast::string_view, int, Error&) override {}
  void on_response_impl(int code, beast::string_view, int, Error&) override { status = static_cast<unsigned>(code); }
  void on_field_impl(http::field name, beast::string_view, beast::string_view value, Error&) override {
    if (name == http::field::location && !has_location_) {
      has_location_ = true;
      location = view(value);
    } else if (name == http::field::content_encoding && !beast::iequals(value, "identity") && !value.empty()) {
      coding = view(value);
    } else if (name == http::field::transfer_encoding && !beast::iequals(value, "chunked")) {
      coding = view(value);
    }
  }
  void on_header_impl(Error&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}
  std::size_t on_body_impl(beast::string_view octets, Error& error) override { return keep(octets, error); }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, Error&) override { has_chunk_ = true; }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view octets, Error& error) override {
    return keep(octets, error);
  }
  void on_finish_impl(Error&) override {}

  std::size_t keep(beast::string_view octets, Error& error) {
    if (is_redirect()) return octets.size();  // what of it came with the header is chance
    const std::size_t room = limit_ + 1 - body.size();
    body.append(octets.data(), std::min(room, octets.size()));
    if (body.size() > limit_) {
      over_limit = true;
      error = http::error::body_limit;
    }
    return octets.size();
  }

  std::size_t limit_;
  bool has_location_ = false;
  bool has_chunk_ = false;
};

HttpResponseReader::HttpResponseReader(std::string where, std::size_t body_limit)
    : where_(std::move(where)), body_limit_(body_limit), parser_(std::make_unique<Parser>(body_limit)) {}

HttpResponseReader::~HttpResponseReader() = default;

Unexpected HttpResponseReader::refuse(ProblemCode code, std::string detail) const {
  return fail(code, where_, std::move(detail));
}

Unexpected HttpResponseReader::refuse_malformed(const std::string& reason) const {
  if (begins_like_http2(beginning_)) {
    return refuse(ProblemCode::kHttpVersion, "the server speaks HTTP/2 where HTTP/1.1 was asked for");
  }
  if (begins_like_tls(beginning_)) return refuse(ProblemCode::kHttpMalformed, "the server speaks TLS on an http port");
  if (!beginning_.starts_with(kHttp)) {
    return refuse(ProblemCode::kHttpMalformed,
                  "the answer is not HTTP; it begins with \"" + printable(beginning_, 48) + '"');
  }
  return refuse(ProblemCode::kHttpMalformed, "the answer breaks the rules of HTTP/1.1: " + reason);
}

Unexpected HttpResponseReader::refuse_for(const boost::system::error_code& error) const {
  if (error == http::error::header_limit) {
    return refuse(ProblemCode::kHttpHeaderTooLarge, "the header is over " + std::to_string(kMaxHttpHeader) + " octets");
  }
  if (error == http::error::bad_version && beginning_.starts_with(kHttp)) {
    return refuse(ProblemCode::kHttpVersion,
                  "the answer is neither HTTP/1.1 nor HTTP/1.0: \"" + printable(beginning_.substr(0, 8)) + '"');
  }
  return refuse_malformed(error.message());
}

// Of a header in pieces, Beast looks at those after the first only when the end has come. What it put off is looked
// for here, or how a server's octets happen to arrive would decide which problem, and so which outcome, it is.
Expected<void> HttpResponseReader::check_unfinished_header() const {
  Parser all_at_once(body_limit_);
  beast::error_code error;
  all_at_once.put(boost::asio::buffer(header_), error);
  if (error && error != http::error::need_more) return refuse_for(error);
  return {};
}

Expected<bool> HttpResponseReader::feed(std::string_view octets) {
  received_ += octets.size();
  if (!parser_->is_header_done()) header_.append(octets);
  if (beginning_.size() < kBeginning) beginning_.append(octets.substr(0, kBeginning - beginning_.size()));
  unread_.append(octets);
  // What is not HTTP is told by its first octets, once there are enough to know what it is instead.
  if (!kHttp.starts_with(std::string_view(beginning_).substr(0, kHttp.size()))) {
    if (beginning_.size() < kTelling) return false;
    return refuse_malformed({});
  }
  for (;;) {
    // Fewer octets make no chunk and no end; Beast asserts that it does not see "0" and a line end alone twice.
    if (parser_->awaits_first_chunk() && unread_.size() < std::string_view("0\r\n\r\n").size()) return false;
    beast::error_code error;
    const std::size_t used = parser_->put(boost::asio::buffer(std::as_const(unread_)), error);
    unread_.erase(0, used);
    if (parser_->is_header_done() && parser_->is_interim()) {
      if (++interim_ > kMaxInterimResponses) {
        return refuse(ProblemCode::kHttpMalformed, "the server sends interim (1xx) responses without end");
      }
      parser_ = std::make_unique<Parser>(body_limit_);
      header_ = unread_;
      if (unread_.empty()) return false;
      continue;
    }
    if (parser_->is_header_done()) {
      if (parser_->is_success() && !parser_->coding.empty()) {
        return refuse(ProblemCode::kHttpEncoding, "the body is encoded as \"" + printable(parser_->coding, 64) +
                                                      "\", although no coding was offered");
      }
      if (parser_->over_limit || parser_->is_redirect() || parser_->is_done()) return true;
    }
    if (error == http::error::header_limit) {
      if (const auto known = check_unfinished_header(); !known) return Unexpected(known.error());
    }
    if (error && error != http::error::need_more) return refuse_for(error);
    if (received_ > kMaxHttpHeader * (1 + interim_) + body_limit_ + kMaxFraming) {
      return refuse(ProblemCode::kHttpMalformed, "the answer goes on without end");
    }
    if (error == http::error::need_more || used == 0 || unread_.empty()) return false;
  }
}

Expected<void> HttpResponseReader::end_of_stream() {
  if (parser_->got_some()) {
    beast::error_code error;
    if (parser_->is_header_done()) parser_->put_eof(error);
    if (parser_->is_done() && !error) return {};
  }
  if (has_error_status()) return {};
  if (received_ != 0 && !parser_->is_header_done() && interim_ == 0 && !beginning_.starts_with(kHttp)) {
    return refuse_malformed("it ends too early");
  }
  if (!header_.empty() && !parser_->is_header_done()) {
    if (const auto known = check_unfinished_header(); !known) return known;
  }
  return refuse(ProblemCode::kConnectionClosed,
                received_ == 0 ? "the server closed the connection without an answer"
                               : "the server closed the connection before the answer was complete");
}

bool HttpResponseReader::has_error_status() const {
  return parser_->is_header_done() && !parser_->is_interim() && !parser_->is_success();
}

HttpReply HttpResponseReader::take() {
  HttpReply reply;
  reply.status = static_cast<std::uint16_t>(parser_->status);
  reply.location = std::move(parser_->location);
  reply.body = std::move(parser_->body);
  reply.body_over_limit = parser_->over_limit;
  return reply;
}

}  // namespace mpic::agent
