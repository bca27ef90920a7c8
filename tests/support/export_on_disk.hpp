// A log in the files of an export, and ways to damage them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "tests/support/sample_log.hpp"

namespace mpic::test {

// All of `log` with its checkpoint, in a folder that need not be there.
void write_export(const std::filesystem::path& folder, const SampleLog& log);

[[nodiscard]] std::string octets_of(const std::filesystem::path& file);
// Over what is there; folders on the way are made.
void write_octets(const std::filesystem::path& file, std::string_view octets);

}  // namespace mpic::test
