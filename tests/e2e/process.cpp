#include "process.hpp"

#include <poll.h>
#include <pty.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace flashhost::testing {

namespace {

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
};

// Reads both until they end; calls lines after each piece.
void collect(std::vector<Stream> streams, const std::function<void()> &after) {
  while (!streams.empty()) {
    std::vector<pollfd> events;
    events.reserve(streams.size());
    for (const Stream &stream : streams) events.push_back({stream.descriptor, POLLIN, 0});
    if (::poll(events.data(), events.size(), -1) < 0 && errno != EINTR) break;
    for (std::size_t i = events.size(); i-- > 0;) {
      if (events[i].revents == 0) continue;
      char buffer[4096];
      const ssize_t count = ::read(streams[i].descriptor, buffer, sizeof buffer);
      if (count > 0) {
        streams[i].text->append(buffer, static_cast<std::size_t>(count));
      } else {  // the end; a terminal whose other side is gone says EIO
        ::close(streams[i].descriptor);
        streams.erase(streams.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    after();
  }
}

void wait_for(pid_t child, Outcome &outcome) {
  int status = 0;
  rusage used{};
  while (::wait4(child, &status, 0, &used) < 0 && errno == EINTR) {
  }
  outcome.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  outcome.peak_kib = used.ru_maxrss;
}

void make_pipe(int (&ends)[2]) {
  if (::pipe(ends) != 0) throw std::runtime_error(std::strerror(errno));
}

}  // namespace

Outcome run_watched(const std::vector<std::string> &command, const Environment &environment,
                    const std::function<void(const std::string &, pid_t)> &watch) {
  int out[2];
  int err[2];
  make_pipe(out);
  make_pipe(err);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    for (const int end : {out[0], out[1], err[0], err[1]}) ::close(end);
    become(command, environment);
  }
  ::close(out[1]);
  ::close(err[1]);
  Outcome outcome;
  std::size_t seen = 0;
  collect({{out[0], &outcome.out}, {err[0], &outcome.err}}, [&] {
    for (std::size_t end = 0; (end = outcome.out.find('\n', seen)) != std::string::npos;) {
      const std::string line = outcome.out.substr(seen, end - seen);
      seen = end + 1;
      if (watch) watch(line, child);
    }
  });
  wait_for(child, outcome);
  return outcome;
}

Outcome run_process(const std::vector<std::string> &command, const Environment &environment) {
  return run_watched(command, environment, {});
}

Outcome run_on_terminal(const std::vector<std::string> &command, const Environment &environment) {
  int out[2];
  make_pipe(out);
  int master = -1;
  int slave = -1;
  winsize size{24, 80, 0, 0};
  if (::openpty(&master, &slave, nullptr, nullptr, &size) != 0) {
    throw std::runtime_error(std::strerror(errno));
  }
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(slave, STDERR_FILENO);
    for (const int end : {out[0], out[1], master, slave}) ::close(end);
    become(command, environment);
  }
  ::close(out[1]);
  ::close(slave);
  Outcome outcome;
  collect({{out[0], &outcome.out}, {master, &outcome.err}}, [] {});
  wait_for(child, outcome);
  return outcome;
}

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "flashhost-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error(std::strerror(errno));
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace flashhost::testing
