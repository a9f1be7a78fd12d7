// docs/failures.md, sections 26, 30, 32 and what else is refused: exit code, message, and an
// untouched flash.
#include "board.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace flashhost::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Refuses : public Board {
 protected:
  Refuses() { put(0, firmware(4096, 1)); }
};

TEST_F(Refuses, AnImageThatDoesNotFit) {
  image(127 * 1024, firmware(1025, 2));
  const Outcome outcome = flashhost();
  expect_untouched(outcome, 4);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("image0.bin"), HasSubstr("does not fit"),
                                 HasSubstr("0x0801fc00..0x08020000"), HasSubstr("too long")));
}

TEST_F(Refuses, AnImageThatDoesNotFitBeforeItOpensAProbeWhenTheBoardFileNamesTheChip) {
  family = "chip = \"STM32F103C8\"\n";
  image(64 * 1024, firmware(16, 2));
  settings += "no_such_setting = 1\n";  // opening the probe would stumble over this
  const Outcome outcome = flashhost();
  expect_untouched(outcome, 4);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("does not fit"), HasSubstr("STM32F103C8")));
}

TEST_F(Refuses, AnImageOutsideTheFlash) {
  image_file("ram.hex", ":020000042000DA\n:0400000001020304F2\n:00000001FF\n");
  const Outcome outcome = flashhost();
  expect_untouched(outcome, 4);
  EXPECT_THAT(outcome.err,
              HasSubstr("ram.hex: 0x20000000..0x20000003 lies in the RAM of STM32F103xB"));
}

TEST_F(Refuses, AnImageInTheOptionBytes) {
  image_file("options.hex", ":020000041FFFDC\n:04F8000001020304FA\n:00000001FF\n");
  const Outcome outcome = flashhost();
  expect_untouched(outcome, 4);
  EXPECT_THAT(outcome.err, HasSubstr("lies in the option bytes"));
}

TEST_F(Refuses, ImagesThatDisagree) {
  image(0, firmware(100, 2));
  image(50, firmware(100, 3));
  const Outcome outcome = flashhost();
  expect_untouched(outcome, 4);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("image0.bin"), HasSubstr("image1.bin"),
                                 HasSubstr("both cover 0x0800003")));
}

TEST_F(Refuses, AnotherChipThanTheBoardFileSays) {
  chip = "STM32F103RE";
  flash_size = 512 * 1024;
  std::filesystem::remove(directory.path() / "flash.bin");
  put(0, firmware(4096, 1));
  family = "chip = \"STM32F103CB\"\n";
  image(0, firmware(1024, 2));
  const Outcome outcome = flashhost();
  expect_untouched(outcome, 6);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("STM32F103CB"), HasSubstr("high density")));
}

TEST_F(Refuses, AMalformedImageFile) {
  image_file("bad.hex", ":020000040800F2\n:0400000001020304F3\n:00000001FF\n");
  const Outcome outcome = flashhost();
  expect_untouched(outcome, 4);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("bad.hex"), HasSubstr("line 2"), HasSubstr("checksum")));
}

TEST_F(Refuses, AnImageFileThatIsMissing) {
  image_file("gone.hex", "");
  std::filesystem::remove(directory.path() / "gone.hex");
  const Outcome outcome = flashhost();
  expect_untouched(outcome, 4);
  EXPECT_THAT(outcome.err, HasSubstr("gone.hex"));
}

TEST_F(Refuses, AnImageFileThatIsADevice) {
  const Outcome outcome = flashhost({"flash", "/dev/zero"});
  expect_untouched(outcome, 4);
  EXPECT_THAT(outcome.err, HasSubstr("/dev/zero"));
}

TEST_F(Refuses, AnImageThatIsNotThePinnedOne) {
  image_file("app.hex", ":020000040800F2\n:0400000001020304F2\n:00000001FF\n",
             "sha256 = \"0000000000000000000000000000000000000000000000000000000000000000\"\n");
  const Outcome outcome = flashhost();
  expect_untouched(outcome, 4);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("app.hex"), HasSubstr("SHA-256")));
}

TEST_F(Refuses, AnUnknownKeyWithFileLineAndColumn) {
  flash_options = "erease = \"auto\"\n";
  const Outcome outcome = flashhost();
  expect_untouched(outcome, 2);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("board.toml:"), HasSubstr("erease"), HasSubstr("erase")));
}

TEST_F(Refuses, AnUnknownPlugin) {
  image(0, firmware(16, 2));
  const Outcome outcome = flashhost({"--set", "transport.plugin=jlink"});
  expect_untouched(outcome, 3);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("jlink"), HasSubstr("sim")));
}

TEST_F(Refuses, AJournalThatCannotBeWrittenBeforeItErases) {
  image(0, firmware(1024, 2));
  const Outcome outcome = flashhost({}, {{"XDG_STATE_HOME", "/proc/flashhost-cannot-write-here"}});
  expect_untouched(outcome, 2);
  EXPECT_THAT(outcome.err, HasSubstr("XDG_STATE_HOME"));
}

TEST_F(Refuses, NothingToFlash) {
  const Outcome outcome = flashhost();
  expect_untouched(outcome, 2);
  EXPECT_THAT(outcome.err, HasSubstr("image"));
}

TEST_F(Refuses, AWriteProtectedPageBeforeItErasesAnything) {
  settings += "faults = [\"write_protected=4\"]\n";
  image(0, firmware(16 * 1024, 2));
  const Outcome outcome = flashhost();
  expect_untouched(outcome, 7);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("protect"), HasSubstr("flash.unlock = true")));
}

TEST_F(Refuses, AReadProtectedChip) {
  settings += "faults = [\"read_protected\"]\n";
  image(0, firmware(1024, 2));
  const Outcome outcome = flashhost();
  expect_untouched(outcome, 7);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("flash.unlock = true"), HasSubstr("erases")));
}

}  // namespace
}  // namespace flashhost::testing
