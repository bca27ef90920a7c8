#include "agent/net/socket_tls_client.hpp"

#include "agent/net/watchdog.hpp"
#include "common/rules/dcv_tls_alpn.hpp"

namespace mpic::agent {
namespace {

Expected<TlsReply> reply_of(TlsSession session, const std::string& where) {
  if (session.certificate.empty()) return fail(ProblemCode::kTlsFailed, where, "the server showed no certificate");
  if (session.certificate.size() > rules::kMaxCertificate) {
    return fail(ProblemCode::kCertificateMismatch, where,
                "the certificate has " + std::to_string(session.certificate.size()) + " octets; more than " +
                    std::to_string(rules::kMaxCertificate) + " are not looked at");
  }
  TlsReply reply;
  reply.version = std::move(session.version);
  reply.alpn = std::move(session.alpn);
  reply.certificate = std::move(session.certificate);
  return reply;
}

// The socket is closed when this ends: a close_notify is waited for by nobody.
asio::awaitable<Expected<TlsReply>> shake_hands(asio::ip::tcp::socket socket, TlsSettings& settings,
                                                const TlsRequest& request, std::string where, SteadyPoint until) {
  const auto stream = tls_stream(socket, settings, request.server_name, request.alpn);
  Watchdog watchdog(socket);
  watchdog.set(until);
  const StreamResult agreed = co_await stream->handshake();
  if (agreed.end != StreamEnd::kNone) {
    co_return Unexpected(watchdog.fired() ? handshake_timeout(where) : problem_of(agreed, where, kTheHandshake));
  }
  co_return reply_of(stream->session(), where);
}

}  // namespace

asio::awaitable<TlsExchange> SocketTlsClient::handshake(TlsRequest request, Deadline deadline) {
  Dialled dialled = co_await dial(request.addresses, request.port, options_, clock_, deadline);
  if (!dialled.socket) {
    TlsExchange none(Unexpected(*std::move(dialled.problem)));
    none.tried = std::move(dialled.tried);
    co_return none;
  }
  AddressTried& connected = dialled.tried.back();
  const SteadyPoint until = deadline.at_most(clock_, options_.handshake_limit).at();
  TlsExchange made(
      co_await shake_hands(*std::move(dialled.socket), tls_, request, place(connected.address, connected.port), until));
  if (!made.reply) connected.problem = made.reply.error();
  made.tried = std::move(dialled.tried);
  co_return made;
}

}  // namespace mpic::agent
