// Observation -> octets. Cut to kMaxObservation in steps that leave what explains a failure for last.
#include "common/wire/convert.hpp"
#include "common/wire/field.hpp"

namespace mpic::wire {
namespace {

constexpr std::size_t kMaxExtendedText = 256;
constexpr std::size_t kMaxAlpn = 255;

void write(const DnsLookup& in, v1::DnsLookup& out) {
  out.set_name(in.name);
  out.set_type(static_cast<std::uint32_t>(in.type));
  out.set_status(static_cast<v1::DnsStatus>(in.status));
  out.set_rcode(in.rcode);
  out.set_authenticated(in.authenticated);
  for (const ExtendedDnsError& error : in.extended_errors) {
    v1::ExtendedDnsError& e = *out.add_extended_errors();
    e.set_code(error.code);
    e.set_extra_text(presentable(error.text, kMaxExtendedText));
  }
  for (const CnameLink& link : in.chain) {
    v1::DnsCname& c = *out.add_chain();
    c.set_owner(link.owner);
    c.set_target(link.target);
    c.set_ttl(link.ttl);
  }
  for (const Bytes& record : in.records) out.add_records(record.data(), record.size());
  out.set_ttl(in.ttl);
  out.set_server(in.server);
  out.set_tries(in.tries);
  out.set_over_tcp(in.over_tcp);
  *out.mutable_started() = encode(in.started);
  out.set_records_cut(in.records_cut);
  out.set_end_of_chain(in.end_of_chain);
}

void write(const AddressTried& in, v1::AddressTried& out) {
  out.set_address(in.address.text());
  out.set_port(in.port);
  if (in.problem) *out.mutable_problem() = encode(*in.problem);
}

template <class Reached>
void write_reached(const Reached& in, auto& out) {
  for (const DnsLookup& lookup : in.lookups) write(lookup, *out.add_lookups());
  for (const IpAddress& address : in.addresses) out.add_addresses(address.text());
  for (const AddressTried& tried : in.tried) write(tried, *out.add_tried());
  if (in.problem) *out.mutable_problem() = encode(*in.problem);
}

void write(const HttpObservation& in, v1::HttpObservation& out) {
  for (const HttpHop& hop : in.hops) {
    v1::HttpHop& h = *out.add_hops();
    h.set_url(hop.url);
    write_reached(hop, h);
    h.set_status(hop.status);
    h.set_location(hop.location);
  }
  out.set_body(in.body);
  out.set_body_cut(in.body_cut);
  out.set_body_size(in.body_size);
  out.set_body_sha256(text(in.body_sha256));
}

void write(const TlsObservation& in, v1::TlsObservation& out) {
  write_reached(in, out);
  out.set_server_name(in.server_name);
  out.set_version(in.version);
  out.set_alpn(presentable(in.alpn, kMaxAlpn));  // whatever octets the server chose
  out.set_certificate(in.certificate.data(), in.certificate.size());
}

void write(const DcvObservation& in, v1::DcvObservation& out) {
  out.set_method(static_cast<v1::DcvMethod>(in.method));
  if (const auto* http = std::get_if<HttpObservation>(&in.seen)) write(*http, *out.mutable_http());
  if (const auto* tls = std::get_if<TlsObservation>(&in.seen)) write(*tls, *out.mutable_tls());
  if (const auto* dns = std::get_if<DnsObservation>(&in.seen)) {
    v1::DnsObservation& seen = *out.mutable_dns();  // there even without a lookup
    for (const DnsLookup& lookup : dns->lookups) write(lookup, *seen.add_lookups());
  }
}

template <class Message, class Change>
void each_lookup(Message& message, const Change& change) {
  for (v1::DnsLookup& lookup : *message.mutable_lookups()) change(lookup);
}

template <class Change>
void each_lookup(v1::Observation& out, const Change& change) {
  if (out.has_caa()) each_lookup(*out.mutable_caa(), change);
  if (!out.has_dcv()) return;
  v1::DcvObservation& dcv = *out.mutable_dcv();
  if (dcv.has_dns()) each_lookup(*dcv.mutable_dns(), change);
  if (dcv.has_tls()) each_lookup(*dcv.mutable_tls(), change);
  if (!dcv.has_http()) return;
  for (v1::HttpHop& hop : *dcv.mutable_http()->mutable_hops()) each_lookup(hop, change);
}

void drop_records(v1::Observation& out) {
  each_lookup(out, [](v1::DnsLookup& lookup) {
    if (lookup.records().empty()) return;
    lookup.clear_records();
    lookup.set_records_cut(true);
  });
}

void drop_chains(v1::Observation& out) {
  each_lookup(out, [](v1::DnsLookup& lookup) {
    lookup.clear_chain();
    lookup.clear_extended_errors();
    lookup.clear_end_of_chain();
  });
}

void drop_tries(v1::Observation& out) {
  if (!out.has_dcv()) return;
  if (out.dcv().has_http()) {
    for (v1::HttpHop& hop : *out.mutable_dcv()->mutable_http()->mutable_hops()) {
      hop.clear_addresses();
      hop.clear_tried();
    }
  }
  if (out.dcv().has_tls()) {
    out.mutable_dcv()->mutable_tls()->clear_addresses();
    out.mutable_dcv()->mutable_tls()->clear_tried();
  }
}

void drop_content(v1::Observation& out) {
  if (!out.has_dcv()) return;
  if (out.dcv().has_http()) {
    out.mutable_dcv()->mutable_http()->clear_body();
    out.mutable_dcv()->mutable_http()->set_body_cut(true);
  }
  if (out.dcv().has_tls()) out.mutable_dcv()->mutable_tls()->clear_certificate();
}

// No honest look is so large that this is needed; the bound holds nevertheless.
void drop_steps(v1::Observation& out) {
  if (out.has_caa()) out.mutable_caa()->clear_lookups();
  if (!out.has_dcv()) return;
  if (out.dcv().has_dns()) out.mutable_dcv()->mutable_dns()->clear_lookups();
  if (out.dcv().has_http()) out.mutable_dcv()->mutable_http()->clear_hops();
  if (out.dcv().has_tls()) {
    out.mutable_dcv()->mutable_tls()->clear_lookups();
    out.mutable_dcv()->mutable_tls()->clear_problem();
  }
}

// What a target can make large goes first; a perspective's own words about why it failed go last.
void cut(v1::Observation& out) {
  out.set_cut(true);
  for (const auto step : {drop_records, drop_chains, drop_tries, drop_content, drop_steps}) {
    step(out);
    if (out.ByteSizeLong() <= kMaxObservation) return;
  }
}

}  // namespace

std::string encode(const Observation& observation) {
  v1::Observation out;
  out.set_assignment_sha256(text(observation.assignment_sha256));
  out.set_nonce(text(observation.nonce));
  out.set_perspective_id(observation.perspective.text());
  out.set_role(static_cast<v1::Role>(observation.role));
  out.set_rir(static_cast<v1::Rir>(observation.rir));
  out.set_agent_version(observation.agent_version);
  *out.mutable_started() = encode(observation.started);
  *out.mutable_ended() = encode(observation.ended);
  out.set_source_ipv4(observation.source_ipv4);
  out.set_source_ipv6(observation.source_ipv6);
  out.set_resolver(observation.resolver);
  out.set_resolver_config_sha256(text(observation.resolver_config_sha256));
  for (const std::string& relaxation : observation.lab_relaxations) out.add_lab_relaxations(relaxation);
  if (observation.dcv) write(*observation.dcv, *out.mutable_dcv());
  if (observation.caa) {
    out.mutable_caa();
    for (const DnsLookup& lookup : observation.caa->lookups) write(lookup, *out.mutable_caa()->add_lookups());
  }
  out.set_cut(observation.cut);
  if (out.ByteSizeLong() > kMaxObservation) cut(out);
  return out.SerializeAsString();
}

}  // namespace mpic::wire
