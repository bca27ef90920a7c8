// A program's certificate, key and CA, as they lie in their files now.
//
// Whoever replaces them cannot do so in one stroke: for a moment, or for as long as somebody is called away, the key is
// not the certificate's. gRPC's own watcher takes such a pair and then makes no connection at all. So what cannot be
// used is not taken here; the last that were good stay in use, and the log says why, once.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "common/domain/problem.hpp"
#include "common/rpc/tls_files.hpp"

namespace mpic::rpc {

// PEM. The key belongs to the certificate.
struct TlsMaterial {
  std::string ca;
  std::string certificate;
  std::string key;
  friend bool operator==(const TlsMaterial&, const TlsMaterial&) = default;
};

// Reads the files once and says what is wrong with them, before gRPC would fail without a word: something that is not
// PEM or over 1 MiB, a key of another certificate, a certificate that has expired.
[[nodiscard]] Expected<TlsMaterial> read_tls_files(const TlsFiles& files);

// Safe from any thread.
class TlsSource {
 public:
  explicit TlsSource(TlsFiles files) : files_(std::move(files)) {}

  // Reads the files again, which takes some 50 µs while nothing has changed. The last that were good; the same pointer
  // while nothing has changed; null while none ever were.
  [[nodiscard]] std::shared_ptr<const TlsMaterial> current();
  // Other files from now on; or what is wrong with them, and those before stay.
  [[nodiscard]] Expected<void> use(const TlsFiles& files);

 private:
  void take(TlsMaterial material);  // precondition: mutex_ held

  std::mutex mutex_;  // guards what follows
  TlsFiles files_;
  std::shared_ptr<const TlsMaterial> good_;
  std::string refused_;  // what was said last of files that cannot be used
};

}  // namespace mpic::rpc
