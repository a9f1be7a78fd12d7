// docs/failures.md, sections 27 and 28: whatever shape the image has, its bytes and its neighbours
// are right.
#include "board.hpp"

#include <gmock/gmock.h>

namespace flashhost::testing {
namespace {

using ::testing::HasSubstr;

class ImageShapes : public Board {};

TEST_F(ImageShapes, OddStartsAndLengthsKeepTheirNeighbours) {
  put(0, firmware(16 * 1024, 1));
  image(1025, firmware(1, 2));
  image(2049, firmware(1023, 3));
  image(4094, firmware(5, 4));
  image(6000, firmware(3001, 5));
  expect_done(flashhost());
}

TEST_F(ImageShapes, OneByteOnABlankChip) {
  image(77, {0x00});
  expect_done(flashhost());
}

TEST_F(ImageShapes, TheLastByteOfTheFlash) {
  put(0, firmware(128 * 1024, 1));
  image(128 * 1024 - 1, {0x5A});
  expect_done(flashhost());
}

TEST_F(ImageShapes, TheWholeFlash) {
  put(0, firmware(128 * 1024, 1));
  image(0, firmware(128 * 1024, 2));
  expect_done(flashhost());
}

TEST_F(ImageShapes, GapsStayAsTheyWere) {
  put(0, firmware(8192, 1));
  for (std::uint32_t at = 0; at < 8192; at += 512) image(at + 3, firmware(200, at + 2));
  expect_done(flashhost());
}

TEST_F(ImageShapes, ZeroBytesAreNoImage) {
  put(0, firmware(8192, 1));
  image(0, {});
  const Outcome outcome = flashhost();
  expect_untouched(outcome, 4);
  EXPECT_THAT(outcome.err, ::testing::HasSubstr("it holds no data"));
}

TEST_F(ImageShapes, AllErasedBytesEraseAndProgramNothing) {
  put(0, firmware(8192, 1));
  image(1024, Bytes(2048, 0xFF));
  expect_done(flashhost());
}

TEST_F(ImageShapes, AllErasedBytesOnABlankChipAreNothingToDo) {
  image(1024, Bytes(2048, 0xFF));
  const Outcome outcome = flashhost();
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("nothing to do"));
}

TEST_F(ImageShapes, ErasedRunsInsideAreNotProgrammed) {
  Bytes bytes = firmware(4096, 2);
  std::fill(bytes.begin() + 500, bytes.begin() + 3000, std::uint8_t{0xFF});
  put(0, firmware(8192, 1));
  image(0, bytes);
  const Outcome outcome = flashhost();
  expect_done(outcome);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("4 KiB written and verified in "),
                                 HasSubstr("(1596 bytes programmed, ")));
}

TEST_F(ImageShapes, OneChangedByteTouchesItsPageAndTheBootPageOnly) {
  Bytes bytes = firmware(32 * 1024, 2);
  put(0, bytes);
  bytes[20'000] ^= 0x55;
  image(0, bytes);
  const Outcome outcome = flashhost();
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("(2 KiB programmed"));
}

TEST_F(ImageShapes, OneChangedByteWithoutTheGuardTouchesItsPageOnly) {
  Bytes bytes = firmware(32 * 1024, 2);
  put(0, bytes);
  bytes[20'000] ^= 0x55;
  image(0, bytes);
  flash_options = "guard = false\n";
  const Outcome outcome = flashhost();
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("(1 KiB programmed"));
}

TEST_F(ImageShapes, BytesBehindTheImageSurviveEvenWhenAMassEraseWouldBeCheaper) {
  put(0, firmware(100 * 1024, 1));
  put(120 * 1024, firmware(512, 9));
  image(0, firmware(100 * 1024, 2));
  expect_done(flashhost());
}

}  // namespace
}  // namespace flashhost::testing
