#include "tests/support/hostile_agent/deeds.hpp"

namespace mpic::test {
namespace {

using namespace std::chrono_literals;

constexpr int kStrangers = 5'000;
constexpr std::size_t kLargeObservation = 60 * 1024;

// An attempt that nobody has opened.
std::string stranger(int number) {
  std::string id(sizeof(AttemptId), '\xee');
  id[0] = static_cast<char>(number);
  id[1] = static_cast<char>(number >> 8);
  return id;
}

// Like an answer in every respect, except that nobody asked.
std::string unasked(v1::FromAgent answer, int items) {
  v1::FromAgent::Item item = answer.items(0);
  item.mutable_evidence()->set_observation(std::string(kLargeObservation, 'x'));
  answer.clear_items();
  for (int i = 0; i < items; ++i) {
    item.mutable_evidence()->set_attempt_id(stranger(i));
    *answer.add_items() = item;
  }
  return answer.SerializeAsString();
}

std::string with_strangers(v1::FromAgent answer) {
  v1::FromAgent out;
  *out.mutable_signed_root() = answer.signed_root();
  for (int i = 0; i < kStrangers; ++i) out.add_items()->mutable_refusal()->set_attempt_id(stranger(i));
  *out.add_items() = answer.items(0);
  return out.SerializeAsString();
}

// Refused and answered in one message: what comes first is heard.
std::string twice_in_one(v1::FromAgent answer) {
  v1::FromAgent out = answer;
  v1::Refusal& refusal = *out.add_items()->mutable_refusal();
  refusal.set_attempt_id(answer.items(0).evidence().attempt_id());
  refusal.mutable_problem()->set_code(v1::PROBLEM_CODE_OVERLOADED);
  return out.SerializeAsString();
}

std::string of_nothing() {
  v1::FromAgent out;
  out.add_items();
  out.add_items()->mutable_evidence();
  out.add_items()->mutable_refusal();
  return out.SerializeAsString();
}

}  // namespace

const std::vector<std::string_view>& deeds() {
  static const std::vector<std::string_view> kDeeds = {
      "silent",           "twice",       "twice-in-one",        "oversized-message", "thousands-of-strangers",
      "items-of-nothing", "no-protobuf", "break-in-the-middle", "die-in-the-middle", "flood"};
  return kDeeds;
}

Deed deed_for(std::string_view name, const std::string& sees, const std::string& assignment, Forger& forger,
              TimePoint now) {
  if (name == "silent") return {};
  const bool is_lie = std::find(deeds().begin(), deeds().end(), name) == deeds().end();
  const v1::FromAgent answer = forger.answer(is_lie ? name : "honest", sees, assignment, now);
  const std::string octets = answer.SerializeAsString();
  if (name == "twice") return {{octets, forger.answer("honest", "no", assignment, now).SerializeAsString()}};
  if (name == "twice-in-one") return {{twice_in_one(answer)}};
  if (name == "oversized-message") return {{unasked(answer, 5)}};
  if (name == "thousands-of-strangers") return {{with_strangers(answer)}};
  if (name == "items-of-nothing") return {{std::string(), of_nothing(), octets}};
  if (name == "no-protobuf") return {{std::string("\xff\xff\xff no message at all")}};
  if (name == "break-in-the-middle") return {{unasked(answer, 1)}, Deed::End::kBreak};
  if (name == "die-in-the-middle") return {{unasked(answer, 4)}, Deed::End::kDie};
  if (name == "flood") return {{octets, unasked(answer, 4)}, Deed::End::kStay, 3s};
  return {{octets}};
}

}  // namespace mpic::test
