// A probe with a simulated board behind it, for transport-acme to talk to:
//   server [--chip PART] [--socket PATH] [--model-dir DIR] [-- COMMAND...]
// With a command, the server ends when the command ends.
#include <flashhost/machine/models.hpp>
#include <flashhost/machine/target.hpp>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <map>
#include <stdexcept>
#include <string_view>

namespace {

using namespace flashhost::machine;
using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;
using Clock = std::chrono::steady_clock;

// The protocol is in README.md. Numbers are sent as they are in memory, little-endian.
enum class Status : std::uint8_t { done, refused, stuck, no_answer };
struct Operation {
  char kind;
  std::uint8_t width;
  std::uint16_t unused;
  std::uint32_t address, size;
};
struct ReplyHead {
  std::uint32_t status, address, size;
};

constexpr std::string_view serial = "ACME-1";
constexpr std::uint32_t longest_operation = 4096;
constexpr Nanoseconds tick = 5ms, wait_limit = 500ms, wait_interval = 10us;

void append(Bytes &bytes, const void *data, std::size_t size) {
  const auto *const first = static_cast<const std::uint8_t *>(data);
  bytes.insert(bytes.end(), first, first + size);
}

bool receive(int client, void *data, std::size_t size) {
  return size == 0 || recv(client, data, size, MSG_WAITALL) == static_cast<ssize_t>(size);
}

// One access. Lets the target's time pass while its bus is not ready.
Status access(Target &target, const Operation &operation, std::uint32_t address,
              std::uint32_t &value) {
  const Nanoseconds deadline = target.now() + wait_limit;
  for (;;) {
    const Ack ack = operation.kind == 'w' ? target.write(address, operation.width, value)
                                          : target.read(address, operation.width, value);
    if (ack == Ack::ok) return Status::done;
    if (ack == Ack::wait && target.now() < deadline) {
      target.advance(wait_interval);
      continue;
    }
    target.clear_sticky_error();
    if (ack == Ack::wait) return Status::stuck;
    return ack == Ack::fault ? Status::refused : Status::no_answer;
  }
}

// What is read is appended to data.
Status perform(Target &target, const Operation &operation, const Bytes &payload, ReplyHead &head,
               Bytes &data) {
  if (operation.kind == 'c') {
    return target.connect() == Ack::ok ? Status::done : Status::no_answer;
  }
  if (operation.kind == 'p') target.set_nrst(operation.address != 0 ? 1 : 0);
  if (operation.kind == 'i') {
    const auto millivolts = static_cast<std::uint32_t>(target.millivolts());
    const std::uint32_t id = target.debug_port_id();
    append(data, &id, sizeof id);
    append(data, &millivolts, sizeof millivolts);
    append(data, serial.data(), serial.size());
  }
  for (std::uint32_t done = 0; done < operation.size; done += operation.width) {
    head.address = operation.address + done;
    std::uint32_t value = 0;
    if (operation.kind == 'w') std::memcpy(&value, &payload[done], operation.width);
    const Status status = access(target, operation, head.address, value);
    if (status != Status::done) return status;
    if (operation.kind == 'r') append(data, &value, operation.width);
  }
  return Status::done;
}

// Serves one request. False: the client is gone or broke the protocol.
bool serve(int client, Target &target) {
  ReplyHead head{};
  Status status = Status::done;
  Bytes data;
  for (Operation operation{}; operation.kind != '.';) {
    if (!receive(client, &operation, sizeof operation)) return false;
    const std::uint32_t width = operation.width, size = operation.size;
    const bool possible = width == 1 || width == 2 || width == 4;
    if (size > longest_operation) return false;
    if (size > 0 && (!possible || (operation.address | size) % width != 0)) return false;
    Bytes payload(operation.kind == 'w' ? size : 0);
    if (!receive(client, payload.data(), payload.size())) return false;
    if (status != Status::done) continue;  // read what is left of the request
    status = perform(target, operation, payload, head, data);
  }
  head.status = static_cast<std::uint32_t>(status);
  head.size = static_cast<std::uint32_t>(data.size());
  Bytes reply;
  append(reply, &head, sizeof head);
  append(reply, data.data(), data.size());
  return send(client, reply.data(), reply.size(), MSG_NOSIGNAL) > 0;
}

int listen_at(const std::string &path) {
  sockaddr_un name{AF_UNIX, {}};
  if (path.size() >= sizeof name.sun_path)
    throw std::runtime_error("too long for a socket: " + path);
  path.copy(name.sun_path, sizeof name.sun_path - 1);
  unlink(path.c_str());
  const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  const bool bound = bind(listener, reinterpret_cast<sockaddr *>(&name), sizeof name) == 0;
  if (!bound || listen(listener, 8) != 0) throw std::runtime_error("cannot listen at " + path);
  return listener;
}

// Serves one client at a time and lets the board run in real time, or more slowly if the computer
// is too slow. Returns the exit code of the command.
int run(int listener, pid_t command, Target &target) {
  int client = -1;
  for (Clock::time_point last = Clock::now();;) {
    pollfd waiting[] = {{listener, POLLIN, 0}, {client, POLLIN, 0}};
    poll(waiting, 2, tick / 1ms);
    const Clock::time_point now = Clock::now();
    target.advance(std::min<Nanoseconds>(now - last, 4 * tick));
    last = now;
    if (waiting[1].revents != 0 && !serve(client, target)) {
      close(std::exchange(client, -1));
      target.set_nrst(1);
    }
    int status = 0;
    if (command > 0 && waitpid(command, &status, WNOHANG) == command) return WEXITSTATUS(status);
    if (waiting[0].revents == 0) continue;
    const int other = accept(listener, nullptr, nullptr);
    close(client < 0 ? std::exchange(client, other) : other);
  }
}

}  // namespace

int main(int argc, char **argv) try {
  std::map<std::string, std::string> options{{"--socket", "/tmp/acme.sock"}};
  int i = 1;
  for (; i + 1 < argc && std::string_view(argv[i]) != "--"; i += 2) options[argv[i]] = argv[i + 1];
  const Models models = Models::load(model_folders({options["--model-dir"], FLASHHOST_PLUGINS}));
  Config config;
  config.part = options["--chip"].empty() ? models.first_part() : options["--chip"];
  config.model = models.with_part(config.part);
  config.witness = true;  // for the conformance kit
  Bytes flash(models.flash_size(config.part), 0xFF);
  Target target(config, flash);
  const int listener = listen_at(options["--socket"]);
  std::printf("ready: %s\n", config.part.c_str());
  std::fflush(stdout);
  const pid_t command = i + 1 < argc ? fork() : -1;
  if (command == 0) {
    execvp(argv[i + 1], &argv[i + 1]);
    _exit(127);
  }
  return run(listener, command, target);
} catch (const std::exception &problem) {
  std::fprintf(stderr, "server: %s\n", problem.what());
  return 1;
}
