// What the agents look at, looked at by their bare clients alone.
#pragma once

#include <string>
#include <vector>

#include "bench/floor/rounds.hpp"

namespace mpic::floor {

struct LookPlan {
  std::vector<std::string> perspectives;  // DNS: address:port of each resolver; HTTP: egress address of each agent
  std::string name;                       // "{}" becomes a number below `names`
  unsigned names = 200;
  std::string lookups = "caa";  // DNS: caa (the name and its parents), addresses (A and AAAA)
  std::string site;             // HTTP: address:port
  std::string token;            // HTTP
  std::string body;             // HTTP: what must come
};

// Both print one JSON object and return the exit status.
int look_up(const LookPlan& look, RoundsPlan plan);
int fetch(const LookPlan& look, RoundsPlan plan);

}  // namespace mpic::floor
