// A deployment as a snapshot of the log describes it: what came from there is hostile until it has passed here.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "common/wire/convert.hpp"
#include "coordinator/perspectives/deployment.hpp"

namespace mpic::coordinator {
namespace {

constexpr int kMostPerspectives = 1'000;
constexpr int kMostKeys = 16;
constexpr int kMostClients = 10'000;
constexpr int kMostStamps = 64;

// Thrown within this file only.
struct Bad {
  std::string what;
};
[[noreturn]] void bad(std::string what) { throw Bad{std::move(what)}; }

void at_most(int number, int most, std::string_view what) {
  if (number > most) bad(fmt::format("{} {}, at most {} are read", number, what, most));
}

Place place_of(const v1::Place& in) {
  if (!std::isfinite(in.latitude()) || !std::isfinite(in.longitude())) bad("a place that is nowhere on earth");
  return {in.name(), in.latitude(), in.longitude()};
}

template <class Enum>
Enum enumerator(int value, int last, std::string_view what) {
  if (value < 1 || value > last) bad(fmt::format("{} is {}, which is none", what, value));
  return static_cast<Enum>(value);
}

TimePoint moment(bool is_there, const google::protobuf::Timestamp& in, TimePoint otherwise) {
  if (!is_there) return otherwise;
  const auto when = wire::decode(in);
  if (!when) bad("a key with a time out of range");
  return *when;
}

evidence::PinnedKey key_of(const v1::SigningKey& in) {
  auto key = evidence::VerifyingKey::from_der(in.public_key());
  if (!key) bad(key.error().detail);
  if (key->id() != in.key_id()) bad("a key under another's id");
  return {*std::move(key), moment(in.has_not_before(), in.not_before(), TimePoint::min()),
          moment(in.has_not_after(), in.not_after(), TimePoint::max())};
}

PerspectiveEntry perspective_of(const v1::PerspectiveInfo& in) {
  const auto id = PerspectiveId::parse(in.id());
  if (!id) bad(id.error().detail);
  at_most(in.keys_size(), kMostKeys, "keys of one perspective");
  // The resolver's region is the perspective's: no deployment in which it is not could start (BR 3.2.2.9).
  const auto rir = enumerator<Rir>(in.rir(), 5, "a perspective's RIR");
  PerspectiveEntry out{.where = {.id = *id,
                                 .role = enumerator<Role>(in.role(), 3, "a perspective's role"),
                                 .rir = rir,
                                 .place = place_of(in.place()),
                                 .resolver_place = place_of(in.resolver_place()),
                                 .resolver_rir = rir},
                       .provider = in.provider(),
                       .address = {},
                       .tls_name = {},
                       .keys = {},
                       .drained = in.drained()};
  for (const v1::SigningKey& key : in.keys()) out.keys.push_back(key_of(key));
  return out;
}

std::optional<std::size_t> number_of(std::uint32_t told) {
  return told == 0 ? std::nullopt : std::optional<std::size_t>(told);
}

void read_policy(const v1::DeploymentSnapshot& in, Deployment& out) {
  at_most(in.profiles_size(), static_cast<int>(kProfiles.size()), "profiles");
  for (const std::string& name : in.profiles()) {
    const auto profile = profile_from(name);
    if (!profile) bad(fmt::format("the profile \"{}\", which is none", printable(name, 64)));
    out.profiles.push_back(*profile);
  }
  if (out.profiles.empty()) bad("no profile");
  out.custom_quorum = {number_of(in.custom_quorum().min_remotes()), number_of(in.custom_quorum().min_rirs())};
  const v1::Planning& planning = in.planning();
  out.planning.remotes = planning.remotes();
  out.planning.cohorts = std::max(1U, planning.cohorts());
  out.planning.separate_caa = planning.separate_caa();
  out.planning.parallel = planning.parallel();
}

void read_lab(const v1::DeploymentSnapshot& in, LabRelaxations& out) {
  at_most(in.lab_relaxations_size(), kMostStamps, "lab relaxations");
  out.recorded.assign(in.lab_relaxations().begin(), in.lab_relaxations().end());
  out.addresses = stamped_addresses(out.recorded);
  out.top_level_domains = stamped_top_level_domains(out.recorded);
  out.policy_clock = stamped_policy_clock(out.recorded);
  if (stamped(out.recorded, "policy-clock") && !out.policy_clock) bad("a policy clock that is no time");
}

Deployment read(const v1::DeploymentSnapshot& in) {
  Deployment out;
  out.log_origin = in.log_origin();
  at_most(in.perspectives_size(), kMostPerspectives, "perspectives");
  for (const v1::PerspectiveInfo& one : in.perspectives()) {
    PerspectiveEntry entry = perspective_of(one);
    if (out.find(entry.where.id) != nullptr) bad(fmt::format("{} is there twice", entry.where.id.text()));
    out.perspectives.push_back(std::move(entry));
  }
  read_policy(in, out);
  read_lab(in, out.lab);
  at_most(in.asserting_size(), kMostClients, "clients that speak for a Primary");
  for (const v1::AssertingClient& one : in.asserting()) {
    ClientEntry client{.name = one.client(), .san = {}, .asserted_primary = perspective_of(one.primary())};
    out.clients.push_back(std::move(client));
  }
  return out;
}

}  // namespace

Expected<Deployment> deployment_of(const v1::DeploymentSnapshot& snapshot) {
  try {
    return read(snapshot);
  } catch (const Bad& error) {
    return fail(ProblemCode::kEvidenceInvalid, "snapshot", "the snapshot has " + error.what);
  }
}

}  // namespace mpic::coordinator
