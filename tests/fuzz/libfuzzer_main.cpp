// The one target of this program, under libFuzzer.
#include "tests/fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mpic::fuzz::Target::all().front()->run({data, size});
  return 0;
}
