#include "cli/audit/source.hpp"

#include <CLI/CLI.hpp>

#include "coordinator/config.hpp"

namespace mpic::cli {
namespace {

bool is_postgres(const std::string& store) {
  const bool is_uri = store.rfind("postgresql://", 0) == 0 || store.rfind("postgres://", 0) == 0;
  return is_uri || store.find("dbname=") != std::string::npos;
}

Expected<std::unique_ptr<coordinator::LogReader>> open_store(const std::string& store, const std::string& origin) {
  if (is_postgres(store)) return coordinator::read_postgres(store, origin);
  auto log = coordinator::read_sqlite(store);
  if (log && !origin.empty() && (*log)->origin() != origin) {
    return fail(ProblemCode::kInvalidArgument, store,
                store + " holds the log \"" + (*log)->origin() + "\", not \"" + origin + "\"");
  }
  return log;
}

}  // namespace

void add_log_source(CLI::App& command, LogSource& source) {
  const auto group = command.add_option_group("Log", "Which log is read (exactly one)");
  group
      ->add_option("--store", source.store,
                   "A coordinator's SQLite file or PostgreSQL database (postgresql://…), also while it is written")
      ->type_name("FILE|URI");
  group->add_option("--export", source.export_folder, "A folder that `mpic audit export` wrote")->type_name("DIR");
  group->add_option("--config", source.config, "coordinator.yaml: the store that it names")->type_name("FILE");
  command.add_option("--origin", source.origin, "The log's name, where it is to be a certain one")->type_name("NAME");
}

std::unique_ptr<coordinator::LogReader> open_log(const LogSource& source) {
  const int given =
      (source.store.empty() ? 0 : 1) + (source.export_folder.empty() ? 0 : 1) + (source.config.empty() ? 0 : 1);
  if (given != 1) throw Failure(kExitUsage, "exactly one of --store, --export and --config is needed");
  if (!source.export_folder.empty()) return read_or_fail(coordinator::read_export(source.export_folder));
  if (source.config.empty()) return read_or_fail(open_store(source.store, source.origin));
  const coordinator::Config config = coordinator::load_config(source.config);
  const std::string store = config.postgres.empty() ? config.sqlite.string() : config.postgres;
  return read_or_fail(open_store(store, config.deployment.log_origin));
}

}  // namespace mpic::cli
