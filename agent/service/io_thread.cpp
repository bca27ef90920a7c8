#include "agent/service/io_thread.hpp"

#include <spdlog/spdlog.h>

namespace mpic::agent {

IoThread::IoThread(Clock& clock, Random& random, AresOptions dns, HttpOptions http)
    : context_(1),
      work_(context_.get_executor()),
      dns_(context_.get_executor(), clock, random, std::move(dns)),
      http_(clock, http),
      tls_(clock, TlsOptions(http, http.handshake_limit)),
      thread_([this] {
        // A handler that throws is a bug of ours; the other attempts of this thread must not pay for it.
        for (;;) {
          try {
            context_.run();
            return;
          } catch (const std::exception& bug) {
            spdlog::error("an io thread caught an exception: {}", bug.what());
          }
        }
      }) {}

IoThread::~IoThread() { stop(); }

void IoThread::stop() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace mpic::agent
