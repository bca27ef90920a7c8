// Metrics of one process, in Prometheus' text format on the admin port.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <memory>
#include <string>

namespace mpic::telemetry {

// Safe from any thread. Names begin with "mpic_".
class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;
  Metrics();
  prometheus::Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
  prometheus::Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  // Seconds, with buckets from 1 ms to 30 s.
  prometheus::Histogram& seconds(const std::string& name, const std::string& help, const Labels& labels = {});
  [[nodiscard]] std::string text() const;

 private:
  std::shared_ptr<prometheus::Registry> registry_;
};

}  // namespace mpic::telemetry
