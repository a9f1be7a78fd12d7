// Third-party tools, unmodified, and flashhost on boards whose flash is programmed in double words,
// on the virtual ST-Link: they judge whether the model is such a chip.
#include "desk.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace flashhost::testing {

namespace {

using ::testing::HasSubstr;

constexpr std::size_t kib = 1024;

struct L4Board {
  const char *chip;
  std::size_t flash;
  const char *target;    // of OpenOCD
  const char *firmware;  // that blinks
  const char *led;
};
constexpr L4Board g071{"STM32G071RB", 128 * kib, "target/stm32g0x.cfg", "old-g0.hex", "PA5"};
constexpr L4Board l476{"STM32L476RG", 1024 * kib, "target/stm32l4x.cfg", "old-l4.hex", "PA5"};
constexpr L4Board g474{"STM32G474RE", 512 * kib, "target/stm32g4x.cfg", "old-l4.hex", "PA5"};
constexpr L4Board l432{"STM32L432KC", 256 * kib, "target/stm32l4x.cfg", "old-l4.hex", "PB3"};

std::string name_of(const ::testing::TestParamInfo<L4Board> &info) {
  return info.param.chip;
}

class PeersL4 : public Desk, public ::testing::WithParamInterface<L4Board> {
 protected:
  // Programs in the middle of either bank.
  PeersL4() {
    put_flash(used_);
    write_file("image.bin", image_);
  }
  [[nodiscard]] std::vector<std::string> chip() const { return {"--chip", GetParam().chip}; }
  [[nodiscard]] static std::string address(std::size_t offset) {
    return fmt::format("{:#x}", flash_start + offset);
  }
  Outcome st_flash(std::size_t offset) {
    return on_probe({ST_FLASH, "--reset", "write", path("image.bin"), address(offset)}, chip());
  }
  Outcome openocd_program(const std::vector<std::string> &interface, std::size_t offset) {
    return openocd(
        interface,
        fmt::format("program {} {} verify reset exit", path("image.bin"), address(offset)), chip(),
        GetParam().target);
  }
  [[nodiscard]] Flash written(std::size_t offset) const {
    return with_image(used_, offset, image_, page);
  }

  static constexpr std::size_t page = 2 * kib;
  const std::vector<std::string> hla_{"-f", "interface/stlink.cfg"};
  const std::vector<std::string> dap_{"-f", "interface/stlink-dap.cfg", "-c",
                                      "transport select dapdirect_swd"};
  const Flash used_ = pattern(GetParam().flash, 7);
  // Whole double words: st-flash fills up the last one with what it finds in its memory.
  const Flash image_ = pattern(2496, 1);
  const std::size_t first_bank_ = 8 * kib;
  const std::size_t second_bank_ = GetParam().flash / 2 + 16 * kib;
};

TEST_P(PeersL4, StFlashWritesAndKeepsTheRest) {
  expect_flash(written(first_bank_), st_flash(first_bank_));
  EXPECT_EQ(summary.at("page_erases"), 2);
}
TEST_P(PeersL4, StFlashWritesTheUpperHalfWhereItKnowsTheBitOfTheBank) {
  const Outcome outcome = st_flash(second_bank_);
  if (std::string(GetParam().chip) != g474.chip)
    return expect_flash(written(second_bank_), outcome);
  // It sets bit 13 of FLASH_CR, which is that of a G0B1: pages of the first bank go instead.
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("contains a non-erased value"));
  EXPECT_EQ(difference(with_image(used_, second_bank_ - GetParam().flash / 2,
                                  Flash(image_.size(), 0xFF), page),
                       flash()),
            "");
}

TEST_P(PeersL4, StFlashErasesAll) {
  expect_flash(Flash(GetParam().flash, 0xFF), on_probe({ST_FLASH, "erase"}, chip()));
}

TEST_P(PeersL4, OpenocdWritesThroughItsStLinkDriverAndKeepsTheRest) {
  for (const std::size_t offset : {first_bank_, second_bank_}) {
    put_flash(used_);
    const Outcome outcome = openocd_program(hla_, offset);
    expect_flash(written(offset), outcome);
    EXPECT_THAT(outcome.err, HasSubstr("Verified OK"));
    EXPECT_EQ(summary.at("page_erases"), 2);
  }
}

TEST_P(PeersL4, OpenocdWritesThroughRawDebugPortAccessAndKeepsTheRest) {
  for (const std::size_t offset : {first_bank_, second_bank_}) {
    put_flash(used_);
    const Outcome outcome = openocd_program(dap_, offset);
    expect_flash(written(offset), outcome);
    EXPECT_THAT(outcome.err, HasSubstr("Verified OK"));
  }
}

TEST_P(PeersL4, OpenocdErasesAll) {
  const Outcome outcome =
      openocd(dap_, "init; reset init; stm32l4x mass_erase 0; shutdown", chip(), GetParam().target);
  expect_flash(Flash(GetParam().flash, 0xFF), outcome);
  EXPECT_GE(summary.at("mass_erases"), 1);
}

INSTANTIATE_TEST_SUITE_P(Boards, PeersL4, ::testing::Values(g071, l476, g474), name_of);

// A board as it comes from the factory: at power-on the chip sees an empty flash, and starts its
// boot ROM at every reset until it is told otherwise.
class BlankBoard : public Desk, public ::testing::WithParamInterface<L4Board> {
 protected:
  [[nodiscard]] std::vector<std::string> options() const {
    return {"--chip", GetParam().chip, "--run-time", "1"};
  }
  [[nodiscard]] static std::string firmware() {
    return std::string(EXAMPLE_FIRMWARES) + "/" + GetParam().firmware;
  }
  [[nodiscard]] static std::string flashhost_job() {
    return fmt::format("{} --plugin-dir {} --no-config {}", FLASHHOST_PROGRAM, FLASHHOST_PLUGINS,
                       firmware());
  }
  [[nodiscard]] static std::string st_flash_job() {
    return fmt::format("{} --reset --format ihex write {}", ST_FLASH, firmware());
  }
  Outcome shell(const std::string &line) { return on_probe({"/bin/sh", "-c", line}, options()); }
  Outcome openocd_job(const std::string &last) {
    return openocd({"-f", "interface/stlink.cfg"},
                   fmt::format("init; program {} verify; {}; shutdown", firmware(), last),
                   options(), GetParam().target);
  }
  static void expect_started(const Outcome &outcome) {
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(fmt::format("{} toggled", GetParam().led)));
  }
  static void expect_boot_rom(const Outcome &outcome) {
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("changed no output pin"));
  }
};

class AnyBlankBoard : public BlankBoard {};

TEST_P(AnyBlankBoard, RunsItsFirmwareRightAfterFlashhost) {
  const Outcome outcome = shell(flashhost_job());
  expect_started(outcome);
  EXPECT_EQ(GetParam().chip != std::string(l476.chip),
            outcome.err.find("was empty at power-on") != std::string::npos)
      << outcome.err;
}

INSTANTIATE_TEST_SUITE_P(Boards, AnyBlankBoard, ::testing::Values(g071, l432, l476), name_of);

class UncheckedBlankBoard : public BlankBoard {};

TEST_P(UncheckedBlankBoard, RunsItsFirmwareRightAfterAnyTool) {
  expect_started(openocd_job("reset"));
  put_flash(Flash(GetParam().flash, 0xFF));
  expect_started(shell(st_flash_job()));
}

INSTANTIATE_TEST_SUITE_P(Boards, UncheckedBlankBoard, ::testing::Values(l476, g474), name_of);

class CheckedBlankBoard : public BlankBoard {};

TEST_P(CheckedBlankBoard, StartsItsBootRomAfterOpenocdUnlessThatLoadsTheOptions) {
  expect_boot_rom(openocd_job("reset"));
  put_flash(Flash(GetParam().flash, 0xFF));
  expect_started(openocd_job("stm32l4x option_load 0"));
}

INSTANTIATE_TEST_SUITE_P(Boards, CheckedBlankBoard, ::testing::Values(g071, l432), name_of);

class BlankG071 : public BlankBoard {};

TEST_P(BlankG071, StartsItsBootRomAfterStFlash) {
  expect_boot_rom(shell(st_flash_job()));
}

INSTANTIATE_TEST_SUITE_P(Board, BlankG071, ::testing::Values(g071), name_of);

class BlankL432 : public BlankBoard {};

// st-flash writes ones to FLASH_SR for each page that it erases, which inverts PEMPTY: the firmware
// of one page starts, and the next time it does not.
TEST_P(BlankL432, StartsItsFirmwareAfterEachSecondStFlash) {
  expect_started(shell(st_flash_job()));
  put_flash(Flash(GetParam().flash, 0xFF));
  expect_boot_rom(shell(st_flash_job() + " && " + st_flash_job()));
}

TEST_P(BlankL432, IsBroughtBackByFlashhost) {
  expect_started(shell(st_flash_job() + " && " + st_flash_job() + " && " + flashhost_job()));
}

INSTANTIATE_TEST_SUITE_P(Board, BlankL432, ::testing::Values(l432), name_of);

}  // namespace

}  // namespace flashhost::testing
