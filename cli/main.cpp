#include <google/protobuf/stubs/logging.h>
#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <clocale>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "common/rpc/credentials.hpp"

namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::size_t line_width(int descriptor) {
  constexpr std::size_t kDefault = 110;
  std::size_t width = 0;
  winsize window{};
  if (::ioctl(descriptor, TIOCGWINSZ, &window) == 0) width = window.ws_col;
  if (width == 0) {
    const std::string_view columns = environment("COLUMNS");
    std::from_chars(columns.data(), columns.data() + columns.size(), width);
  }
  return width == 0 ? kDefault : std::clamp<std::size_t>(width, 40, 200);
}

mpic::cli::Style style_of(int descriptor) {
  mpic::cli::Style style;
  style.colour = ::isatty(descriptor) == 1 && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
  style.unicode = std::string_view(::nl_langinfo(CODESET)) == "UTF-8";
  style.width = line_width(descriptor);
  return style;
}

}  // namespace

int main(int argc, char** argv) {
  google::protobuf::SetLogHandler(nullptr);  // of what cannot be read we say ourselves what it is, escaped
  mpic::rpc::restrict_tls();
  ::setenv("GRPC_VERBOSITY", "NONE", 0);  // what gRPC would print comes as one sentence of ours
  std::setlocale(LC_CTYPE, "");
  try {
    mpic::cli::Surroundings surroundings{std::cout, std::cerr, style_of(STDOUT_FILENO), ""};
    if (::isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb")
      surroundings.notes_style = style_of(STDERR_FILENO);
    const int status = mpic::cli::run(argc, argv, surroundings, std::cerr);
    if (!std::cout.flush()) {
      std::cerr << "mpic: the output could not be written\n";
      return mpic::cli::kExitNotDetermined;
    }
    return status;
  } catch (const std::exception& error) {
    std::cerr << "mpic: " << error.what() << '\n';
    return mpic::cli::kExitNotDetermined;
  }
}
