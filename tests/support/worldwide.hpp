// A deployment that satisfies the Baseline Requirements: a Primary in Frankfurt, and six remotes in five RIR regions.
#pragma once

#include <string>
#include <utility>

#include "coordinator/perspectives/deployment.hpp"

namespace mpic::test {

inline coordinator::PerspectiveEntry placed(const char* id, Role role, Rir rir, double latitude, double longitude) {
  const Place place{id, latitude, longitude};
  return {.where = {*PerspectiveId::parse(id), role, rir, place, place, rir},
          .address = std::string(id) + ".example:7443",
          .tls_name = id};
}

inline coordinator::Deployment worldwide() {
  coordinator::Deployment out;
  out.log_origin = "mpic.example/log";
  out.profiles = {coordinator::Profile::kTls};
  out.clients.push_back({.name = "pipeline", .san = "pipeline.example"});
  out.perspectives = {placed("primary", Role::kPrimary, Rir::kRipe, 50.11, 8.68),
                      placed("dub", Role::kRemote, Rir::kRipe, 53.35, -6.26),
                      placed("iad", Role::kRemote, Rir::kArin, 39.04, -77.49),
                      placed("pdx", Role::kRemote, Rir::kArin, 45.52, -122.68),
                      placed("sin", Role::kRemote, Rir::kApnic, 1.35, 103.82),
                      placed("gru", Role::kRemote, Rir::kLacnic, -23.55, -46.63),
                      placed("jnb", Role::kRemote, Rir::kAfrinic, -26.20, 28.05)};
  return out;
}

}  // namespace mpic::test
