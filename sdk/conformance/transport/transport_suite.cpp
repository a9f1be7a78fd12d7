#include "transport/transport_suite.hpp"

#include "transport/server_process.hpp"

#include <flashhost/wait.hpp>

namespace flashhost::conformance {

using namespace std::chrono_literals;

void TransportConformance::SetUp() {
  if (server() != nullptr) server()->start_if_gone();
}

ServerProcess *TransportConformance::server() {
  if (given().server.empty()) return nullptr;
  static ServerProcess process(given().server, run().given.folder);
  return &process;
}

std::unique_ptr<Probe> TransportConformance::attached() {
  std::unique_ptr<Probe> probe = transport().open(options());
  if (!probe) throw std::runtime_error("open returned no probe");
  probe->attach(AttachMode::attach);
  return probe;
}

std::unique_ptr<Probe> TransportConformance::halted() {
  std::unique_ptr<Probe> probe = attached();
  probe->halt();
  return probe;
}

Bytes read_bytes(Probe &probe, std::uint32_t address, std::size_t size, Width width) {
  Bytes bytes(size, 0xEE);
  probe.read_memory(address, bytes, width);
  return bytes;
}

std::optional<Error> error_of(const std::function<void()> &call) {
  try {
    call();
  } catch (const Error &error) {
    return error;
  } catch (const std::exception &other) {
    ADD_FAILURE() << "threw something else than flashhost::Error: " << other.what();
    return {};
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

void expect_error(Errc code, const std::function<void()> &call, const std::string &mentions) {
  const std::optional<Error> error = error_of(call);
  if (!error) return;
  const std::string what = error->what();
  EXPECT_EQ(static_cast<int>(error->code()), static_cast<int>(code))
      << "another kind of error: " << what;
  EXPECT_FALSE(what.empty());
  EXPECT_EQ(what.find('\n'), std::string::npos) << "the message is more than one line: " << what;
  EXPECT_NE((what + error->hint()).find(mentions), std::string::npos)
      << "the message does not name " << mentions << ": " << what << ' ' << error->hint();
  if (code != Errc::internal) {
    EXPECT_FALSE(error->hint().empty()) << "the message does not say what to do: " << what;
  }
}

void load_program(Probe &probe, std::uint32_t scratch, std::span<const std::uint16_t> program) {
  Bytes code;
  for (const std::uint16_t half : program) {
    code.push_back(static_cast<std::uint8_t>(half));
    code.push_back(static_cast<std::uint8_t>(half >> 8));
  }
  probe.write_memory(scratch + program_at, code);
  probe.write_word(scratch + counter_at, 0);
  constexpr std::uint32_t thumb = 1U << 24, primask = 1;
  probe.write_register(CoreRegister::xpsr, thumb);
  probe.write_register(CoreRegister::control_faultmask_basepri_primask, primask);
  probe.write_register(CoreRegister::r0, scratch + counter_at);
  probe.write_register(CoreRegister::r1, 0);
  probe.write_register(CoreRegister::sp, scratch + stack_at);
  probe.write_register(CoreRegister::pc, scratch + program_at);
}

std::uint32_t counter(Probe &probe, std::uint32_t scratch) {
  return probe.read_word(scratch + counter_at);
}

bool counts(Probe &probe, std::uint32_t scratch) {
  const std::uint32_t before = counter(probe, scratch);
  return wait_until(probe, 100ms, 1ms, [&] { return counter(probe, scratch) != before; });
}

bool reaches(Probe &probe, CoreState state) {
  return wait_until(probe, 100ms, 1ms, [&] { return probe.state() == state; });
}

}  // namespace flashhost::conformance
