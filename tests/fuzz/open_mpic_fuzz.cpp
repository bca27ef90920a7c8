// Bodies of POST /mpic. Input: the text.
#include <boost/json/serialize.hpp>

#include "coordinator/rest/open_mpic_reply.hpp"
#include "coordinator/rest/open_mpic_request.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

using namespace coordinator;

void hold_issues(const ValidationIssues& issues) {
  hold(!issues.empty() && issues.size() <= 20, "a refusal says why, and not without end");
  for (const ValidationIssue& issue : issues) {
    hold(!issue.type.empty() && issue.type.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string::npos,
         "an issue has a type");
  }
  hold(is_utf8(boost::json::serialize(validation_failed(issues))), "a refusal is UTF-8");
}

void hold_request(const OpenMpicRequest& request) {
  hold(!request.target.empty() || request.request.identifier().empty(), "what is asked is the target");
  hold(request.is_caa == request.request.has_caa() && request.is_caa != request.request.has_dcv(),
       "one check is asked");
  hold(request.is_caa != request.method.has_value(), "DCV has a method, CAA none");
  hold(request.request.caa().issuer_domains_size() <= 64, "lists are bounded");
  hold(!request.request.has_asserted() && request.request.request_id().empty(), "nothing is asked that was not said");
  hold(is_utf8(boost::json::serialize(impossible_answer(request, {}))), "an answer is UTF-8");
}

void run(Octets octets) {
  const OpenMpicParsed parsed = read_open_mpic(text_of(octets), {"ca.example"});
  hold(parsed.request.has_value() == parsed.issues.empty(), "a request, or why it is none");
  if (!parsed.request) return hold_issues(parsed.issues);
  hold_request(*parsed.request);
}

const Target kTarget("open_mpic", run);

}  // namespace
}  // namespace mpic::fuzz
