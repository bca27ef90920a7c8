// Reads one HTTP/1 response from whatever octets a server sends, within bounds, and says in one Problem what
// is wrong with them. No sockets here: octets in, an answer out.
#pragma once

#include <boost/system/error_code.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "agent/net/http_client.hpp"

namespace mpic::agent {

inline constexpr std::size_t kMaxHttpHeader = 16 * 1024;
inline constexpr std::size_t kMaxInterimResponses = 8;  // 1xx before the answer

class HttpResponseReader {
 public:
  // `where` names the server in problems.
  HttpResponseReader(std::string where, std::size_t body_limit);
  ~HttpResponseReader();
  HttpResponseReader(const HttpResponseReader&) = delete;
  HttpResponseReader& operator=(const HttpResponseReader&) = delete;

  // True when the answer is complete, or as complete as it is wanted: a redirect needs no body, and a body
  // over the limit no end. Problems: kHttpMalformed, kHttpVersion, kHttpHeaderTooLarge, kHttpEncoding.
  [[nodiscard]] Expected<bool> feed(std::string_view octets);
  // The server has closed. kConnectionClosed when that came too early.
  [[nodiscard]] Expected<void> end_of_stream();
  // Whatever ends the stream: an error status is an answer, even if its page does not arrive whole.
  [[nodiscard]] bool has_error_status() const;
  [[nodiscard]] HttpReply take();

 private:
  class Parser;
  [[nodiscard]] Unexpected refuse(ProblemCode code, std::string detail) const;
  [[nodiscard]] Unexpected refuse_malformed(const std::string& reason) const;
  [[nodiscard]] Unexpected refuse_for(const boost::system::error_code& error) const;
  [[nodiscard]] Expected<void> check_unfinished_header() const;

  std::string where_;
  std::size_t body_limit_;
  std::unique_ptr<Parser> parser_;
  std::string header_;     // of the message being read, as far as it came
  std::string unread_;     // octets that the parser wants to see again together with the next ones
  std::string beginning_;  // of the stream, to tell what is spoken instead of HTTP
  std::size_t received_ = 0;
  std::size_t interim_ = 0;
};

}  // namespace mpic::agent
