#include "common/rules/explanation.hpp"

namespace mpic::rules {

// No default: a new code does not compile (-Wswitch) until it is explained.
Explanation explanation_of(ProblemCode code) {
  switch (code) {
    case ProblemCode::kDnsNxdomain:
      return {"The name does not exist in the DNS.",
              "Check its spelling, and that it is published in the zone that the domain's own name servers "
              "serve: a record entered at another provider than the delegation names is seen by nobody."};
    case ProblemCode::kDnsNoAddresses:
      return {"The name exists, but has no A or AAAA record, so there is no address to connect to.",
              "Publish the address of the server at this name, or validate by a DNS method, which needs no "
              "server."};
    case ProblemCode::kDnsServfail:
      return {"The domain's name servers gave no usable answer.",
              "Check that every name server of the zone runs, has loaded the zone, and is the one that the "
              "delegation in the parent zone names."};
    case ProblemCode::kDnsBogus:
      return {"The answer failed DNSSEC validation, so nobody who validates can believe it.",
              "Check the zone's signatures and keys, and the DS record at the registrar. Expired signatures, "
              "and a DS that belongs to an old key, are the usual causes. Sign the zone anew, or have the DS "
              "removed."};
    case ProblemCode::kDnsRefused:
      return {"The name server refused to answer about this name.",
              "Check that it is configured as authoritative for the zone, that the delegation in the parent "
              "zone names the right servers, and that no access list keeps queries from other networks out."};
    case ProblemCode::kDnsTimeout:
      return {"The domain's name servers did not answer in time.",
              "Check that they run, and that no firewall or rate limit drops queries to port 53, by UDP or "
              "TCP, from that part of the world."};
    case ProblemCode::kDnsMalformed:
      return {"A name server sent a reply that cannot be read, or one to another question.",
              "Check the name server's software, and any firewall or load balancer before it that changes "
              "DNS messages."};
    case ProblemCode::kDnsTruncated:
      return {"The answer is too large for UDP, and asking again by TCP did not bring it.",
              "Let TCP through to port 53 of every name server of the zone, or publish fewer and shorter "
              "records at this name."};
    case ProblemCode::kDnsOtherRcode:
      return {"A name server answered with an error.",
              "Look up the code that is named above, and see what the name server's log says of the query. "
              "Software that does not know the type of record, or EDNS, is the usual cause."};
    case ProblemCode::kDnsTooManyRecords:
      return {"There is more at this name than is read, so that nothing follows from what was read.",
              "Remove records that nobody needs any longer. Those of earlier validations are the usual ones."};
    case ProblemCode::kDnsNoRecord:
      return {"The record that the method looks for is not there.",
              "Publish it at exactly the name that is shown, of that type, and wait until every name server "
              "of the zone serves it. Some control panels append the domain to what is typed, so that it is "
              "there twice."};
    case ProblemCode::kDnsNoAlias:
      return {
          "No CNAME leads from the name of the certificate to the domain name that is validated in its "
          "place.",
          "Publish that CNAME, or validate the name itself or a parent of it."};
    case ProblemCode::kAddressForbidden:
      return {
          "The name leads to an address that is not one of the public Internet, so it is never connected "
          "to.",
          "Publish a public address. Private, loopback and other special addresses must neither be in "
          "the public DNS for this name nor in a redirect."};
    case ProblemCode::kConnectionRefused:
      return {"The address refuses connections: nothing listens on that port, or a firewall rejects them.",
              "Start the server on that port, at every address that the DNS gives for the name, and let "
              "everybody connect."};
    case ProblemCode::kConnectionTimeout:
      return {"No connection came about in time: packets to that address are not answered.",
              "Check that the DNS gives the server's own address, and that no firewall or geo-blocking drops "
              "connections to that port. Validation comes from several parts of the world, so one country or "
              "network is not enough."};
    case ProblemCode::kConnectionReset:
      return {"The connection was cut off, by the server or by something before it.",
              "See what the server's log says at that moment, and what firewalls, intrusion prevention and "
              "protection against attacks do with requests to the path that is shown."};
    case ProblemCode::kNetworkUnreachable:
      return {"No route leads from there to the address.",
              "Check that the address is announced to the whole Internet. Where the server has no working "
              "IPv6, remove its AAAA record."};
    case ProblemCode::kReadTimeout:
      return {"The server took the connection, and its answer did not come in time.",
              "Check how busy the server is, and serve the file as it is, without a slow application behind "
              "it."};
    case ProblemCode::kTlsFailed:
      return {"The TLS handshake failed.",
              "Check that TLS 1.2 or 1.3 is spoken on that port, for this name, and that nothing before the "
              "server ends the connection. Its certificate need not be a valid one."};
    case ProblemCode::kNoIpv6Egress:
      return {"The name has only IPv6 addresses, and this perspective has no IPv6.",
              "Nothing is wrong with the site. The operator of this service must give the perspective IPv6; "
              "an A record for the name would help meanwhile."};
    case ProblemCode::kConnectionClosed:
      return {"The server closed the connection before its answer was whole.",
              "See what the server's log says at that moment. A crash, or a proxy that gives up, is the "
              "usual cause."};
    case ProblemCode::kTlsTimeout:
      return {"The server took the connection, and the TLS handshake did not end in time.",
              "Check how busy the server is, and that it is TLS that is spoken on that port."};
    case ProblemCode::kOutpaced:
      return {"Another address of the same name connected first, so this one was given up.", "Nothing need be done."};
    case ProblemCode::kHttpMalformed:
      return {"What the server sent is no HTTP answer.",
              "Check that a web server listens on that port, and that it is spoken to as meant: plain HTTP "
              "on port 80, TLS on port 443."};
    case ProblemCode::kHttpVersion:
      return {"The server answered in a version of HTTP that it was not spoken to in.",
              "Let it speak HTTP/1.1 to whoever does."};
    case ProblemCode::kHttpStatus:
      return {"The server answered with an error instead of the file.",
              "Open the URL that is shown from outside your own network. The file must be there, readable by "
              "everybody: no login, no firewall rule, no protection against robots, no selection by country."};
    case ProblemCode::kHttpBodyTooLarge:
      return {"The page is larger than what is expected there.",
              "Serve the value alone, as a plain file, without a page of the site around it."};
    case ProblemCode::kHttpHeaderTooLarge:
      return {"The headers of the answer are larger than is read.",
              "Leave out large headers, such as cookies and policies, below /.well-known/."};
    case ProblemCode::kRedirectForbidden:
      return {"The server redirects to where a validation must not follow.",
              "Serve the file where it is asked for. Else redirect by status 301, 302, 307 or 308, to http "
              "or https, to port 80 or 443, without a user name in the URL; for an IP address not at all."};
    case ProblemCode::kRedirectLoop:
      return {"The redirects lead round in a circle.",
              "Exempt /.well-known/ from the rules that redirect http to https, or one name to another, and "
              "see which two of them undo each other."};
    case ProblemCode::kTooManyRedirects:
      return {"One redirect follows another, more often than is followed.",
              "Redirect to the last URL at once, or serve the file where it is asked for."};
    case ProblemCode::kChallengeMismatch:
      return {"There was an answer, but not the value that was expected.",
              "Publish exactly the value given for this validation, with nothing before or after it. A value "
              "of an earlier validation, a cache, or a second server for the same name is the usual cause."};
    case ProblemCode::kCertificateMismatch:
      return {"The server showed a certificate that is not the validation certificate of tls-alpn-01.",
              "Let the ACME client answer on port 443 whoever offers the protocol acme-tls/1 for this name. "
              "A proxy before it that ends TLS must pass those connections on untouched."};
    case ProblemCode::kKeyDiffersFromPrimary:
      return {"This perspective saw a value that would do, but another one than the Primary saw.",
              "Make every server of the domain give the same value, remove what is left of earlier "
              "validations, and try again. Where nobody can say whence the other value comes, suspect a "
              "hijacked route."};
    case ProblemCode::kHttpEncoding:
      return {"The server compressed its answer, although nobody had offered to take that.",
              "Switch compression off below /.well-known/."};
    case ProblemCode::kAlpnNotAgreed:
      return {"The server did not agree to speak acme-tls/1, the protocol of tls-alpn-01.",
              "Let the ACME client answer on port 443 whoever offers that protocol. A proxy or load balancer "
              "before it that ends TLS must pass those connections on untouched."};
    case ProblemCode::kRecordMalformed:
      return {"The record is there, but is not written as it must be.",
              "Compare it with what the CA asked for, character by character. Semicolons, equals signs, "
              "quotes and blanks are where it usually differs."};
    case ProblemCode::kRecordExpired:
      return {"The record names an end, persistUntil, that has passed.",
              "Publish it with a later persistUntil, or with none."};
    case ProblemCode::kAccountMismatch:
      return {"The record authorises another account than the one that asks.",
              "Write the URI of your account at the CA into the record's accounturi, exactly as the CA shows "
              "it. If you do not know the other account, remove the record."};
    case ProblemCode::kScopeTooNarrow:
      return {
          "The record is good for its own name alone, and the certificate is for a wildcard or a name "
          "below.",
          "Add policy=wildcard to the record, or publish one for the name itself."};
    case ProblemCode::kCaaForbids:
      return {"The domain's CAA records do not permit this CA to issue.",
              "If you want the certificate, name this CA there, and mind restrictions to an account or a "
              "method. If you do not, somebody else has asked for it: tell the CA."};
    case ProblemCode::kCaaCriticalUnknown:
      return {"A CAA record is marked critical and of a kind that is not known, so that no CA may issue.",
              "Remove that record, or its critical flag (128)."};
    case ProblemCode::kUnreachable:
      return {"The perspective did not answer us, so nothing is known about the site from there.",
              "Nothing need be done at the site. Try again; where it lasts, the operator of this service "
              "must look at the agent."};
    case ProblemCode::kOverloaded:
      return {"The perspective had too much to do, and said so at once.",
              "Nothing need be done at the site. Try again a little later."};
    case ProblemCode::kAssignmentStale:
      return {"The clocks of the perspective and of the coordinator differ.",
              "Nothing need be done at the site. The operator of this service must mend the clocks."};
    case ProblemCode::kAssignmentNotMine:
      return {"The perspective says that somebody else was meant.",
              "Nothing need be done at the site. The operator of this service must compare the names in the "
              "configurations of agent and coordinator."};
    case ProblemCode::kAssignmentInvalid:
      return {"The perspective did not understand what it was asked.",
              "Nothing need be done at the site. The operator of this service must bring agent and "
              "coordinator to the same version."};
    case ProblemCode::kEvidenceInvalid:
      return {
          "What the perspective sent cannot be true, or is not signed as it must be, so it does not "
          "count.",
          "Nothing need be done at the site. The operator of this service must treat the agent as "
          "compromised until this is explained."};
    case ProblemCode::kBudgetExhausted:
      return {"The time for the request ran out before the perspective had seen all.",
              "Try again. Where it lasts, the site or its name servers are too slow, seen from there."};
    case ProblemCode::kCancelled:
      return {"The perspective was told to stop before it had an answer.", "Nothing need be done."};
    case ProblemCode::kNotWaitedFor:
      return {"The outcome was certain before this perspective had answered.", "Nothing need be done."};
    case ProblemCode::kNoResult:
      return {"The coordinator stopped in the middle of this request.", "Ask again."};
    case ProblemCode::kInternal:
      return {"Something went wrong here, by a mistake of ours.",
              "Try again; where it lasts, report it with the record's id."};
    case ProblemCode::kResolverUnavailable:
      return {
          "The perspective's own resolver does not answer, or is not known to validate DNSSEC, so nothing can be told "
          "from "
          "there.",
          "Nothing need be done at the site. The operator of this service must look at that resolver."};
    case ProblemCode::kInvalidArgument:
      return {"The request is not one that can be carried out.", "Mend the field that is named, and ask again."};
    case ProblemCode::kPolicy:
      return {"The CA/Browser Forum's requirements do not allow what was asked.",
              "See the clause that is named; another method, or another name, may be allowed."};
    case ProblemCode::kNotSupported:
      return {"This version does not serve what was asked.", "Ask without that field, or of a newer version."};
    case ProblemCode::kQuorumNotReached:
      return {"Too few perspectives saw the same as the Primary.", "See what each of them met."};
    case ProblemCode::kDeploymentPolicy:
      return {"This service cannot satisfy the requirements of the day, so it answers nothing.",
              "Nothing need be done at the site. The operator of this service must add or move perspectives."};
    case ProblemCode::kUnauthenticated:
      return {"The service does not know who asks.", "Give the certificate or the API key that you were handed."};
    case ProblemCode::kNoRight:
      return {"This client may not ask that.", "See its rights in the service's configuration."};
  }
  return {"Something went wrong that this version does not know.", "Report it with the record's id."};
}

}  // namespace mpic::rules
