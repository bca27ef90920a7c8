// `mpic record`: what the log holds of one request.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/failure.hpp"
#include "cli/json.hpp"
#include "cli/log_standing.hpp"
#include "cli/record_view.hpp"
#include "cli/render.hpp"

namespace mpic::cli {
namespace {

struct RecordOptions {
  std::string record_id;
  std::string request_id;
  std::string log_key;
  bool prove = false;
  bool json = false;
  bool would_be = false;
};

constexpr const char* kFooter =
    R"(The answer as it was given, who asked, why each perspective was asked or passed over in each attempt, and
what perspectives said after the answer. Records of other clients are not found, unless this client's
rights cover them.

Examples:
  mpic record fc91d07c69d0bb6f03bc3b9932b29195
  mpic record --request-id order-4711 --json
  mpic record fc91d07c69d0bb6f03bc3b9932b29195 --prove --log-key checkpoint.vkey

Exit status: as of `mpic check`; 2 also when there is no such record.)";

void show(const RecordOptions& options, const Surroundings& around) {
  v1::GetRecordRequest request;
  if (options.request_id.empty() == options.record_id.empty()) {
    throw Failure(kExitUsage, "exactly one of RECORD_ID and --request-id is needed");
  }
  if (options.request_id.empty()) {
    request.set_record_id(options.record_id);
  } else {
    request.set_request_id(options.request_id);
  }
  request.set_prove(options.prove);
  const Profile profile = load_profile(choose_profile(around.profile).file);
  const auto log_key = options.log_key.empty() ? profile.log_key : std::optional(load_log_key(options.log_key));
  Client client(profile);
  const auto record = read_record(client.get_record(request));
  if (!record) throw Failure(kExitNotDetermined, "the record is not sound: " + record.error().detail);
  const auto standing = log_standing(record->response, log_key);
  if (!standing) throw Failure(kExitNotDetermined, "the proof of the record does not hold: " + standing.error().detail);
  if (options.json) {
    around.out << with_member(record_json(*record), "log_proof", to_json(*standing)) << '\n';
  } else {
    around.out << render(*record, options.would_be, around.style) << render(*standing, around.style);
  }
  if (const int status = exit_status(record->response, options.would_be); status != 0) throw CLI::RuntimeError(status);
}

}  // namespace

void add_record(CLI::App& app, Surroundings& surroundings) {
  CLI::App* command = app.add_subcommand("record", "Show what was recorded of a request");
  const auto options = std::make_shared<RecordOptions>();
  command->add_option("RECORD_ID", options->record_id, "32 hexadecimal digits, as answers name it")->type_name("");
  command->add_option("--request-id", options->request_id, "Instead of it: the id that you chose for the request")
      ->type_name("ID");
  command->add_flag("--prove", options->prove, "Wait for a checkpoint that covers it, a second or so");
  command->add_option("--log-key", options->log_key, "Key of the log (vkey), or a file of it; default: the profile's")
      ->type_name("KEY");
  command->add_flag("--json", options->json, "One JSON object: response, body, addenda, log_proof");
  command->add_flag("--would-be", options->would_be,
                    "Headline and exit status follow the verdict that a deployment without laboratory or monitor "
                    "settings would give");
  command->footer(kFooter);
  command->callback([options, &surroundings] { show(*options, surroundings); });
}

}  // namespace mpic::cli
