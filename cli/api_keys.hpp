// `mpic keys api`: the file of the coordinator's `api_keys`, for whoever operates it.
//
// The file is read whole, changed, and put in its place whole: written beside it, flushed, renamed; two at once wait
// for each other. One that cannot be read is left alone. What a running coordinator takes is what it read last.
#pragma once

#include <filesystem>
#include <string>

#include "cli/commands.hpp"
#include "common/async/random.hpp"
#include "common/domain/observation.hpp"

namespace mpic::cli {

inline constexpr int kDefaultKeyDays = 365;
inline constexpr int kMostKeyDays = 3'650;
inline constexpr int kExitNotWritten = 73;  // EX_CANTCREAT

struct NewApiKey {
  std::string client;
  std::string name;
  int days = kDefaultKeyDays;  // whole ones from today on; 0: it does not expire
};

// All throw Failure, or config::ConfigError for a file that cannot be read. `now`: what time it is.
//
// The key goes to `around.out`, alone, and nowhere else; what to do with it to `around.notes`.
void create_api_key(const std::filesystem::path& file, const NewApiKey& wanted, Random& random, TimePoint now,
                    const Surroundings& around);
void list_api_keys(const std::filesystem::path& file, TimePoint now, const Surroundings& around);
// By its id, or by its name where only one has it.
void revoke_api_key(const std::filesystem::path& file, const std::string& id_or_name, const Surroundings& around);

}  // namespace mpic::cli
