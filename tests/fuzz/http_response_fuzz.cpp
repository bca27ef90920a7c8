// HTTP responses: the answer is the same however the octets arrive, and bounded.
// Input: limit of the body, two octets that choose the pieces, then the stream.
#include <algorithm>

#include "agent/net/http_response_reader.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

using agent::HttpReply;
using agent::HttpResponseReader;

// As SocketHttpClient uses the reader: until the answer is complete, or the server closes. `sizes` repeat.
Expected<HttpReply> read(std::string_view stream, std::size_t limit, std::span<const std::size_t> sizes) {
  HttpResponseReader reader("192.0.2.1:80", limit);
  for (std::size_t turn = 0; !stream.empty(); ++turn) {
    const std::size_t size = std::min(stream.size(), std::max<std::size_t>(1, sizes[turn % sizes.size()]));
    const auto complete = reader.feed(stream.substr(0, size));
    if (!complete) return Unexpected(complete.error());
    if (*complete) return reader.take();
    stream.remove_prefix(size);
  }
  if (const auto ended = reader.end_of_stream(); !ended) return Unexpected(ended.error());
  return reader.take();
}

// Everything about a result, in one text.
std::string told(const Expected<HttpReply>& result) {
  if (!result) return "problem " + std::string(to_string(result.error().code));
  return std::to_string(result->status) + ' ' + result->location + (result->body_over_limit ? " over " : " ") +
         result->body;
}

void run(Octets octets) {
  if (octets.size() < 3) return;
  const std::size_t limit = octets[0];
  const std::size_t sizes[] = {octets[1], octets[2]};
  const std::string_view stream = text_of(octets.subspan(3));
  const std::size_t whole[] = {stream.size()};
  const std::size_t single[] = {1};

  const auto result = read(stream, limit, whole);
  hold_equal(told(read(stream, limit, sizes)), told(result), "the answer does not depend on its pieces");
  hold_equal(told(read(stream, limit, single)), told(result), "nor on its arriving octet by octet");
  if (!result) {
    hold_presentable(result.error().detail);
    return;
  }
  hold(result->status <= 999, "a status has three digits");
  hold(result->status / 100 != 1 || result->status == 101, "an interim response is no answer");
  hold(result->body.size() <= limit + 1, "the body is bounded");
  hold(result->body_over_limit == (result->body.size() == limit + 1), "over the limit is one octet over, and marked");
  hold(result->location.size() <= agent::kMaxHttpHeader, "Location is bounded");
  hold(result->location.find_first_of("\r\n") == std::string::npos, "Location is one line");
}

const Target kTarget("http_response", run);

}  // namespace
}  // namespace mpic::fuzz
