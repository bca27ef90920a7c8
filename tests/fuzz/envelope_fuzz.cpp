// What an agent's message looks like before anything in it is believed, raw: serialized mpic.v1.FromAgent. Then each
// evidence in it is verified against the known key.
#include <algorithm>

#include "common/evidence/dsse.hpp"
#include "common/evidence/observations.hpp"
#include "tests/fuzz/signed_case.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

bool was_signed(const std::string& observation) {
  const auto& items = signed_case().message.items();
  return std::any_of(items.begin(), items.end(),
                     [&](const auto& item) { return item.evidence().observation() == observation; });
}

// Reads a pre-authentication encoding, which nobody needs to but whoever doubts that it has one reading.
bool reads_as(std::string_view encoded, std::string_view type, std::string_view payload) {
  const auto take = [&](std::string_view expected) {
    if (!encoded.starts_with(expected)) return false;
    encoded.remove_prefix(expected.size());
    return true;
  };
  const auto sized = [&](std::string_view text) {
    return take(std::to_string(text.size())) && take(" ") && take(text);
  };
  return take("DSSEv1 ") && sized(type) && take(" ") && sized(payload) && encoded.empty();
}

void run(Octets octets) {
  const std::string_view text = text_of(octets);
  const std::size_t middle = octets.empty() ? 0 : octets.front() % octets.size();
  const std::string_view type = text.substr(0, middle);
  const std::string_view payload = text.substr(middle);
  const std::string encoded = evidence::pae(type, payload);
  hold(reads_as(encoded, type, payload), "an encoding holds its type and payload");
  hold(middle == 0 || encoded != evidence::pae(text.substr(0, middle - 1), text.substr(middle - 1)),
       "another type with another payload is another encoding");

  v1::FromAgent message;
  if (!message.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) return;
  const evidence::ReceivedRoot root(message.signed_root());  // shared, as the coordinator shares it
  for (const auto& item : message.items()) {
    const auto seen = evidence::verify_evidence(item.evidence(), root, signed_case().expectation());
    hold(!seen || was_signed(item.evidence().observation()), "only what was signed verifies");
    if (!seen) hold_presentable(seen.error().detail);
  }
}

const Target kTarget("envelope", run);

}  // namespace
}  // namespace mpic::fuzz
