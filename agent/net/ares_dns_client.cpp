#include "agent/net/ares_dns_client.hpp"

#include <ares.h>

#include <algorithm>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/rules/dns_message.hpp"

namespace mpic::agent {
namespace {

constexpr std::size_t kHeader = 12;
constexpr int kUdpPayload = 1232;
// A channel takes 75 KiB, and time to make: a burst keeps what it needs, and gives it back when it is over.
constexpr std::size_t kKeptChannels = 16;
constexpr std::chrono::seconds kTrimAfter{2};
// A query that has no answer after this time has been read, and waits for a slow server somewhere.
constexpr std::chrono::milliseconds kFreshFor{200};

// Spells the letters of `name` in random case: some twenty bits more that a forger has to guess.
void randomise_case(std::string& name, Random& random) {
  std::vector<std::uint8_t> bits(name.size());
  random.fill(bits);
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] >= 'a' && name[i] <= 'z' && (bits[i] & 1U) != 0) name[i] = static_cast<char>(name[i] - 'a' + 'A');
  }
}

// Empty when c-ares will not have the name.
Bytes make_query(std::string name, RecordType type, const AresOptions& options, Random& random) {
  if (!options.on_this_host) randomise_case(name, random);
  const auto id = random.octets<2>();
  unsigned char* octets = nullptr;
  int size = 0;
  constexpr int kInternet = 1;
  constexpr int kRecursionDesired = 1;
  if (ares_create_query(name.c_str(), kInternet, static_cast<int>(type), 0, kRecursionDesired, &octets, &size,
                        kUdpPayload) != ARES_SUCCESS) {
    return {};
  }
  Bytes query(octets, octets + size);
  ares_free_string(octets);
  std::copy(id.begin(), id.end(), query.begin());
  constexpr std::uint8_t kAuthenticData = 0x20;
  query[3] |= kAuthenticData;
  return query;
}

// The question, octet for octet: letters that came back in another case answer somebody else's query.
bool repeats_question(const Bytes& reply, const Bytes& query) {
  auto end = query.begin() + kHeader;
  while (end != query.end() && *end != 0) end += *end + 1;  // our own query: well formed
  end += 1 + 4;
  const auto size = static_cast<std::size_t>(end - query.begin());
  return reply.size() >= size && std::equal(query.begin(), query.begin() + 2, reply.begin()) &&
         std::equal(query.begin() + kHeader, end, reply.begin() + kHeader);
}

}  // namespace

// One query from its start, perhaps with a wait for a channel, to its end by reply, deadline or cancellation.
class AresDnsClient::Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  using Handler = asio::any_completion_handler<void(AresReply)>;

  Exchange(AresDnsClient& client, Bytes query, Handler handler)
      : client_(client), query_(std::move(query)), handler_(std::move(handler)), timer_(client.executor_) {}

  void start(Deadline deadline) {
    auto slot = asio::get_associated_cancellation_slot(handler_);
    if (slot.is_connected()) {
      slot.assign([weak = weak_from_this()](asio::cancellation_type) {
        if (const auto self = weak.lock()) self->finish(AresReply(AresReply::End::kCancelled));
      });
    }
    timer_.expires_at(deadline.at());
    timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (!error) self->finish(AresReply(AresReply::End::kTimeout));
    });
    client_.enter(shared_from_this());
  }

  [[nodiscard]] bool ended() const { return !handler_; }

  [[nodiscard]] SteadyPoint sent_at() const { return sent_at_; }

  void run(std::unique_ptr<AresChannel> channel, SteadyPoint now) {
    sent_at_ = now;
    fresh_ = true;
    channel_ = std::move(channel);
    channel_->send(query_, [weak = weak_from_this()](AresReply reply) {
      if (const auto self = weak.lock()) self->finish(std::move(reply));
    });
  }

  // Answered, or read long ago: it takes no room at the resolver's socket.
  void age() {
    if (std::exchange(fresh_, false)) --client_.fresh_;
  }

 private:
  void finish(AresReply reply) {
    if (!handler_) return;
    auto handler = std::exchange(handler_, nullptr);
    timer_.cancel();
    age();
    if (channel_) {
      if (reply.tries == 0) reply.tries = 1;
      client_.leave(std::move(channel_), reply.reusable);
    }
    asio::post(client_.executor_, [handler = std::move(handler), reply = std::move(reply)]() mutable {
      std::move(handler)(std::move(reply));
    });
  }

  AresDnsClient& client_;
  Bytes query_;
  Handler handler_;
  asio::steady_timer timer_;
  std::unique_ptr<AresChannel> channel_;
  SteadyPoint sent_at_{};
  bool fresh_ = false;
};

AresDnsClient::AresDnsClient(asio::any_io_executor executor, Clock& clock, Random& random, AresOptions options)
    : executor_(std::move(executor)),
      clock_(clock),
      random_(random),
      options_(std::move(options)),
      trim_timer_(executor_),
      pace_timer_(executor_) {
  idle_.push_back(std::make_unique<AresChannel>(executor_, options_));  // a wrong address is known at start
}

AresDnsClient::~AresDnsClient() = default;

void AresDnsClient::enter(const std::shared_ptr<Exchange>& exchange) {
  waiting_.push_back(exchange);
  serve_waiting();
}

void AresDnsClient::leave(std::unique_ptr<AresChannel> channel, bool reusable) {
  --leased_;
  if (reusable) idle_.push_back(std::move(channel));
  if (idle_.size() > kKeptChannels) trim_later();
  serve_waiting();
}

// Sends what waits, as far as there are channels and the resolver has read what it was sent before.
void AresDnsClient::serve_waiting() {
  const auto now = std::chrono::steady_clock::now();
  while (!sent_.empty()) {
    const auto oldest = sent_.front().lock();
    if (oldest && !oldest->ended() && oldest->sent_at() + kFreshFor > now) break;
    if (oldest) oldest->age();
    sent_.pop_front();
  }
  while (!waiting_.empty() && leased_ < options_.max_channels && fresh_ < options_.max_fresh) {
    const auto next = waiting_.front().lock();
    waiting_.pop_front();
    if (!next || next->ended()) continue;  // its time ran out while it waited
    if (idle_.empty()) idle_.push_back(std::make_unique<AresChannel>(executor_, options_));
    auto channel = std::move(idle_.back());
    idle_.pop_back();
    unused_ = std::min(unused_, idle_.size());
    ++leased_;
    ++fresh_;
    sent_.push_back(next);
    next->run(std::move(channel), now);
  }
  if (waiting_.empty() || fresh_ < options_.max_fresh || pacing_) return;
  pacing_ = true;
  pace_timer_.expires_after(kFreshFor);
  pace_timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    pacing_ = false;
    serve_waiting();
  });
}

void AresDnsClient::trim_later() {
  if (trimming_) return;
  trimming_ = true;
  unused_ = idle_.size();
  trim_timer_.expires_after(kTrimAfter);
  trim_timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    trimming_ = false;
    const std::size_t surplus = std::min(unused_, idle_.size() - std::min(idle_.size(), kKeptChannels));
    idle_.erase(idle_.begin(), idle_.begin() + static_cast<std::ptrdiff_t>(surplus));
    if (idle_.size() > kKeptChannels) trim_later();
  });
}

asio::awaitable<DnsLookup> AresDnsClient::lookup(std::string name, RecordType type, Deadline deadline) {
  const TimePoint started = clock_.now();
  Bytes query = make_query(name, type, options_, random_);
  AresReply reply;
  if (!query.empty()) {
    reply = co_await asio::async_initiate<const asio::use_awaitable_t<>, void(AresReply)>(
        [this, &query, deadline](auto handler) {
          std::make_shared<Exchange>(*this, query, Exchange::Handler(std::move(handler)))->start(deadline);
        },
        asio::use_awaitable);
  }
  DnsLookup seen;
  switch (reply.end) {
    case AresReply::End::kReply:
      seen = rules::read_reply(reply.message, name, type);
      if (!repeats_question(reply.message, query)) {
        seen = DnsLookup{};
        seen.status = DnsStatus::kMalformed;
      }
      break;
    case AresReply::End::kUnreachable:
      seen.status = DnsStatus::kUnreachable;
      break;
    case AresReply::End::kTimeout:
    case AresReply::End::kCancelled:
      // Never sent, it waited for a channel of ours: that is no fault of the target's.
      seen.status = query.empty()      ? DnsStatus::kMalformed
                    : reply.tries == 0 ? DnsStatus::kUnreachable
                                       : DnsStatus::kTimeout;
      break;
  }
  seen.name = std::move(name);
  seen.type = type;
  seen.server = options_.server;
  seen.tries = reply.tries;
  seen.over_tcp = reply.over_tcp;
  seen.started = started;
  co_return seen;
}

}  // namespace mpic::agent
