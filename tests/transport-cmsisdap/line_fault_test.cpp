// Faults on SWD while a block is written over a virtual CMSIS-DAP probe, with several packets under
// way: nothing outside the block is touched, and the block is right.
#include "dap_rig.hpp"
#include "hosts.hpp"
#include "pattern.hpp"

#include <flashhost/machine/debug_port.hpp>
#include <flashhost/probe.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

namespace flashhost::cmsisdap {
namespace {

using machine::SwdLineFaults;
using virtual_cmsisdap::Pipes;

// Windows of 1 KiB end inside the block; from the third of its ends on, what follows the new
// address does not wait for it.
constexpr std::uint32_t sram = 0x20000000, sram_size = 20 * 1024;
constexpr std::uint32_t start = sram + 0xB00, size = 0xE00;

class LineFault : public testing::TestWithParam<Pipes> {
 protected:
  // A board without firmware, a probe that is attached to it, and RAM that is filled.
  void begin(const SwdLineFaults &faults) {
    auto personality = *virtual_cmsisdap::find_personality("daplink");
    personality.pipes = GetParam();
    personality.firmware.port.increment = 0x400;
    personality.firmware.port.faults = faults;
    probe_.reset();
    rig_ = std::make_unique<test::DapRig>(personality, "STM32F103CB");
    rig_->start_anew({}, {});
    probe_ = rig_->open(host_);
    probe_->attach(AttachMode::attach);
    for (std::uint32_t i = 0; i < sram_size; ++i) {
      ASSERT_EQ(target().write(sram + i, 1, before_[i]), machine::Ack::ok);
    }
  }
  [[nodiscard]] machine::Target &target() { return rig_->probe().target(); }
  [[nodiscard]] std::uint64_t swd_transfers() const {
    return rig_->probe().firmware_statistics().transfers.value();
  }
  [[nodiscard]] Bytes memory() {
    Bytes bytes;
    bytes.reserve(sram_size);
    for (std::uint32_t i = 0; i < sram_size; ++i) {
      std::uint32_t value = 0;
      EXPECT_EQ(target().read(sram + i, 1, value), machine::Ack::ok);
      bytes.push_back(static_cast<std::uint8_t>(value));
    }
    return bytes;
  }

  const Bytes before_ = testing::pattern(sram_size, 2), data_ = testing::pattern(size, 3);
  testing::RecordingHost host_{Level::info};
  std::unique_ptr<test::DapRig> rig_;
  std::unique_ptr<Probe> probe_;
};

TEST_P(LineFault, TouchesNothingOutsideABlock) {
  Bytes expected = before_;
  std::ranges::copy(data_, expected.begin() + (start - sram));
  begin({});
  const std::uint64_t first = swd_transfers() + 1;
  probe_->write_memory(start, data_);
  const std::uint64_t last = swd_transfers();
  ASSERT_GT(last - first, size / 4);
  ASSERT_EQ(memory(), expected);
  for (std::uint64_t at = first; at <= last; ++at) {
    // The probe gives up after 20 ms of WAIT.
    constexpr std::uint64_t long_wait = 10'000;
    for (const SwdLineFaults &faults :
         {SwdLineFaults{.silent_at = at}, SwdLineFaults{.wait_at = at, .waits = long_wait}}) {
      SCOPED_TRACE(testing::Message() << at - first << (faults.wait_at != 0 ? ", WAIT" : ""));
      begin(faults);
      ASSERT_NO_THROW(probe_->write_memory(start, data_));
      ASSERT_EQ(memory(), expected);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Pipes, LineFault, testing::Values(Pipes::v2, Pipes::v1),
                         [](const auto &row) {
                           return std::string(row.param == Pipes::v1 ? "v1" : "v2");
                         });

}  // namespace
}  // namespace flashhost::cmsisdap
