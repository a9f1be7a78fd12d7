// A simulated board, and its debug port as a raw probe uses it.
#pragma once

#include "bench.hpp"

#include <flashhost/machine/debug_port.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sim_test {

using flashhost::machine::DebugPort;
using flashhost::machine::DebugPortConfig;
using flashhost::machine::SwdAck;
using flashhost::machine::SwdRequest;

namespace dp {
inline constexpr SwdRequest dpidr{false, true, 0x0};
inline constexpr SwdRequest abort{false, false, 0x0};
inline constexpr SwdRequest read_ctrl{false, true, 0x4};
inline constexpr SwdRequest write_ctrl{false, false, 0x4};
inline constexpr SwdRequest resend{false, true, 0x8};
inline constexpr SwdRequest select{false, false, 0x8};
inline constexpr SwdRequest rdbuff{false, true, 0xC};
inline constexpr std::uint32_t stickyerr = 1U << 5;
inline constexpr std::uint32_t powered = 0xF0000000;
}  // namespace dp

namespace ap {
inline constexpr SwdRequest read_csw{true, true, 0x0};
inline constexpr SwdRequest write_csw{true, false, 0x0};
inline constexpr SwdRequest read_tar{true, true, 0x4};
inline constexpr SwdRequest write_tar{true, false, 0x4};
inline constexpr SwdRequest read_drw{true, true, 0xC};
inline constexpr SwdRequest write_drw{true, false, 0xC};
inline constexpr std::uint32_t words = 0x23000052;
}  // namespace ap

using Bits = std::vector<std::uint8_t>;
inline const Bits ones_and_idle = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00};
inline const Bits switch_to_swd = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x9E, 0xE7,
                                   0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00};

struct PortBench : Bench {
  explicit PortBench(const Config &board = config(), const DebugPortConfig &wires = {})
      : Bench(board), port(target, wires) {}

  void clock_out(const Bits &bits) { port.sequence(bits, bits.size() * 8); }
  [[nodiscard]] SwdAck ack(SwdRequest request, std::uint32_t value = 0) {
    return port.transfer(request, value);
  }
  std::uint32_t get(SwdRequest request) {
    std::uint32_t value = 0;
    EXPECT_EQ(port.transfer(request, value), SwdAck::ok) << "reading " << int{request.address};
    return value;
  }
  void put(SwdRequest request, std::uint32_t value) {
    EXPECT_EQ(port.transfer(request, value), SwdAck::ok) << "writing " << int{request.address};
  }
  // To where memory can be accessed by words.
  void power_up() {
    clock_out(switch_to_swd);
    get(dp::dpidr);
    put(dp::abort, 0x1E);
    put(dp::select, 0);
    put(dp::write_ctrl, 0x50000000);
    for (int i = 0; i < 10 && (get(dp::read_ctrl) & dp::powered) != dp::powered;) ++i;
    put(ap::write_csw, ap::words);
  }
  // The value of an AP register, by RDBUFF.
  std::uint32_t fetch(SwdRequest request) {
    get(request);
    return get(dp::rdbuff);
  }
  std::uint32_t bank_f(std::uint8_t address) {
    put(dp::select, 0xF0);
    const std::uint32_t value = fetch({true, true, address});
    put(dp::select, 0);
    return value;
  }

  DebugPort port;
};

}  // namespace sim_test
