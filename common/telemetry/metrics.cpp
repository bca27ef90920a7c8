#include "common/telemetry/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <stdexcept>

namespace mpic::telemetry {
namespace {

void check_name(const std::string& name) {
  if (!name.starts_with("mpic_")) throw std::logic_error("metric " + name + ": the name must begin with mpic_");
}

}  // namespace

Metrics::Metrics() : registry_(std::make_shared<prometheus::Registry>(prometheus::Registry::InsertBehavior::Merge)) {}

prometheus::Counter& Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
  check_name(name);
  return prometheus::BuildCounter().Name(name).Help(help).Register(*registry_).Add(labels);
}

prometheus::Gauge& Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  check_name(name);
  return prometheus::BuildGauge().Name(name).Help(help).Register(*registry_).Add(labels);
}

void Metrics::forget_gauge(const std::string& name, const Labels& labels) {
  auto& family = prometheus::BuildGauge().Name(name).Register(*registry_);
  family.Remove(&family.Add(labels));
}

prometheus::Histogram& Metrics::seconds(const std::string& name, const std::string& help, const Labels& labels) {
  check_name(name);
  // Dense where a check usually ends (tens of milliseconds to seconds), up to the longest deadline of one
  // step.
  static const prometheus::Histogram::BucketBoundaries kBuckets = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                                   0.5,   1,      2.5,   5,    10,    20,   30};
  return prometheus::BuildHistogram().Name(name).Help(help).Register(*registry_).Add(labels, kBuckets);
}

std::string Metrics::text() const { return prometheus::TextSerializer().Serialize(registry_->Collect()); }

}  // namespace mpic::telemetry
