// Names, wildcards, addresses, prefixes and Punycode. Input: the text.
#include <algorithm>

#include "common/domain/identifier.hpp"
#include "common/domain/lab.hpp"
#include "common/domain/punycode.hpp"
#include "common/rules/address_policy.hpp"
#include "common/rules/namespace_policy.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return out;
}

// RFC 3492 6.3, written from the RFC and not from the decoder.
std::string punycode_encoded(const std::u32string& text) {
  std::string out;
  for (const char32_t c : text) {
    if (c < 0x80) out += static_cast<char>(c);
  }
  const std::size_t basic = out.size();
  if (basic > 0) out += '-';
  std::uint64_t n = 128, delta = 0, bias = 72, done = basic;
  while (done < text.size()) {
    std::uint64_t next = 0x110000;
    for (const char32_t c : text) {
      if (c >= n && c < next) next = c;
    }
    delta += (next - n) * (done + 1);
    n = next;
    for (const char32_t c : text) {
      if (c < n) ++delta;
      if (c != n) continue;
      std::uint64_t q = delta;
      for (std::uint64_t k = 36;; k += 36) {
        const std::uint64_t t = k <= bias ? 1 : std::min<std::uint64_t>(26, k - bias);
        const std::uint64_t digit = q < t ? q : t + (q - t) % (36 - t);
        out += static_cast<char>(digit < 26 ? 'a' + digit : '0' + digit - 26);
        if (q < t) break;
        q = (q - t) / (36 - t);
      }
      delta = done == basic ? delta / 700 : delta / 2;
      ++done;
      delta += delta / done;
      bias = 0;
      for (; delta > 455; bias += 36) delta /= 35;
      bias += 36 * delta / (delta + 38);
      delta = 0;
    }
    ++delta;
    ++n;
  }
  return out;
}

void hold_name(const DnsName& name) {
  const std::string& text = name.text();
  hold(!text.empty() && text.size() <= 253, "a name has 1 to 253 octets");
  hold(std::all_of(text.begin(), text.end(),
                   [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; }),
       "a name is lower-case LDH");
  const auto climb = name.self_and_parents();
  hold(climb.size() == name.label_count(), "the climb visits each label");
  hold(climb.back().text() == name.tld(), "the climb ends at the top-level domain");
  for (const DnsName& ancestor : climb) {
    hold(name.is_at_or_below(ancestor), "a name is below its ancestors");
    const auto again = DnsName::parse_host(ancestor.text());
    hold(again && *again == ancestor, "an ancestor is a name");
  }
  const std::string suffix = rules::public_suffix(name);
  hold(suffix.empty() || suffix == text || text.ends_with('.' + suffix), "a public suffix is the name's end");
}

void hold_address(const IpAddress& address, std::string_view text) {
  hold_equal(address.text(), text, "an address is written in one way");
  const auto again = IpAddress::from_octets(address.octets());
  hold(again && *again == address, "an address is its octets");
  hold(rules::check_address(address).has_value() != rules::special_purpose(address).has_value(),
       "exactly the special-purpose addresses are forbidden");
}

// Which name may be validated in an identifier's place.
void hold_subjects(const Identifier& identifier) {
  constexpr std::size_t kMostParents = 6;  // below the public suffix they are all alike
  const DnsName& name = identifier.name();
  auto climb = name.self_and_parents();
  if (climb.size() > kMostParents) climb.erase(climb.begin(), climb.end() - kMostParents);
  for (const DcvMethod method : {DcvMethod::kAcmeHttp01, DcvMethod::kAcmeDns01, DcvMethod::kDnsPersistent}) {
    const bool by_dns = sight_of(method) == Sight::kDns;
    const auto allowed = [&](const DnsName& adn) {
      const auto checked = rules::check_subject({identifier, Identifier::of(adn)}, method);
      if (!checked) hold_presentable(checked.error().detail);
      return checked.has_value();
    };
    hold(allowed(name) == (by_dns || !identifier.is_wildcard()), "a page validates no wildcard");
    for (const DnsName& parent : climb) {
      if (parent == name || !allowed(parent)) continue;
      hold(by_dns, "a page validates no parent");
      hold(rules::is_pruned_to(name.text(), parent), "pruning ends at the Base Domain Name");
      hold(parent.label_count() > 1 && rules::public_suffix(parent) != parent.text(), "no public suffix is validated");
    }
  }
  const DnsName other = DnsName::parse("unrelated.example").value();
  hold(!rules::is_pruned_to(name.text(), other) || name.is_at_or_below(other), "pruning leads to no other name");
}

void hold_identifier(const Identifier& identifier, std::string_view text) {
  const auto again = Identifier::parse(identifier.text());
  hold(again && *again == identifier, "an identifier is read again as it was written");
  const auto allowed = rules::check_identifier(identifier, LabRelaxations{});
  if (!allowed) {
    hold(allowed.error().code == ProblemCode::kPolicy, "namespace policy is policy");
    hold_presentable(allowed.error().detail);
  }
  if (identifier.is_ip()) {
    hold(!identifier.is_wildcard(), "an address is no wildcard");
    hold_address(identifier.ip(), text);
    hold(!allowed || rules::check_address(identifier.ip()), "no reserved address is validated");
    return;
  }
  hold_name(identifier.name());
  const auto shouted = Identifier::parse(upper(text));
  hold(shouted && *shouted == identifier, "names are read without case");
  hold(!allowed || rules::is_root_zone_tld(identifier.name().tld()), "no Internal Name is validated");
  hold_subjects(identifier);
}

void run(Octets octets) {
  const std::string_view text = text_of(octets);
  if (const auto identifier = Identifier::parse(text)) {
    hold_identifier(*identifier, text);
  } else {
    hold(identifier.error().code == ProblemCode::kInvalidArgument, "syntax is the caller's fault");
    hold_presentable(identifier.error().where);
    hold_presentable(identifier.error().detail);
  }
  if (const auto host = DnsName::parse_host(text)) hold_name(*host);
  if (const auto address = IpAddress::parse(text)) hold_address(*address, text);
  if (const auto from = IpAddress::from_octets(octets)) {
    const auto again = IpAddress::parse(from->text());
    hold(again && *again == *from, "every address can be written and read");
    hold_address(*from, from->text());
  }
  if (const auto prefix = Prefix::parse(text)) {
    const auto again = Prefix::parse(prefix->text());
    hold(again && again->text() == prefix->text(), "a prefix is read again as it was written");
    hold(prefix->contains(prefix->address), "a prefix contains its first address");
  }
  const bool is_label_end = text.size() <= 59 && std::all_of(text.begin(), text.end(), [](char c) {
                              return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                            });
  if (!is_label_end) return;
  if (const auto decoded = punycode_decoded(text)) {
    hold_equal(punycode_encoded(*decoded), text, "Punycode is exactly what an encoder writes");
  }
}

const Target kTarget("identifier", run);

}  // namespace
}  // namespace mpic::fuzz
