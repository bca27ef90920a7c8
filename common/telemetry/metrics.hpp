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

// Safe from any thread. Names begin with "mpic_". The same name and labels give the same metric, which lives
// as long as this object: keep the reference instead of asking again. A name that is malformed, or already in
// use for another kind of metric, is a bug: std::logic_error.
class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;
  Metrics();
  prometheus::Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
  prometheus::Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  // Of something that is no more: nobody may keep a reference to it.
  void forget_gauge(const std::string& name, const Labels& labels);
  // Seconds, with buckets from 1 ms to 30 s.
  prometheus::Histogram& seconds(const std::string& name, const std::string& help, const Labels& labels = {});
  [[nodiscard]] std::string text() const;

 private:
  std::shared_ptr<prometheus::Registry> registry_;
};

}  // namespace mpic::telemetry
