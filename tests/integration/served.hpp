// The coordinator's real service over real gRPC and mutual TLS, on one process, with perspectives that answer when the
// test says so.
#pragma once

#include <grpcpp/server.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "coordinator/audit/sqlite_store.hpp"
#include "coordinator/program/log_keeping.hpp"
#include "coordinator/service/corroborator.hpp"
#include "tests/support/store_on_disk.hpp"

namespace mpic::test {

using namespace coordinator;

inline constexpr std::chrono::seconds kPatience{10};

// Whether it becomes true in time.
[[nodiscard]] bool soon(const std::function<bool()>& condition);

// Keeps what it is asked until it is told to answer: that the perspective is not reachable.
class HeldPerspectives final : public PerspectiveClient {
 public:
  void observe(const PerspectiveId& perspective, const AttemptId& attempt, std::string assignment, Done done) override;
  void cancel(const PerspectiveId&, const AttemptId&) override {}

  // How often anybody was asked.
  [[nodiscard]] std::size_t asked() const;
  void answer_one();
  // From now on at once, and what is held now.
  void answer_all();

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::vector<Done> held_;
  std::size_t asked_ = 0;
  bool at_once_ = false;
};

class NobodyJudged final : public Conduct {
 public:
  void note(const Decision&) override {}
  [[nodiscard]] std::optional<std::string> suspicion(const PerspectiveId& id) const override {
    if (id.text() == "gru") return "contradicts often";
    return std::nullopt;
  }
  [[nodiscard]] Standing standing(const PerspectiveId& id) const override {
    return id.text() == "jnb" ? Standing{false, "3 failures in a row"} : Standing{};
  }
};

class NoAlerts final : public Alerts {
 public:
  void contradicted_later(const std::string&, const PerspectiveId&, const std::string&) override {}
  void not_followed() override {}
  void addendum_lost(const std::string&, const Problem&) override {}
};

// Clients "pipeline", "batch", and "audit", who reads all records. Each may have two requests in progress.
class Served {
 public:
  Served();
  ~Served();

  [[nodiscard]] std::unique_ptr<v1::Corroborator::Stub> stub(const std::string& client = "pipeline") const;
  // Without a certificate.
  [[nodiscard]] std::unique_ptr<v1::Corroborator::Stub> stub_of_nobody() const;
  void apply(std::vector<ClientEntry> clients);
  // As the program does at its end; returns when everything has been answered.
  void close();
  void shut_down();
  [[nodiscard]] double metric(const std::string& line_begins) const;
  [[nodiscard]] const evidence::NoteVerifier& log_key() const;
  // Of the deployment, as the log has it.
  [[nodiscard]] static std::string snapshot();

  HeldPerspectives perspectives;

 private:
  SystemClock clock_;
  SystemRandom random_;
  telemetry::Metrics metrics_;
  SettingsInForce settings_;
  IntakeMetrics intake_metrics_;
  Admission admission_;
  IoThreads threads_{2};
  Folder folder_;
  const std::unique_ptr<SqliteStore> store_;
  Worker reading_{kMaxWaitingReads};
  telemetry::NoEvents no_events_;
  LogKeeping log_;
  NoAlerts alerts_;
  NobodyJudged conduct_;
  FollowUp follow_up_;
  const Workshop workshop_;

 public:
  Intake intake;

 private:
  RecordReader records_;
  Access access_;
  CorroboratorService service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

// CAA alone; `id` may be empty.
[[nodiscard]] v1::CorroborateRequest caa_request(const std::string& id, const std::string& name = "www.example.com");

}  // namespace mpic::test
