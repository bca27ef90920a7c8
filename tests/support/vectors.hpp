// Test vectors as files: made by the tests, committed, and compared with what the tests make anew.
#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace mpic::test {

// Compares with tests/vectors/<name>; with MPIC_WRITE_VECTORS in the environment, writes it. A REQUIRE for the caller's
// test case.
void check_vector(const std::string& name, const boost::json::value& made);
void check_vector_file(const std::string& name, const std::string& octets);

}  // namespace mpic::test
