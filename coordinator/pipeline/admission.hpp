// How much of one target, and which request ids, may be in progress at a time.
//
// Each request is seven visits to the target, and one that never answers holds what it was given for its whole time: so
// nobody's names may take all there is.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "common/domain/problem.hpp"

namespace mpic::coordinator {

// Safe from any thread.
class Admission {
 public:
  explicit Admission(std::size_t per_target) : per_target_(per_target) {}

  // A place, given back when it is destroyed. Must not outlive the admission.
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
  void leave(const std::set<std::string>& targets, const std::string& request);

  const std::size_t per_target_;
  std::mutex mutex_;  // guards what follows
  std::map<std::string, std::size_t> targets_;
  std::set<std::string> requests_;
};

}  // namespace mpic::coordinator
