#include "coordinator/program/coordinator.hpp"

#include <grpcpp/health_check_service_interface.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <thread>

#include "common/domain/version.hpp"
#include "common/rpc/grpc_log.hpp"
#include "common/telemetry/admin_server.hpp"
#include "common/telemetry/event_kinds.hpp"
#include "common/telemetry/host.hpp"
#include "coordinator/audit/postgres.hpp"
#include "coordinator/perspectives/dissent.hpp"
#include "coordinator/program/alerts.hpp"
#include "coordinator/program/clock_watch.hpp"
#include "coordinator/program/log_keeping.hpp"
#include "coordinator/program/lookout.hpp"
#include "coordinator/program/open_store.hpp"
#include "coordinator/program/recovery.hpp"
#include "coordinator/program/reload.hpp"
#include "coordinator/program/server.hpp"
#include "coordinator/program/signals.hpp"
#include "coordinator/program/store_lock.hpp"
#include "coordinator/rest/http_server.hpp"
#include "coordinator/rest/rest_service.hpp"
#include "coordinator/service/corroborator.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::chrono::seconds kLongestRequest{125};  // the longest deadline, and time to record
constexpr std::chrono::seconds kFlush{5};             // for answers to reach their clients

void wait_for(const std::function<bool()>& condition, std::chrono::milliseconds at_most) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  while (!condition() && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

std::vector<PerspectiveId> ids_of(const Deployment& deployment) {
  std::vector<PerspectiveId> out;
  for (const PerspectiveEntry& entry : deployment.perspectives) out.push_back(entry.where.id);
  return out;
}

class Coordinator {
 public:
  Coordinator(std::filesystem::path file, Loaded loaded, telemetry::EventLog& events);
  void serve();

 private:
  [[nodiscard]] std::unique_ptr<grpc::Server> begin_to_serve();
  [[nodiscard]] std::unique_ptr<HttpServer> serve_rest();
  void admit(const Settings& settings);
  void hang_up();
  void tick();
  void drain();

  const std::filesystem::path file_;
  telemetry::EventLog& events_;
  SystemClock clock_;
  SystemRandom random_;
  telemetry::Metrics metrics_;
  prometheus::Gauge& events_lost_;
  IntakeMetrics intake_metrics_;
  // Before the threads: what they leave unfinished gives its places back when they are destroyed.
  Admission admission_;
  IoThreads threads_;
  const std::unique_ptr<StoreLock> store_lock_;
  const std::unique_ptr<RecordStore> store_;
  const Loaded started_;
  // The keys of this run stand in the log before whatever they sign.
  SettingsInForce settings_;
  const std::size_t closed_;  // requests of the last run that were left without an answer
  Worker reading_;
  LogKeeping log_;
  HealthBoard health_;
  Dissent dissent_;
  KeptConduct conduct_;
  GrpcPerspectives perspectives_;
  LoudAlerts alerts_;
  FollowUp follow_up_;
  const Workshop workshop_;
  Intake intake_;
  RecordReader records_;
  Access access_;
  CorroboratorService service_;
  Lookout lookout_;
  Reloader reloader_;
  ClockWatch clock_watch_;
  telemetry::AdminServer admin_;
  RestService rest_;
  const std::unique_ptr<grpc::Server> server_;  // last: whoever asks finds the rest
  const std::unique_ptr<HttpServer> http_;      // none: REST is not configured
};

Coordinator::Coordinator(std::filesystem::path file, Loaded loaded, telemetry::EventLog& events)
    : file_(std::move(file)),
      events_(events),
      events_lost_(metrics_.gauge("mpic_events_lost", "Lines of `events` that could not be written, since the start")),
      intake_metrics_(metrics_, loaded.config.deployment),
      admission_(loaded.config.admission, loaded.config.deployment.clients, &intake_metrics_),
      threads_(loaded.config.threads),
      store_lock_(lock_store(loaded.config)),
      store_(open_store(loaded.config, metrics_, events_, clock_)),
      started_(std::move(loaded)),
      settings_(settle_in(started_, *store_)),
      closed_(close_what_was_left(*store_, started_.key, clock_, threads_, events_)),
      reading_(kMaxWaitingReads),
      log_(*store_, settings_, clock_, metrics_, events_, reading_),
      health_(started_.config.deployment, clock_),
      conduct_(health_, dissent_, clock_),
      perspectives_(
          started_.config.deployment, std::make_shared<rpc::TlsSource>(started_.config.tls), clock_,
          [this] { return threads_.next().get_executor(); }, metrics_, health_),
      alerts_(metrics_, events_, clock_),
      follow_up_(clock_, perspectives_, *store_, alerts_),
      workshop_{clock_,     random_,   perspectives_, *store_,       follow_up_,
                admission_, settings_, conduct_,      log_.prover(), events_},
      intake_(workshop_, threads_, intake_metrics_),
      records_(*store_, log_.prover(), clock_, threads_,
               [this](std::function<void()> work) { return reading_.post(std::move(work)); }),
      access_(settings_, clock_, metrics_, events_),
      service_(
          settings_, clock_, [this](const PerspectiveId& id) { return perspectives_.state(id); }, conduct_, intake_,
          records_, access_),
      lookout_(settings_, clock_, *store_, log_, perspectives_, conduct_, metrics_,
               [this](bool ready) { server_->GetHealthCheckService()->SetServingStatus(ready); }),
      reloader_(file_, started_.config, settings_, *store_, log_.changes(), clock_, metrics_,
                {.reach = [this](const Deployment& deployment) { perspectives_.apply(deployment); },
                 .is_connected = [this](const PerspectiveId& id) { return perspectives_.state(id).connected; },
                 .count = [this](const Deployment& deployment) { intake_metrics_.apply(deployment); },
                 .admit = [this](const Settings& settings) { admit(settings); }}),
      clock_watch_(clock_),
      admin_(started_.config.admin, metrics_, [this] { return lookout_.readiness(); }),
      rest_(
          settings_, clock_, access_, intake_, [this](const PerspectiveId& id) { return perspectives_.state(id); },
          conduct_, [this] { return lookout_.readiness(); }),
      server_(begin_to_serve()),
      http_(serve_rest()) {}

// The log says that this program has started before it has anything else of it.
std::unique_ptr<grpc::Server> Coordinator::begin_to_serve() {
  log_.begin(file_.string(), closed_);
  try {
    return coordinator::serve(started_.config, service_);
  } catch (...) {
    log_.end();
    throw;
  }
}

std::unique_ptr<HttpServer> Coordinator::serve_rest() {
  if (!started_.config.rest) return nullptr;
  const RestConfig& rest = *started_.config.rest;
  if (started_.config.open_mpic.tell_would_be) {
    spdlog::warn("rest.open_mpic.tell_would_be: is_valid may be true where no verdict is a basis for issuance");
  }
  HttpListen listen{rest.listen, nullptr, rest.unix_socket};
  if (rest.listen && !rest.plain) listen.tls = std::make_shared<rpc::TlsSource>(rest.tls.value_or(started_.config.tls));
  try {
    return std::make_unique<HttpServer>(
        std::move(listen), threads_, [this](HttpRequest request) { return rest_.handle(std::move(request)); },
        metrics_);
  } catch (...) {
    threads_.stop();
    log_.end();
    throw;
  }
}

void Coordinator::admit(const Settings& settings) {
  admission_.apply(settings.admission, settings.deployment.clients);
  dissent_.keep_only(ids_of(settings.deployment));
}

void Coordinator::serve() {
  spdlog::info(
      "mpic-coordinator {} serves on {}, {} perspectives, records in {}", kSoftwareVersion,
      started_.config.listen.text(), started_.config.deployment.perspectives.size(),
      started_.config.postgres.empty() ? started_.config.sqlite.string() : pg_target(started_.config.postgres));
  {
    Signals signals;
    signals.run([this] { hang_up(); }, [this] { tick(); });
    std::signal(SIGHUP, SIG_IGN);
  }  // SIGTERM and SIGINT are the system's again
  drain();
}

void Coordinator::hang_up() {
  events_.reopen();
  reloader_.reload();
  lookout_.look();
}

void Coordinator::tick() {
  reloader_.let_go();
  lookout_.look();
  events_lost_.Set(static_cast<double>(events_.lost()));
  if (const auto failed = rpc::take_failed_handshakes(); failed.count != 0) {
    events_.write({clock_.now(),
                   telemetry::event_kind::kHandshakeFailed,
                   "unknown",
                   "TLS handshake failed: " + failed.last,
                   {{"handshakes", static_cast<std::int64_t>(failed.count)}}});
  }
  if (const auto step = clock_watch_.look()) {
    const std::string what = fmt::format("the system's clock was set by {} ms", step->count());
    spdlog::warn("security: {}", what);
    events_.write({clock_.now(),
                   telemetry::event_kind::kClockChanged,
                   telemetry::host_name(),
                   what,
                   {{"milliseconds", static_cast<std::int64_t>(step->count())}}});
  }
}

// Nobody new is sent here first; then nothing new is begun; then what was begun ends and its answers leave; then what
// comes after answers is recorded, and the log says that all this has ended.
void Coordinator::drain() {
  spdlog::info("stopping: no new requests; those in progress are answered");
  lookout_.stop();
  intake_.close();
  service_.drain();
  wait_for([this] { return intake_.idle(); }, kLongestRequest);
  if (http_) {
    http_->stop();
    wait_for([this] { return http_->open() == 0; }, kFlush);
  }
  server_->Shutdown(std::chrono::system_clock::now() + kFlush);
  wait_for([this] { return follow_up_.idle(); }, kGrace + kFlush);
  reading_.stop();
  threads_.stop();  // nothing may run any more that uses what is destroyed next
  log_.end();
}

std::unique_ptr<telemetry::EventLog> open_events(const std::filesystem::path& file) {
  if (file.empty()) return std::make_unique<telemetry::NoEvents>();
  try {
    return telemetry::open_event_log({.file = file, .program = "mpic-coordinator"});
  } catch (const std::runtime_error& error) {
    throw StartError(fmt::format("events: {}", error.what()));
  }
}

}  // namespace

void serve_until_stopped(const std::filesystem::path& file, Loaded loaded) {
  const auto events = open_events(loaded.config.events);
  try {
    Coordinator(file, std::move(loaded), *events).serve();
  } catch (const std::exception& error) {
    events->write({SystemClock().now(),
                   telemetry::event_kind::kStartRefused,
                   telemetry::user_at_host(),
                   fmt::format("mpic-coordinator cannot go on: {}", error.what()),
                   {{"file", file.string()}}});
    throw;
  }
}

}  // namespace mpic::coordinator
