#include "transport/server_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace flashhost::conformance {

namespace {

using namespace std::chrono_literals;

constexpr auto ready_limit = 20s;

}  // namespace

ServerProcess::ServerProcess(std::vector<std::string> command, std::filesystem::path folder)
    : command_(std::move(command)), folder_(std::move(folder)) {
  if (command_.empty()) throw std::runtime_error("no command for the server");
}

ServerProcess::~ServerProcess() {
  kill();
}

void ServerProcess::start() {
  kill();
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe for the server");
  std::vector<char *> words;
  words.reserve(command_.size() + 1);
  for (std::string &word : command_) words.push_back(word.data());
  words.push_back(nullptr);
  const std::string folder = folder_.empty() ? "." : folder_.string();
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    if (chdir(folder.c_str()) == 0) execvp(words[0], words.data());
    dprintf(STDERR_FILENO, "cannot be started: %s\n", std::strerror(errno));
    _exit(127);
  }
  ::close(ends[1]);
  output_ = Descriptor(ends[0]);
  if (pid_ < 0) throw std::runtime_error("no process for the server");
  wait_until_ready();
}

void ServerProcess::start_if_gone() {
  if (pid_ < 0 || waitpid(pid_, nullptr, WNOHANG) != 0) {
    pid_ = -1;
    start();
  }
}

void ServerProcess::wait_until_ready() {
  const auto deadline = std::chrono::steady_clock::now() + ready_limit;
  std::string printed;
  while (printed.find("ready") == std::string::npos) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd waiting{output_.number(), POLLIN, 0};
    std::array<char, 512> buffer{};
    const bool there = left > 0ms && poll(&waiting, 1, static_cast<int>(left.count())) > 0;
    const ssize_t count = there ? read(output_.number(), buffer.data(), buffer.size()) : 0;
    if (count <= 0) {
      throw std::runtime_error("the server " + command_[0] +
                               " did not say \"ready\". It printed: " + printed);
    }
    printed.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

void ServerProcess::kill() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  output_.close();
  pid_ = -1;
}

}  // namespace flashhost::conformance
