#include "tests/support/vectors.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/catch.hpp"

namespace mpic::test {
namespace {

namespace json = boost::json;

constexpr const char* kAgain = "; MPIC_WRITE_VECTORS=1 makes it anew";

std::filesystem::path path_of(const std::string& name) { return std::filesystem::path(MPIC_VECTORS) / name; }

bool is_writing() { return std::getenv("MPIC_WRITE_VECTORS") != nullptr; }

std::string read(const std::string& name) {
  std::ifstream in(path_of(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const std::string& name, const std::string& octets) {
  std::filesystem::create_directories(path_of(name).parent_path());
  std::ofstream out(path_of(name), std::ios::binary);
  out << octets;
  REQUIRE(out.flush());
}

// Two levels are broken into lines; what lies deeper stays in one.
void print(const json::value& value, int depth, std::string& out) {
  const std::string indent(static_cast<std::size_t>(2 * depth), ' ');
  const bool is_flat = depth == 3 || !value.is_structured();
  if (is_flat) {
    out += json::serialize(value);
  } else if (const json::object* object = value.if_object()) {
    const char* separator = "{\n";
    for (const auto& [key, member] : *object) {
      out += separator + indent + "  " + json::serialize(json::value(key)) + ": ";
      print(member, depth + 1, out);
      separator = ",\n";
    }
    out += "\n" + indent + "}";
  } else {
    const char* separator = "[\n";
    for (const json::value& member : value.get_array()) {
      out += separator + indent + "  ";
      print(member, depth + 1, out);
      separator = ",\n";
    }
    out += "\n" + indent + "]";
  }
}

}  // namespace

void check_vector(const std::string& name, const json::value& made) {
  INFO(name << kAgain);
  if (is_writing()) {
    std::string text;
    print(made, 0, text);
    write(name, text + "\n");
  }
  boost::system::error_code error;
  const json::value kept = json::parse(read(name), error);
  REQUIRE_FALSE(error);
  // A number is read as signed, and may be made unsigned.
  CHECK(kept == json::parse(json::serialize(made)));
}

void check_vector_file(const std::string& name, const std::string& octets) {
  INFO(name << kAgain);
  if (is_writing()) write(name, octets);
  CHECK(read(name) == octets);
}

}  // namespace mpic::test
