// A configuration with everything that it names, checked as a whole: at the start and at each reload alike.
#pragma once

#include <filesystem>
#include <stdexcept>

#include "coordinator/audit/record_store.hpp"
#include "coordinator/config.hpp"

namespace mpic::coordinator {

// Why the program cannot go on, or a reload is not taken: one text, for people.
class StartError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class T>
T or_stop(Expected<T> value) {
  if (!value) throw StartError(value.error().where + ": " + value.error().detail);
  if constexpr (!std::is_void_v<T>) return *std::move(value);
}

struct Loaded {
  Config config;
  evidence::SigningKey key;
  evidence::NoteSigner checkpoint_key;
};

// The file and those it names can be read and are good, and the deployment satisfies the policy of `now`; under
// `custom` it need not. Records are kept for as long as they must be, or the operator has said that they are not.
// Throws config::ConfigError or StartError.
[[nodiscard]] Loaded load(const std::filesystem::path& file, TimePoint now);

// What it amounts to. The snapshot of the deployment is durable on return. Throws StartError.
[[nodiscard]] SettingsPtr settle_in(const Loaded& loaded, RecordStore& store);

}  // namespace mpic::coordinator
