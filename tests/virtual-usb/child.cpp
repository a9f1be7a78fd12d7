#include "child.hpp"

#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>

namespace virtual_usb {

namespace {

volatile std::sig_atomic_t running_child = 0;

void hand_on(int signal) {
  if (running_child > 0) ::kill(running_child, signal);
}

void set_handler(int signal, void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigaction(signal, &action, nullptr);
}

std::vector<char *> pointers(std::vector<std::string> &words) {
  std::vector<char *> result;
  result.reserve(words.size() + 1);
  for (std::string &word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

Child::Child(const std::vector<std::string> &command) {
  std::vector<std::string> words = command;
  set_handler(SIGINT, SIG_IGN);
  set_handler(SIGQUIT, SIG_IGN);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t to_default;
  ::sigemptyset(&to_default);
  ::sigaddset(&to_default, SIGINT);
  ::sigaddset(&to_default, SIGQUIT);
  ::posix_spawnattr_setsigdefault(&attributes, &to_default);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  const int error = ::posix_spawnp(&pid_, words.front().c_str(), nullptr, &attributes,
                                   pointers(words).data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    throw std::runtime_error("cannot start " + words.front() + ": " + std::strerror(error));
  }
  running_child = pid_;
  set_handler(SIGTERM, hand_on);
  set_handler(SIGHUP, hand_on);
  handle_ = flashhost::Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (!handle_) {
    throw std::runtime_error(std::string("pidfd_open: ") + std::strerror(errno));
  }
}

Child::~Child() {
  if (running_child > 0) {  // something went wrong here: it would wait for answers in vain
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  running_child = 0;
}

std::optional<int> Child::wait(std::chrono::milliseconds time) {
  pollfd ended{handle_.number(), POLLIN, 0};
  if (::poll(&ended, 1, static_cast<int>(time.count())) <= 0) return {};
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  running_child = 0;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace virtual_usb
