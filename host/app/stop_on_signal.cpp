#include "stop_on_signal.hpp"

#include "flash/stop.hpp"

#include <flashhost/error.hpp>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <limits>
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

StopOnSignal::StopOnSignal(std::function<void(StopReason)> last_words,
                           std::optional<TimeLimit> limit,
                           std::function<std::string_view()> what_became)
    : last_words_(std::move(last_words)),
      what_became_(std::move(what_became)),
      standard_error_(STDERR_FILENO, patience) {
  if (limit) {
    deadline_ = std::chrono::steady_clock::now() + limit->job;
    time_to_stop_ = limit->to_stop;
  }
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
    const int count = ::poll(events, 2, milliseconds_left());
    if (count < 0 && errno != EINTR) return;
    if (deadline_ && std::chrono::steady_clock::now() >= *deadline_) time_is_over();
    if (count <= 0) continue;
    if ((events[1].revents & POLLIN) != 0) return;
    if ((events[0].revents & POLLIN) == 0) continue;
    signalfd_siginfo info{};
    if (::read(signals_.number(), &info, sizeof info) != sizeof info) continue;
    stop(StopReason::signal);
  }
}

int StopOnSignal::milliseconds_left() const {
  if (!deadline_) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*deadline_ - std::chrono::steady_clock::now());
  return static_cast<int>(
      std::clamp<std::chrono::milliseconds::rep>(left.count(), 0, std::numeric_limits<int>::max()));
}

void StopOnSignal::time_is_over() {
  const bool again = std::exchange(limit_has_passed_, true);
  deadline_.reset();
  if (!again) deadline_ = std::chrono::steady_clock::now() + time_to_stop_;
  if (again || reason_ == StopReason::none) stop(StopReason::time_limit);
}

int StopOnSignal::code_of_reason() const {
  return exit_code(reason_ == StopReason::time_limit ? Errc::time_limit : Errc::interrupted);
}

void StopOnSignal::stop(StopReason reason) {
  if (reason_ == StopReason::none) reason_ = reason;
  const bool first = source_.request_stop();
  for (Phase now = phase_; now != Phase::target_in_work; now = phase_) {
    if (quits_soon()) return;
    if (phase_ != now) continue;  // the main thread has reached another phase
    if (now == Phase::ended) ::_exit(exit_code_);
    if (phase_.compare_exchange_strong(now, Phase::leaving)) {
      last_words_(reason_);
      ::_exit(code_of_reason());
    }
  }
  if (first) {
    standard_error_.text(
        reason == StopReason::time_limit
            ? "\nflashhost: the time limit is over, the target is being left safe\n"
            : "\nflashhost: stopping, the target is being left safe (once more to "
              "leave at once)\n");
    return;
  }
  standard_error_.text("\nflashhost: left at once, the core may be halted. ");
  standard_error_.line(what_became_());
  ::_exit(code_of_reason());
}

// Whether the program ends by itself within a short time; a further signal ends the waiting.
bool StopOnSignal::quits_soon() const {
  pollfd events[] = {{quit_.number(), POLLIN, 0}, {signals_.number(), POLLIN, 0}};
  return ::poll(events, 2, grace_milliseconds) > 0 && (events[0].revents & POLLIN) != 0;
}

}  // namespace flashhost
