#include "coordinator/program/coordinator.hpp"

#include <grpcpp/health_check_service_interface.h>
#include <spdlog/spdlog.h>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <thread>

#include "common/domain/version.hpp"
#include "common/telemetry/admin_server.hpp"
#include "coordinator/perspectives/dissent.hpp"
#include "coordinator/program/alerts.hpp"
#include "coordinator/program/lookout.hpp"
#include "coordinator/program/open_store.hpp"
#include "coordinator/program/recovery.hpp"
#include "coordinator/program/reload.hpp"
#include "coordinator/program/server.hpp"
#include "coordinator/service/corroborator.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::chrono::seconds kLongestRequest{125};  // the longest deadline, and time to record
constexpr std::chrono::seconds kFlush{5};             // for answers to reach their clients
constexpr std::chrono::seconds kTick{1};

// Those of the process, for as long as it serves.
class Signals {
 public:
  void run(const std::function<void()>& hang_up, const std::function<void()>& tick) {
    on_hang_up(hang_up);
    on_tick(tick);
    stop_.async_wait([this](const boost::system::error_code&, int) { io_.stop(); });
    io_.run();
  }

 private:
  void on_hang_up(const std::function<void()>& act) {
    hang_up_.async_wait([&](const boost::system::error_code& error, int) {
      if (error) return;
      act();
      on_hang_up(act);
    });
  }
  void on_tick(const std::function<void()>& act) {
    timer_.expires_after(kTick);
    timer_.async_wait([&](const boost::system::error_code& error) {
      if (error) return;
      act();
      on_tick(act);
    });
  }

  asio::io_context io_;
  asio::signal_set hang_up_{io_, SIGHUP};
  asio::signal_set stop_{io_, SIGTERM, SIGINT};
  asio::steady_timer timer_{io_};
};

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
  Coordinator(std::filesystem::path file, Loaded loaded);
  void serve();

 private:
  static Loaded recovered(Loaded loaded, RecordStore& store, const Clock& clock, IoThreads& threads);
  void admit(const Settings& settings);
  void drain();

  const std::filesystem::path file_;
  SystemClock clock_;
  SystemRandom random_;
  telemetry::Metrics metrics_;
  IntakeMetrics intake_metrics_;
  // Before the threads: what they leave unfinished gives its places back when they are destroyed.
  Admission admission_;
  IoThreads threads_;
  const std::unique_ptr<RecordStore> store_;
  const Loaded started_;
  SettingsInForce settings_;
  HealthBoard health_;
  Dissent dissent_;
  KeptConduct conduct_;
  GrpcPerspectives perspectives_;
  LoudAlerts alerts_;
  FollowUp follow_up_;
  const Workshop workshop_;
  Intake intake_;
  RecordReader records_;
  CorroboratorService service_;
  const std::unique_ptr<grpc::Server> server_;
  Lookout lookout_;
  Reloader reloader_;
  telemetry::AdminServer admin_;
};

Loaded Coordinator::recovered(Loaded loaded, RecordStore& store, const Clock& clock, IoThreads& threads) {
  close_what_was_left(store, loaded.key, clock, threads);
  return loaded;
}

Coordinator::Coordinator(std::filesystem::path file, Loaded loaded)
    : file_(std::move(file)),
      intake_metrics_(metrics_, loaded.config.deployment),
      admission_(loaded.config.admission, loaded.config.deployment.clients, &intake_metrics_),
      threads_(loaded.config.threads),
      store_(open_store(loaded.config, metrics_)),
      started_(recovered(std::move(loaded), *store_, clock_, threads_)),
      settings_(settle_in(started_, *store_)),
      health_(started_.config.deployment, clock_),
      conduct_(health_, dissent_, clock_),
      perspectives_(
          started_.config.deployment, std::make_shared<rpc::TlsSource>(started_.config.tls), clock_,
          [this] { return threads_.next().get_executor(); }, metrics_, health_),
      alerts_(metrics_),
      follow_up_(clock_, perspectives_, *store_, alerts_),
      workshop_{clock_, random_, perspectives_, *store_, follow_up_, admission_, settings_, conduct_},
      intake_(workshop_, threads_, intake_metrics_),
      records_(*store_),
      service_(
          settings_, clock_, [this](const PerspectiveId& id) { return perspectives_.state(id); }, conduct_, intake_,
          records_, metrics_),
      server_(coordinator::serve(started_.config, service_)),
      lookout_(settings_, clock_, *store_, perspectives_, conduct_, metrics_,
               [this](bool ready) { server_->GetHealthCheckService()->SetServingStatus(ready); }),
      reloader_(file_, started_.config, settings_, *store_, clock_, metrics_,
                {.reach = [this](const Deployment& deployment) { perspectives_.apply(deployment); },
                 .is_connected = [this](const PerspectiveId& id) { return perspectives_.state(id).connected; },
                 .count = [this](const Deployment& deployment) { intake_metrics_.apply(deployment); },
                 .admit = [this](const Settings& settings) { admit(settings); }}),
      admin_(started_.config.admin, metrics_, [this] { return lookout_.readiness(); }) {}

void Coordinator::admit(const Settings& settings) {
  admission_.apply(settings.admission, settings.deployment.clients);
  dissent_.keep_only(ids_of(settings.deployment));
}

void Coordinator::serve() {
  spdlog::info("mpic-coordinator {} serves on {}, {} perspectives, records in {}", kSoftwareVersion,
               started_.config.listen.text(), started_.config.deployment.perspectives.size(),
               started_.config.sqlite.string());
  {
    Signals signals;
    signals.run(
        [this] {
          reloader_.reload();
          lookout_.look();
        },
        [this] {
          reloader_.let_go();
          lookout_.look();
        });
    std::signal(SIGHUP, SIG_IGN);
  }  // SIGTERM and SIGINT are the system's again
  drain();
}

// Nobody new is sent here first; then nothing new is begun; then what was begun ends and its answers leave; then what
// comes after answers is recorded.
void Coordinator::drain() {
  spdlog::info("stopping: no new requests; those in progress are answered");
  lookout_.stop();
  intake_.close();
  service_.drain();
  wait_for([this] { return intake_.idle(); }, kLongestRequest);
  server_->Shutdown(std::chrono::system_clock::now() + kFlush);
  wait_for([this] { return follow_up_.idle(); }, kGrace + kFlush);
  threads_.stop();  // nothing may run any more that uses what is destroyed next
}

}  // namespace

void serve_until_stopped(const std::filesystem::path& file, Loaded loaded) {
  Coordinator(file, std::move(loaded)).serve();
}

}  // namespace mpic::coordinator
