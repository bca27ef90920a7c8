#include "common/rpc/tls_source.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <spdlog/spdlog.h>

#include <fstream>

namespace mpic::rpc {
namespace {

Expected<std::string> read(const std::filesystem::path& file) {
  constexpr std::size_t kMost = 1 << 20;
  std::ifstream in(file, std::ios::binary);
  std::string text(kMost + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  if (in.bad() || !in.eof() || text.empty()) {
    return fail(ProblemCode::kInvalidArgument, file.string(),
                text.size() > kMost ? "is over 1 MiB" : "cannot be read, or is empty");
  }
  return text;
}

std::unique_ptr<BIO, decltype(&BIO_free)> memory(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

// The first in a PEM file; null: there is none.
Certificate certificate_in(const std::string& pem) {
  Certificate certificate(PEM_read_bio_X509(memory(pem).get(), nullptr, nullptr, nullptr), X509_free);
  ERR_clear_error();
  return certificate;
}

// Whether a PEM file holds certificates and nothing that cannot be read: else gRPC would take those before it alone.
bool holds_certificates(const std::string& pem) {
  const auto in = memory(pem);
  std::size_t count = 0;
  while (const Certificate each{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free}) ++count;
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  return count != 0 && at_end;
}

// For keys that are encrypted: refused, instead of asked for on a terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

Expected<void> check(const TlsFiles& files, const TlsMaterial& material) {
  const auto wrong = [](const std::filesystem::path& file, std::string what) {
    return fail(ProblemCode::kInvalidArgument, file.string(), std::move(what));
  };
  if (!holds_certificates(material.ca)) return wrong(files.ca, "holds no PEM certificate, or one that cannot be read");
  const Certificate certificate = certificate_in(material.certificate);
  if (!certificate) return wrong(files.certificate, "holds no PEM certificate");
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(memory(material.key).get(), nullptr, no_passphrase, nullptr), EVP_PKEY_free);
  const bool fits = key && X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (!key) return wrong(files.key, "holds no unencrypted PEM private key");
  if (!fits) return wrong(files.key, fmt::format("is not the key of {}", files.certificate.string()));
  if (X509_cmp_current_time(X509_get0_notBefore(certificate.get())) > 0) {
    return wrong(files.certificate, "is not valid yet");
  }
  if (X509_cmp_current_time(X509_get0_notAfter(certificate.get())) < 0) return wrong(files.certificate, "has expired");
  return {};
}

// "2027-03-01", for the log.
std::string last_day(const std::string& certificate) {
  std::tm end{};
  const Certificate parsed = certificate_in(certificate);
  if (!parsed || ASN1_TIME_to_tm(X509_get0_notAfter(parsed.get()), &end) != 1) return "?";
  constexpr int kYearZero = 1900;
  return fmt::format("{:04}-{:02}-{:02}", end.tm_year + kYearZero, end.tm_mon + 1, end.tm_mday);
}

}  // namespace

Expected<TlsMaterial> read_tls_files(const TlsFiles& files) {
  auto ca = read(files.ca);
  if (!ca) return Unexpected(ca.error());
  auto certificate = read(files.certificate);
  if (!certificate) return Unexpected(certificate.error());
  auto key = read(files.key);
  if (!key) return Unexpected(key.error());
  TlsMaterial material{*std::move(ca), *std::move(certificate), *std::move(key)};
  if (auto checked = check(files, material); !checked) return Unexpected(checked.error());
  return material;
}

std::shared_ptr<const TlsMaterial> TlsSource::current() {
  const std::lock_guard lock(mutex_);
  auto material = read_tls_files(files_);
  if (material) {
    take(*std::move(material));
    return good_;
  }
  const std::string what = material.error().where + ": " + material.error().detail;
  if (what != refused_) spdlog::error("security: TLS files are not taken, those before stay in use: {}", what);
  refused_ = what;
  return good_;
}

Expected<void> TlsSource::use(const TlsFiles& files) {
  auto material = read_tls_files(files);
  if (!material) return Unexpected(material.error());
  const std::lock_guard lock(mutex_);
  files_ = files;
  take(*std::move(material));
  return {};
}

void TlsSource::take(TlsMaterial material) {
  refused_.clear();
  if (good_ && *good_ == material) return;
  if (good_) {
    spdlog::info("security: new connections use the TLS files as they are now: {} (until {}), {}",
                 files_.certificate.string(), last_day(material.certificate), files_.ca.string());
  }
  good_ = std::make_shared<const TlsMaterial>(std::move(material));
}

}  // namespace mpic::rpc
