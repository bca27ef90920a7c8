// `mpic audit`: what an auditor does with a log, without the coordinator.
#include <CLI/CLI.hpp>

#include "cli/audit/commands.hpp"

namespace mpic::cli {
namespace {

constexpr const char* kFooter =
    R"(Everything here reads the log itself: a store, also while its coordinator writes it, or an export. docs/auditing.md
tells what the log is, and what each finding means.

Examples:
  mpic audit verify --store records.sqlite --log-key checkpoint.vkey --checkpoint kept/checkpoint
  mpic audit find --store records.sqlite --name www.example.com
  mpic audit reconcile --store records.sqlite issued.pem --out november.csv
  mpic audit stats --store records.sqlite --from 2026-11-01 --by day
  mpic audit export log-export --store records.sqlite --tiles log-tiles)";

}  // namespace

void add_audit(CLI::App& app, Surroundings& surroundings) {
  CLI::App* audit = app.add_subcommand("audit", "Search, verify and export the log");
  audit->require_subcommand(1);
  audit->footer(kFooter);
  add_audit_find(*audit, surroundings);
  add_audit_show(*audit, surroundings);
  add_audit_verify(*audit, surroundings);
  add_audit_export(*audit, surroundings);
  add_audit_reconcile(*audit, surroundings);
  add_audit_stats(*audit, surroundings);
}

}  // namespace mpic::cli
