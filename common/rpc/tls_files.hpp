// Where a program's certificate, key and CA lie. Apart from credentials.hpp, so that reading a configuration needs no
// gRPC.
#pragma once

#include <filesystem>

namespace mpic::rpc {

struct TlsFiles {
  std::filesystem::path ca;
  std::filesystem::path certificate;
  std::filesystem::path key;
  friend bool operator==(const TlsFiles&, const TlsFiles&) = default;
};

}  // namespace mpic::rpc
