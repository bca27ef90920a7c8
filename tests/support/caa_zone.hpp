// CAA records by name, and what an agent sees of them that asks for every name of the climb.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/domain/caa.hpp"
#include "tests/support/observed.hpp"

namespace mpic::test {

struct CaaProperty {
  unsigned flags;
  const char* tag;
  const char* value;
};
using CaaZone = std::map<std::string, std::vector<CaaProperty>>;

inline const std::string kAccountPrefix = "https://letsencrypt.org/acct/reg/";

// Issuer letsencrypt.org, account 123, http-01.
inline CaaQuestion caa_question() {
  CaaQuestion asked;
  asked.issuer_domains = {"letsencrypt.org"};
  asked.account_uris = {kAccountPrefix + "123"};
  asked.validation_method = "http-01";
  return asked;
}

inline CaaObservation climbed(const Identifier& asked, const CaaZone& zone) {
  CaaObservation seen;
  for (const DnsName& name : asked.name().self_and_parents()) {
    std::vector<Bytes> records;
    if (const auto at = zone.find(name.text()); at != zone.end()) {
      for (const CaaProperty& property : at->second) {
        records.push_back(caa_rdata(property.flags, property.tag, property.value));
      }
    }
    seen.lookups.push_back(answered(name.text(), RecordType::kCaa, std::move(records)));
  }
  return seen;
}

}  // namespace mpic::test
