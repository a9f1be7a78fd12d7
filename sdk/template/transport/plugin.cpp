// transport-acme: a probe that listens on a Unix socket. README.md describes what goes over it.
#include <flashhost/access.hpp>
#include <flashhost/cortex_m.hpp>
#include <flashhost/descriptor.hpp>
#include <flashhost/error.hpp>
#include <flashhost/plugin.hpp>
#include <flashhost/text.hpp>
#include <flashhost/transport.hpp>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace {

using namespace flashhost;

constexpr timeval answer_limit{2, 0};
constexpr std::size_t longest_path = sizeof sockaddr_un::sun_path - 1;
constexpr AccessLimits limits{4096, 4096, 4096, 0};  // bytes in one operation, by width

enum class Status : std::uint8_t { done, refused, stuck, no_answer };

struct Reply {
  Status status = Status::done;
  std::uint32_t address = 0;  // of the access that failed
  Bytes data;                 // of the reads before that
};

std::uint32_t number(std::span<const std::uint8_t> bytes) {  // little-endian
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::uint32_t{bytes[i]} << (8 * i);
  return value;
}

void append(Bytes &bytes, std::uint32_t value, std::size_t size = 4) {
  for (std::size_t i = 0; i < size; ++i) bytes.push_back((value >> (8 * i)) & 0xFF);
}

Bytes operation(char kind, std::uint32_t address = 0, std::uint32_t size = 0,
                std::uint32_t width = 0) {
  Bytes bytes;
  append(bytes, static_cast<std::uint8_t>(kind) | width << 8);
  append(bytes, address);
  append(bytes, size);
  return bytes;
}

// The connection. Any error closes it, so that a late reply cannot be taken for the reply to a
// later request.
class Link {
 public:
  explicit Link(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] bool is_open() const { return static_cast<bool>(socket_); }

  void open() {
    sockaddr_un name{AF_UNIX, {}};
    path_.copy(name.sun_path, longest_path);
    socket_ = Descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int connection = socket_.number();
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &answer_limit, sizeof answer_limit);
    auto *const address = reinterpret_cast<sockaddr *>(&name);
    if (connect(connection, address, sizeof name) != 0) fail("nobody listens there");
  }

  [[nodiscard]] Reply ask(Bytes request) {
    if (!is_open()) fail("it was lost");
    const Bytes end = operation('.');
    request.insert(request.end(), end.begin(), end.end());
    const ssize_t sent = send(socket_.number(), request.data(), request.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(request.size())) fail("it takes no more requests");
    const auto status = static_cast<Status>(number(receive(4)));
    const std::uint32_t address = number(receive(4));
    return {status, address, receive(number(receive(4)))};
  }

 private:
  [[nodiscard]] Bytes receive(std::size_t size) {
    Bytes bytes(size);
    const ssize_t got = size == 0 ? 0 : recv(socket_.number(), bytes.data(), size, MSG_WAITALL);
    if (got != static_cast<ssize_t>(size)) fail("it does not answer");
    return bytes;
  }

  [[noreturn]] void fail(const char *how) {
    socket_.close();
    throw Error(Errc::probe, fmt::format("no connection to the probe at {}: {}", path_, how),
                "Is its server running, `address` right, and no other program using it?");
  }

  std::string path_;
  Descriptor socket_;
};

class AcmeProbe final : public cortex_m::DebugProbe {
 public:
  explicit AcmeProbe(const std::string &path) : link_(path) { link_.open(); }

  [[nodiscard]] ProbeInfo info() override {
    ProbeInfo info;  // speed_hz stays empty: this wire has no clock to choose
    const Bytes found = ask(operation('i'));
    const std::span fields(found);
    const std::uint32_t id = number(fields.first(4)), millivolts = number(fields.subspan(4, 4));
    if (id != 0) info.debug_port_id = id;
    if (millivolts != 0) info.target_millivolts = static_cast<int>(millivolts);
    info.serial.assign(found.begin() + 8, found.end());
    info.product = "ACME probe";
    return info;
  }

  void attach(AttachMode mode) override {
    if (!link_.is_open()) link_.open();  // it was lost
    if (mode == AttachMode::attach) return connect(mode);
    drive_reset_pin(0);
    try {
      connect(mode);
      halt_at_release([&] { drive_reset_pin(1); });
    } catch (...) {
      if (link_.is_open()) drive_reset_pin(1);  // when a link breaks, the server releases it
      throw;
    }
  }

  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) override {
    for (const AccessBlock &block : cut_into_blocks(address, out.size(), width, limits)) {
      const Bytes data = ask(operation('r', address + block.offset, block.size, block.unit));
      std::ranges::copy(data, out.subspan(block.offset).begin());
    }
  }

  void write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                    Width width) override {
    for (const AccessBlock &block : cut_into_blocks(address, data.size(), width, limits)) {
      const auto part = data.subspan(block.offset, block.size);
      Bytes request = operation('w', address + block.offset, block.size, block.unit);
      request.insert(request.end(), part.begin(), part.end());
      static_cast<void>(ask(request));
    }
  }

  // All of them in one request: the server stops at the first that fails.
  void run(std::span<Access> accesses) override {
    Bytes request;
    for (const Access &access : accesses) {
      const auto unit = static_cast<std::uint32_t>(access.width);
      const bool write = access.kind == Access::Kind::write;
      (void)cut_into_blocks(access.address, unit, access.width, limits);  // is it aligned?
      const Bytes one = operation(write ? 'w' : 'r', access.address, unit, unit);
      request.insert(request.end(), one.begin(), one.end());
      if (write) append(request, access.value, unit);
    }
    const Reply reply = link_.ask(request);
    std::span<const std::uint8_t> left = reply.data;
    for (Access &access : accesses) {
      const auto unit = static_cast<std::size_t>(access.width);
      if (access.kind == Access::Kind::write || left.size() < unit) continue;
      access.value = number(left.first(unit));
      left = left.subspan(unit);
    }
    check(reply);
  }

  // The board runs in real time, as a real one does.
  [[nodiscard]] Nanoseconds now() override {
    return std::chrono::steady_clock::now().time_since_epoch();
  }
  void sleep(Nanoseconds time) override { std::this_thread::sleep_for(time); }

 private:
  void pulse_reset_pin() override {
    drive_reset_pin(0);
    sleep(std::chrono::milliseconds(1));
    drive_reset_pin(1);
  }

  void connect(AttachMode mode) {
    const Reply reply = link_.ask(operation('c'));
    if (reply.status == Status::no_answer) throw cortex_m::no_answer(mode);
  }

  void drive_reset_pin(std::uint32_t level) { static_cast<void>(ask(operation('p', level))); }

  Bytes ask(const Bytes &operations) {
    const Reply reply = link_.ask(operations);
    check(reply);
    return reply.data;
  }

  static void check(const Reply &reply) {
    if (reply.status == Status::done) return;
    if (reply.status == Status::refused) {
      throw Error(Errc::memory_fault, "the target refused the access to " + hex(reply.address),
                  "Nothing answers there, or not to an access of this width.");
    }
    if (reply.status == Status::stuck) {
      throw Error(Errc::target, "the target's bus is not ready for " + hex(reply.address),
                  "Most likely a flash operation does not end. Switch the board off and on.");
    }
    throw Error(Errc::probe, "the target does not answer any more",
                "Check its supply and the wires; connecting under reset may help.");
  }

  Link link_;
};

class AcmeTransport final : public Transport {
 public:
  explicit AcmeTransport(Host & /*host*/) {}

  void configure(const Settings &settings) override {
    path_ = settings.path("address").value_or(path_);
    if (path_.size() > longest_path) {
      settings.reject("address", fmt::format("{} has {} bytes, a socket's path at most {}", path_,
                                             path_.size(), longest_path));
    }
    settings.reject_unknown();
  }

  [[nodiscard]] std::vector<ProbeDescription> list() override {
    try {
      const ProbeInfo info = AcmeProbe(path_).info();
      return {{info.serial, info.product, path_}};
    } catch (const Error &) {
      return {};  // there is no server, or another program uses it
    }
  }

  [[nodiscard]] std::unique_ptr<Probe> open(const OpenOptions &options) override {
    auto probe = std::make_unique<AcmeProbe>(path_);
    const std::string serial = probe->info().serial;
    if (serial.starts_with(options.serial)) return probe;
    throw Error(Errc::probe, fmt::format("no probe with the serial {}", options.serial),
                fmt::format("There is {} at {}.", serial, path_));
  }

 private:
  std::string path_ = "/tmp/acme.sock";
};

}  // namespace

FLASHHOST_PLUGIN(FLASHHOST_KIND_TRANSPORT, flashhost::Transport, AcmeTransport, "acme", "1.0",
                 "a probe behind a socket (the SDK's template)")
