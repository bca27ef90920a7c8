#include "common/rules/corroboration_key.hpp"

#include "common/domain/hex.hpp"
#include "common/rules/dcv_contact.hpp"

namespace mpic::rules {
namespace {

// No default: a new method does not compile until it is said what its key is.
struct KeyOf {
  std::string operator()(const AcmeHttp01& question) const { return question.key_authorization; }
  std::string operator()(const WebsiteChange& question) const { return question.challenge_value; }
  std::string operator()(const AcmeDns01& question) const { return question.digest; }
  std::string operator()(const DnsChange& question) const { return question.challenge_value; }
  std::string operator()(const AcmeTlsAlpn01& question) const { return hex(question.digest); }
  std::string operator()(const AcmeDnsAccount01& question) const { return question.digest; }
  std::string operator()(const DnsPersistent& question) const { return question.account_uri; }
  std::string operator()(const ContactLookup& question) const {
    const bool mail = question.method == DcvMethod::kContactEmailTxt || question.method == DcvMethod::kContactEmailCaa;
    return mail ? mailbox_of(question.contact) : digits_of(question.contact);
  }
  std::string operator()(const IpAddressLookup& question) const { return question.address.text(); }
  std::string operator()(const ReverseAddressLookup& question) const { return question.fqdn.text(); }
};

}  // namespace

std::string corroboration_key(const DcvQuestion& question) { return std::visit(KeyOf{}, question.parameters); }

}  // namespace mpic::rules
