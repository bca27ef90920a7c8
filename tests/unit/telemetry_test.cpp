#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "common/telemetry/log.hpp"
#include "common/telemetry/metrics.hpp"
#include "tests/support/catch.hpp"

namespace {

using namespace mpic::telemetry;

// What `write` says on the standard error stream.
template <class Write>
std::string standard_error_of(Write&& write) {
  std::string name = (std::filesystem::temp_directory_path() / "mpic-log-XXXXXX").string();
  const int file = ::mkstemp(name.data());
  REQUIRE(file >= 0);
  const int saved = ::dup(STDERR_FILENO);
  ::dup2(file, STDERR_FILENO);
  write();
  ::dup2(saved, STDERR_FILENO);
  ::close(saved);
  ::close(file);
  std::ostringstream text;
  text << std::ifstream(name).rdbuf();
  std::filesystem::remove(name);
  return text.str();
}

}  // namespace

TEST_CASE("metrics: the same name and labels are the same metric", "[telemetry]") {
  Metrics metrics;
  auto& first = metrics.counter("mpic_requests_total", "Requests", {{"verdict", "corroborated"}});
  auto& again = metrics.counter("mpic_requests_total", "Requests", {{"verdict", "corroborated"}});
  auto& other = metrics.counter("mpic_requests_total", "Requests", {{"verdict", "not_corroborated"}});
  CHECK(&first == &again);
  CHECK(&first != &other);
  first.Increment();
  metrics.gauge("mpic_agents_connected", "Agents").Set(7);
  metrics.seconds("mpic_request_seconds", "Time to the answer").Observe(0.02);
  const std::string text = metrics.text();
  CHECK_THAT(text, Catch::Contains("# HELP mpic_requests_total Requests\n# TYPE mpic_requests_total counter\n"));
  CHECK_THAT(text, Catch::Contains("mpic_requests_total{verdict=\"corroborated\"} 1\n"));
  CHECK_THAT(text, Catch::Contains("mpic_agents_connected 7\n"));
  CHECK_THAT(text, Catch::Contains("mpic_request_seconds_bucket{le=\"0.025\"} 1\n"));
  CHECK_THAT(text, Catch::Contains("mpic_request_seconds_bucket{le=\"0.01\"} 0\n"));
}

TEST_CASE("metrics: a wrong name is a bug", "[telemetry]") {
  Metrics metrics;
  CHECK_THROWS_AS(metrics.counter("requests_total", "Requests"), std::logic_error);
  (void)metrics.counter("mpic_requests_total", "Requests");
  CHECK_THROWS_AS(metrics.gauge("mpic_requests_total", "Requests"), std::logic_error);
}

TEST_CASE("log: UTC to the millisecond, level, program, one line per message", "[telemetry]") {
  const auto before = spdlog::default_logger();
  const std::string text = standard_error_of([] {
    set_up_log("mpic-agent", "info");
    spdlog::debug("not this");
    spdlog::warn("resolver {} answers\nforged\x1b[2J line", "127.0.0.1:53");
  });
  spdlog::set_default_logger(before);
  const std::regex line(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warning mpic-agent: )"
                        R"(resolver 127\.0\.0\.1:53 answers\\x0aforged\\x1b\[2J line\n)");
  INFO(text);
  CHECK(std::regex_match(text, line));
}

TEST_CASE("log: an unknown level names the accepted ones", "[telemetry]") {
  CHECK_THROWS_WITH(set_up_log("mpic-agent", "loud"),
                    "log level \"loud\": trace, debug, info, warn or error is accepted");
}
