#include "common/wire/convert.hpp"
#include "common/wire/field.hpp"

namespace mpic::wire {
namespace {

constexpr std::size_t kMaxAssignment = 64 * 1024;

// An Authorization Domain Name may begin with "_" labels nowhere: DnsName is right for it.
void decode_questions(const v1::Assignment& in, Assignment& out) {
  if (!in.has_dcv() && !in.has_caa()) bad("dcv", "neither dcv nor caa is asked");
  if (in.has_dcv()) out.dcv = take(decode(in.dcv(), "dcv"), "dcv");
  if (in.has_caa()) {
    if (out.identifier.is_ip()) bad("caa", "CAA is for names, not for IP addresses (BR 4.2.2.1)");
    out.caa = take(decode(in.caa(), "caa"), "caa");
  }
  if (!in.authorization_domain().empty()) {
    if (out.identifier.is_ip()) bad("authorization_domain", "an IP address has none");
    out.authorization_domain = take(DnsName::parse(in.authorization_domain()), "authorization_domain");
  }
}

}  // namespace

Expected<Assignment> decode_assignment(std::string_view octets_in) {
  return decoding(ProblemCode::kAssignmentInvalid, [&] {
    bounded(octets_in, kMaxAssignment, "assignment");
    v1::Assignment in;
    if (!in.ParseFromArray(octets_in.data(), static_cast<int>(octets_in.size()))) {
      bad("assignment", "cannot be read as mpic.v1.Assignment");
    }
    const auto issued = decode(in.issued());
    if (!in.has_issued() || !issued) bad("issued", "no time, or one out of range");
    const std::chrono::milliseconds budget(in.budget_ms());
    if (budget < kMinBudget || budget > kMaxBudget) {
      bad("budget_ms",
          fmt::format("{} is not between {} and {}", in.budget_ms(), kMinBudget.count(), kMaxBudget.count()));
    }
    // Each into a local first: g++ 12 destroys members twice when an initializer of an aggregate throws.
    const AttemptId attempt = octets<16>(in.attempt_id(), "attempt_id");
    std::string log_origin = ascii(in.log_origin(), 253, "log_origin");
    PerspectiveId perspective = take(PerspectiveId::parse(in.perspective_id()), "perspective_id");
    const Role role = enumerator(in.role(), Role::kPrimary, Role::kShadow, "role");
    const Nonce nonce = octets<16>(in.nonce(), "nonce");
    Identifier identifier = take(Identifier::parse(in.identifier()), "identifier");
    Assignment out{.attempt = attempt,
                   .log_origin = std::move(log_origin),
                   .perspective = std::move(perspective),
                   .role = role,
                   .nonce = nonce,
                   .issued = *issued,
                   .budget = budget,
                   .identifier = std::move(identifier)};
    decode_questions(in, out);
    return out;
  });
}

std::string encode(const Assignment& assignment) {
  v1::Assignment out;
  out.set_attempt_id(text(assignment.attempt));
  out.set_log_origin(assignment.log_origin);
  out.set_perspective_id(assignment.perspective.text());
  out.set_role(static_cast<v1::Role>(assignment.role));
  out.set_nonce(text(assignment.nonce));
  *out.mutable_issued() = encode(assignment.issued);
  out.set_budget_ms(static_cast<std::uint32_t>(assignment.budget.count()));
  out.set_identifier(assignment.identifier.text());
  if (assignment.authorization_domain) out.set_authorization_domain(assignment.authorization_domain->text());
  if (assignment.dcv) encode(*assignment.dcv, *out.mutable_dcv());
  if (assignment.caa) encode(*assignment.caa, *out.mutable_caa());
  return out.SerializeAsString();
}

}  // namespace mpic::wire
