// `mpic record`: what the log holds of one request.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/failure.hpp"
#include "cli/record_view.hpp"
#include "cli/render.hpp"

namespace mpic::cli {
namespace {

struct RecordOptions {
  std::string record_id;
  std::string request_id;
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
  Client client(load_profile(choose_profile(around.profile).file));
  const auto record = read_record(client.get_record(request));
  if (!record) throw Failure(kExitNotDetermined, "the record is not sound: " + record.error().detail);
  around.out << (options.json ? record_json(*record) + "\n" : render(*record, options.would_be, around.style));
  if (const int status = exit_status(record->response, options.would_be); status != 0) throw CLI::RuntimeError(status);
}

}  // namespace

void add_record(CLI::App& app, Surroundings& surroundings) {
  CLI::App* command = app.add_subcommand("record", "Show what was recorded of a request");
  const auto options = std::make_shared<RecordOptions>();
  command->add_option("RECORD_ID", options->record_id, "32 hexadecimal digits, as answers name it")->type_name("");
  command->add_option("--request-id", options->request_id, "Instead of it: the id that you chose for the request")
      ->type_name("ID");
  command->add_flag("--json", options->json, "One JSON object: response, body, addenda");
  command->add_flag("--would-be", options->would_be,
                    "Headline and exit status follow the verdict that a deployment without laboratory or monitor "
                    "settings would give");
  command->footer(kFooter);
  command->callback([options, &surroundings] { show(*options, surroundings); });
}

}  // namespace mpic::cli
