// POST /mpic over mutual TLS: a connection for each request that is open, kept for the next one.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <list>
#include <thread>

#include "bench/load/caller.hpp"
#include "common/config/endpoint.hpp"

namespace mpic::load {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bj = boost::json;
namespace http = beast::http;
using Stream = beast::ssl_stream<beast::tcp_stream>;

constexpr std::chrono::seconds kPatience{130};

std::string body_of(const v1::CorroborateRequest& request) {
  bj::object out = {{"domain_or_ip_target", request.identifier()}};
  if (request.has_dcv()) {
    const v1::AcmeHttp01& page = request.dcv().acme_http_01();
    out["check_type"] = "dcv";
    out["dcv_check_parameters"] = bj::object{{"validation_method", "acme-http-01"},
                                             {"token", page.token()},
                                             {"key_authorization", page.key_authorization()}};
  } else {
    out["check_type"] = "caa";
    out["caa_check_parameters"] = bj::object{{"caa_domains", bj::array{bj::string(request.caa().issuer_domains(0))}}};
  }
  return bj::serialize(out);
}

// What a tally looks at.
v1::CorroborateResponse response_of(const std::string& text) {
  const bj::value value = bj::parse(text);
  const bj::object& answer = value.as_object();
  v1::CorroborateResponse out;
  out.set_would_be(answer.at("is_valid").as_bool() ? v1::VERDICT_CORROBORATED : v1::VERDICT_NOT_CORROBORATED);
  v1::CheckResult& check = *out.add_checks();
  check.set_kind(answer.at("check_type").as_string() == "caa" ? v1::CHECK_KIND_CAA : v1::CHECK_KIND_DCV);
  const std::string fraction(answer.at("mpic").at("fraction").as_string());
  check.mutable_quorum()->set_fraction(fraction);
  unsigned corroborated = 0;
  unsigned attempted = 0;
  if (std::sscanf(fraction.c_str(), "%u/%u", &corroborated, &attempted) == 2) {
    check.mutable_quorum()->set_corroborated(corroborated);
    check.mutable_quorum()->set_attempted(attempted);
    check.mutable_quorum()->set_pending(static_cast<unsigned>(std::count_if(
        answer.at("mpic").at("outcomes").as_array().begin(), answer.at("mpic").at("outcomes").as_array().end(),
        [](const bj::value& row) { return row.at("outcome") == "not_waited_for"; })));
  }
  return out;
}

class RestCaller final : public Caller {
 public:
  RestCaller(const cli::Profile& profile, const std::string& endpoint, Listener& listener)
      : listener_(listener), name_(profile.tls_name), context_(asio::ssl::context::tls_client) {
    const std::size_t colon = endpoint.rfind(':');
    if (colon == std::string::npos) throw std::invalid_argument("--rest needs an address and a port");
    asio::ip::tcp::resolver resolver(io_);
    at_ = *resolver.resolve(endpoint.substr(0, colon), endpoint.substr(colon + 1)).begin();
    context_.load_verify_file(profile.tls.ca.string());
    context_.use_certificate_chain_file(profile.tls.certificate.string());
    context_.use_private_key_file(profile.tls.key.string(), asio::ssl::context::pem);
    context_.set_verify_mode(asio::ssl::verify_peer);
    thread_ = std::thread([this] { io_.run(); });
  }
  ~RestCaller() override { stop(); }

  void ask(Ticket ticket, v1::CorroborateRequest request) override {
    asio::post(io_, [this, ticket, body = body_of(request)]() mutable {
      asio::co_spawn(io_, ask_one(ticket, std::move(body)), asio::detached);
    });
  }

  void close() override { stop(); }

 private:
  void stop() {
    work_.reset();
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

  asio::awaitable<std::unique_ptr<Stream>> connection() {
    if (!idle_.empty()) {
      auto out = std::move(idle_.back());
      idle_.pop_back();
      co_return out;
    }
    auto out = std::make_unique<Stream>(io_, context_);
    beast::get_lowest_layer(*out).expires_after(kPatience);
    co_await beast::get_lowest_layer(*out).async_connect(at_, asio::use_awaitable);
    beast::get_lowest_layer(*out).socket().set_option(asio::ip::tcp::no_delay(true));
    std::string name = name_;
    SSL_ctrl(out->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
    SSL_set1_host(out->native_handle(), name_.c_str());
    co_await out->async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    co_return out;
  }

  asio::awaitable<void> ask_one(Ticket ticket, std::string body) {
    grpc::Status status;
    v1::CorroborateResponse response;
    try {
      auto stream = co_await connection();
      beast::get_lowest_layer(*stream).expires_after(kPatience);
      http::request<http::string_body> message{http::verb::post, "/mpic", 11};
      message.set(http::field::host, name_);
      message.set(http::field::content_type, "application/json");
      message.body() = std::move(body);
      message.prepare_payload();
      co_await http::async_write(*stream, message, asio::use_awaitable);
      beast::flat_buffer buffer;
      http::response<http::string_body> answer;
      co_await http::async_read(*stream, buffer, answer, asio::use_awaitable);
      if (answer.result() == http::status::ok) {
        response = response_of(answer.body());
      } else {
        status = {grpc::StatusCode::UNKNOWN, fmt::format("HTTP {}: {}", answer.result_int(), answer.body())};
      }
      if (answer.keep_alive()) idle_.push_back(std::move(stream));
    } catch (const std::exception& error) {
      status = {grpc::StatusCode::UNAVAILABLE, error.what()};
    }
    listener_.answered(ticket, status, status.ok() ? &response : nullptr);
  }

  Listener& listener_;
  const std::string name_;
  asio::io_context io_{1};
  asio::ssl::context context_;
  asio::ip::tcp::endpoint at_;
  std::list<std::unique_ptr<Stream>> idle_;  // used on `thread_` alone
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_{io_.get_executor()};
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Caller> rest_caller(const cli::Profile& profile, const std::string& endpoint, Listener& listener) {
  return std::make_unique<RestCaller>(profile, endpoint, listener);
}

}  // namespace mpic::load
