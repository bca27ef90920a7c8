#include "cli/keys_dev.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <optional>
#include <set>

#include "cli/dev_ca.hpp"
#include "cli/key_directory.hpp"
#include "common/config/yaml.hpp"
#include "common/evidence/checkpoint.hpp"

namespace mpic::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxLabel = 63;  // RFC 1035, 2.3.4: each name becomes one DNS label
constexpr int kMaxDays = 3650;

// One process or person that gets keys.
struct Holder {
  fs::path directory;  // relative to the whole
  LeafRequest leaf;
  bool signs;
  std::string purpose;
};

struct File {
  fs::path path;
  std::string content;
  mode_t mode;
};

struct SigningKey {
  std::string holder;
  std::string id;
};

struct Material {
  std::vector<File> files;
  std::vector<SigningKey> signing_keys;
  std::string vkey;
};

const fs::path kCheckpointKey = fs::path("coordinator") / "checkpoint-key.pem";
const fs::path kCheckpointVkey = fs::path("coordinator") / "checkpoint.vkey";

std::string log_origin_of(const KeysDevOptions& options) {
  return options.log_origin.empty() ? fmt::format("{}.{}", options.coordinator, kDevDomain) : options.log_origin;
}

bool is_label(const std::string& name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && name.size() <= kMaxLabel && std::all_of(name.begin(), name.end(), allowed) &&
         name.front() != '-' && name.back() != '-';
}

std::optional<std::string> fault_of_names(const std::string& option, const std::vector<std::string>& names) {
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (!is_label(name)) {
      return fmt::format("{} \"{}\": must be 1 to 63 of a-z, 0-9 and inner hyphens", option, name);
    }
    if (!seen.insert(name).second) return fmt::format("{} {}: given twice", option, name);
  }
  return std::nullopt;
}

std::optional<std::string> fault_of(const KeysDevOptions& options) {
  if (options.directory.empty()) return "the directory is missing";
  if (options.agents.empty()) return "--agent: at least one perspective id is needed";
  if (options.clients.empty()) return "--client: at least one client name is needed";
  if (options.days < 1 || options.days > kMaxDays) {
    return fmt::format("--days {}: must be 1 to {}", options.days, kMaxDays);
  }
  if (auto fault = fault_of_names("--coordinator", {options.coordinator})) return fault;
  if (auto fault = fault_of_names("--agent", options.agents)) return fault;
  if (!evidence::is_log_origin(log_origin_of(options))) {
    return fmt::format("--log-origin \"{}\": must be 1 to 255 octets of printable ASCII without blanks and \"+\"",
                       printable(options.log_origin));
  }
  return fault_of_names("--client", options.clients);
}

std::vector<Holder> holders_of(const KeysDevOptions& options) {
  std::vector<Holder> holders;
  holders.push_back({.directory = "coordinator",
                     .leaf = {.common_name = options.coordinator,
                              .dns_name = fmt::format("{}.{}", options.coordinator, kDevDomain),
                              .use = TlsUse::kServerAndClient},
                     .signs = true,
                     .purpose = "serves clients, and is the agents' client; signs records"});
  for (const std::string& id : options.agents) {
    holders.push_back(
        {.directory = fs::path("agents") / id,
         .leaf = {.common_name = id, .dns_name = fmt::format("{}.agents.{}", id, kDevDomain), .use = TlsUse::kServer},
         .signs = true,
         .purpose = "serves the coordinator; signs what this perspective saw"});
  }
  for (const std::string& name : options.clients) {
    holders.push_back({.directory = fs::path("clients") / name,
                       .leaf = {.common_name = name,
                                .dns_name = fmt::format("{}.clients.{}", name, kDevDomain),
                                .use = TlsUse::kClient},
                       .signs = false,
                       .purpose = "asks the coordinator"});
  }
  return holders;
}

std::vector<fs::path> file_names(const Holder& holder) {
  std::vector<fs::path> names = {holder.directory / "tls.pem", holder.directory / "tls.key"};
  if (holder.signs) {
    for (const char* name : {"signing.key", "signing.pub.pem", "signing.kid"}) {
      names.push_back(holder.directory / name);
    }
  }
  return names;
}

std::vector<fs::path> in_the_way(const fs::path& directory, const std::vector<Holder>& holders) {
  std::vector<fs::path> names = {"ca.pem", "ca.key", kCheckpointKey, kCheckpointVkey};
  for (const Holder& holder : holders) {
    const auto more = file_names(holder);
    names.insert(names.end(), more.begin(), more.end());
  }
  // A dangling link counts as well: writing through it would not be what the user meant.
  std::erase_if(names, [&](const fs::path& name) {
    return fs::symlink_status(directory / name).type() == fs::file_type::not_found;
  });
  return names;
}

Material make_material(const std::vector<Holder>& holders, const KeysDevOptions& options) {
  const DevCa ca(std::chrono::system_clock::now(), std::chrono::days(options.days));
  Material material;
  auto& files = material.files;
  files.push_back({"ca.pem", certificate_pem(ca.certificate()), kPublicFile});
  files.push_back({"ca.key", private_key_pem(ca.key()), kPrivateFile});
  const std::string checkpoint_key = private_key_pem(*generate_ed25519_key());
  const auto signer = evidence::NoteSigner::from_pem(log_origin_of(options), checkpoint_key);
  if (!signer) throw std::runtime_error(signer.error().detail);
  material.vkey = signer->verifier().vkey();
  files.push_back({kCheckpointKey, checkpoint_key, kPrivateFile});
  files.push_back({kCheckpointVkey, material.vkey + "\n", kPublicFile});
  for (const Holder& holder : holders) {
    const fs::path& directory = holder.directory;
    const KeyPtr tls_key = generate_p256_key();
    files.push_back({directory / "tls.pem", certificate_pem(*ca.issue(holder.leaf, *tls_key)), kPublicFile});
    files.push_back({directory / "tls.key", private_key_pem(*tls_key), kPrivateFile});
    if (!holder.signs) continue;
    const KeyPtr signing_key = generate_p256_key();
    const std::string id = signing_key_id(*signing_key);
    files.push_back({directory / "signing.key", private_key_pem(*signing_key), kPrivateFile});
    files.push_back({directory / "signing.pub.pem", public_key_pem(*signing_key), kPublicFile});
    files.push_back({directory / "signing.kid", id + "\n", kPublicFile});
    material.signing_keys.push_back({.holder = directory.string(), .id = id});
  }
  return material;
}

void write_material(const Material& material, const KeysDevOptions& options) {
  const Existing existing = options.force ? Existing::kReplace : Existing::kRefuse;
  for (const File& file : material.files) {
    const fs::path path = options.directory / file.path;
    make_private_directories(path.parent_path());
    write_file(path, file.content, file.mode, existing);
  }
}

void explain(const std::vector<Holder>& holders, const Material& material, const KeysDevOptions& options,
             std::ostream& out) {
  out << fmt::format("Keys for development in {}, valid for {} days.\n", options.directory.string(), options.days)
      << "Do not use them in production: the CA's key lies beside them, unencrypted.\n\n"
      << "  ca.pem           trusted by every process: `ca` in each `tls` section\n"
      << "  ca.key           the development CA's private key; no process reads it\n"
      << "  */tls.pem, .key  the certificate and key for mutual TLS\n"
      << "  */signing.key    signs evidence (agents) or records (coordinator)\n"
      << "  */signing.pub.pem, .kid  its public key, to be pinned by who verifies, and its id\n"
      << "  coordinator/checkpoint-key.pem  signs the checkpoints of the log: `checkpoint_key`\n"
      << "  coordinator/checkpoint.vkey     its public half, for who verifies the log\n\n";
  out << fmt::format("{:<24} {:<34} {}\n", "DIRECTORY", "NAME IN THE CERTIFICATE", "FOR");
  for (const Holder& holder : holders) {
    out << fmt::format("{:<24} {:<34} {}\n", holder.directory.string(), holder.leaf.dns_name, holder.purpose);
  }
  out << fmt::format("\n{:<24} {}\n", "SIGNS", "KEY ID");
  for (const SigningKey& key : material.signing_keys) {
    out << fmt::format("{:<24} {}\n", key.holder, key.id);
  }
  out << fmt::format("\n{:<24} {}\n", "LOG", material.vkey);
}

}  // namespace

int run_keys_dev(const KeysDevOptions& options, std::ostream& out, std::ostream& err) {
  if (const auto fault = fault_of(options)) {
    err << "mpic keys dev: " << *fault << "\n";
    return kKeysDevUsage;
  }
  try {
    const auto holders = holders_of(options);
    if (const auto existing = in_the_way(options.directory, holders); !existing.empty() && !options.force) {
      err << fmt::format(
          "mpic keys dev: {} exists ({} of the files to be written do); nothing was changed. "
          "Choose another directory, or replace them with --force.\n",
          (options.directory / existing.front()).string(), existing.size());
      return kKeysDevNotMade;
    }
    const Material material = make_material(holders, options);
    write_material(material, options);
    explain(holders, material, options, out);
    return kKeysDevDone;
  } catch (const std::exception& error) {  // the edge of the program: a full disk, no permission
    err << "mpic keys dev: " << error.what() << "\n";
    return kKeysDevNotMade;
  }
}

int run_keys_vkey(const std::string& name, const fs::path& file, std::ostream& out, std::ostream& err) {
  try {
    const auto signer = evidence::NoteSigner::from_pem(name, config::read_file(file));
    if (!signer) {
      err << fmt::format("mpic keys vkey: {}: {}\n", file.string(), signer.error().detail);
      return kKeysDevUsage;
    }
    out << signer->verifier().vkey() << '\n';
    return kKeysDevDone;
  } catch (const config::ConfigError& error) {
    err << "mpic keys vkey: " << error.what() << '\n';
    return kKeysDevUsage;
  }
}

int run_keys_dev(const KeysDevOptions& options) { return run_keys_dev(options, std::cout, std::cerr); }

}  // namespace mpic::cli
