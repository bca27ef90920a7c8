// Builds DNS messages octet by octet, also such as no server should send.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace mpic::test {

using Octets = std::vector<std::uint8_t>;

inline Octets octets_of(std::string_view text) { return {text.begin(), text.end()}; }

inline void append16(Octets& out, unsigned value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8U));
  out.push_back(static_cast<std::uint8_t>(value));
}

// "www.example.com" as labels; "" is the root.
inline Octets wire_name(std::string_view name) {
  Octets out;
  while (!name.empty()) {
    const std::size_t dot = name.find('.');
    const std::string_view label = name.substr(0, dot);
    out.push_back(static_cast<std::uint8_t>(label.size()));
    out.insert(out.end(), label.begin(), label.end());
    name.remove_prefix(dot == std::string_view::npos ? name.size() : dot + 1);
  }
  out.push_back(0);
  return out;
}

inline Octets pointer_to(unsigned offset) {
  Octets out;
  append16(out, 0xC000U | offset);
  return out;
}

inline Octets caa_rdata(unsigned flags, std::string_view tag, std::string_view value) {
  Octets out = {static_cast<std::uint8_t>(flags), static_cast<std::uint8_t>(tag.size())};
  out.insert(out.end(), tag.begin(), tag.end());
  out.insert(out.end(), value.begin(), value.end());
  return out;
}

inline Octets txt_rdata(std::initializer_list<std::string_view> strings) {
  Octets out;
  for (const std::string_view text : strings) {
    out.push_back(static_cast<std::uint8_t>(text.size()));
    out.insert(out.end(), text.begin(), text.end());
  }
  return out;
}

// One EDNS option (RFC 6891 6.1.2).
inline Octets option(unsigned code, const Octets& data) {
  Octets out;
  append16(out, code);
  append16(out, static_cast<unsigned>(data.size()));
  out.insert(out.end(), data.begin(), data.end());
  return out;
}

// Extended DNS Error (RFC 8914 2).
inline Octets extended_error(unsigned info_code, std::string_view text) {
  Octets data;
  append16(data, info_code);
  data.insert(data.end(), text.begin(), text.end());
  return option(15, data);
}

constexpr unsigned kA = 1, kNs = 2, kCname = 5, kPtr = 12, kTxt = 16, kAaaa = 28, kOpt = 41, kCaa = 257, kDname = 39;
constexpr unsigned kIn = 1;
constexpr unsigned kQuestionName = 12;  // offset of the question's name, for pointers

class Packet {
 public:
  explicit Packet(unsigned rcode = 0) { flags_ = 0x8180U | rcode; }  // QR, RD, RA

  Packet& flag(unsigned bits) {
    flags_ |= bits;
    return *this;
  }
  Packet& query() {
    flags_ &= 0x7FFFU;
    return *this;
  }
  Packet& question(std::string_view name, unsigned type, unsigned klass = kIn) {
    return raw_question(wire_name(name), type, klass);
  }
  Packet& raw_question(const Octets& name, unsigned type, unsigned klass = kIn) {
    append(name);
    append16(body_, type);
    append16(body_, klass);
    ++counts_[0];
    return *this;
  }
  Packet& answer(std::string_view owner, unsigned type, const Octets& rdata, std::uint32_t ttl = 300) {
    return raw_answer(wire_name(owner), type, rdata, ttl);
  }
  Packet& raw_answer(const Octets& owner, unsigned type, const Octets& rdata, std::uint32_t ttl = 300,
                     unsigned klass = kIn) {
    record(owner, type, klass, ttl, rdata);
    ++counts_[1];
    return *this;
  }
  // A record of the authority section; after all answers.
  Packet& authority(std::string_view owner, unsigned type, const Octets& rdata, std::uint32_t ttl = 300) {
    record(wire_name(owner), type, kIn, ttl, rdata);
    ++counts_[2];
    return *this;
  }
  Packet& cname(std::string_view owner, std::string_view target, std::uint32_t ttl = 300) {
    return answer(owner, kCname, wire_name(target), ttl);
  }
  Packet& opt(const Octets& options, unsigned extended_rcode = 0) {
    record(wire_name(""), kOpt, 1232, extended_rcode << 24U, options);
    ++counts_[3];
    return *this;
  }
  // Counts that do not fit what is there.
  Packet& count(std::size_t section, unsigned number) {
    counts_[section] = number;
    return *this;
  }

  [[nodiscard]] Octets octets() const {
    Octets out;
    append16(out, 0x1234);
    append16(out, flags_);
    for (const unsigned number : counts_) append16(out, number);
    out.insert(out.end(), body_.begin(), body_.end());
    return out;
  }

 private:
  void append(const Octets& more) { body_.insert(body_.end(), more.begin(), more.end()); }
  void record(const Octets& owner, unsigned type, unsigned klass, std::uint32_t ttl, const Octets& rdata) {
    append(owner);
    append16(body_, type);
    append16(body_, klass);
    append16(body_, ttl >> 16U);
    append16(body_, ttl & 0xFFFFU);
    append16(body_, static_cast<unsigned>(rdata.size()));
    append(rdata);
  }

  unsigned flags_ = 0;
  unsigned counts_[4] = {0, 0, 0, 0};
  Octets body_;
};

constexpr unsigned kAuthoritative = 0x0400, kAuthenticatedData = 0x0020, kTruncation = 0x0200;

}  // namespace mpic::test
