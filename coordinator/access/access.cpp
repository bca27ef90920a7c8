#include "coordinator/access/access.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include "common/telemetry/event_kinds.hpp"

namespace mpic::coordinator {
namespace {

using std::chrono::milliseconds;

constexpr const char* kDenied = "mpic_denied_total";
constexpr const char* kDeniedHelp = "Calls by somebody who is not known, or has no right to them";
constexpr std::size_t kMaxToldNames = 256;  // octets of a certificate's names, in the log

Unexpected not_known() { return fail(ProblemCode::kUnauthenticated, "client", "who asks is not known here"); }

Unexpected come_again(milliseconds pause) {
  return fail(ProblemCode::kOverloaded, "client",
              fmt::format("too many failed attempts from there; again in {} ms", pause.count()));
}

// What was shown, for the log. Never a key.
std::string shown(const Credentials& who, const Denial& denial) {
  std::string out = printable(fmt::format("{}", fmt::join(who.sans, ", ")), kMaxToldNames);
  if (!denial.key.empty()) out += fmt::format("{}API key {}", out.empty() ? "" : ", ", denial.key);
  return out;
}

}  // namespace

Access::Access(const SettingsInForce& settings, const Clock& clock, telemetry::Metrics& metrics,
               telemetry::EventLog& events)
    : settings_(settings),
      clock_(clock),
      events_(events),
      slowed_(metrics.counter(kDenied, kDeniedHelp, {{"why", "slowed"}})),
      too_fast_(
          metrics.counter("mpic_refusals_total", "Requests that there was no room or time for", {{"reason", "rate"}})) {
  for (const Why why : kWhys) {
    denied_[static_cast<std::size_t>(why)] =
        &metrics.counter(kDenied, kDeniedHelp, {{"why", std::string(to_string(why))}});
  }
}

Expected<ClientEntry> Access::authenticate(const Credentials& who, std::string_view method) {
  const auto clients = known();
  if (who.api_key.empty()) {
    if (const ClientEntry* client = clients->by_certificate(who.sans)) return *client;
  }
  const std::string group = source_group(who.source);
  if (const milliseconds pause = pause_of(group); pause > milliseconds{0}) {
    slowed_.Increment();
    return come_again(pause);
  }
  const auto found = clients->find(who, clock_.now());
  if (found) return **found;
  tell(found.error(), who, method, failed(group));
  return not_known();
}

Expected<ClientEntry> Access::authenticate_again(const Credentials& who, std::string_view method) {
  const auto clients = known();
  const auto found = clients->find(who, clock_.now());
  if (found) return **found;
  tell(found.error(), who, method, milliseconds{0});
  return not_known();
}

Expected<void> Access::spend(const ClientEntry& client) {
  const std::lock_guard lock(rates_mutex_);
  auto spent = rates_.spend(client.name, client.rate, clock_.steady_now());
  if (!spent) too_fast_.Increment();
  return spent;
}

std::shared_ptr<const KnownClients> Access::known() {
  const SettingsPtr settings = settings_.get();
  const std::lock_guard lock(mutex_);
  if (!known_ || !known_->is_of(settings)) known_ = std::make_shared<const KnownClients>(settings);
  return known_;
}

milliseconds Access::pause_of(const std::string& group) {
  const std::lock_guard lock(mutex_);
  return failures_.pause_of(group, clock_.steady_now());
}

milliseconds Access::failed(const std::string& group) {
  const std::lock_guard lock(mutex_);
  return failures_.add(group, clock_.steady_now());
}

void Access::tell(const Denial& denial, const Credentials& who, std::string_view method, milliseconds pause) {
  denied_[static_cast<std::size_t>(denial.why)]->Increment();
  const bool is_slowed = pause > milliseconds{0};
  const std::string what = shown(who, denial);
  spdlog::warn("security: {} refused for {}{}: {}{}", method, printable(who.peer),
               what.empty() ? "" : fmt::format(" ({})", what), denial.what,
               is_slowed ? fmt::format("; nothing from there is looked at for {} ms", pause.count()) : "");
  telemetry::Event event{
      clock_.now(),
      telemetry::event_kind::kAccessDenied,
      who.peer,
      denial.what,
      {{"why", std::string(to_string(denial.why))}, {"method", std::string(method)}, {"address", who.peer}}};
  if (!who.sans.empty()) event.more.emplace_back("certificate", who.sans);
  if (!denial.key.empty()) event.more.emplace_back("api_key", denial.key);
  if (!denial.client.empty()) event.more.emplace_back("client", denial.client);
  if (is_slowed) event.more.emplace_back("pause_ms", static_cast<std::int64_t>(pause.count()));
  events_.write(std::move(event));
}

}  // namespace mpic::coordinator
