#include "tests/fuzz/scratch_folder.hpp"

#include <unistd.h>

#include <fstream>
#include <stdexcept>

namespace mpic::fuzz {
namespace {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "mpic-fuzz-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
    for (const char* file : {"ca.pem", "host.pem", "host.key", "signing.pem", "checkpoint-key.pem"})
      write(file, "unread\n");
    write("unbound.conf", "server:\n auto-trust-anchor-file: x\n cache-max-ttl: 60\n cache-max-negative-ttl: 60\n");
    write("own-tree.conf", "server:\n trust-anchor-file: x\n cache-max-ttl: 60\n cache-max-negative-ttl: 60\n");
    write("signing.pub",
          "-----BEGIN PUBLIC KEY-----\n"
          "MCowBQYDK2VwAyEAxkEeO0HSB3j80NuhLfoqXNnGBEDip19Id0ybWsn0I50=\n"
          "-----END PUBLIC KEY-----\n");
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::filesystem::path write(const std::filesystem::path& name, std::string_view content) const {
    std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
    return file;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace

std::filesystem::path config_file(std::string_view content) { return scratch_file("config.yaml", content); }

std::filesystem::path scratch_file(const std::filesystem::path& path, std::string_view content) {
  static const Folder kFolder;
  return kFolder.write(path, content);
}

void hold_config_error(std::string_view what) {
  hold_presentable(what);
  hold(what.find("config.yaml") != std::string_view::npos, "an error names the file");
  hold(what.size() <= 8192, "an error is short");
}

}  // namespace mpic::fuzz
