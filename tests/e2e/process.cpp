#include "process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace flashhost::testing {

namespace {

// One of the program's standard streams: its end, and ours if we read it.
struct Channel {
  int theirs = -1;
  int ours = -1;
};

// As small as can be: a program gets no further ahead of whoever watches it than some lines.
Channel pipe_between() {
  constexpr int smallest = 4096;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0 || ::fcntl(ends[0], F_SETPIPE_SZ, smallest) < 0) {
    throw std::runtime_error(std::strerror(errno));
  }
  return {ends[1], ends[0]};
}

Channel terminal() {
  Channel channel;
  winsize size{24, 80, 0, 0};
  if (::openpty(&channel.ours, &channel.theirs, nullptr, nullptr, &size) != 0) {
    throw std::runtime_error(std::strerror(errno));
  }
  for (const int end : {channel.ours, channel.theirs}) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  return channel;
}

Channel open_channel(Where where) {
  Channel channel;
  switch (where) {
    case Where::pipe:
    case Where::unread:
      return pipe_between();
    case Where::no_reader:
      channel = pipe_between();
      ::close(std::exchange(channel.ours, -1));
      return channel;
    case Where::full:
      channel.theirs = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
      if (channel.theirs < 0) throw std::runtime_error(std::strerror(errno));
      return channel;
    case Where::terminal:
      return terminal();
    case Where::closed:
      break;
  }
  return channel;
}

void put_in_place(const Channel &channel, int descriptor) {
  if (channel.theirs < 0) {
    ::close(descriptor);
  } else {
    ::dup2(channel.theirs, descriptor);
  }
}

// As a shell starts a program, whatever the test itself was started with.
void set_signals(const std::vector<int> &ignored) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(signal, SIG_DFL);
  for (const int signal : ignored) ::signal(signal, SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void become(const std::vector<std::string> &command, const Environment &environment) {
  for (const auto &[key, value] : environment) ::setenv(key.c_str(), value.c_str(), 1);
  // Under AddressSanitizer, what Unicorn keeps in globals counts as leaked once its library is
  // unloaded.
  ::setenv("ASAN_OPTIONS", "detect_leaks=0", 0);
  std::vector<char *> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string &word : command) arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

struct Stream {
  int descriptor = -1;
  std::string *text = nullptr;
  std::size_t seen = 0;  // of text, by whoever watches
};

// Reads all until they end; calls after with each piece's stream, which it may close.
void collect(std::vector<Stream> streams, const std::function<void(Stream &)> &after) {
  while (!streams.empty()) {
    std::vector<pollfd> events;
    events.reserve(streams.size());
    for (const Stream &stream : streams) events.push_back({stream.descriptor, POLLIN, 0});
    if (::poll(events.data(), events.size(), -1) < 0 && errno != EINTR) break;
    for (std::size_t i = events.size(); i-- > 0;) {
      if (events[i].revents == 0) continue;
      Stream &stream = streams[i];
      char buffer[4096];
      const ssize_t count = ::read(stream.descriptor, buffer, sizeof buffer);
      if (count > 0) {
        stream.text->append(buffer, static_cast<std::size_t>(count));
        after(stream);
      } else {  // the end; a terminal whose other side is gone says EIO
        ::close(std::exchange(stream.descriptor, -1));
      }
      if (stream.descriptor < 0) {
        streams.erase(streams.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
  }
}

void wait_for(pid_t child, Outcome &outcome) {
  int status = 0;
  rusage used{};
  while (::wait4(child, &status, 0, &used) < 0 && errno == EINTR) {
  }
  outcome.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  outcome.peak_kib = used.ru_maxrss;
  const auto seconds = [](const timeval &time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  outcome.processor_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace

Outcome run_started(const Start &start, const std::vector<std::string> &command,
                    const Environment &environment, const Watch &watch) {
  const Channel out = open_channel(start.out);
  const Channel err = open_channel(start.err);
  const pid_t child = ::fork();
  if (child == 0) {
    set_signals(start.ignored);
    if (start.controlling_terminal) {
      ::setsid();
      ::ioctl(err.theirs, TIOCSCTTY, 0);
    }
    if (start.memory != 0) {
      const rlimit limit{start.memory, start.memory};
      ::setrlimit(RLIMIT_AS, &limit);
    }
    put_in_place(out, STDOUT_FILENO);
    put_in_place(err, STDERR_FILENO);
    if (start.input_closed) ::close(STDIN_FILENO);
    become(command, environment);
  }
  for (const int end : {out.theirs, err.theirs}) {
    if (end >= 0) ::close(end);
  }
  Outcome outcome;
  std::vector<Stream> streams;
  if (out.ours >= 0 && start.out != Where::unread) streams.push_back({out.ours, &outcome.out});
  if (err.ours >= 0 && start.err != Where::unread) streams.push_back({err.ours, &outcome.err});
  collect(std::move(streams), [&](Stream &stream) {
    const std::string &text = *stream.text;
    if (!start.hang_up_at.empty() && text.find(start.hang_up_at) != std::string::npos) {
      ::close(std::exchange(stream.descriptor, -1));
    }
    for (std::size_t end = 0; (end = text.find('\n', stream.seen)) != std::string::npos;) {
      const std::string line = text.substr(stream.seen, end - stream.seen);
      stream.seen = end + 1;
      if (watch) watch(line, child);
    }
  });
  wait_for(child, outcome);
  if (start.out == Where::unread) ::close(out.ours);
  if (start.err == Where::unread) ::close(err.ours);
  return outcome;
}

Outcome run_watched(const std::vector<std::string> &command, const Environment &environment,
                    const Watch &watch) {
  return run_started({}, command, environment, watch);
}

Outcome run_process(const std::vector<std::string> &command, const Environment &environment) {
  return run_started({}, command, environment, {});
}

Outcome run_on_terminal(const std::vector<std::string> &command, const Environment &environment) {
  Start start;
  start.err = Where::terminal;
  return run_started(start, command, environment, {});
}

}  // namespace flashhost::testing
