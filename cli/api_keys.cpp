#include "cli/api_keys.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "cli/exit_status.hpp"
#include "cli/failure.hpp"
#include "cli/key_directory.hpp"
#include "cli/table.hpp"
#include "coordinator/access/api_keys_file.hpp"
#include "coordinator/policy/baseline_requirements.hpp"

namespace mpic::cli {
namespace {

namespace fs = std::filesystem;

using coordinator::ApiKey;

[[noreturn]] void fail_system(const std::string& what) {
  throw Failure(kExitNotWritten, fmt::format("{}: {}", what, std::generic_category().message(errno)));
}

// Held by who changes a file in it. The folder, since the file itself becomes another one.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& file) : folder_(file.has_parent_path() ? file.parent_path() : fs::path(".")) {
    descriptor_ = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor_ < 0) fail_system(folder_.string());
    if (::flock(descriptor_, LOCK_EX) != 0) {
      ::close(descriptor_);
      fail_system(folder_.string());
    }
  }
  ~FolderLock() { ::close(descriptor_); }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  // What was renamed stays so after a loss of power.
  void flush() const {
    if (::fsync(descriptor_) != 0) fail_system(folder_.string());
  }

 private:
  fs::path folder_;
  int descriptor_ = -1;
};

std::vector<ApiKey> read(const fs::path& file) {
  return fs::exists(file) ? coordinator::load_api_keys(file) : std::vector<ApiKey>{};
}

void write(const fs::path& file, const std::vector<ApiKey>& keys, const FolderLock& lock) {
  if (!coordinator::fits_a_file(keys)) {
    throw Failure(kExitNotWritten,
                  fmt::format("{}: no room for another key: a file has {} at most, and 1 MiB; revoke those that have "
                              "expired. Nothing was changed",
                              file.string(), coordinator::kMostApiKeys));
  }
  struct stat before {};
  const bool is_there = ::stat(file.c_str(), &before) == 0;
  try {
    write_file(file, coordinator::api_keys_text(keys), kPrivateFile, Existing::kReplace);
  } catch (const std::system_error& error) {
    throw Failure(kExitNotWritten, fmt::format("{}; nothing was changed", error.what()));
  }
  lock.flush();
  // The coordinator must be able to read it as before, whoever has written it.
  const bool is_anothers = is_there && (before.st_uid != ::geteuid() || before.st_gid != ::getegid());
  if (is_anothers && ::chown(file.c_str(), before.st_uid, before.st_gid) != 0) {
    fail_system(fmt::format("{} was written, and belongs to you: its owner was another", file.string()));
  }
}

std::string checked(const std::string& option, const std::string& text) {
  auto name = coordinator::parse_api_key_name(text);
  if (name) return *std::move(name);
  throw Failure(kExitUsage, fmt::format("{} {}: {}", option, mpic::quoted(text), name.error().detail));
}

std::string day(TimePoint when) { return coordinator::to_string(std::chrono::floor<std::chrono::days>(when)); }

std::string told(const ApiKey& key) { return fmt::format("API key {} ({}) of {}", key.id, key.name, key.client); }

// Ids are short: one that is taken is drawn anew.
std::string fresh_key(const std::vector<ApiKey>& keys, Random& random) {
  for (;;) {
    std::string text = coordinator::new_api_key(random);
    const auto id = coordinator::api_key_id(text);
    if (std::none_of(keys.begin(), keys.end(), [&](const ApiKey& key) { return key.id == id; })) return text;
  }
}

void check_name_is_free(const std::vector<ApiKey>& keys, const ApiKey& key) {
  for (const ApiKey& other : keys) {
    if (other.client != key.client || other.name != key.name) continue;
    throw Failure(kExitUsage,
                  fmt::format("{} is there already; give the new one another name, and revoke the old one when nothing "
                              "shows it any more",
                              told(other)));
  }
}

ApiKey made(const NewApiKey& wanted, const std::string& text, TimePoint now) {
  const auto today = std::chrono::floor<std::chrono::days>(now);
  ApiKey key;
  key.id = coordinator::api_key_id(text).value();
  key.client = checked("--client", wanted.client);
  key.name = checked("--name", wanted.name);
  key.sha256 = coordinator::api_key_hash(text);
  key.created = today;
  if (wanted.days != 0) key.expires = today + std::chrono::days(wanted.days + 1);  // what is left of today is no day
  return key;
}

std::vector<ApiKey>::iterator find(std::vector<ApiKey>& keys, const std::string& id_or_name, const fs::path& file) {
  const auto by_id = std::find_if(keys.begin(), keys.end(), [&](const ApiKey& key) { return key.id == id_or_name; });
  if (by_id != keys.end()) return by_id;
  const auto is_named = [&](const ApiKey& key) { return key.name == id_or_name; };
  const auto by_name = std::find_if(keys.begin(), keys.end(), is_named);
  if (by_name == keys.end()) {
    throw Failure(kExitUsage, fmt::format("{} has no API key {}", file.string(), mpic::quoted(id_or_name)));
  }
  std::vector<std::string> all;
  for (const ApiKey& key : keys) {
    if (is_named(key)) all.push_back(fmt::format("{} of {}", key.id, key.client));
  }
  if (all.size() > 1) {
    throw Failure(kExitUsage, fmt::format("{} have the name {}; say which by its id", fmt::join(all, ", "),
                                          mpic::quoted(id_or_name)));
  }
  return by_name;
}

}  // namespace

void create_api_key(const fs::path& file, const NewApiKey& wanted, Random& random, TimePoint now,
                    const Surroundings& around) {
  if (wanted.days < 0 || wanted.days > kMostKeyDays) {
    throw Failure(kExitUsage, fmt::format("--days {}: must be 0 to {}", wanted.days, kMostKeyDays));
  }
  const FolderLock lock(file);
  std::vector<ApiKey> keys = read(file);
  const std::string text = fresh_key(keys, random);
  const ApiKey key = made(wanted, text, now);
  check_name_is_free(keys, key);
  keys.push_back(key);
  write(file, keys, lock);
  around.out << text << std::endl;
  if (!around.out) throw Failure(kExitNotWritten, told(key) + " could not be told, so nobody has it: revoke it");
  around.notes << fmt::format(
      "{}, good {}. This is the only time that it is shown: {} has its hash alone.\n"
      "Next: put it where that client reads it (it sends x-api-key, or authorization: Bearer), see that "
      "coordinator.yaml "
      "has\n"
      "`api_keys` with this file and a client {}, and send the coordinator SIGHUP.\n",
      told(key), key.expires ? fmt::format("until {} 00:00 UTC", day(*key.expires)) : "for ever", file.string(),
      key.client);
}

void list_api_keys(const fs::path& file, TimePoint now, const Surroundings& around) {
  const std::vector<ApiKey> keys = read(file);
  if (keys.empty()) {
    around.notes << fmt::format("{} has no API keys\n", file.string());
    return;
  }
  Table table({{"ID"}, {"CLIENT"}, {"NAME"}, {"CREATED"}, {"EXPIRES"}, {"STATE"}});
  for (const ApiKey& key : keys) {
    const bool is_expired = key.expires && *key.expires <= now;
    table.add({{key.id},
               {key.client},
               {key.name},
               {day(key.created)},
               {key.expires ? day(*key.expires) : "never"},
               {is_expired ? "expired" : "", Tone::kBad}});
  }
  around.out << table.render(0, around.style);
}

void revoke_api_key(const fs::path& file, const std::string& id_or_name, const Surroundings& around) {
  const FolderLock lock(file);
  std::vector<ApiKey> keys = read(file);
  const auto found = find(keys, id_or_name, file);
  const ApiKey key = *found;
  keys.erase(found);
  write(file, keys, lock);
  around.notes << fmt::format("{} is out of {}. It is good until the coordinator gets SIGHUP: send it now.\n",
                              told(key), file.string());
}

}  // namespace mpic::cli
