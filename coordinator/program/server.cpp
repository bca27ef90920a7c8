#include "coordinator/program/server.hpp"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server_builder.h>

#include "common/rpc/credentials.hpp"
#include "coordinator/program/load.hpp"

namespace mpic::coordinator {

std::unique_ptr<grpc::Server> serve(const Config& config, grpc::Service& service) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  int port = 0;
  const auto certificate =
      config.api_keys.empty() ? rpc::ClientCertificate::kRequired : rpc::ClientCertificate::kRequested;
  auto credentials = rpc::server_credentials(std::make_shared<rpc::TlsSource>(config.tls), certificate);
  builder.AddListeningPort(config.listen.text(), std::move(credentials), &port);
  builder.SetMaxReceiveMessageSize(256 * 1024);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // A client that is gone without a word is noticed.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.RegisterService(&service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server || port == 0) throw StartError("cannot listen on " + config.listen.text() + ": is it in use?");
  server->GetHealthCheckService()->SetServingStatus(false);
  return server;
}

}  // namespace mpic::coordinator
