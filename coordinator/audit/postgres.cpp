#include "coordinator/audit/postgres.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>

namespace mpic::coordinator {
namespace {

// PostgreSQL's numbers of types (pg_type.dat): they never change.
constexpr unsigned kBytea = 17, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25;
constexpr unsigned kByteaArray = 1001, kTextArray = 1009, kInt8Array = 1016;

constexpr const char* kUniqueViolation = "23505";

Unexpected fault(std::string detail) { return fail(ProblemCode::kInternal, "record store", std::move(detail)); }

template <class Integer>
void append(std::string& out, Integer value) {
  for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8) {
    out += static_cast<char>(static_cast<std::uint64_t>(value) >> static_cast<unsigned>(shift));
  }
}

template <class Value, class Append>
std::string array_of(unsigned type, const std::vector<Value>& values, const Append& append_value) {
  std::string out;
  append(out, std::int32_t{values.empty() ? 0 : 1});  // dimensions
  append(out, std::int32_t{0});                       // no NULL in it
  append(out, static_cast<std::int32_t>(type));
  if (values.empty()) return out;
  append(out, static_cast<std::int32_t>(values.size()));
  append(out, std::int32_t{1});  // index of the first
  for (const Value& value : values) append_value(out, value);
  return out;
}

void append_octets(std::string& out, std::string_view value) {
  append(out, static_cast<std::int32_t>(value.size()));
  out += value;
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return printable(text, 600);
}

// Keys and values of a connection string; empty with the reason when it is none.
struct Parsed {
  std::vector<std::pair<std::string, std::string>> options;
  std::string why;
};
Parsed parse(const std::string& connection) {
  Parsed out;
  char* why = nullptr;
  PQconninfoOption* options = PQconninfoParse(connection.c_str(), &why);
  if (options == nullptr) {
    // The library's sentence may repeat a part of what was given, a password too.
    out.why = "it is no connection string of PostgreSQL";
    PQfreemem(why);
    return out;
  }
  for (const PQconninfoOption* one = options; one->keyword != nullptr; ++one) {
    if (one->val != nullptr) out.options.emplace_back(one->keyword, one->val);
  }
  PQconninfoFree(options);
  return out;
}

std::string value_of(const Parsed& parsed, std::string_view key) {
  for (const auto& [name, value] : parsed.options) {
    if (name == key) return value;
  }
  return {};
}

// When somebody cancels a commit's waiting for the standbys, the server says that it has committed, and warns. Nothing
// but the place in the server tells this warning from others. Of libpq's callbacks; `kept` is a std::string.
void note_cancelled_wait(void* kept, const PGresult* said) {
  const char* place = PQresultErrorField(said, PG_DIAG_SOURCE_FUNCTION);
  const char* text = PQresultErrorField(said, PG_DIAG_MESSAGE_PRIMARY);
  if (place == nullptr || text == nullptr || place != std::string_view("SyncRepWaitForLSN")) return;
  *static_cast<std::string*>(kept) = one_line(text);
}

bool is_local(const std::string& hosts) {
  std::size_t from = 0;
  while (from <= hosts.size()) {
    const std::size_t comma = std::min(hosts.find(',', from), hosts.size());
    const std::string host = hosts.substr(from, comma - from);
    const bool local = host.empty() || host[0] == '/' || host[0] == '@' || host == "localhost" || host == "::1" ||
                       host.rfind("127.", 0) == 0;
    if (!local) return false;
    from = comma + 1;
  }
  return true;
}

}  // namespace

PgValue PgValue::number(std::int64_t value) {
  std::string out;
  append(out, value);
  return {kInt8, std::move(out)};
}
PgValue PgValue::text(std::string_view value) { return {kText, std::string(value)}; }
PgValue PgValue::octets(std::string_view value) { return {kBytea, std::string(value)}; }
PgValue PgValue::octets(const Digest& value) { return {kBytea, std::string(value.begin(), value.end())}; }
PgValue PgValue::numbers(const std::vector<std::int64_t>& values) {
  return {kInt8Array, array_of(kInt8, values, [](std::string& out, std::int64_t value) {
            append(out, std::int32_t{sizeof value});
            append(out, value);
          })};
}
PgValue PgValue::texts(const std::vector<std::string_view>& values) {
  return {kTextArray, array_of(kText, values, append_octets)};
}
PgValue PgValue::octets(const std::vector<std::string_view>& values) {
  return {kByteaArray, array_of(kBytea, values, append_octets)};
}

std::size_t PgRows::size() const { return static_cast<std::size_t>(PQntuples(result_.get())); }
bool PgRows::is_null(std::size_t row, int column) const {
  return PQgetisnull(result_.get(), static_cast<int>(row), column) == 1;
}
std::string PgRows::text(std::size_t row, int column) const {
  const int at = static_cast<int>(row);
  return {PQgetvalue(result_.get(), at, column), static_cast<std::size_t>(PQgetlength(result_.get(), at, column))};
}
std::int64_t PgRows::number(std::size_t row, int column) const {
  const std::string octets = text(row, column);
  const unsigned type = PQftype(result_.get(), column);
  if (type != kInt8 && type != kInt4 && type != kInt2) return 0;
  const bool is_negative = !octets.empty() && (static_cast<unsigned char>(octets[0]) & 0x80U) != 0;
  std::uint64_t out = is_negative ? ~std::uint64_t{0} : 0;
  for (const char octet : octets) out = out << 8U | static_cast<unsigned char>(octet);
  return static_cast<std::int64_t>(out);
}
std::uint64_t PgRows::index(std::size_t row, int column) const {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, number(row, column)));
}
TimePoint PgRows::moment(std::size_t row, int column) const {
  return TimePoint(std::chrono::nanoseconds(number(row, column)));
}
Digest PgRows::digest(std::size_t row, int column) const {
  Digest out{};
  const std::string octets = text(row, column);
  if (octets.size() == out.size()) std::copy(octets.begin(), octets.end(), out.begin());
  return out;
}

Expected<std::unique_ptr<PgConnection>> PgConnection::connect(const std::string& connection,
                                                              std::chrono::milliseconds patience) {
  Parsed parsed = parse(connection);
  if (!parsed.why.empty()) return fault(parsed.why);
  if (!value_of(parsed, "password").empty()) {
    return fault("the connection holds a password: keep it in a file of its own (passfile=FILE, or PGPASSFILE)");
  }
  const std::string hosts =
      value_of(parsed, "hostaddr") + (value_of(parsed, "hostaddr").empty() ? value_of(parsed, "host") : "");
  const std::string sslmode = value_of(parsed, "sslmode");
  if (!is_local(hosts) && !sslmode.empty() && sslmode != "verify-full") {
    return fault(
        fmt::format("sslmode is {}: over a network only verify-full is accepted (BR 3.2.2.9: channels are "
                    "authenticated and encrypted)",
                    sslmode));
  }
  const auto set = [&](const char* key, const std::string& value) {
    if (value_of(parsed, key).empty()) parsed.options.emplace_back(key, value);
  };
  if (!is_local(hosts)) set("sslmode", "verify-full");
  // A network that is dead is noticed within seconds, not after the system's quarter of an hour.
  set("connect_timeout", "5");
  set("keepalives_idle", "5");
  set("keepalives_interval", "2");
  set("keepalives_count", "3");
  set("tcp_user_timeout", "8000");
  set("application_name", "mpic");
  parsed.options.emplace_back("client_encoding", "UTF8");
  std::vector<const char*> keys;
  std::vector<const char*> values;
  for (const auto& [key, value] : parsed.options) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  std::unique_ptr<PgConnection> out(new PgConnection(PQconnectdbParams(keys.data(), values.data(), 0), patience));
  if (PQstatus(out->connection_) != CONNECTION_OK) {
    return fault(fmt::format("{}: {}", pg_target(connection), one_line(PQerrorMessage(out->connection_))));
  }
  // What it would print; errors come with their results.
  PQsetNoticeReceiver(out->connection_, note_cancelled_wait, &out->cancelled_wait_);
  if (PQsetnonblocking(out->connection_, 1) != 0) return out->problem("connecting", nullptr);
  const auto limited = out->run(fmt::format("SET statement_timeout = {}", patience.count()));
  if (!limited) return Unexpected(limited.error());
  // The server, too, is to notice a dead network or host within seconds: it would hold this session's lock on its log
  // for hours. Where it refuses or there is no TCP, it is as it was.
  for (const char* setting : {"tcp_keepalives_idle = 5", "tcp_keepalives_interval = 2", "tcp_keepalives_count = 3",
                              "tcp_user_timeout = 8000"}) {
    const auto set_there = out->run(fmt::format("SET {}", setting));
    if (!set_there && !out->is_open()) return Unexpected(set_there.error());
  }
  return out;
}

PgConnection::~PgConnection() { PQfinish(connection_); }

bool PgConnection::is_open() const { return PQstatus(connection_) == CONNECTION_OK; }

std::string PgConnection::said() const { return one_line(PQerrorMessage(connection_)); }

Unexpected PgConnection::lost(std::string why) {
  PQfinish(std::exchange(connection_, nullptr));
  return fault(std::move(why));
}

Unexpected PgConnection::problem(std::string_view doing, const PGresult* result) const {
  const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* text = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const bool is_duplicate = state != nullptr && std::string_view(state) == kUniqueViolation;
  const char* constraint = is_duplicate ? PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME) : nullptr;
  // An index of the log that is there already: somebody else writes this log. Never a matter of what was written.
  const bool is_another_writer = constraint != nullptr && std::string_view(constraint) == "leaves_pkey";
  if (is_another_writer) return fault("another program writes this log: its next leaf is there already");
  return fail(is_duplicate ? ProblemCode::kInvalidArgument : ProblemCode::kInternal, "record store",
              fmt::format("{}: {}", doing, text != nullptr ? one_line(text) : said()));
}

// What is queued goes out, and a result comes in.
Expected<void> PgConnection::wait() {
  for (;;) {
    const int unsent = PQflush(connection_);
    if (unsent < 0) return lost(said());
    if (PQisBusy(connection_) == 0) return {};
    pollfd socket{PQsocket(connection_), static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN), 0};
    const auto silence = patience_ + kServersSay;
    const int ready = poll(&socket, 1, static_cast<int>(silence.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return lost(fmt::format("no answer from the server within {} ms", silence.count()));
    const bool is_readable = (socket.revents & ~POLLOUT) != 0;
    if (is_readable && PQconsumeInput(connection_) != 1) return lost(said());
  }
}

// Null: there is no more of the statement.
Expected<PgConnection::Result> PgConnection::next_result() {
  if (const auto there = wait(); !there) return Unexpected(there.error());
  return Result(PQgetResult(connection_), PQclear);
}

Expected<PgConnection::Result> PgConnection::last_result() {
  Result last;
  for (;;) {
    auto next = next_result();
    if (!next) return next;
    if (!*next) return last;
    last = *std::move(next);
  }
}

Expected<std::string> PgConnection::prepared(const PgStatement& statement) {
  if (const auto known = names_.find(statement.sql); known != names_.end()) return known->second;
  std::vector<Oid> types;
  for (const PgValue& value : statement.values) types.push_back(value.type());
  std::string name = fmt::format("s{}", names_.size());
  if (PQsendPrepare(connection_, name.c_str(), statement.sql.c_str(), static_cast<int>(types.size()), types.data()) !=
      1) {
    return problem("preparing a statement", nullptr);
  }
  const auto done = last_result();
  if (!done) return Unexpected(done.error());
  if (PQresultStatus(done->get()) != PGRES_COMMAND_OK) return problem("preparing a statement", done->get());
  names_.emplace(statement.sql, name);
  return name;
}

bool PgConnection::send(const std::string& name, const PgValues& values) {
  std::vector<const char*> octets;
  std::vector<int> lengths;
  for (const PgValue& value : values) {
    octets.push_back(value.octets().data());
    lengths.push_back(static_cast<int>(value.octets().size()));
  }
  const std::vector<int> binary(values.size(), 1);
  return PQsendQueryPrepared(connection_, name.c_str(), static_cast<int>(values.size()), octets.data(), lengths.data(),
                             binary.data(), 1) == 1;
}

Expected<PgRows> PgConnection::run(const std::string& sql, const PgValues& values) {
  const auto name = prepared({sql, values});
  if (!name) return Unexpected(name.error());
  if (!send(*name, values)) return problem(sql.substr(0, 60), nullptr);
  auto last = last_result();
  if (!last) return Unexpected(last.error());
  const ExecStatusType status = PQresultStatus(last->get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) return problem(sql.substr(0, 60), last->get());
  return PgRows(*std::move(last));
}

Expected<void> PgConnection::transaction(const std::vector<PgStatement>& statements, bool durable) {
  static const PgStatement kBegin{"BEGIN", {}};
  static const PgStatement kLater{"SET LOCAL synchronous_commit = off", {}};
  static const PgStatement kCommit{"COMMIT", {}};
  std::vector<const PgStatement*> all{&kBegin};
  if (!durable) all.push_back(&kLater);
  for (const PgStatement& statement : statements) all.push_back(&statement);
  all.push_back(&kCommit);
  auto done = commit(all);
  if (!done && is_open()) {
    const auto rolled_back = run("ROLLBACK");
    if (!rolled_back) return Unexpected(rolled_back.error());
  }
  return done;
}

// The last statement is COMMIT.
Expected<void> PgConnection::commit(const std::vector<const PgStatement*>& statements) {
  std::vector<std::string> names;
  for (const PgStatement* statement : statements) {
    auto name = prepared(*statement);
    if (!name) return Unexpected(name.error());
    names.push_back(*std::move(name));
  }
  cancelled_wait_.clear();
  if (PQenterPipelineMode(connection_) != 1) return lost("it takes no pipeline");
  for (std::size_t i = 0; i < statements.size(); ++i) {
    if (!send(names[i], statements[i]->values)) return lost(said());
  }
  if (PQpipelineSync(connection_) != 1) return lost(said());
  std::optional<Problem> first;
  bool is_committed = false;
  for (const PgStatement* statement : statements) {
    const auto result = last_result();
    if (!result) return Unexpected(result.error());
    const ExecStatusType status = PQresultStatus(result->get());
    // What comes after a failure is not done; a COMMIT then says ROLLBACK.
    is_committed = status == PGRES_COMMAND_OK && PQcmdStatus(result->get()) == std::string_view("COMMIT");
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_PIPELINE_ABORTED && !first) {
      first = problem(statement->sql.substr(0, 40), result->get()).value();
    }
  }
  const auto synced = next_result();
  if (!synced) return Unexpected(synced.error());
  if (PQexitPipelineMode(connection_) != 1) return lost("it does not end a pipeline");
  if (first) return Unexpected(*first);
  if (!is_committed) return fault("the server did not commit");
  if (!cancelled_wait_.empty()) return fault(cancelled_wait_);
  return {};
}

std::string pg_target(const std::string& connection) {
  const Parsed parsed = parse(connection);
  std::string out;
  for (const auto& [key, value] : parsed.options) {
    if (key != "host" && key != "hostaddr" && key != "port" && key != "dbname" && key != "user") continue;
    out += fmt::format("{}{}={}", out.empty() ? "" : " ", key, printable(value, 100));
  }
  return out.empty() ? "PostgreSQL" : out;
}

}  // namespace mpic::coordinator
