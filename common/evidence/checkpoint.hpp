// Checkpoints of a log: C2SP tlog-checkpoint, as signed notes with Ed25519 signatures (signature type 0x01).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "common/domain/observation.hpp"
#include "common/domain/problem.hpp"

struct evp_pkey_st;

namespace mpic::evidence {

inline constexpr std::size_t kMaxNote = 16 * 1024;  // octets; longer notes are refused

// A tree that somebody committed to.
struct Checkpoint {
  std::string origin;  // of the log
  std::uint64_t size = 0;
  Digest root{};
  bool operator==(const Checkpoint&) const = default;
};

// Whether a log may be called so: 1 to 255 octets of printable ASCII without blank and "+".
[[nodiscard]] bool is_log_origin(std::string_view text);

// Who is believed: the name of a log and its public key.
class NoteVerifier {
 public:
  // "<name>+<8 hexadecimal digits>+<base64>", as C2SP tools write it. kInvalidArgument with the reason.
  [[nodiscard]] static Expected<NoteVerifier> from_vkey(std::string_view text);
  // An Ed25519 SubjectPublicKeyInfo (DER). kInvalidArgument for another kind of key or name.
  [[nodiscard]] static Expected<NoteVerifier> from_spki(std::string_view name, std::string_view der);
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint32_t key_id() const { return key_id_; }
  [[nodiscard]] std::string vkey() const;
  [[nodiscard]] std::string spki_der() const;
  [[nodiscard]] bool verify(std::string_view text, std::string_view signature) const;

 private:
  NoteVerifier(std::string_view name, std::shared_ptr<evp_pkey_st> key);
  friend class NoteSigner;
  std::string name_;
  std::string public_key_;  // 32 octets
  std::shared_ptr<evp_pkey_st> key_;
  std::uint32_t key_id_ = 0;
};

// Safe from any thread.
class NoteSigner {
 public:
  // PKCS#8, unencrypted, Ed25519; kInvalidArgument for another kind of key or a name that no log may have.
  [[nodiscard]] static Expected<NoteSigner> from_pem(std::string_view name, std::string_view pem);
  [[nodiscard]] static NoteSigner generate(std::string_view name);  // for tests
  [[nodiscard]] const NoteVerifier& verifier() const { return verifier_; }
  // The whole note. Precondition: the checkpoint's origin is one that a log may have. Throws std::runtime_error when
  // the library fails.
  [[nodiscard]] std::string sign(const Checkpoint& checkpoint) const;

 private:
  NoteSigner(std::string_view name, std::shared_ptr<evp_pkey_st> key);
  [[nodiscard]] std::string sign_text(std::string_view text) const;
  std::shared_ptr<evp_pkey_st> key_;
  NoteVerifier verifier_;
};

// What a note says, when it is well-formed and signed by one of `known` under the checkpoint's own origin, and by none
// of them wrongly. Signatures of others are ignored (C2SP signed-note). kEvidenceInvalid with the reason.
[[nodiscard]] Expected<Checkpoint> open_checkpoint(std::string_view note, std::span<const NoteVerifier> known);
// What a note claims to say, unverified; for naming what is looked at.
[[nodiscard]] Expected<Checkpoint> read_checkpoint(std::string_view note);

}  // namespace mpic::evidence
