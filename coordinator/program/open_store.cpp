#include "coordinator/program/open_store.hpp"

#include <spdlog/spdlog.h>

#include "coordinator/audit/nowhere_store.hpp"
#include "coordinator/audit/postgres_store.hpp"
#include "coordinator/audit/sqlite_store.hpp"
#include "coordinator/program/alerts.hpp"
#include "coordinator/program/load.hpp"

namespace mpic::coordinator {

std::unique_ptr<RecordStore> open_store(const Config& config, telemetry::Metrics& metrics, telemetry::EventLog& events,
                                        const Clock& clock) {
  if (config.deployment.lab.records_nowhere) {
    spdlog::warn("lab: nothing is recorded (records_nowhere)");
    return std::make_unique<NowhereStore>();
  }
  if (!config.postgres.empty()) {
    PostgresOptions options;
    options.writer = loud_store_options(metrics, events, clock);
    return or_stop(PostgresStore::open(config.postgres, config.deployment.log_origin, options));
  }
  SqliteOptions options;
  options.writer = loud_store_options(metrics, events, clock);
  return or_stop(SqliteStore::open(config.sqlite, config.deployment.log_origin, std::move(options)));
}

}  // namespace mpic::coordinator
