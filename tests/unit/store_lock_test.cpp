// A record store has one coordinator.
#include "coordinator/program/store_lock.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "coordinator/program/load.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/store_on_disk.hpp"

using namespace mpic::coordinator;

TEST_CASE("a record store that is in use is not opened by another coordinator", "[store]") {
  const mpic::test::Folder folder;
  {
    const StoreLock held(folder.file());
    CHECK_THROWS_WITH(StoreLock(folder.file()), Catch::Contains(folder.file().string()) &&
                                                    Catch::Contains("another coordinator uses this record store"));
  }
  CHECK_NOTHROW(StoreLock(folder.file()));
}

TEST_CASE("a coordinator that was killed leaves no lock behind", "[store]") {
  const mpic::test::Folder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    const StoreLock held(folder.file());
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK_NOTHROW(StoreLock(folder.file()));
}

TEST_CASE("a lock that cannot be made is said with its reason", "[store]") {
  CHECK_THROWS_WITH(StoreLock("/no/such/folder/records.sqlite"), Catch::Contains("No such file"));
}
