// How long a whole job takes over a virtual CMSIS-DAP probe, in the model's time, beside the time
// that the flash itself needs.
#include "dap_rig.hpp"

#include <flashhost/machine/target.hpp>
#include <flashhost/text.hpp>

#include <gtest/gtest.h>

#include <iostream>
#include <tuple>

namespace flashhost::cmsisdap {
namespace {

using virtual_cmsisdap::Pipes;

struct Row {
  const char *name;
  const char *probe;
  Pipes pipes;
  const char *part;
  const char *family;
  std::size_t size;
};

Bytes pattern(std::size_t size, std::uint32_t seed) {
  Bytes bytes(size);
  for (std::uint8_t &byte : bytes) {
    seed = seed * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(seed >> 25);
  }
  return bytes;
}

class DapSpeed : public testing::TestWithParam<Row> {};

TEST_P(DapSpeed, IsThatOfTheFlash) {
  const Row &row = GetParam();
  auto personality = *virtual_cmsisdap::find_personality(row.probe);
  personality.pipes = row.pipes;
  test::DapRig rig(personality, row.part);
  rig.start_anew(pattern(row.size, 1), {});
  constexpr std::uint32_t flash_base = 0x08000000;
  const Bytes wanted = pattern(row.size, 2);
  const Image image = merge({{"image", {{{flash_base, wanted}}, std::nullopt}}});
  const bench::QuickFolder folder;
  testing::RecordingHost host(Level::info);
  const testing::JobEnd end =
      testing::flash(rig, host, row.family, image, folder.path() / "journal");
  ASSERT_EQ(end.error, "");
  const auto &board = rig.probe().target().statistics();
  const auto ms = [](Nanoseconds time) { return time.count() / 1000000; };
  std::cout << row.name << ": job " << ms(end.duration) << " ms, flash busy " << ms(board.busy)
            << " ms, ratio " << double(end.duration.count()) / double(board.busy.count())
            << " usb transfers " << rig.transfers() << "\n";
  EXPECT_TRUE(std::equal(wanted.begin(), wanted.end(), rig.flash().begin()));
}

INSTANTIATE_TEST_SUITE_P(
    All, DapSpeed,
    testing::Values(
        Row{"f103_v2", "daplink", Pipes::v2, "STM32F103CB", "f1", std::size_t{120} * 1024},
        Row{"f407_v2", "daplink", Pipes::v2, "STM32F407VG", "f4", std::size_t{512} * 1024},
        Row{"f103_v1", "daplink", Pipes::v1, "STM32F103CB", "f1", std::size_t{120} * 1024},
        Row{"f407_v1", "daplink", Pipes::v1, "STM32F407VG", "f4", std::size_t{512} * 1024},
        Row{"f103_mcu", "mcu-link", Pipes::v2, "STM32F103CB", "f1", std::size_t{120} * 1024},
        Row{"f407_mcu", "mcu-link", Pipes::v2, "STM32F407VG", "f4", std::size_t{512} * 1024},
        Row{"f103_picoprobe", "debugprobe", Pipes::v2, "STM32F103CB", "f1",
            std::size_t{120} * 1024},
        Row{"f407_picoprobe", "debugprobe", Pipes::v2, "STM32F407VG", "f4",
            std::size_t{512} * 1024}),
    [](const auto &row) { return std::string(row.param.name); });

}  // namespace
}  // namespace flashhost::cmsisdap
