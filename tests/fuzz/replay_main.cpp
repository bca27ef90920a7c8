// mpic-fuzz-replay CORPUS [FILE...]: every target over every file of its own corpus, in this build's compiler.
// With files: only those, each by the target whose name its folder has. A broken invariant ends the process; the last
// line then names the file.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/target.hpp"

namespace {

namespace fs = std::filesystem;

std::vector<std::uint8_t> octets_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void run(const mpic::fuzz::Target& target, const fs::path& file) {
  // Printed first: whatever happens then, one knows with what.
  std::printf("%s\n", file.c_str());
  std::fflush(stdout);
  // As libFuzzer gives them: the sanitizer sees every octet read beyond the end.
  const std::vector<std::uint8_t> octets = octets_of(file);
  target.run(octets);
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  if (!fs::is_directory(folder)) return files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: mpic-fuzz-replay CORPUS [FILE...]\n", stderr);
    return 64;
  }
  const std::vector<fs::path> asked(argv + 2, argv + argc);
  std::size_t ran = 0;
  for (const auto* target : mpic::fuzz::Target::all()) {
    const auto files = asked.empty() ? files_in(fs::path(argv[1]) / target->name()) : asked;
    std::size_t of_target = 0;
    for (const fs::path& file : files) {
      if (!asked.empty() && file.parent_path().filename() != target->name()) continue;
      run(*target, file);
      ++of_target;
    }
    if (asked.empty() && of_target == 0) {
      std::fprintf(stderr, "no corpus for %.*s below %s\n", static_cast<int>(target->name().size()),
                   target->name().data(), argv[1]);
      return 1;
    }
    ran += of_target;
  }
  if (ran == 0) {
    std::fputs("no file was run\n", stderr);
    return 1;
  }
  std::printf("test cases: %zu\n", ran);
  return 0;
}
