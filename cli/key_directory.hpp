// Writes key files so that nobody else can read them and no reader sees half a file.
//
// A file is written under a temporary name beside its place, flushed to disk and
// then moved there, because the credentials of a running process watch these
// files. Without permission to replace, the move itself fails if something is
// already there, so an existing key cannot be lost even to a second run at the
// same moment.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string_view>

namespace mpic::cli {

inline constexpr mode_t kPrivateFile = 0600;
inline constexpr mode_t kPublicFile = 0644;

enum class Existing { kRefuse, kReplace };

// Creates `directory` and its missing parents, each with mode 0700; existing ones stay as they are.
// Throws std::system_error, as write_file() does.
void make_private_directories(const std::filesystem::path& directory);

void write_file(const std::filesystem::path& file, std::string_view content, mode_t mode, Existing existing);

}  // namespace mpic::cli
