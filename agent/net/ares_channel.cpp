#include "agent/net/ares_channel.hpp"

#include <ares.h>
#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <mutex>
#include <stdexcept>

namespace mpic::agent {
namespace {

constexpr int kUdpPayload = 1232;  // no fragments on any ordinary path

void initialise_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (const int error = ares_library_init(ARES_LIB_INIT_ALL); error != ARES_SUCCESS) {
      throw std::runtime_error(ares_strerror(error));
    }
  });
}

AresReply::End end_of(int status) {
  switch (status) {
    case ARES_SUCCESS:
      return AresReply::End::kReply;
    case ARES_ECONNREFUSED:
      return AresReply::End::kUnreachable;
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION:
      return AresReply::End::kCancelled;
    default:
      return AresReply::End::kTimeout;
  }
}

// c-ares gives EDNS up for a whole channel after one FORMERR; a reply without an OPT record may be the sign
// of it.
bool leaves_channel_clean(const AresReply& reply) {
  constexpr std::size_t kHeader = 12;
  return reply.end == AresReply::End::kReply && reply.tries == 1 && !reply.over_tcp &&
         reply.message.size() >= kHeader && (reply.message[10] != 0 || reply.message[11] != 0);
}

}  // namespace

class AresChannel::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::any_io_executor executor, const AresOptions& options) : executor_(executor), timer_(executor) {
    initialise_library();
    ares_options wanted{};
    // Queries carry an OPT record of their own; the flag only tells c-ares that long UDP replies are to be
    // expected.
    wanted.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_NOCHECKRESP | ARES_FLAG_EDNS;
    if (options.on_this_host) wanted.flags |= ARES_FLAG_STAYOPEN;
    wanted.ednspsz = kUdpPayload;
    wanted.timeout = static_cast<int>(options.try_timeout.count());
    wanted.tries = options.tries;
    std::string no_files = "b";  // DNS alone: neither hosts nor resolv.conf may answer
    wanted.lookups = no_files.data();
    wanted.sock_state_cb = &Impl::on_socket_state;
    wanted.sock_state_cb_data = this;
    in_addr none{};
    wanted.servers = &none;
    wanted.nservers = 1;
    wanted.ndots = 1;
    const int mask = ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
                     ARES_OPT_SOCK_STATE_CB | ARES_OPT_SERVERS | ARES_OPT_NDOTS | ARES_OPT_DOMAINS | ARES_OPT_SORTLIST |
                     ARES_OPT_NOROTATE;
    if (const int error = ares_init_options(&channel_, &wanted, mask); error != ARES_SUCCESS) {
      throw std::runtime_error(ares_strerror(error));
    }
    if (const int error = ares_set_servers_ports_csv(channel_, options.server.c_str()); error != ARES_SUCCESS) {
      ares_destroy(channel_);
      throw std::runtime_error("resolver address " + options.server + ": " + ares_strerror(error));
    }
    ares_set_socket_callback(channel_, &Impl::on_socket_made, this);
    if (options.local) bind_to(*options.local);
  }

  ~Impl() { close(); }

  void close() {
    done_ = nullptr;
    timer_.cancel();
    if (channel_ != nullptr) ares_destroy(channel_);  // calls on_reply and on_socket_state
    channel_ = nullptr;
  }

  void send(const Bytes& query, asio::any_completion_handler<void(AresReply)> done) {
    done_.swap(done);  // its move assignment recurses without end in Boost 1.81
    over_tcp_ = false;
    ares_send(channel_, query.data(), static_cast<int>(query.size()), &Impl::on_reply, this);
    arm_timer();
  }

 private:
  struct Socket {
    Socket(const asio::any_io_executor& executor, ares_socket_t number) : descriptor(executor, number) {}
    asio::posix::stream_descriptor descriptor;
    bool want_read = false, want_write = false;
    bool reading = false, writing = false;  // a wait is under way
  };

  static void on_reply(void* self, int status, int timeouts, unsigned char* octets, int size) {
    auto& impl = *static_cast<Impl*>(self);
    if (!impl.done_) return;  // closing
    AresReply reply(end_of(status));
    if (octets != nullptr && size > 0) reply.message.assign(octets, octets + size);
    reply.tries =
        static_cast<std::uint32_t>(reply.end == AresReply::End::kTimeout ? std::max(timeouts, 1) : timeouts + 1);
    reply.over_tcp = impl.over_tcp_;
    reply.reusable = leaves_channel_clean(reply);
    impl.timer_.cancel();
    asio::post(impl.executor_, [done = std::exchange(impl.done_, nullptr), reply = std::move(reply)]() mutable {
      std::move(done)(std::move(reply));
    });
  }

  static int on_socket_made(ares_socket_t, int type, void* self) {
    if (type == SOCK_STREAM) static_cast<Impl*>(self)->over_tcp_ = true;
    return 0;
  }

  static void on_socket_state(void* self, ares_socket_t number, int readable, int writable) {
    static_cast<Impl*>(self)->watch(number, readable != 0, writable != 0);
  }

  void bind_to(const IpAddress& local) {
    const auto octets = local.octets();
    if (local.is_v4()) {
      std::uint32_t value = 0;
      for (const std::uint8_t octet : octets) value = value << 8U | octet;
      ares_set_local_ip4(channel_, value);
    } else {
      ares_set_local_ip6(channel_, octets.data());
    }
  }

  void watch(ares_socket_t number, bool read, bool write) {
    auto found = sockets_.find(number);
    if (!read && !write) {
      if (found == sockets_.end()) return;
      found->second->descriptor.release();  // c-ares closes it
      sockets_.erase(found);
      return;
    }
    if (found == sockets_.end()) {
      found = sockets_.emplace(number, std::make_shared<Socket>(executor_, number)).first;
    }
    found->second->want_read = read;
    found->second->want_write = write;
    arm(number, found->second);
  }

  void arm(ares_socket_t number, const std::shared_ptr<Socket>& socket) {
    if (socket->want_read && !socket->reading) {
      socket->reading = true;
      wait(number, socket, asio::posix::stream_descriptor::wait_read);
    }
    if (socket->want_write && !socket->writing) {
      socket->writing = true;
      wait(number, socket, asio::posix::stream_descriptor::wait_write);
    }
  }

  void wait(ares_socket_t number, const std::shared_ptr<Socket>& socket,
            asio::posix::stream_descriptor::wait_type what) {
    const bool read = what == asio::posix::stream_descriptor::wait_read;
    socket->descriptor.async_wait(
        what, [weak = weak_from_this(), socket, number, read](boost::system::error_code error) {
          (read ? socket->reading : socket->writing) = false;
          const auto self = weak.lock();
          if (error || !self || !self->owns(number, socket)) return;
          ares_process_fd(self->channel_, read ? number : ARES_SOCKET_BAD, read ? ARES_SOCKET_BAD : number);
          if (self->owns(number, socket)) self->arm(number, socket);
          self->arm_timer();
        });
  }

  // False for a socket that c-ares has closed meanwhile, even if its number is in use again.
  bool owns(ares_socket_t number, const std::shared_ptr<Socket>& socket) const {
    const auto found = sockets_.find(number);
    return found != sockets_.end() && found->second == socket;
  }

  void arm_timer() {
    if (!done_ || channel_ == nullptr) return;
    timeval next{};
    if (ares_timeout(channel_, nullptr, &next) == nullptr) return;
    timer_.expires_after(std::chrono::seconds(next.tv_sec) + std::chrono::microseconds(next.tv_usec) +
                         std::chrono::milliseconds(1));  // c-ares rounds down
    timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
      const auto self = weak.lock();
      if (error || !self || self->channel_ == nullptr) return;
      ares_process_fd(self->channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
      self->arm_timer();
    });
  }

  asio::any_io_executor executor_;
  ares_channel channel_ = nullptr;
  asio::steady_timer timer_;
  std::map<ares_socket_t, std::shared_ptr<Socket>> sockets_;
  asio::any_completion_handler<void(AresReply)> done_;
  bool over_tcp_ = false;
};

AresChannel::AresChannel(asio::any_io_executor executor, const AresOptions& options)
    : impl_(std::make_shared<Impl>(std::move(executor), options)) {}

AresChannel::~AresChannel() { impl_->close(); }

void AresChannel::send(const Bytes& query, asio::any_completion_handler<void(AresReply)> done) {
  impl_->send(query, std::move(done));
}

}  // namespace mpic::agent
