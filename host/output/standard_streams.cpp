#include "output/standard_streams.hpp"

#include <flashhost/error.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace flashhost {

namespace {

bool is_closed(int descriptor) noexcept {
  return ::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF;
}

// Opens the reading end of a pipe without writer, which needs no file system: /dev/null may be
// missing or no device. A new descriptor gets the lowest free number.
bool put_in_place(int descriptor) noexcept {
  int ends[2];
  if (::pipe(ends) != 0) return false;
  ::close(ends[1]);
  return ends[0] == descriptor;
}

}  // namespace

void secure_standard_streams() noexcept {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (is_closed(descriptor) && !put_in_place(descriptor)) ::_exit(exit_code(Errc::internal));
  }
}

}  // namespace flashhost
