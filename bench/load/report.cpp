#include "bench/load/report.hpp"

#include <boost/json.hpp>

#include <cmath>

namespace mpic::load {
namespace {

double rounded(double value, int digits) {
  const double scale = std::pow(10, digits);
  return std::round(value * scale) / scale;
}

}  // namespace

std::string report(const Result& result) {
  const Tally& tally = result.tally;
  const Percentiles took = tally.percentiles();
  const double answered = static_cast<double>(std::max<std::uint64_t>(tally.answered(), 1));
  boost::json::object kinds;
  for (const auto& [kind, count] : tally.kinds()) kinds[kind] = count;
  boost::json::object out{
      {"sent", result.sent},
      {"answered", tally.answered()},
      {"seconds", rounded(result.seconds, 3)},
      {"seconds_in_all", rounded(std::max(result.seconds_in_all, 0.0), 3)},
      {"per_second", result.seconds > 0 ? rounded(static_cast<double>(result.in_time) / result.seconds, 1) : 0},
      {"latency_us", {{"p50", took.p50}, {"p90", took.p90}, {"p99", took.p99}, {"p999", took.p999}, {"max", took.max}}},
      {"answers", kinds},
      {"unexpected", tally.unexpected()},
      {"load_client_us_each", rounded(1e6 * result.processor_seconds / answered, 1)},
  };
  if (tally.unexpected() != 0) out["first_unexpected"] = tally.first_unexpected();
  return boost::json::serialize(out);
}

}  // namespace mpic::load
