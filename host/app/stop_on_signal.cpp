#include "stop_on_signal.hpp"

#include <flashhost/error.hpp>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <string_view>

namespace flashhost {

namespace {

void say(std::string_view text) {
  // Nothing can be done about a standard error that is gone.
  if (::write(STDERR_FILENO, text.data(), text.size()) < 0) return;
}

}  // namespace

StopOnSignal::StopOnSignal() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = ::signalfd(-1, &set, SFD_CLOEXEC);
  quit_ = ::eventfd(0, EFD_CLOEXEC);
  if (signals_ < 0 || quit_ < 0) throw Error(Errc::internal, "no file descriptor for signals");
  thread_ = std::thread([this] { receive(); });
}

StopOnSignal::~StopOnSignal() {
  const std::uint64_t one = 1;
  if (::write(quit_, &one, sizeof one) == sizeof one) thread_.join();
  ::close(signals_);
  ::close(quit_);
}

void StopOnSignal::receive() {
  for (;;) {
    pollfd events[] = {{signals_, POLLIN, 0}, {quit_, POLLIN, 0}};
    if (::poll(events, 2, -1) < 0 && errno != EINTR) return;
    if ((events[1].revents & POLLIN) != 0) return;
    if ((events[0].revents & POLLIN) == 0) continue;
    signalfd_siginfo info{};
    if (::read(signals_, &info, sizeof info) != sizeof info) continue;
    if (!source_.request_stop()) {
      say("\nflashhost: left at once; the target may be half-written: run again to complete it\n");
      ::_exit(exit_code(Errc::interrupted));
    }
    say("\nflashhost: stopping, the target is being left safe (once more to leave at once)\n");
  }
}

}  // namespace flashhost
