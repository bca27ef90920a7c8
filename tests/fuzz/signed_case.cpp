#include "tests/fuzz/signed_case.hpp"

#include "common/evidence/merkle.hpp"
#include "common/wire/convert.hpp"

namespace mpic::fuzz {
namespace {

const TimePoint kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 23)};

// Made for this file alone: Ed25519.
constexpr std::string_view kKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ9sJM9LqAgyhd6hyNN1KCNY2zwhd058eHCy3aRpIsOh\n"
    "-----END PRIVATE KEY-----\n";

Assignment assignment(const char* perspective, std::uint8_t number) {
  Assignment out{.attempt = {number},
                 .log_origin = "mpic.test/fuzz",
                 .perspective = PerspectiveId::parse(perspective).value(),
                 .role = Role::kRemote,
                 .nonce = {7, number},
                 .issued = kNow,
                 .budget = std::chrono::seconds(5),
                 .identifier = Identifier::parse("www.example.com").value()};
  out.caa = CaaQuestion{};
  out.caa->issuer_domains = {"ca.example"};
  return out;
}

std::string observed(const Assignment& asked) {
  Observation out{.perspective = asked.perspective};
  out.assignment_sha256 = evidence::sha256(wire::encode(asked));
  out.nonce = asked.nonce;
  out.role = asked.role;
  out.rir = Rir::kRipe;
  out.agent_version = "test";
  out.started = out.ended = kNow + std::chrono::seconds(1);
  out.resolver = "127.0.0.1:53";
  DnsLookup lookup;
  lookup.name = lookup.end_of_chain = "www.example.com";
  lookup.type = RecordType::kCaa;
  lookup.status = DnsStatus::kAnswered;
  lookup.server = "127.0.0.1:53";
  out.caa = CaaObservation{{lookup}};
  return wire::encode(out);
}

v1::FromAgent signed_by(const evidence::SigningKey& key, const char* perspective) {
  std::vector<evidence::Leaf> leaves;
  for (std::uint8_t number = 0; number < 5; ++number) {
    const Assignment asked = assignment(perspective, number);
    leaves.push_back({asked.attempt, observed(asked)});
  }
  v1::FromAgent message;
  evidence::sign_observations(PerspectiveId::parse(perspective).value(), key, std::move(leaves), message);
  return message;
}

}  // namespace

evidence::Expectation SignedCase::expectation() const {
  return {asked, asked_octets, Rir::kRipe, pinned, kNow + std::chrono::seconds(2)};
}

const SignedCase& signed_case() {
  static const SignedCase kCase = [] {
    const auto key = evidence::SigningKey::from_pem(kKey).value();
    Assignment asked = assignment("eu-west", SignedCase::kOurs);
    std::string octets = wire::encode(asked);
    return SignedCase{std::move(asked),
                      std::move(octets),
                      {evidence::PinnedKey{key.public_key()}},
                      signed_by(key, "eu-west"),
                      signed_by(key, "us-east")};
  }();
  return kCase;
}

}  // namespace mpic::fuzz
