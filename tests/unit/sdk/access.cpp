#include <flashhost/access.hpp>
#include <flashhost/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flashhost {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint32_t sram = 0x20000000;
constexpr AccessLimits limits{64, 6144, 6144, 0};

TEST(AccessBlocks, AnAlignedAccessIsOneBlockOfWordsUpToTheBufferOfTheProbe) {
  EXPECT_THAT(cut_into_blocks(sram, 0, Width::automatic, limits), IsEmpty());
  EXPECT_THAT(cut_into_blocks(sram, 6144, Width::automatic, limits),
              ElementsAre(AccessBlock{0, 6144, 4}));
  EXPECT_THAT(cut_into_blocks(sram, 6148, Width::word, limits),
              ElementsAre(AccessBlock{0, 6144, 4}, AccessBlock{6144, 4, 4}));
}

TEST(AccessBlocks, RaggedEndsAreHalfwordsOrBytes) {
  EXPECT_THAT(cut_into_blocks(sram + 1, 10, Width::automatic, limits),
              ElementsAre(AccessBlock{0, 3, 1}, AccessBlock{3, 4, 4}, AccessBlock{7, 3, 1}));
  EXPECT_THAT(cut_into_blocks(sram + 2, 8, Width::automatic, limits),
              ElementsAre(AccessBlock{0, 2, 2}, AccessBlock{2, 4, 4}, AccessBlock{6, 2, 2}));
}

TEST(AccessBlocks, AShortAccessWithoutAWholeWordIsOneBlock) {
  EXPECT_THAT(cut_into_blocks(sram + 3, 2, Width::automatic, limits),
              ElementsAre(AccessBlock{0, 2, 1}));
  EXPECT_THAT(cut_into_blocks(sram + 2, 2, Width::automatic, limits),
              ElementsAre(AccessBlock{0, 2, 2}));
  EXPECT_THAT(cut_into_blocks(sram + 2, 4, Width::automatic, limits),
              ElementsAre(AccessBlock{0, 4, 2}));
}

TEST(AccessBlocks, BytesGoInPortionsOf64) {
  EXPECT_THAT(cut_into_blocks(sram + 1, 130, Width::byte, limits),
              ElementsAre(AccessBlock{0, 64, 1}, AccessBlock{64, 64, 1}, AccessBlock{128, 2, 1}));
}

TEST(AccessBlocks, AFixedWidthThatDoesNotFitIsABugOfTheCaller) {
  EXPECT_THROW((void)cut_into_blocks(sram + 2, 4, Width::word, limits), Error);
  EXPECT_THROW((void)cut_into_blocks(sram, 3, Width::half, limits), Error);
  EXPECT_THROW((void)cut_into_blocks(0xFFFFFFFC, 8, Width::word, limits), Error);
}

TEST(AccessBlocks, NoneCrossesTheBoundary) {
  constexpr AccessLimits bounded{64, 1024, 1024, 1024};
  EXPECT_THAT(
      cut_into_blocks(sram + 1000, 1060, Width::automatic, bounded),
      ElementsAre(AccessBlock{0, 24, 4}, AccessBlock{24, 1024, 4}, AccessBlock{1048, 12, 4}));
  EXPECT_THAT(cut_into_blocks(sram + 1022, 3, Width::byte, bounded),
              ElementsAre(AccessBlock{0, 2, 1}, AccessBlock{2, 1, 1}));
}

TEST(AccessBlocks, WithoutHalfwordAccessesBytesTakeTheirPlace) {
  constexpr AccessLimits old{64, 0, 1024, 1024};
  EXPECT_THAT(cut_into_blocks(sram + 2, 6, Width::automatic, old),
              ElementsAre(AccessBlock{0, 2, 1}, AccessBlock{2, 4, 4}));
  EXPECT_THROW((void)cut_into_blocks(sram, 2, Width::half, old), Error);
}

}  // namespace
}  // namespace flashhost
