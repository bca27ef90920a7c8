#include "cli/keys_dev.hpp"

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "cli/dev_ca.hpp"
#include "cli/key_directory.hpp"
#include "common/evidence/checkpoint.hpp"
#include "tests/support/catch.hpp"

namespace {

namespace fs = std::filesystem;
using mpic::cli::CertificatePtr;
using mpic::cli::KeyPtr;
using mpic::cli::KeysDevOptions;

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (fs::temp_directory_path() / "mpic-keys-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryDirectory() { fs::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

struct Result {
  int status;
  std::string out;
  std::string err;
};

Result run(const KeysDevOptions& options) {
  std::ostringstream out;
  std::ostringstream err;
  const int status = mpic::cli::run_keys_dev(options, out, err);
  return {status, out.str(), err.str()};
}

KeysDevOptions options_for(const fs::path& directory) {
  KeysDevOptions options;
  options.directory = directory;
  options.agents = {"us-east", "eu-west"};
  options.clients = {"operator"};
  return options;
}

std::string content_of(const fs::path& file) {
  std::ifstream stream(file);
  REQUIRE(stream);
  return {std::istreambuf_iterator<char>(stream), {}};
}

template <typename Read>
auto read_pem(const fs::path& file, Read read) {
  const std::unique_ptr<FILE, int (*)(FILE*)> stream(std::fopen(file.c_str(), "r"), &std::fclose);
  REQUIRE(stream);
  return read(stream.get(), nullptr, nullptr, nullptr);
}

CertificatePtr certificate_in(const fs::path& file) {
  CertificatePtr certificate(read_pem(file, PEM_read_X509));
  REQUIRE(certificate);
  return certificate;
}

KeyPtr private_key_in(const fs::path& file) {
  KeyPtr key(read_pem(file, PEM_read_PrivateKey));
  REQUIRE(key);
  return key;
}

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

// As the other end of a connection does it: the chain, the purpose and the name.
int verify(X509& ca, X509& leaf, int purpose, const std::string& name) {
  const std::unique_ptr<X509_STORE, void (*)(X509_STORE*)> store(X509_STORE_new(), &X509_STORE_free);
  const std::unique_ptr<X509_STORE_CTX, void (*)(X509_STORE_CTX*)> context(X509_STORE_CTX_new(), &X509_STORE_CTX_free);
  REQUIRE(X509_STORE_add_cert(store.get(), &ca) == 1);
  REQUIRE(X509_STORE_CTX_init(context.get(), store.get(), &leaf, nullptr) == 1);
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_purpose(parameters, purpose);
  X509_VERIFY_PARAM_set1_host(parameters, name.c_str(), name.size());
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

}  // namespace

TEST_CASE("each leaf verifies for its own name and use, and for no other", "[keys]") {
  const TemporaryDirectory temporary;
  REQUIRE(run(options_for(temporary.path())).status == 0);
  const CertificatePtr ca = certificate_in(temporary.path() / "ca.pem");

  struct Row {
    const char* directory;
    const char* name;
    bool server;
    bool client;
  };
  const Row rows[] = {
      {"coordinator", "coordinator.mpic.internal", true, true},
      {"agents/us-east", "us-east.agents.mpic.internal", true, false},
      {"agents/eu-west", "eu-west.agents.mpic.internal", true, false},
      {"clients/operator", "operator.clients.mpic.internal", false, true},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.directory) {
      const fs::path directory = temporary.path() / row.directory;
      const CertificatePtr leaf = certificate_in(directory / "tls.pem");
      CHECK((verify(*ca, *leaf, X509_PURPOSE_SSL_SERVER, row.name) == X509_V_OK) == row.server);
      CHECK((verify(*ca, *leaf, X509_PURPOSE_SSL_CLIENT, row.name) == X509_V_OK) == row.client);
      const int purpose = row.server ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT;
      CHECK(verify(*ca, *leaf, purpose, "other.mpic.internal") == X509_V_ERR_HOSTNAME_MISMATCH);
      CHECK(X509_check_private_key(leaf.get(), private_key_in(directory / "tls.key").get()) == 1);
    }
}

TEST_CASE("the development CA cannot speak for a name outside mpic.internal", "[keys]") {
  const mpic::cli::DevCa ca(std::chrono::system_clock::now(), std::chrono::days(1));
  const KeyPtr key = mpic::cli::generate_p256_key();
  const CertificatePtr leaf =
      ca.issue({.common_name = "x", .dns_name = "www.example.com", .use = mpic::cli::TlsUse::kServer}, *key);
  CHECK(verify(ca.certificate(), *leaf, X509_PURPOSE_SSL_SERVER, "www.example.com") == X509_V_ERR_PERMITTED_VIOLATION);
}

TEST_CASE("a signing key is not the TLS key, and its files agree", "[keys]") {
  const TemporaryDirectory temporary;
  const Result result = run(options_for(temporary.path()));
  REQUIRE(result.status == 0);
  for (const char* holder : {"coordinator", "agents/us-east"}) DYNAMIC_SECTION(holder) {
      const fs::path directory = temporary.path() / holder;
      const KeyPtr key = private_key_in(directory / "signing.key");
      const KeyPtr public_key(read_pem(directory / "signing.pub.pem", PEM_read_PUBKEY));
      REQUIRE(public_key);
      CHECK(EVP_PKEY_eq(key.get(), public_key.get()) == 1);
      CHECK(EVP_PKEY_eq(key.get(), private_key_in(directory / "tls.key").get()) != 1);

      const std::string id = mpic::cli::signing_key_id(*public_key);
      CHECK(id.size() == 16);
      CHECK(content_of(directory / "signing.kid") == id + "\n");
      CHECK(result.out.find(id) != std::string::npos);
      CHECK(content_of(directory / "signing.key").rfind("-----BEGIN PRIVATE KEY-----", 0) == 0);
    }
  CHECK_FALSE(fs::exists(temporary.path() / "clients/operator/signing.key"));
}

TEST_CASE("private files are for their owner alone, and nothing temporary remains", "[keys]") {
  const TemporaryDirectory temporary;
  const fs::path made = temporary.path() / "deep/keys";
  REQUIRE(run(options_for(made)).status == 0);
  CHECK(mode_of(temporary.path() / "deep") == 0700);
  CHECK(mode_of(made) == 0700);
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(made)) {
    INFO(entry.path());
    if (entry.is_directory()) {
      CHECK(mode_of(entry.path()) == 0700);
      continue;
    }
    ++files;
    const bool is_private = entry.path().extension() == ".key" || entry.path().filename() == "checkpoint-key.pem";
    CHECK(mode_of(entry.path()) == (is_private ? 0600 : 0644));
  }
  CHECK(files == 2 + 3 * 5 + 2 + 2);
}

TEST_CASE("the log's checkpoint key is made with its public half, for the log's name", "[keys]") {
  const TemporaryDirectory temporary;
  auto options = options_for(temporary.path());
  options.log_origin = "mpic.ca.example/2026";
  REQUIRE(run(options).status == 0);
  const fs::path key = temporary.path() / "coordinator/checkpoint-key.pem";
  const std::string vkey = content_of(temporary.path() / "coordinator/checkpoint.vkey");
  const auto signer = mpic::evidence::NoteSigner::from_pem("mpic.ca.example/2026", content_of(key));
  REQUIRE(signer);
  CHECK(vkey == signer->verifier().vkey() + "\n");
  CHECK_THAT(vkey, Catch::StartsWith("mpic.ca.example/2026+"));

  std::ostringstream out;
  std::ostringstream err;
  CHECK(mpic::cli::run_keys_vkey("mpic.ca.example/2026", key, out, err) == 0);
  CHECK(out.str() == vkey);
  CHECK(err.str().empty());
}

TEST_CASE("a vkey is told of checkpoint keys and names of logs alone", "[keys]") {
  const TemporaryDirectory temporary;
  REQUIRE(run(options_for(temporary.path())).status == 0);
  struct Row {
    const char* rule;
    const char* name;
    const char* file;
  };
  const Row rows[] = {
      {"another kind of key", "log", "coordinator/signing.key"},
      {"no key at all", "log", "ca.pem"},
      {"no such file", "log", "no-such.pem"},
      {"a name with a blank", "two words", "coordinator/checkpoint-key.pem"},
      {"a name with a plus", "a+b", "coordinator/checkpoint-key.pem"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      std::ostringstream out;
      std::ostringstream err;
      CHECK(mpic::cli::run_keys_vkey(row.name, temporary.path() / row.file, out, err) == 64);
      CHECK(out.str().empty());
      CHECK_THAT(err.str(), Catch::StartsWith("mpic keys vkey: "));
    }
}

TEST_CASE("a log needs a name that its checkpoints can carry", "[keys]") {
  const TemporaryDirectory temporary;
  auto options = options_for(temporary.path());
  options.log_origin = "a+b";
  const Result result = run(options);
  CHECK(result.status == 64);
  CHECK_THAT(result.err, Catch::Contains("--log-origin \"a+b\""));
}

TEST_CASE("nothing that exists is replaced unless asked", "[keys]") {
  const TemporaryDirectory temporary;
  const fs::path directory = temporary.path();
  auto options = options_for(directory);

  SECTION("one file in the way: none is written, the message names it and a way out") {
    fs::create_directories(directory / "agents/eu-west");
    std::ofstream(directory / "agents/eu-west/signing.key") << "precious";
    const Result result = run(options);
    CHECK(result.status == mpic::cli::kKeysDevNotMade);
    CHECK(result.err.find("agents/eu-west/signing.key exists") != std::string::npos);
    CHECK(result.err.find("--force") != std::string::npos);
    CHECK(content_of(directory / "agents/eu-west/signing.key") == "precious");
    CHECK_FALSE(fs::exists(directory / "ca.pem"));
  }
  SECTION("with --force: all is new") {
    REQUIRE(run(options).status == 0);
    const std::string before = content_of(directory / "ca.key");
    options.force = true;
    REQUIRE(run(options).status == 0);
    CHECK(content_of(directory / "ca.key") != before);
  }
  SECTION("a file that appears in the last moment survives too") {
    std::ofstream(directory / "late.key") << "precious";
    CHECK_THROWS_AS(
        mpic::cli::write_file(directory / "late.key", "new", mpic::cli::kPrivateFile, mpic::cli::Existing::kRefuse),
        std::system_error);
    CHECK(content_of(directory / "late.key") == "precious");
    CHECK(std::distance(fs::directory_iterator(directory), {}) == 1);
  }
}

TEST_CASE("what cannot become a name or a validity is refused by name", "[keys]") {
  const TemporaryDirectory temporary;
  auto options = options_for(temporary.path() / "keys");
  const auto refused = [&](const std::string& message) {
    const Result result = run(options);
    CHECK(result.status == mpic::cli::kKeysDevUsage);
    CHECK(result.err.find(message) != std::string::npos);
    CHECK_FALSE(fs::exists(options.directory));
  };
  SECTION("a path as an id") {
    options.agents = {"../../etc"};
    refused("--agent \"../../etc\"");
  }
  SECTION("another extension smuggled into the alternative name") {
    options.clients = {"a,DNS:b"};
    refused("--client \"a,DNS:b\"");
  }
  SECTION("upper case") {
    options.coordinator = "Main";
    refused("--coordinator \"Main\"");
  }
  SECTION("an id of 64 characters") {
    options.agents = {std::string(64, 'a')};
    refused("63");
  }
  SECTION("an id twice") {
    options.agents = {"us-east", "us-east"};
    refused("--agent us-east: given twice");
  }
  SECTION("no agent") {
    options.agents.clear();
    refused("--agent");
  }
  SECTION("no client") {
    options.clients.clear();
    refused("--client");
  }
  SECTION("no time") {
    options.days = 0;
    refused("--days 0");
  }
}

TEST_CASE("the longest name still makes a certificate", "[keys]") {
  const TemporaryDirectory temporary;
  auto options = options_for(temporary.path());
  options.agents = {std::string(63, 'a')};
  CHECK(run(options).status == 0);
}

TEST_CASE("a directory that cannot be made is an error with its reason", "[keys]") {
  const TemporaryDirectory temporary;
  std::ofstream(temporary.path() / "file") << "";
  const Result result = run(options_for(temporary.path() / "file/keys"));
  CHECK(result.status == mpic::cli::kKeysDevNotMade);
  CHECK(result.err.find("file") != std::string::npos);
}
