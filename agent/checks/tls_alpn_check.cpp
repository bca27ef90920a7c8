#include "agent/checks/tls_alpn_check.hpp"

#include "common/rules/reached.hpp"

namespace mpic::agent {
asio::awaitable<TlsObservation> check_handshake(HandshakeContext context, rules::DcvSubject subject,
                                                Deadline deadline) {
  const Deadline until = deadline.earlier_by(kStepMargin);
  TlsObservation seen;
  seen.server_name = rules::server_name_of(subject.validated);
  ResolvedHost host =
      co_await resolve_host(context.dns, rules::host_of(subject.validated), context.lab.addresses, until);
  seen.lookups = std::move(host.lookups);
  seen.addresses = std::move(host.addresses);
  if (host.problem) {
    seen.problem = std::move(host.problem);
    co_return seen;
  }
  if (until.passed(context.clock)) {
    seen.problem = Problem(ProblemCode::kBudgetExhausted, seen.server_name, "no time was left for a connection");
    co_return seen;
  }
  TlsRequest request(seen.addresses, dialled_port(context.lab, rules::kTlsAlpnPort), seen.server_name,
                     std::string(rules::kAcmeTlsAlpn));
  TlsExchange exchange = co_await context.tls.handshake(std::move(request), until);
  seen.tried = std::move(exchange.tried);
  if (!exchange.reply) {
    seen.problem = std::move(exchange.reply).error();
    co_return seen;
  }
  seen.version = std::move(exchange.reply->version);
  seen.alpn = std::move(exchange.reply->alpn);
  seen.certificate = std::move(exchange.reply->certificate);
  co_return seen;
}

}  // namespace mpic::agent
