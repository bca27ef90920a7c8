// The store on a disk that loses what was not synced: whatever was answered is there after every loss of power.
#include <chrono>
#include <map>
#include <set>
#include <thread>

#include "tests/support/catch.hpp"
#include "tests/support/log_check.hpp"
#include "tests/support/lossy_vfs.hpp"
#include "tests/support/store_on_disk.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using namespace mpic::test;

namespace {

constexpr int kThreads = 4;
constexpr int kRecordsPerThread = 4;
constexpr int kLives = 15;
constexpr double kKept[] = {0, 0.02, 0.5, 0.98, 1};  // of what was not synced

SqliteOptions on(const LossyVfs& vfs) {
  SqliteOptions options;
  options.vfs = vfs.name();
  return options;
}

// What was promised at one moment.
struct Promises {
  std::vector<std::string> answered;  // records
  std::uint64_t leaves = 0;           // that were told to somebody
  std::size_t planned = 0;            // so many of all plans were queued before a record that was answered
};

// Some lives of one store. Each begins with what a loss of power left of the life before.
class Lives {
 public:
  explicit Lives(std::uint64_t seed) : seed_(seed), random_(seed) {}

  void live(bool disk_lies) {
    LossyVfs disk(random_());
    if (disk_lies) disk.ignore_syncs();
    left_.write_to(folder_.path());
    auto opened = SqliteStore::open(folder_.file(), kLog, on(disk));
    if (!opened) {
      losses_.push_back("the store does not open: " + opened.error().detail);
      return;
    }
    SqliteStore& store = **opened;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < kRecordsPerThread; ++n) answer_one(store, disk);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  [[nodiscard]] const std::vector<std::string>& losses() const { return losses_; }
  [[nodiscard]] int crashes() const { return crashes_; }
  [[nodiscard]] std::uint64_t seed() const { return seed_; }

 private:
  // As a request does: its plans are queued, then its record is appended. Of some only the plan is ever written.
  void answer_one(SqliteStore& store, LossyVfs& disk) {
    std::string id;
    std::size_t planned = 0;
    {
      const std::lock_guard lock(mutex_);
      id = "r" + std::to_string(plans_.size());
      const std::string abandoned = id + "-abandoned";
      for (const std::string& plan : {id, abandoned}) {
        (void)store.plan(plan_of(plan));
        plans_.push_back(plan);
      }
      planned = plans_.size();
    }
    std::this_thread::sleep_for(std::chrono::microseconds(planned * 37 % 300));  // groups of every kind form
    const auto leaf = append(store, record_of(id));
    const std::lock_guard lock(mutex_);
    if (!leaf) return losses_.push_back(id + " was refused by a good disk");
    promises_.answered.push_back(id);
    promises_.leaves = std::max(promises_.leaves, *leaf + 1);
    leaf_of_[id] = *leaf;
    promises_.planned = std::max(promises_.planned, planned);
    // Taken at once: the other threads write on, and what they wrote so far may be kept or lost.
    left_ = disk.after_power_loss(kKept[random_() % std::size(kKept)]);
    check(left_);
  }

  void check(const DiskImage& image) {
    const Folder elsewhere;
    image.write_to(elsewhere.path());
    LossyVfs disk(1);
    ++crashes_;
    const auto opened = SqliteStore::open(elsewhere.file(), kLog, on(disk));
    if (!opened) return losses_.push_back("after a crash: " + opened.error().detail);
    SqliteStore& store = **opened;
    for (const std::string& id : promises_.answered) {
      const auto found = store.find(id);
      if (const auto fault = fault_of(found, id))
        losses_.push_back("answered, but " + *fault);
      else if ((*found)->leaf != leaf_of_[id])
        losses_.push_back(id + " is another leaf than was told");
    }
    const TreeHead head = store.tree_head();
    if (head.size < promises_.leaves) losses_.push_back("the log is shorter than what was told of it");
    for (const std::string& fault : faults_of_file(elsewhere.file(), head)) losses_.push_back("after a crash: " + fault);
    std::set<std::string> open;
    const auto plans = store.open_plans();
    if (!plans) return losses_.push_back("after a crash: " + plans.error().detail);
    for (const StoredPlan& plan : *plans) open.insert(plan.record_id);
    for (std::size_t i = 0; i < promises_.planned; ++i) {
      if (open.contains(plans_[i])) continue;
      if (const auto fault = fault_of(store.find(plans_[i]), plans_[i]))
        losses_.push_back("without its plan, " + *fault);
    }
  }

  // A file that cannot be read is a loss too.
  static std::vector<std::string> faults_of_file(const std::filesystem::path& file, const TreeHead& head) {
    const auto log = read_sqlite(file.string());
    if (!log) return {log.error().detail};
    try {
      return faults_of_log(**log, head);
    } catch (const std::runtime_error& error) {
      return {error.what()};
    }
  }

  const std::uint64_t seed_;
  const Folder folder_;
  std::mutex mutex_;  // guards what follows
  std::mt19937_64 random_;
  DiskImage left_;
  std::vector<std::string> plans_;
  Promises promises_;
  std::map<std::string, std::uint64_t> leaf_of_;  // of what was answered
  std::vector<std::string> losses_;
  int crashes_ = 0;
};

}  // namespace

TEST_CASE("what was answered outlives every loss of power", "[store][durable]") {
  const std::uint64_t seed = std::random_device{}();
  Lives lives(seed);
  for (int life = 0; life < kLives && lives.losses().empty(); ++life) lives.live(false);
  INFO("seed " << seed);
  CHECK(lives.losses() == std::vector<std::string>{});
  CHECK(lives.crashes() == kLives * kThreads * kRecordsPerThread);
}

TEST_CASE("the check itself notices a store that does not sync", "[store][durable]") {
  Lives lives(7);
  lives.live(true);
  CHECK_FALSE(lives.losses().empty());
}
