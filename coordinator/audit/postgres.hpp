// The little of libpq that the store needs, made safe to use. Parameters and results are binary.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/observation.hpp"
#include "common/domain/problem.hpp"

struct pg_conn;
struct pg_result;

namespace mpic::coordinator {

// One parameter, as its type's binary form. Arrays are for unnest().
class PgValue {
 public:
  static PgValue number(std::int64_t value);      // bigint
  static PgValue text(std::string_view value);    // text
  static PgValue octets(std::string_view value);  // bytea
  static PgValue octets(const Digest& value);
  static PgValue numbers(const std::vector<std::int64_t>& values);  // bigint[]
  static PgValue texts(const std::vector<std::string_view>& values);
  static PgValue octets(const std::vector<std::string_view>& values);

  [[nodiscard]] unsigned type() const { return type_; }
  [[nodiscard]] const std::string& octets() const { return octets_; }

 private:
  PgValue(unsigned type, std::string octets) : type_(type), octets_(std::move(octets)) {}
  unsigned type_;  // PostgreSQL's number of it
  std::string octets_;
};
using PgValues = std::vector<PgValue>;

// Rows of one query.
class PgRows {
 public:
  explicit PgRows(std::shared_ptr<pg_result> result) : result_(std::move(result)) {}
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool is_null(std::size_t row, int column) const;
  [[nodiscard]] std::string text(std::size_t row, int column) const;     // of bytea too
  [[nodiscard]] std::int64_t number(std::size_t row, int column) const;  // 0 for what is no integer
  [[nodiscard]] std::uint64_t index(std::size_t row, int column) const;
  [[nodiscard]] TimePoint moment(std::size_t row, int column) const;  // nanoseconds since 1970
  [[nodiscard]] Digest digest(std::size_t row, int column) const;     // zeros for what is not 32 octets

 private:
  std::shared_ptr<pg_result> result_;
};

struct PgStatement {
  std::string sql;
  PgValues values;
};

// How much longer than its patience a connection waits: the server ends what takes longer, and says so, unless it does
// not answer at all.
inline constexpr std::chrono::milliseconds kServersSay{1'000};

// For one thread at a time. A Problem is kInvalidArgument where what was to be written is at fault (an id that is there
// already), else kInternal; it never holds a password.
class PgConnection {
 public:
  // `connection`: as libpq takes it. Over a network it must be verified TLS: sslmode=verify-full is what stands when
  // nothing is said, and anything weaker is refused; a Unix socket or loopback needs none. `patience`: how long a
  // statement may take. A server that is silent for longer, although its host acknowledges what is sent, does not
  // answer any more: the connection is closed.
  [[nodiscard]] static Expected<std::unique_ptr<PgConnection>> connect(const std::string& connection,
                                                                       std::chrono::milliseconds patience);
  ~PgConnection();
  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;

  // False when the server has gone, as far as is known without asking.
  [[nodiscard]] bool is_open() const;
  [[nodiscard]] Expected<PgRows> run(const std::string& sql, const PgValues& values = {});
  // All of them in one transaction, sent as one pipeline: one round trip. `durable`: the commit waits for the disk and
  // the synchronous standbys. kInternal too when that waiting was cancelled, although the server has committed.
  [[nodiscard]] Expected<void> transaction(const std::vector<PgStatement>& statements, bool durable);

 private:
  using Result = std::shared_ptr<pg_result>;

  PgConnection(pg_conn* connection, std::chrono::milliseconds patience)
      : connection_(connection), patience_(patience) {}
  Expected<std::string> prepared(const PgStatement& statement);
  bool send(const std::string& name, const PgValues& values);
  Expected<void> wait();
  Expected<Result> next_result();
  Expected<Result> last_result();
  Expected<void> commit(const std::vector<const PgStatement*>& statements);
  [[nodiscard]] std::string said() const;
  Unexpected problem(std::string_view doing, const pg_result* result) const;
  Unexpected lost(std::string why);

  pg_conn* connection_;  // null: it was lost
  const std::chrono::milliseconds patience_;
  std::map<std::string, std::string, std::less<>> names_;  // of prepared statements, by their SQL
  std::string cancelled_wait_;                             // what the server said of it; of the last transaction
};

// "host=db.example dbname=mpic": without passwords, for people.
[[nodiscard]] std::string pg_target(const std::string& connection);

}  // namespace mpic::coordinator
