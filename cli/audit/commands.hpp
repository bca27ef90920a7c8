// The subcommands of `mpic audit`.
#pragma once

#include "cli/commands.hpp"

namespace mpic::cli {

void add_audit_find(CLI::App& audit, Surroundings& surroundings);
void add_audit_show(CLI::App& audit, Surroundings& surroundings);
void add_audit_verify(CLI::App& audit, Surroundings& surroundings);
void add_audit_export(CLI::App& audit, Surroundings& surroundings);
void add_audit_reconcile(CLI::App& audit, Surroundings& surroundings);
void add_audit_stats(CLI::App& audit, Surroundings& surroundings);

}  // namespace mpic::cli
