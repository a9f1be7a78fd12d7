// What the tests of transports share.
#pragma once

#include "bench/random_bytes.hpp"
#include "plugin_under_test.hpp"
#include "transport/witness_view.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>
#include <flashhost/transport.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace flashhost::conformance {

class ServerProcess;

class TransportConformance : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override;  // starts the server if the case file names one

  [[nodiscard]] Transport &transport() { return plugin_.configured<Transport>(); }
  [[nodiscard]] static const TransportCase &given() { return run().given.transport; }
  [[nodiscard]] static OpenOptions options() { return {given().serial, {}}; }
  [[nodiscard]] static std::uint32_t scratch() { return given().scratch.address; }
  // Null when the case file names no server.
  [[nodiscard]] static ServerProcess *server();

  // A probe, opened and attached without reset; halted if asked for.
  [[nodiscard]] std::unique_ptr<Probe> attached();
  [[nodiscard]] std::unique_ptr<Probe> halted();

  PluginUnderTest plugin_;
};

using bench::random_bytes;
[[nodiscard]] Bytes read_bytes(Probe &probe, std::uint32_t address, std::size_t size,
                               Width width = Width::automatic);

// The Error that the call throws. Fails the test and returns nothing when it throws no Error.
[[nodiscard]] std::optional<Error> error_of(const std::function<void()> &call);
// The call must throw an Error of that code, with a text of one line and a hint.
void expect_error(Errc code, const std::function<void()> &call, const std::string &mentions = {});

// Programs of 16-bit Thumb instructions, which every Cortex-M executes.
namespace programs {
// Adds 1 to the word at r0 for ever.
inline constexpr std::uint16_t count[] = {0x3101, 0x6001, 0xE7FC};
inline constexpr std::uint16_t sleep[] = {0xBF30, 0xE7FD};
// Adds 1 to r1 and stops at a breakpoint, again and again.
inline constexpr std::uint16_t stop[] = {0x3101, 0xBE00, 0xE7FC};
inline constexpr std::uint16_t undefined[] = {0xDE00};
// Stores at r0: r1 to r12, sp, lr, MSP, PSP, PRIMASK, CONTROL, APSR; then a breakpoint.
inline constexpr std::uint16_t store[] = {0xC0FE, 0x4641, 0x464A, 0x4653, 0x465C, 0x4665, 0x466E,
                                          0x4677, 0xC0FE, 0xF3EF, 0x8108, 0xF3EF, 0x8209, 0xF3EF,
                                          0x8310, 0xF3EF, 0x8414, 0xF3EF, 0x8500, 0xC03E, 0xBE00};
}  // namespace programs

// Where things are in the scratch RAM.
inline constexpr std::uint32_t program_at = 0, counter_at = 0x80, stack_at = 0x800;

// Makes the halted core ready to execute the program in the scratch RAM: interrupts masked, r0 the
// address of the counter, which is set to 0.
void load_program(Probe &probe, std::uint32_t scratch, std::span<const std::uint16_t> program);
// The value of the counter that the program `count` increments.
[[nodiscard]] std::uint32_t counter(Probe &probe, std::uint32_t scratch);
// Whether the counter changes while the probe sleeps.
[[nodiscard]] bool counts(Probe &probe, std::uint32_t scratch);
// Whether the core gets into this state within 100 ms of the probe's time.
[[nodiscard]] bool reaches(Probe &probe, CoreState state);

}  // namespace flashhost::conformance
