// How much may be in progress at a time: in all, of each client, of each target; and which request ids.
//
// Each request is seven visits to its target, and one that never answers holds its place for its whole time: so no
// client may take all there is, and nobody's names either. Of the last tenth only those clients get a place that have
// less than their fair share: the whole, divided among the clients that have something in progress and one more that
// may come. So a client that floods keeps nobody out, and one that is alone loses a tenth.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/problem.hpp"
#include "coordinator/settings.hpp"

namespace mpic::coordinator {

// Why a request was not begun. kNoTime: what its caller leaves it. kClosed: this coordinator ends.
enum class Refusal : std::uint8_t { kInAll, kShare, kClient, kTarget, kRequestId, kNoTime, kClosed, kLast = kClosed };
[[nodiscard]] std::string_view to_string(Refusal refusal);  // for metrics: "in_all", "fair_share", "client", ...

// Safe from any thread.
class Admission {
 public:
  // Told of each refusal, and of how many requests of a client are in progress and how many of all wait, whenever that
  // changes; under the lock, so it must be quick and not come back here.
  class Watcher {
   public:
    virtual ~Watcher() = default;
    virtual void refused(Refusal why) = 0;
    virtual void in_progress(const std::string& client, std::size_t open) = 0;
    virtual void waiting(std::size_t requests) = 0;
  };

  // `watcher`, if any, outlives it.
  explicit Admission(const AdmissionLimits& limits, const std::vector<ClientEntry>& clients = {},
                     Watcher* watcher = nullptr);

  // From now on: what is in progress stays, and who waits may get a place by it. Clients that are not listed have no
  // limit of their own.
  void apply(const AdmissionLimits& limits, const std::vector<ClientEntry>& clients);

  // A client's place, given back when it is destroyed. Must not outlive the admission.
  class Seat {
   public:
    Seat(Seat&& other) noexcept;
    Seat& operator=(Seat&&) = delete;
    ~Seat();

   private:
    friend class Admission;
    Seat(Admission& admission, std::string client) : admission_(&admission), client_(std::move(client)) {}
    Admission* admission_;
    std::string client_;
  };

  // kOverloaded, saying which limit it is, when there is no room.
  [[nodiscard]] Expected<Seat> seat(const std::string& client);

  // As seat(), but where there is no room it waits for some: who came first goes first, of those that there is room
  // for. `granted` is called once, from any thread, maybe before this returns: with the seat, or with kInternal when
  // the admission was closed. `ticket` is the caller's own, unique among those that wait.
  using Granted = std::function<void(Expected<Seat>)>;
  void wait_for_seat(const std::string& client, const void* ticket, Granted granted);
  // Whether it was still waiting: then `granted` is not called any more.
  [[nodiscard]] bool give_up(const void* ticket);
  // Nobody is let in any more; who waits is told so. What is in progress stays.
  void close();

  // A place at the targets, given back when it is destroyed. Must not outlive the admission.
  class Place {
   public:
    Place(Place&& other) noexcept;
    Place& operator=(Place&&) = delete;
    ~Place();

   private:
    friend class Admission;
    Place(Admission& admission, std::set<std::string> targets, std::string request)
        : admission_(&admission), targets_(std::move(targets)), request_(std::move(request)) {}
    Admission* admission_;
    std::set<std::string> targets_;
    std::string request_;
  };

  // A place at each of the targets (rules::targets_of). kOverloaded when one of them has its share, or the client's
  // request id (empty: none) is in progress.
  [[nodiscard]] Expected<Place> enter(std::set<std::string> targets, const std::string& client,
                                      const std::string& request_id);

 private:
  struct Waiting {
    std::string client;
    const void* ticket;
    Granted granted;
  };
  using WaitingList = std::list<Waiting>;
  using Lock = std::lock_guard<std::mutex>;

  void leave_seat(const std::string& client);
  void leave(const std::set<std::string>& targets, const std::string& request);
  void grant(WaitingList lucky);
  // Preconditions of these: mutex_ held.
  [[nodiscard]] std::optional<Refusal> why_not(const std::string& client) const;
  [[nodiscard]] Unexpected refuse(Refusal why, std::string where, std::string detail) const;
  [[nodiscard]] Unexpected refuse_closed() const;
  [[nodiscard]] std::string explain(Refusal why, const std::string& client) const;
  [[nodiscard]] std::size_t open_of(const std::string& client) const;
  [[nodiscard]] std::size_t fair_share(const std::string& client) const;
  void take(const std::string& client);
  [[nodiscard]] WaitingList take_for_waiting();
  void tell(const std::string& client) const;

  Watcher* const watcher_;

  mutable std::mutex mutex_;  // guards what follows
  AdmissionLimits limits_;
  std::map<std::string, std::size_t> client_limits_;  // 0: none of its own
  std::size_t open_ = 0;
  std::map<std::string, std::size_t> clients_;  // that have something in progress
  WaitingList waiting_;                         // first come first; there is room for none of them
  bool closed_ = false;
  std::map<std::string, std::size_t> targets_;
  std::set<std::string> requests_;
};

// What a coordinator that is ending tells everybody.
[[nodiscard]] Problem shutting_down();

}  // namespace mpic::coordinator
