#include "bench/floor/look.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>

#include "agent/net/ares_dns_client.hpp"
#include "agent/net/socket_http_client.hpp"

namespace mpic::floor {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 10s;
// Of one resolver at once; the rest wait their turn. More would overflow the receive buffer of its socket,
// and a floor is no place to wait for second tries.
constexpr std::size_t kLookupsAtOnce = 96;
constexpr std::size_t kBodyLimit = 16 * 1024;

std::string name_of(const LookPlan& look, std::uint64_t round) {
  std::string name = look.name;
  if (const auto place = name.find("{}"); place != std::string::npos) {
    name.replace(place, 2, std::to_string(round % look.names));
  }
  return name;
}

struct Lookup {
  std::string name;
  RecordType type;
};

// As agent/checks: the name and all its parents at once; or both address types.
std::vector<Lookup> lookups_of(const LookPlan& look, std::uint64_t round) {
  const std::string name = name_of(look, round);
  if (look.lookups == "addresses") return {{name, RecordType::kA}, {name, RecordType::kAaaa}};
  std::vector<Lookup> lookups;
  for (std::size_t begin = 0;;) {
    lookups.push_back({name.substr(begin), RecordType::kCaa});
    const auto dot = name.find('.', begin);
    if (dot == std::string::npos) return lookups;
    begin = dot + 1;
  }
}

bool good(std::exception_ptr error, const DnsLookup& lookup) {
  return !error && lookup.status == DnsStatus::kAnswered && lookup.rcode == 0 && lookup.authenticated;
}

// Runs on this thread alone, as an agent's io thread does.
int finish(asio::io_context& context, Rounds& rounds) {
  asio::post(context, [&rounds] { rounds.start(); });
  while (!rounds.over()) context.run_one();  // clients keep timers for later, which nobody waits for
  std::printf("{%s}\n", rounds.report().c_str());
  return rounds.good() ? 0 : 1;
}

}  // namespace

int look_up(const LookPlan& look, RoundsPlan plan) {
  asio::io_context context(1);
  SystemClock clock;
  SystemRandom random;
  std::vector<std::unique_ptr<agent::AresDnsClient>> clients;
  for (const std::string& resolver : look.perspectives) {
    agent::AresOptions options(resolver);
    options.max_channels = kLookupsAtOnce;
    clients.push_back(
        std::make_unique<agent::AresDnsClient>(context.get_executor(), clock, random, std::move(options)));
  }
  plan.parts = static_cast<unsigned>(lookups_of(look, 0).size());
  Rounds* rounds = nullptr;
  const auto ask = [&](unsigned slot, std::uint64_t round, unsigned perspective) {
    const Deadline deadline = Deadline::after(clock, kPatience);
    for (Lookup& lookup : lookups_of(look, round)) {
      asio::co_spawn(context, clients[perspective]->lookup(std::move(lookup.name), lookup.type, deadline),
                     [slot, &rounds](std::exception_ptr error, const DnsLookup& seen) {
                       rounds->answered(slot, good(std::move(error), seen));
                     });
    }
  };
  Rounds all(plan, ask);
  rounds = &all;
  return finish(context, all);
}

int fetch(const LookPlan& look, RoundsPlan plan) {
  asio::io_context context(1);
  SystemClock clock;
  std::vector<std::unique_ptr<agent::SocketHttpClient>> clients;
  for (const std::string& egress : look.perspectives) {
    agent::HttpOptions options("mpic-floor");
    options.egress_ipv4 = IpAddress::parse(egress).value();
    clients.push_back(std::make_unique<agent::SocketHttpClient>(clock, std::move(options)));
  }
  const auto colon = look.site.rfind(':');
  const IpAddress site = IpAddress::parse(look.site.substr(0, colon)).value();
  const auto port = static_cast<std::uint16_t>(std::stoul(look.site.substr(colon + 1)));
  Rounds* rounds = nullptr;
  const auto ask = [&](unsigned slot, std::uint64_t round, unsigned perspective) {
    auto target = rules::acme_challenge_url(DnsName::parse(name_of(look, round)).value(), look.token);
    agent::HttpRequest request(std::move(target), {site}, port, kBodyLimit);
    asio::co_spawn(context, clients[perspective]->get(std::move(request), Deadline::after(clock, kPatience)),
                   [slot, &rounds, &look](std::exception_ptr error, const agent::HttpExchange& made) {
                     rounds->answered(
                         slot, !error && made.reply && made.reply->status == 200 && made.reply->body == look.body);
                   });
  };
  Rounds all(plan, ask);
  rounds = &all;
  return finish(context, all);
}

}  // namespace mpic::floor
