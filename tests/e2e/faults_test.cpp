// Faults that the model can have already now, each through the whole program. The full catalogue
// has its own tests.
#include "board.hpp"

#include <gmock/gmock.h>

namespace flashhost::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Recovers : public Board, public ::testing::WithParamInterface<const char *> {};

TEST_P(Recovers, From) {
  put(0, firmware(8192, 1));
  image(0, firmware(6001, 2));
  settings += std::string("faults = [\"") + GetParam() + "\"]\n";
  expect_done(flashhost());
}

INSTANTIATE_TEST_SUITE_P(Faults, Recovers,
                         ::testing::Values("hsi_off", "iwdg=1", "iwdg=400", "hardware_iwdg",
                                           "stale_control_bits", "stale_errors",
                                           "fpec_locked_until_reset", "nrst_not_wired",
                                           "dpidr=0x2BA01477", "dma_writes", "flash_time=maximum",
                                           "flash_time=4x", "bad_sram=0x20000400",
                                           "flash_size_register=0x2D28", "flash_size_register=0",
                                           "flash_size_register=0xFFFF"),
                         [](const auto &fault) {
                           std::string name = fault.param;
                           for (char &c : name) {
                             if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
                           }
                           return name;
                         });

class Names : public Board {};

// Each pass programs some of that page before it meets the cell: that alone is no progress.
TEST_F(Names, ACellInTheSecondHalfOfAPageWithoutTryingForEver) {
  put(0, firmware(8192, 1));
  Bytes bytes = firmware(8192, 2);
  bytes[0x13F0] = bytes[0x13F1] = 0;
  image(0, bytes);
  settings += "faults = [\"bad_cell=0x080013F0\"]\n";
  const Outcome outcome = flashhost();
  EXPECT_EQ(outcome.exit_code, 8) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("0x080013f0"));
}

TEST_F(Names, ACellThatDoesNotTakeItsBits) {
  put(0, firmware(8192, 1));
  image(0, firmware(6001, 2));
  settings += "faults = [\"bad_cell=0x08000804\"]\n";
  const Outcome outcome = flashhost();
  EXPECT_EQ(outcome.exit_code, 8) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("0x08000804"));
}

TEST_F(Names, APageThatDoesNotErase) {
  put(0, firmware(8192, 1));
  image(0, firmware(6001, 2));
  settings += "faults = [\"bad_erase=0x08000C00\"]\n";
  const Outcome outcome = flashhost();
  EXPECT_EQ(outcome.exit_code, 8) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("0x08000c"), HasSubstr("erased")));
}

TEST_F(Names, AControllerThatIsBusyForEver) {
  put(0, firmware(8192, 1));
  image(0, firmware(6001, 2));
  settings += "faults = [\"stuck_busy\"]\n";
  const Outcome outcome = flashhost();
  EXPECT_TRUE(outcome.exit_code == 8 || outcome.exit_code == 6) << outcome.exit_code << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("busy"));
}

class Unlocks : public Board {};

TEST_F(Unlocks, AWriteProtectedPage) {
  put(0, firmware(16 * 1024, 1));
  image(0, firmware(16 * 1024, 2));
  settings += "faults = [\"write_protected=4\"]\n";
  flash_options = "unlock = true\n";
  expect_done(flashhost());
}

TEST_F(Unlocks, AReadProtectedChipWhichErasesIt) {
  put(0, firmware(16 * 1024, 1));
  image(0, firmware(4096, 2));
  settings += "faults = [\"read_protected\"]\n";
  flash_options = "unlock = true\n";
  const Outcome outcome = flashhost();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  Bytes expected = firmware(4096, 2);
  expected.resize(flash_size, 0xFF);
  EXPECT_TRUE(flash() == expected);
}

}  // namespace
}  // namespace flashhost::testing
