// A scenario: a deployment, what its agents see and how they tell it, one request or several, and what must come of it.
//
//   # One sentence that says what is shown.
//   date 2026-11-23T12:00:00   the clock's start (UTC)
//   remotes RRAAPL             one remote r1, r2, ... for each letter: its RIR (R A P L F); "s" before: a shadow
//   client asserts ID          the asking client may speak for the Primary ID; also: enforces no, issues-by DOMAIN
//   check caa www.example.com  and, or instead: check METHOD NAME, with the methods of asked.cpp
//   option mode monitor        also: respond settled, unanimous, min-remotes N, deadline SECONDS, lab-clock DATE,
//                              stamp TEXT, request-id TEXT, adn NAME, caa-method LABEL, smime, certificate smime,
//                              profile custom, attempts N, parallel, asserted ID [negative] [key TEXT] [at TIME]
//                              of planning, who is not ready, and what is expected of plans: planned.hpp
//   caller-waits 3000          milliseconds until the transport gives up
//   again                      the same request once more, after the answer; also: for NAME, at DATE
//   at-once                    the same while the first is in progress; also: for NAME
//   reload after 500 without r6     what takes effect then: operator.hpp
//   limit target 1             requests at a time of one target; limit open N: in all
//   drain after 500            milliseconds until the coordinator is told to end
//   primary sees no            sees: tests/support/seen.hpp; tells, after: tests/support/fake_perspectives.hpp
//   r2 tells silent
//   r3 sees yes, after 2000    milliseconds
//   r3 then sees no            when it is asked the second time
//   store fails                or: store is-down (and is known to be); store prunes (what there is, before `again`)
//   store is-signed            a checkpoint is over what there is, before `again`; store forges WHAT: meanwhile.hpp
//   expect verdict CORROBORATED     also: would-be, basis yes|no, fraction N/M, attempts N, profile NAME, error CODE,
//                                   error-says TEXT
//   expect r2 UNREACHABLE           outcome of a row; a second word is its problem code
//   expect asked primary r1 ...     exactly these were asked; also: cancelled (told to stop), addenda (said something
//                                   after the answer, and it is recorded), alerts (contradicted after it)
//   expect asked-times r1 2
//   expect watched primary r2 r1    who was told of to somebody who watches, in that order
//   expect asserted ID              its row says that it was not observed
//   expect same-answer              what was asked last got what was asked first got; first-error CODE: which came
//   first expect pending 2                remotes that were not waited for expect took 11000               virtual
//   milliseconds from request to answer expect records 1, plans 0, snapshots 1    that are kept; snapshots: that
//   records name expect says TEXT                in the explanation of some check; also: finding, warning, iodef,
//   reason (why not
//                                   enforceable); none: there is no such text
//   expect explained CODE r1 r2     what this problem means is told once, with exactly these perspectives
//   expect half yes                 half a validation; dcv-until, caa-until TIME: until when it may be used, or never
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mpic::test {

struct Scenario {
  std::string file;
  std::string title;
  struct Line {
    int number;
    std::vector<std::string> words;
    std::string rest;  // all after the second word
  };
  std::vector<Line> lines;
};

[[nodiscard]] Scenario load_scenario(const std::filesystem::path& file);
// Empty when everything expected came true; else one line for each thing that did not.
[[nodiscard]] std::vector<std::string> run_scenario(const Scenario& scenario);

}  // namespace mpic::test
