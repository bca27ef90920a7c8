// `mpic checkpoint`: the newest signed checkpoint of the coordinator's log, for who keeps one elsewhere.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/failure.hpp"
#include "cli/log_standing.hpp"
#include "common/config/yaml.hpp"
#include "common/evidence/log_tree.hpp"

namespace mpic::cli {
namespace {

struct CheckpointOptions {
  std::string since;
  std::string log_key;
};

constexpr const char* kFooter =
    R"(The checkpoint goes to standard output as it was signed (C2SP tlog-checkpoint): keep it where the coordinator's
operators cannot change it. With --since its log is proven to begin with that of one that you kept: nothing
that was in it has been changed or taken out. Both must be signed by the log's key.

Examples:
  mpic checkpoint --log-key checkpoint.vkey > today
  mpic checkpoint --since yesterday > today

Exit status: 0; 1 when the log does not extend the earlier checkpoint, or a signature does not hold; 2 when there
is no answer; 64 usage.)";

[[noreturn]] void fail_proof(const std::string& why) { throw Failure(kExitNotCorroborated, why); }

std::vector<Digest> hashes_of(const google::protobuf::RepeatedPtrField<std::string>& octets) {
  std::vector<Digest> out;
  for (const std::string& hash : octets) {
    if (hash.size() != sizeof(Digest)) fail_proof("a hash of the consistency proof is none");
    std::copy(hash.begin(), hash.end(), out.emplace_back().begin());
  }
  return out;
}

evidence::Checkpoint opened(const std::string& note, const evidence::NoteVerifier& key, const std::string& whose) {
  const evidence::NoteVerifier known[] = {key};
  auto said = evidence::open_checkpoint(note, known);
  if (!said) fail_proof(fmt::format("{}: {}", whose, said.error().detail));
  return *std::move(said);
}

// A log that never had what its key signed has lost it.
v1::GetCheckpointResponse fetch(const Profile& profile, const std::optional<evidence::Checkpoint>& earlier) {
  v1::GetCheckpointRequest request;
  if (earlier) request.set_since_size(earlier->size);
  try {
    return Client(profile).get_checkpoint(request);
  } catch (const Failure& failure) {
    if (!earlier || failure.status() != kExitUsage) throw;
    fail_proof(fmt::format("the log lost what was signed: {}", failure.what()));
  }
}

void show(const CheckpointOptions& options, const Surroundings& around) {
  const Profile profile = load_profile(choose_profile(around.profile).file);
  const auto key = options.log_key.empty() ? profile.log_key : std::optional(load_log_key(options.log_key));
  std::optional<evidence::Checkpoint> earlier;
  if (!options.since.empty()) {
    if (!key) throw Failure(kExitUsage, "--since needs the key of the log: --log-key, or log_key of the profile");
    earlier = opened(config::read_file(options.since), *key, options.since);
  }
  const v1::GetCheckpointResponse answer = fetch(profile, earlier);
  if (!key) {
    around.notes << "not verified: no key of the log is known (--log-key)\n";
  } else {
    const evidence::Checkpoint now = opened(answer.checkpoint(), *key, "the coordinator's checkpoint");
    if (earlier && !evidence::verify_consistency(earlier->size, earlier->root, now.size, now.root,
                                                 hashes_of(answer.consistency()))) {
      fail_proof(fmt::format("the log of {} leaves does not begin with that of {} leaves in {}: it was changed",
                             now.size, earlier->size, options.since));
    }
    around.notes << fmt::format("{}: {} leaves", now.origin, now.size)
                 << (earlier ? fmt::format(", of which the first {} are as they were", earlier->size) : "") << '\n';
  }
  around.out << answer.checkpoint();
}

}  // namespace

void add_checkpoint(CLI::App& app, Surroundings& surroundings) {
  CLI::App* command =
      app.add_subcommand("checkpoint", "Fetch the log's newest signed checkpoint, to keep it elsewhere");
  const auto options = std::make_shared<CheckpointOptions>();
  command->add_option("--since", options->since, "A file with one that you kept: the log must extend it")
      ->type_name("FILE");
  command->add_option("--log-key", options->log_key, "Key of the log (vkey), or a file of it; default: the profile's")
      ->type_name("KEY");
  command->footer(kFooter);
  command->callback([options, &surroundings] { show(*options, surroundings); });
}

}  // namespace mpic::cli
