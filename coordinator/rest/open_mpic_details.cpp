#include "coordinator/rest/open_mpic_details.hpp"

#include <openssl/x509.h>

#include <boost/json/array.hpp>
#include <memory>

#include "common/evidence/text_form.hpp"
#include "common/rules/caa.hpp"
#include "common/rules/dns_message.hpp"

namespace mpic::coordinator {
namespace {

namespace bj = boost::json;

constexpr std::size_t kLongestRecord = 4096;

std::string read_record(RecordType type, const Bytes& rdata) {
  const auto or_escaped = [&](const Expected<std::string>& text) {
    const std::string octets(rdata.begin(), rdata.end());
    return printable(text ? *text : octets, kLongestRecord);
  };
  switch (type) {
    case RecordType::kTxt:
      return or_escaped(rules::read_txt(rdata));
    case RecordType::kCname:
    case RecordType::kPtr:
      return or_escaped(rules::read_name(rdata));
    case RecordType::kCaa: {
      const auto record = rules::read_caa(rdata);
      if (record) return rules::presentation(*record);
      return or_escaped(Unexpected(record.error()));
    }
    case RecordType::kA:
    case RecordType::kAaaa: {
      const auto address = IpAddress::from_octets(rdata);
      if (address) return address->text();
      return or_escaped(Unexpected(address.error()));
    }
  }
  return or_escaped(Unexpected(Problem()));
}

bj::array records_of(const DnsLookup& lookup) {
  bj::array out;
  for (const Bytes& rdata : lookup.records) out.emplace_back(read_record(lookup.type, rdata));
  return out;
}

bj::object dns_details(const DnsObservation* seen) {
  if (seen == nullptr || seen->lookups.empty()) {
    return {{"records_seen", nullptr},
            {"response_code", nullptr},
            {"ad_flag", nullptr},
            {"found_at", nullptr},
            {"cname_chain", nullptr}};
  }
  const DnsLookup& lookup = seen->lookups.back();  // a climb ends where something is
  bj::array chain;
  for (const CnameLink& link : lookup.chain) chain.emplace_back(printable(link.target, kLongestRecord) + ".");
  const bool answered = lookup.status == DnsStatus::kAnswered;
  return {{"records_seen", records_of(lookup)},
          {"response_code", answered ? bj::value(lookup.rcode) : bj::value(nullptr)},
          {"ad_flag", answered ? bj::value(lookup.authenticated) : bj::value(nullptr)},
          {"found_at", lookup.records.empty() ? bj::value(nullptr) : bj::value(printable(lookup.name, kLongestRecord))},
          {"cname_chain", std::move(chain)}};
}

bj::object http_details(const HttpObservation* seen) {
  constexpr unsigned kFirstOk = 200;
  constexpr unsigned kFirstRedirect = 300;
  const bool has_page = seen != nullptr && !seen->hops.empty() && !seen->hops.back().problem &&
                        seen->hops.back().status >= kFirstOk && seen->hops.back().status < kFirstRedirect;
  if (!has_page) {
    return {{"response_history", nullptr},
            {"response_url", nullptr},
            {"response_status_code", nullptr},
            {"response_page", nullptr}};
  }
  bj::array history;
  for (std::size_t i = 0; i + 1 < seen->hops.size(); ++i) {
    const HttpHop& hop = seen->hops[i];
    history.emplace_back(bj::object{{"status_code", hop.status}, {"url", printable(hop.location, kMaxUrl)}});
  }
  return {{"response_history", std::move(history)},
          {"response_url", printable(seen->hops.front().url, kMaxUrl)},
          {"response_status_code", seen->hops.back().status},
          {"response_page", evidence::to_base64(seen->body)}};
}

bj::value common_name(const Bytes& der) {
  const unsigned char* octets = der.data();
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      d2i_X509(nullptr, &octets, static_cast<long>(der.size())), &X509_free);
  if (certificate == nullptr) return nullptr;
  const X509_NAME* subject = X509_get_subject_name(certificate.get());
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return nullptr;
  const ASN1_STRING* text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
  const auto* begin = ASN1_STRING_get0_data(text);
  return bj::value(printable(std::string(begin, begin + ASN1_STRING_length(text)), kLongestRecord));
}

bj::object tls_details(const TlsObservation* seen) {
  const bool has_certificate = seen != nullptr && !seen->certificate.empty();
  return {{"common_name", has_certificate ? common_name(seen->certificate) : bj::value(nullptr)}};
}

template <class Seen>
const Seen* of_kind(const DcvObservation* seen) {
  return seen == nullptr ? nullptr : std::get_if<Seen>(&seen->seen);
}

}  // namespace

bj::object caa_details(const CaaObservation* seen) {
  const bj::object unknown = {{"caa_record_present", nullptr}, {"found_at", nullptr}, {"records_seen", nullptr}};
  if (seen == nullptr || seen->lookups.empty()) return unknown;
  for (const DnsLookup& lookup : seen->lookups) {
    if (!lookup.records.empty()) {
      return {{"caa_record_present", true},
              {"found_at", printable(lookup.name, kLongestRecord)},
              {"records_seen", records_of(lookup)}};
    }
    if (!rules::is_empty_answer(lookup)) return unknown;
  }
  return {{"caa_record_present", false}, {"found_at", nullptr}, {"records_seen", nullptr}};
}

bj::object dcv_details(DcvMethod method, const DcvObservation* seen) {
  bj::object out = {{"validation_method", to_string(method)}};
  bj::object more;
  switch (sight_of(method)) {
    case Sight::kDns:
      more = dns_details(of_kind<DnsObservation>(seen));
      break;
    case Sight::kHttp:
      more = http_details(of_kind<HttpObservation>(seen));
      break;
    case Sight::kTls:
      more = tls_details(of_kind<TlsObservation>(seen));
      break;
  }
  for (auto& field : more) out[field.key()] = std::move(field.value());
  return out;
}

}  // namespace mpic::coordinator
