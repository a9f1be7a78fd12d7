// Rows 26 to 28, 30 and 32: what the images are.
#include "on_each.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace flashhost::testing {

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Row26 : public OnEach {};

TEST_P(Row26, AnImageThatDoesNotFitIsNamedBeforeTheProbeIsOpened) {
  bench.put(0, firmware(2000, 1));
  bench.image(static_cast<std::uint32_t>(bench.board.flash_size) - 100, data(101, 2));
  // A stuck chip and no reset wire: whoever opened the probe would notice.
  bench.faults = {"swd_pins_off", "nrst_not_wired"};
  bench.family = std::string("chip = \"") + bench.board.chip + "\"";
  const Outcome outcome = bench.flashhost({"-v"});
  EXPECT_EQ(outcome.exit_code, 4) << outcome.err;
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("image0.bin"), HasSubstr("does not fit"),
                    HasSubstr("\"An image that does not fit\""), Not(HasSubstr("connecting"))));
  bench.expect_untouched(outcome);
}

TEST_P(Row26, WithoutAChipInTheBoardFileItIsNamedBeforeAnythingIsWritten) {
  bench.put(0, firmware(2000, 1));
  bench.image(0, firmware(bench.board.flash_size + 2, 2));
  const Outcome outcome = bench.flashhost({"-v"});
  EXPECT_EQ(outcome.exit_code, 4) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("does not fit"));
  bench.expect_untouched(outcome);
  bench.expect_tidy(outcome);
}

TEST_P(Row26, ImagesThatDisagreeAreNamedWithTheAddress) {
  bench.put(0, firmware(2000, 1));
  bench.image(0, data(500, 2));
  bench.image(400, data(500, 3));
  const Outcome outcome = bench.flashhost();
  EXPECT_EQ(outcome.exit_code, 4) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("both cover 0x0800019"), HasSubstr("and differ there")));
  bench.expect_untouched(outcome);
}

TEST_P(Row26, OptionBytesAndSystemMemoryAreNoFlash) {
  bench.put(0, firmware(2000, 1));
  // One record: 16 bytes at 0x1FFFxx00, the start of the option bytes.
  const unsigned page = bench.board.option_bytes >> 8 & 0xFF;
  bench.image_file("options.hex",
                   fmt::format(":020000041FFFDC\n:10{:02X}0000{}{:02X}\n:00000001FF\n", page,
                               std::string(32, '0'), (0x100 - 0x10 - page) & 0xFF));
  const Outcome outcome = bench.flashhost();
  EXPECT_EQ(outcome.exit_code, 4) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("options.hex"), HasSubstr("option bytes")));
  bench.expect_untouched(outcome);
}

INSTANTIATE_TEST_SUITE_P(Boards, Row26, every_bench(), bench_name);
INSTANTIATE_TEST_SUITE_P(Others, Row26, others_in_process(), bench_name);

class Row27 : public OnEach {};

TEST_P(Row27, OddStartsLengthsAndGapsKeepTheirNeighbours) {
  bench.put(0, firmware(3 * bench.board.first_sector, 1));
  const auto sector = static_cast<std::uint32_t>(bench.board.first_sector);
  bench.image(sector + 1, data(1, 2));
  bench.image(sector + 6, data(3, 3));
  bench.image(sector + 511, data(2, 4));
  bench.image(2 * sector - 3, data(5, 5));
  bench.image(2 * sector + 101, data(477, 6));
  bench.expect_done(bench.flashhost());
}

TEST_P(Row27, OneByteAndTheLastOne) {
  bench.image(77, {0x5A});
  bench.image(static_cast<std::uint32_t>(bench.board.flash_size) - 1, {0x00});
  bench.expect_done(bench.flashhost());
}

TEST_P(Row27, ZeroBytesAreNamed) {
  bench.put(0, firmware(2000, 1));
  bench.image(0, {});
  const Outcome outcome = bench.flashhost();
  EXPECT_EQ(outcome.exit_code, 4) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("it holds no data"));
  bench.expect_untouched(outcome);
}

INSTANTIATE_TEST_SUITE_P(Boards, Row27, every_bench(), bench_name);
INSTANTIATE_TEST_SUITE_P(Others, Row27, others_in_process(), bench_name);
INSTANTIATE_TEST_SUITE_P(CmsisDap, Row27, one_over_cmsisdap(f1_board), bench_name);

class Row28 : public OnEach {};

TEST_P(Row28, AnIdenticalImageIsNothingToDo) {
  bench.put(0, firmware(3000, 1));
  bench.image(0, firmware(3000, 1));
  const Outcome outcome = bench.flashhost();
  bench.expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("nothing to do"));
}

TEST_P(Row28, OneByteCostsItsSectorAndTheOneThatBoots) {
  const auto sector = static_cast<std::uint32_t>(bench.board.first_sector);
  Bytes image = firmware(3 * sector, 1);
  bench.put(0, image);
  bench.put(static_cast<std::uint32_t>(bench.board.flash_size) - 64, data(64, 9));
  image[2 * sector + 17] ^= 0x55;
  bench.image(0, image);
  const Outcome plan = bench.flashhost({"plan"});
  EXPECT_THAT(plan.out, HasSubstr("2 sector erases")) << plan.err;
  bench.expect_done(bench.flashhost());
}

TEST_P(Row28, ABlankFlashIsNotErased) {
  bench.image(0, firmware(3000, 1));
  const Outcome plan = bench.flashhost({"plan"});
  EXPECT_THAT(plan.out, HasSubstr("no erase")) << plan.err;
  bench.expect_done(bench.flashhost());
}

TEST_P(Row28, ErasedBytesOnABlankChipAreNothingToDo) {
  bench.image(4000, Bytes(3000, 0xFF));
  const Outcome outcome = bench.flashhost();
  bench.expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("nothing to do"));
}

TEST_P(Row28, ErasedBytesWithinAreNotProgrammed) {
  Bytes image = firmware(3000, 2);
  std::fill(image.begin() + 600, image.begin() + 2600, std::uint8_t{0xFF});
  bench.put(0, firmware(3000, 1));
  bench.image(0, image);
  const Outcome outcome = bench.flashhost();
  bench.expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("1000 bytes programmed"));
}

INSTANTIATE_TEST_SUITE_P(Boards, Row28, every_bench(), bench_name);
INSTANTIATE_TEST_SUITE_P(Others, Row28, others_in_process(), bench_name);
INSTANTIATE_TEST_SUITE_P(CmsisDap, Row28, one_over_cmsisdap(f1_board), bench_name);

class Row30 : public OnEach {};

TEST_P(Row30, AnotherChipIsNamedAndNotTouched) {
  bench.put(0, firmware(2000, 1));
  bench.image(0, firmware(3000, 2));
  bench.family = fmt::format("chip = \"{}\"", bench.board.relative);
  const Outcome outcome = bench.flashhost({"-v"});
  EXPECT_EQ(outcome.exit_code, 6) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr(std::string(bench.board.relative) + " ("),
                                 HasSubstr("but the chip is"), HasSubstr("Nothing was changed"),
                                 HasSubstr("\"Not the chip of the board file\"")));
  bench.expect_untouched(outcome);
  bench.expect_tidy(outcome);
}

TEST_P(Row30, AChipOfAnotherFamilyIsNamedAndNotTouched) {
  bench.put(0, firmware(2000, 1));
  bench.image(0, firmware(3000, 2));
  bench.family = bench.board == f1_board ? "plugin = \"f4\"" : "plugin = \"f1\"";
  const Outcome outcome = bench.flashhost({"-v"});
  EXPECT_EQ(outcome.exit_code, 6) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("the chip is not one of the installed families"));
  bench.expect_untouched(outcome);
  bench.expect_tidy(outcome);
}

INSTANTIATE_TEST_SUITE_P(Boards, Row30, every_bench(), bench_name);
INSTANTIATE_TEST_SUITE_P(Others, Row30, others_in_process(), bench_name);
INSTANTIATE_TEST_SUITE_P(CmsisDap, Row30, one_over_cmsisdap(f1_board), bench_name);

class Row32 : public OnEach {};

TEST_P(Row32, AMalformedImageIsNamedWithItsLine) {
  bench.put(0, firmware(2000, 1));
  bench.image_file("broken.hex", ":020000040800F2\n:10000000zz\n:00000001FF\n");
  const Outcome outcome = bench.flashhost();
  EXPECT_EQ(outcome.exit_code, 4) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("broken.hex"), HasSubstr("line 2"),
                                 HasSubstr("\"Bad input files\"")));
  bench.expect_untouched(outcome);
}

TEST_P(Row32, AnEnormousImageIsRefusedUnread) {
  bench.put(0, firmware(2000, 1));
  bench.image_file("enormous.hex", "");
  std::filesystem::resize_file(bench.directory.path() / "enormous.hex", std::uintmax_t{1} << 36);
  const Outcome outcome = bench.flashhost();
  EXPECT_EQ(outcome.exit_code, 4) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("enormous.hex"));
  bench.expect_untouched(outcome);
}

TEST_P(Row32, AnUnknownKeyIsNamedWithFileLineAndColumn) {
  bench.put(0, firmware(2000, 1));
  bench.image(0, firmware(2000, 1));
  bench.flash_options = "verfy = \"crc\"\n";
  const Outcome outcome = bench.flashhost();
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  EXPECT_THAT(outcome.err,
              AllOf(::testing::ContainsRegex("board.toml:[0-9]+:[0-9]+"), HasSubstr("verfy")));
}

INSTANTIATE_TEST_SUITE_P(Boards, Row32, every_bench(), bench_name);

}  // namespace

}  // namespace flashhost::testing
