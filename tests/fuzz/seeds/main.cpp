// mpic-fuzz-seeds CORPUS: writes every seed to CORPUS/<target>/<name>. What else is there stays.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/fuzz/seeds/seeds.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: mpic-fuzz-seeds CORPUS\n", stderr);
    return 64;
  }
  mpic::fuzz::Seeds seeds;
  mpic::fuzz::add_dns(seeds);
  mpic::fuzz::add_http(seeds);
  mpic::fuzz::add_tls(seeds);
  mpic::fuzz::add_text(seeds);
  mpic::fuzz::add_methods(seeds);
  mpic::fuzz::add_wire(seeds);
  mpic::fuzz::add_config(seeds);
  mpic::fuzz::add_log(seeds);
  mpic::fuzz::add_rest(seeds);
  for (const auto& seed : seeds) {
    const auto folder = std::filesystem::path(argv[1]) / seed.target;
    std::filesystem::create_directories(folder);
    if (seed.once && std::filesystem::exists(folder / seed.name)) continue;
    std::ofstream out(folder / seed.name, std::ios::binary);
    out << seed.octets;
    if (!out.flush()) {
      std::fprintf(stderr, "cannot write %s\n", (folder / seed.name).c_str());
      return 1;
    }
  }
  std::printf("%zu seeds\n", seeds.size());
}
