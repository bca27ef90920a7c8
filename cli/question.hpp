// From the options of `mpic check` to the request that is sent. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/domain/observation.hpp"
#include "common/domain/problem.hpp"
#include "mpic/v1/coordinator.pb.h"

namespace mpic::cli {

struct CheckOptions {
  // Of every check.
  std::string name;
  std::string trace;
  double deadline = 0;         // seconds; 0: the coordinator's
  std::uint32_t attempts = 0;  // at most; 0: one
  bool parallel = false;       // the remotes are asked at once, not after the Primary
  bool settled = false;        // the answer need not wait for what can no longer change it
  std::string asserted_primary;
  bool watch = false;
  bool json = false;
  bool would_be = false;
  bool prove = false;   // the answer waits for the proof that its record is in the log
  std::string log_key;  // that verifies it; empty: the profile's
  // Of CAA, alone or beside a validation.
  std::vector<std::string> issuers;
  std::vector<std::string> accounts;
  std::string method;     // RFC 8657 label; empty beside a validation: the coordinator takes the method's own
  bool with_caa = false;  // of dns-persistent, where the issuers are the record's in the first place
  // Of validations: what each method needs, and nothing of the others.
  std::string adn;
  std::string token;
  std::string key_authorization;
  std::string digest;   // instead of it: base64url, of tls-alpn-01 hexadecimal
  std::string account;  // of dns-account-01 and dns-persistent
  std::string value;
  std::string path;
  std::string regex;
  bool https = false;
  std::string record_type;  // TXT, CNAME, CAA
  std::string prefix;
  bool exact = false;
  bool ignore_case = false;
  std::string via;  // of the contact methods: caa, txt
  std::string contact;
  std::string address;
  std::string fqdn;
};

// A complete answer is asked for unless `settled` is set: a person wants to see every perspective. kInvalidArgument for
// a name that cannot be turned into A-labels, and for a digest that is missing or none; everything else is for the
// coordinator to judge.
[[nodiscard]] Expected<v1::CorroborateRequest> caa_question(const CheckOptions& options);

// With issuers (of dns-persistent: with `with_caa`), CAA is checked in the same visit.
[[nodiscard]] Expected<v1::CorroborateRequest> http_01_question(const CheckOptions& options);
[[nodiscard]] Expected<v1::CorroborateRequest> dns_01_question(const CheckOptions& options);
[[nodiscard]] Expected<v1::CorroborateRequest> tls_alpn_01_question(const CheckOptions& options);
[[nodiscard]] Expected<v1::CorroborateRequest> dns_account_01_question(const CheckOptions& options);
[[nodiscard]] Expected<v1::CorroborateRequest> dns_persistent_question(const CheckOptions& options);
[[nodiscard]] Expected<v1::CorroborateRequest> website_question(const CheckOptions& options);
[[nodiscard]] Expected<v1::CorroborateRequest> dns_change_question(const CheckOptions& options);
[[nodiscard]] Expected<v1::CorroborateRequest> contact_email_question(const CheckOptions& options);
[[nodiscard]] Expected<v1::CorroborateRequest> contact_phone_question(const CheckOptions& options);
[[nodiscard]] Expected<v1::CorroborateRequest> ip_address_question(const CheckOptions& options);
[[nodiscard]] Expected<v1::CorroborateRequest> reverse_question(const CheckOptions& options);

// Says for the Primary `id`, which the caller speaks for, that it has just found everything as asked (needs a right).
void assert_primary(const std::string& id, TimePoint determined, v1::CorroborateRequest& request);

}  // namespace mpic::cli
