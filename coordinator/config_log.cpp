#include "coordinator/config_log.hpp"

#include "common/evidence/checkpoint.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::int64_t kLongest = 36'500;  // days
constexpr const char* kAccepted = "accepted";

}  // namespace

std::string load_log_origin(config::YamlMap& root) {
  std::string origin = root.text("log_origin");
  if (!evidence::is_log_origin(origin)) {
    root.fail("log_origin",
              "1 to 255 octets of printable ASCII without blanks and \"+\" are accepted, since checkpoints carry it: "
              "mpic.ca.example/2026");
  }
  return origin;
}

std::filesystem::path load_checkpoint_key(config::YamlMap& root) {
  if (!root.has("checkpoint_key")) {
    root.fail("checkpoint_key",
              "missing, but required: the file of the Ed25519 key that signs the log's checkpoints. `openssl genpkey "
              "-algorithm ed25519 -out checkpoint-key.pem` makes one, and `mpic keys vkey --name LOG_ORIGIN "
              "checkpoint-key.pem` tells its public half, for auditors");
  }
  return root.file("checkpoint_key");
}

Retention load_retention(config::YamlMap& store) {
  Retention out;
  out.keep = std::chrono::days(store.integer("keep_days", 0, 0, kLongest));
  out.caa_is_reused = store.boolean("caa_reuse", false);
  if (const auto said = store.text_if("below_floor")) {
    if (*said != kAccepted) store.fail("below_floor", "\"accepted\" is accepted, and nothing else");
    out.below_floor_accepted = true;
  }
  return out;
}

}  // namespace mpic::coordinator
