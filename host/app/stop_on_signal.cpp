#include "stop_on_signal.hpp"

#include "flash/stop.hpp"

#include <flashhost/error.hpp>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <utility>

namespace flashhost {

namespace {

// How long messages of the receiving thread may wait for a reader: it must handle the next signal.
constexpr std::chrono::milliseconds patience{20};
constexpr int grace_milliseconds = 200;

bool is_ignored(int signal) {
  struct sigaction action{};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

StopOnSignal::StopOnSignal(std::function<void()> last_words)
    : last_words_(std::move(last_words)), standard_error_(STDERR_FILENO, patience) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    // A blocked signal would be kept for us, even if it was ignored before: ignored ones stay so.
    if (!is_ignored(signal)) sigaddset(&set, signal);
  }
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = Descriptor(::signalfd(-1, &set, SFD_CLOEXEC));
  quit_ = Descriptor(::eventfd(0, EFD_CLOEXEC));
  if (!signals_ || !quit_) throw Error(Errc::internal, "no file descriptor for signals");
  thread_ = std::thread([this] { receive(); });
}

StopOnSignal::~StopOnSignal() {
  const std::uint64_t one = 1;
  if (::write(quit_.number(), &one, sizeof one) == sizeof one) thread_.join();
}

void StopOnSignal::begin_work() {
  throw_if_stopped(token());
  enter(Phase::target_in_work);
}

void StopOnSignal::end_work(int exit_code) noexcept {
  exit_code_ = exit_code;
  enter(Phase::ended);
}

void StopOnSignal::enter(Phase phase) noexcept {
  Phase now = phase_;
  while (now != Phase::leaving && !phase_.compare_exchange_weak(now, phase)) {
  }
  // Too late: the other thread has already begun to report that nothing was changed.
  while (phase_ == Phase::leaving) ::pause();
}

void StopOnSignal::receive() {
  for (;;) {
    pollfd events[] = {{signals_.number(), POLLIN, 0}, {quit_.number(), POLLIN, 0}};
    if (::poll(events, 2, -1) < 0 && errno != EINTR) return;
    if ((events[1].revents & POLLIN) != 0) return;
    if ((events[0].revents & POLLIN) == 0) continue;
    signalfd_siginfo info{};
    if (::read(signals_.number(), &info, sizeof info) != sizeof info) continue;
    stop();
  }
}

void StopOnSignal::stop() {
  const bool first = source_.request_stop();
  for (Phase now = phase_; now != Phase::target_in_work; now = phase_) {
    if (quits_soon()) return;
    if (phase_ != now) continue;  // the main thread has reached another phase
    if (now == Phase::ended) ::_exit(exit_code_);
    if (phase_.compare_exchange_strong(now, Phase::leaving)) {
      last_words_();
      ::_exit(exit_code(Errc::interrupted));
    }
  }
  if (first) {
    standard_error_.text(
        "\nflashhost: stopping, the target is being left safe (once more to leave at once)\n");
    return;
  }
  standard_error_.text(
      "\nflashhost: left at once; the target may be half-written: run again to complete it\n");
  ::_exit(exit_code(Errc::interrupted));
}

// Whether the program ends by itself within a short time; a further signal ends the waiting.
bool StopOnSignal::quits_soon() const {
  pollfd events[] = {{quit_.number(), POLLIN, 0}, {signals_.number(), POLLIN, 0}};
  return ::poll(events, 2, grace_milliseconds) > 0 && (events[0].revents & POLLIN) != 0;
}

}  // namespace flashhost
