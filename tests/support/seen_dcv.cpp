// What the methods of validation see: see seen.hpp.
#include <openssl/sha.h>

#include "common/rules/dcv_dns.hpp"
#include "common/rules/dcv_tls_alpn.hpp"
#include "common/rules/http_ask.hpp"
#include "tests/support/dns_packet.hpp"
#include "tests/support/seen.hpp"
#include "tests/support/validation_certificate.hpp"

namespace mpic::test {
namespace {

using Host = std::variant<DnsName, IpAddress>;

bool is_yes(const std::string& sees) { return sees.starts_with("yes"); }

// How a host is reached, for a page or a handshake alike.
struct Reached {
  std::vector<DnsLookup> lookups;
  std::vector<IpAddress> addresses;
  std::vector<AddressTried> tried;
  std::optional<Problem> problem;  // none: the last address answered
};

Reached reach(const Host& host, std::uint16_t port, const std::string& sees, TimePoint now) {
  Reached out;
  const bool dns_fails = sees == "timeout" || sees == "servfail" || sees == "bogus";
  const std::string where = std::holds_alternative<DnsName>(host) ? std::get<DnsName>(host).text() : "";
  if (dns_fails) {
    out.lookups = {failed(where, RecordType::kA, sees, now), failed(where, RecordType::kAaaa, sees, now)};
    const ProblemCode code = sees == "timeout" ? ProblemCode::kDnsTimeout
                             : sees == "bogus" ? ProblemCode::kDnsBogus
                                               : ProblemCode::kDnsServfail;
    out.problem = Problem(code, where, sees == "bogus" ? "DNSSEC: Signature Expired" : sees);
    return out;
  }
  const IpAddress v4 = IpAddress::v4(sees == "forbidden-address" ? std::array<std::uint8_t, 4>{10, 0, 0, 1}
                                                                 : std::array<std::uint8_t, 4>{128, 0, 0, 1});
  const IpAddress dead = IpAddress::parse("2001:4860::1").value();
  const IpAddress address = std::holds_alternative<IpAddress>(host) ? std::get<IpAddress>(host) : v4;
  if (!where.empty()) {
    const auto octets = [](const IpAddress& of) { return Bytes(of.octets().begin(), of.octets().end()); };
    std::vector<Bytes> aaaa;
    if (sees == "yes+dead-ipv6") aaaa.push_back(octets(dead));
    out.lookups = {answered(where, RecordType::kA, {octets(v4)}, now), answered(where, RecordType::kAaaa, aaaa, now)};
  }
  if (sees == "forbidden-address") {
    out.problem = Problem(ProblemCode::kAddressForbidden, address.text(), "an internal address");
    return out;
  }
  if (sees == "yes+dead-ipv6") {
    out.addresses.push_back(dead);
    out.tried.push_back({dead, port, Problem(ProblemCode::kConnectionTimeout, dead.text(), "no connection in time")});
  }
  if (sees == "drops") out.problem = Problem(ProblemCode::kConnectionTimeout, address.text(), "no connection in time");
  if (sees == "refuses") out.problem = Problem(ProblemCode::kConnectionRefused, address.text(), "Connection refused");
  out.addresses.push_back(address);
  out.tried.push_back({address, port, out.problem});
  return out;
}

Digest sha256(std::string_view text) {
  const Bytes octets(text.begin(), text.end());
  Digest digest{};
  SHA256(octets.data(), octets.size(), digest.data());
  return digest;
}

// A page that proves control.
std::string right_page(const rules::DcvSubject& subject, const DcvQuestion& question) {
  if (const auto* http = std::get_if<AcmeHttp01>(&question.parameters)) return http->key_authorization;
  const std::string& value = std::get<WebsiteChange>(question.parameters).challenge_value;
  return subject.validated.is_ip() ? "<html><head><meta name=\"ca\" content=\"" + value + "\"></head></html>" : value;
}

HttpObservation http_seen(const rules::DcvSubject& subject, const DcvQuestion& question, const std::string& sees,
                          TimePoint now) {
  const rules::HttpTarget target = rules::http_ask(subject, question).first;
  Reached reached = reach(target.host, target.port, sees, now);
  HttpHop hop;
  hop.url = target.url();
  hop.lookups = std::move(reached.lookups);
  hop.addresses = std::move(reached.addresses);
  hop.tried = std::move(reached.tried);
  hop.problem = std::move(reached.problem);
  HttpObservation seen;
  if (!hop.problem) {
    hop.status = sees == "nothing" ? 404 : sees == "403" ? 403 : 200;
    if (hop.status == 200) seen.body = is_yes(sees) ? right_page(subject, question) : "somebody else's page";
  }
  seen.hops = {std::move(hop)};
  seen.body_size = seen.body.size();
  seen.body_sha256 = sha256(seen.body);
  return seen;
}

TlsObservation tls_seen(const rules::DcvSubject& subject, const AcmeTlsAlpn01& question, const std::string& sees,
                        TimePoint now) {
  const Host host = subject.validated.is_ip() ? Host(subject.validated.ip()) : Host(subject.validated.name());
  Reached reached = reach(host, rules::kTlsAlpnPort, sees, now);
  TlsObservation seen;
  seen.lookups = std::move(reached.lookups);
  seen.addresses = std::move(reached.addresses);
  seen.tried = std::move(reached.tried);
  seen.problem = std::move(reached.problem);
  seen.server_name = rules::server_name_of(subject.validated);
  if (seen.problem) return seen;
  seen.version = "TLSv1.3";
  seen.alpn = sees == "nothing" ? "" : std::string(rules::kAcmeTlsAlpn);
  const Digest digest = is_yes(sees) ? question.digest : sha256("somebody else's");
  CertificateShape shape = validation_shape(subject.validated, digest);
  shape.key = CertificateKey::kEd25519;  // the same octets each time
  seen.certificate = make_certificate(shape).der;
  return seen;
}

// RDATA that grants what is asked, or by `other` the same of somebody else.
Bytes rdata(const DcvQuestion& question, const rules::DnsQuery& query, bool other) {
  const auto txt = [](const std::string& text) { return txt_rdata({text}); };
  struct Visitor {
    const rules::DnsQuery& query;
    bool other;
    decltype(txt)& text;
    Bytes operator()(const AcmeDns01& q) const { return text(other ? std::string(43, 'x') : q.digest); }
    Bytes operator()(const AcmeDnsAccount01& q) const { return text(other ? std::string(43, 'x') : q.digest); }
    Bytes operator()(const DnsChange& q) const { return text(other ? "somebody-elses-value" : q.challenge_value); }
    Bytes operator()(const DnsPersistent& q) const {
      return text(q.issuer_domains.front() +
                  ";policy=wildcard;accounturi=" + (other ? "https://other.example/1" : q.account_uri));
    }
    Bytes operator()(const ContactLookup& q) const {
      const bool mail = q.method == DcvMethod::kContactEmailCaa || q.method == DcvMethod::kContactEmailTxt;
      const std::string contact = !other ? q.contact : mail ? "somebody@else.example" : "+15550000000";
      if (query.type == RecordType::kTxt) return text(contact);
      return caa_rdata(std::uint8_t{0}, mail ? "contactemail" : "contactphone", contact);
    }
    Bytes operator()(const IpAddressLookup& q) const {
      Bytes octets(q.address.octets().begin(), q.address.octets().end());
      if (other) octets.back() ^= 1U;
      return octets;
    }
    Bytes operator()(const ReverseAddressLookup& q) const {
      return wire_name(other ? std::string("somebody.else.example") : q.fqdn.text());
    }
    Bytes operator()(const AcmeHttp01&) const { return {}; }
    Bytes operator()(const WebsiteChange&) const { return {}; }
    Bytes operator()(const AcmeTlsAlpn01&) const { return {}; }
  };
  return std::visit(Visitor{query, other, txt}, question.parameters);
}

DnsObservation dns_seen(const rules::DcvSubject& subject, const DcvQuestion& question, const std::string& sees,
                        TimePoint now) {
  DnsObservation seen;
  bool granted = false;  // the first lookup that can hold the record does; a climb's others are empty
  for (const rules::DnsQuery& query : rules::dns_queries(subject, question)) {
    DnsLookup lookup = failed(query.name, query.type, sees, now);
    const bool works = lookup.status == DnsStatus::kAnswered && lookup.rcode == kNoError;
    if (works && !granted && sees != "nothing") {
      granted = true;
      lookup = answered(query.name, query.type, {rdata(question, query, !is_yes(sees))}, now);
    }
    seen.lookups.push_back(std::move(lookup));
  }
  return seen;
}

}  // namespace

DcvObservation dcv_seen(const Assignment& asked, const std::string& sees, TimePoint now) {
  const rules::DcvSubject subject = rules::subject_of(asked);
  const DcvQuestion& question = *asked.dcv;
  DcvObservation out;
  out.method = question.method();
  switch (sight_of(out.method)) {
    case Sight::kHttp:
      out.seen = http_seen(subject, question, sees, now);
      break;
    case Sight::kDns:
      out.seen = dns_seen(subject, question, sees, now);
      break;
    case Sight::kTls:
      out.seen = tls_seen(subject, std::get<AcmeTlsAlpn01>(question.parameters), sees, now);
      break;
  }
  return out;
}

DcvObservation http_01_seen(const Assignment& asked, const std::string& sees, TimePoint now) {
  return dcv_seen(asked, sees, now);
}

}  // namespace mpic::test
