#include "cli/key_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace mpic::cli {
namespace {

constexpr mode_t kPrivateDirectory = 0700;

[[noreturn]] void fail(const std::string& what, const std::filesystem::path& path) {
  throw std::system_error(errno, std::generic_category(), what + " " + path.string());
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

// Removes the temporary name, whether the file reached its place or not.
class TemporaryName {
 public:
  explicit TemporaryName(std::string name) : name_(std::move(name)) {}
  ~TemporaryName() { ::unlink(name_.c_str()); }
  TemporaryName(const TemporaryName&) = delete;
  TemporaryName& operator=(const TemporaryName&) = delete;

 private:
  std::string name_;
};

void write_all(int descriptor, std::string_view content, const std::filesystem::path& file) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot write", file);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

void make_private_directories(const std::filesystem::path& directory) {
  if (directory.empty() || std::filesystem::is_directory(directory)) return;
  make_private_directories(directory.parent_path());
  if (::mkdir(directory.c_str(), kPrivateDirectory) != 0 && errno != EEXIST) {
    fail("cannot make the directory", directory);
  }
}

void write_file(const std::filesystem::path& file, std::string_view content, mode_t mode, Existing existing) {
  std::string temporary = file.string() + ".XXXXXX";
  const Descriptor descriptor(::mkstemp(temporary.data()));  // created with mode 0600
  if (descriptor.get() < 0) fail("cannot make a file beside", file);
  const TemporaryName cleanup(temporary);

  write_all(descriptor.get(), content, file);
  if (::fchmod(descriptor.get(), mode) != 0) fail("cannot set the mode of", file);
  if (::fsync(descriptor.get()) != 0) fail("cannot flush", file);

  // rename() replaces silently; link() fails if the name is taken.
  const int moved = existing == Existing::kReplace ? ::rename(temporary.c_str(), file.c_str())
                                                   : ::link(temporary.c_str(), file.c_str());
  if (moved != 0) fail("cannot write", file);
}

}  // namespace mpic::cli
