// Where the corpora begin: real inputs, and the hostile shapes of the past. mpic-fuzz-seeds writes them as files, which
// are committed; fuzzing finds the rest.
#pragma once

#include <string>
#include <vector>

namespace mpic::fuzz {

struct Seed {
  std::string target;
  std::string name;
  std::string octets;
  bool once = false;  // made with fresh keys, other octets each time: a file that is there stays
};
using Seeds = std::vector<Seed>;

void add_dns(Seeds& out);      // dns_message, caa
void add_http(Seeds& out);     // http_response, redirect, page
void add_tls(Seeds& out);      // certificate, certificates
void add_text(Seeds& out);     // caa_value, csv, identifier, text
void add_methods(Seeds& out);  // persistent, contact, dns_methods; assignment, request, observation of every method
void add_wire(Seeds& out);     // assignment, observation, request, evidence, envelope, merkle, issuance, agent_status
void add_config(Seeds& out);   // yaml, agent_config, coordinator_config, resolver_policy
void add_rest(Seeds& out);     // open_mpic
void add_log(Seeds& out);      // note, record, log_export

}  // namespace mpic::fuzz
