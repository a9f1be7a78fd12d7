#include "test_chip.hpp"

#include <flashhost/error.hpp>

#include <gmock/gmock.h>

namespace flashhost {
namespace {

using testing::filled;
using testing::flash_base;
using ::testing::HasSubstr;
using testing::image_of;
using testing::small_chip;

ImageFile file(const std::string &name, std::vector<Segment> segments) {
  return {name, {std::move(segments), std::nullopt}};
}

std::string message_of(const std::function<void()> &action, Errc code = Errc::image) {
  try {
    action();
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), code);
    EXPECT_FALSE(error.hint().empty());
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

TEST(Merge, KeepsSegmentsSortedAndTheirOrigin) {
  const Image image = merge({file("b.hex", {{0x200, {3}}}), file("a.hex", {{0x100, {1, 2}}})});
  EXPECT_EQ(image,
            (Image{{{0x100, {1, 2}}, {0x200, {3}}}, {"b.hex", "a.hex"}, {{0x100, 1}, {0x200, 0}}}));
}

TEST(Merge, AllowsFilesToAgree) {
  const Image image =
      merge({file("a.hex", {{0x100, {1, 2, 3, 4}}}), file("b.hex", {{0x102, {3, 4, 5, 6}}})});
  EXPECT_EQ(image.size(), 6U);
  EXPECT_EQ(image,
            (Image{{{0x100, {1, 2, 3, 4, 5, 6}}}, {"a.hex", "b.hex"}, {{0x100, 0}, {0x104, 1}}}));
}

TEST(Merge, FillsTheGapsOfAnEarlierFileFromALaterOne) {
  const Image image = merge({file("a.hex", {{0x100, {1}}, {0x104, {5}}}),
                             file("b.hex", {{0x0FE, {8, 9, 1, 2, 3, 4, 5, 6}}})});
  EXPECT_EQ(image.segments, (std::vector<Segment>{{0x0FE, {8, 9, 1, 2, 3, 4, 5, 6}}}));
  EXPECT_TRUE(image.covers({0x0FE, 8}));
}

TEST(Merge, NamesBothFilesAndTheFirstAddressThatDiffers) {
  EXPECT_EQ(message_of([] {
              (void)merge({file("boot.hex", {{0x08000000, {1, 2, 3}}}),
                           file("app.hex", {{0x08000001, {2, 9}}})});
            }),
            "boot.hex and app.hex both cover 0x08000002 and differ there: 0x03 and 0x09");
}

// The first file in the list is named first, wherever the files start.
TEST(Merge, NamesTheLowestAddressOfSeveralThatDiffer) {
  EXPECT_EQ(message_of([] {
              (void)merge({file("long.hex", {{0x100, Bytes(100, 1)}}),
                           file("late.hex", {{0x110, {1, 1, 1, 1, 1, 1, 1, 9}}}),
                           file("early.hex", {{0x112, {1, 8}}})});
            }),
            "long.hex and early.hex both cover 0x00000113 and differ there: 0x01 and 0x08");
  EXPECT_EQ(message_of([] {
              (void)merge({file("second.hex", {{0x200, {1}}, {0x300, {3, 4}}}),
                           file("first.hex", {{0x100, {1}}, {0x2FF, {2, 3, 5}}})});
            }),
            "second.hex and first.hex both cover 0x00000301 and differ there: 0x04 and 0x05");
}

TEST(Merge, NamesTheFileThatAByteCameFromWhenThreeMeet) {
  EXPECT_EQ(message_of([] {
              (void)merge({file("a.hex", {{0x100, {1, 2}}}), file("b.hex", {{0x102, {3, 4}}}),
                           file("c.hex", {{0x100, {1, 2, 3, 5}}})});
            }),
            "b.hex and c.hex both cover 0x00000103 and differ there: 0x04 and 0x05");
}

TEST(Merge, JoinsBytesThatFollowEachOtherWhicheverFileTheyComeFrom) {
  const Image image = merge({file("even.hex", {{0, {0}}, {2, {2}}, {4, {4}}}),
                             file("odd.hex", {{1, {1}}, {3, {3}}, {7, {7}}})});
  EXPECT_EQ(image.segments, (std::vector<Segment>{{0, {0, 1, 2, 3, 4}}, {7, {7}}}));
  EXPECT_EQ(image.origin_at(2)->file, 0U);
  EXPECT_EQ(image.origin_at(3)->file, 1U);
  EXPECT_EQ(image.origin_at(7)->file, 1U);
}

TEST(Merge, EndsWhenAStopWasAskedFor) {
  std::stop_source source;
  source.request_stop();
  try {
    (void)merge({file("a.hex", {{0, {0}}})}, source.get_token());
    FAIL() << "nothing was thrown";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::interrupted);
  }
}

TEST(Image, KnowsWhatItTouchesAndCoversAtTheEdges) {
  const Image image = merge({file("a.hex", {{0x100, {1, 2}}, {0x104, {3}}})});
  EXPECT_FALSE(image.touches({0xFF, 1}));
  EXPECT_TRUE(image.touches({0xFF, 2}));
  EXPECT_TRUE(image.touches({0x101, 1}));
  EXPECT_FALSE(image.touches({0x102, 2}));
  EXPECT_TRUE(image.touches({0x102, 3}));
  EXPECT_FALSE(image.touches({0x105, 100}));
  EXPECT_TRUE(image.covers({0x100, 2}));
  EXPECT_FALSE(image.covers({0x100, 3}));
  EXPECT_FALSE(image.covers({0xFF, 2}));
  EXPECT_FALSE(image.covers({0x101, 4}));
  EXPECT_EQ(image.in({0x101, 4}), (std::vector<Segment>{{0x101, {2}}, {0x104, {3}}}));
  EXPECT_TRUE(image.in({0x102, 2}).empty());
}

TEST(Merge, OfNothingIsEmpty) {
  EXPECT_EQ(merge({}).size(), 0U);
  EXPECT_EQ(merge({file("empty.bin", {})}).size(), 0U);
}

TEST(Merge, WorksUpToTheEndOfTheAddressSpace) {
  const Image image = merge({file("a", {{0xFFFFFFFE, {1, 2}}}), file("b", {{0xFFFFFFFF, {2}}})});
  EXPECT_EQ(image.size(), 2U);
}

TEST(CheckFits, AcceptsAnImageThatFillsTheFlash) {
  EXPECT_NO_THROW(check_fits(image_of({{flash_base, filled(8192, 1)}}), small_chip()));
}

TEST(CheckFits, NamesAnImageThatIsTooLong) {
  const auto text =
      message_of([] { check_fits(image_of({{flash_base + 8000, filled(193, 1)}}), small_chip()); });
  EXPECT_THAT(text, HasSubstr("app.hex: 0x08001f40..0x08002000 does not fit: TEST8K has 8 KiB"));
}

TEST(CheckFits, NamesOfTwoFilesThatMeetTheOneThatIsTooLong) {
  const auto text = message_of([] {
    check_fits(merge({file("boot.hex", {{flash_base, filled(4096, 1)}}),
                      file("app.hex", {{flash_base + 4096, filled(5000, 2)}})}),
               small_chip());
  });
  EXPECT_THAT(text, HasSubstr("app.hex: 0x08001000..0x08002387 does not fit: TEST8K has 8 KiB"));
}

TEST(CheckFits, NamesAnImageOutsideTheFlash) {
  for (const std::uint32_t address : {0x00000000U, 0x07FFFFFFU, 0x08002000U, 0x30000000U}) {
    EXPECT_THAT(message_of([&] { check_fits(image_of({{address, filled(1, 1)}}), small_chip()); }),
                HasSubstr("does not fit"));
  }
}

Chip chip_with_a_row_and_an_alias() {
  Chip chip = small_chip();
  Chip row;
  row.flash = {0x09000000, 1024};
  chip.further_flash = {row};
  chip.aliases = {{{0, 4096}, flash_base + 1024}};
  return chip;
}

TEST(CheckFits, TakesWhatLiesInFurtherFlash) {
  const Chip chip = chip_with_a_row_and_an_alias();
  check_fits(image_of({{flash_base, filled(100, 1)}, {0x09000000, filled(1024, 2)}}), chip);
  const std::string text = message_of([&] {
    check_fits(image_of({{flash_base, filled(100, 1)}, {0x09000004, filled(1024, 2)}}), chip);
  });
  EXPECT_THAT(text, HasSubstr("app.hex: 0x09000004..0x09000403 does not fit: TEST8K has 8 KiB of "
                              "flash at 0x08000000..0x08001fff, and 1 KiB of flash at "
                              "0x09000000..0x090003ff"));
}

TEST(CheckFits, TakesASegmentThatGoesOnInTheNextFlash) {
  Chip chip = chip_with_a_row_and_an_alias();
  chip.further_flash.front().flash.address = flash_base + 8 * 1024;
  check_fits(image_of({{flash_base + 8000, filled(1000, 1)}}), chip);
}

TEST(WithoutAliases, MovesWhatLiesInAnAliasAndOnlyThat) {
  const Image image =
      without_aliases(merge({{"a.hex", {{{0x10, {1, 2}}, {4094, {3, 4, 5, 6}}}, {}}},
                             {"b.hex", {{{0x12, {7}}, {flash_base, {8}}}, {}}}}),
                      chip_with_a_row_and_an_alias());
  EXPECT_EQ(image.segments, (std::vector<Segment>{{4096, {5, 6}},
                                                  {flash_base, {8}},
                                                  {flash_base + 1024 + 0x10, {1, 2, 7}},
                                                  {flash_base + 1024 + 4094, {3, 4}}}));
  EXPECT_EQ(image.files[image.origin_at(flash_base + 1024 + 0x11)->file], "a.hex");
  EXPECT_EQ(image.files[image.origin_at(flash_base + 1024 + 0x12)->file], "b.hex");
}

TEST(WithoutAliases, RefusesOtherBytesForTheSameMemory) {
  const Chip chip = chip_with_a_row_and_an_alias();
  const auto both = [](std::uint8_t value) {
    return merge({{"a.hex", {{{0x10, {1, 2}}}, {}}},
                  {"b.hex", {{{flash_base + 1024 + 0x11, {value}}}, {}}}});
  };
  EXPECT_EQ(without_aliases(both(2), chip).segments,
            (std::vector<Segment>{{flash_base + 1024 + 0x10, {1, 2}}}));
  EXPECT_THAT(message_of([&] { static_cast<void>(without_aliases(both(3), chip)); }),
              HasSubstr("a.hex and b.hex both cover 0x08000411 and differ there: 0x02 and 0x03"));
}

TEST(ImagePart, IsWhatLiesInTheRange) {
  const Image image = image_of({{0x100, {1, 2, 3, 4}}, {0x200, {5}}});
  EXPECT_EQ(image.part({0x102, 0x50}).segments, (std::vector<Segment>{{0x102, {3, 4}}}));
  EXPECT_EQ(image.part({0x102, 0x50}).files, image.files);
}

TEST(CheckFits, NamesAnImageForTheRam) {
  EXPECT_THAT(message_of([&] { check_fits(image_of({{0x20000000, filled(1, 1)}}), small_chip()); }),
              HasSubstr("0x20000000..0x20000000 lies in the RAM of TEST8K"));
}

TEST(CheckFits, NamesOptionBytes) {
  EXPECT_THAT(message_of([] { check_fits(image_of({{0x1FFFF800, filled(16, 1)}}), small_chip()); }),
              HasSubstr("lies in the option bytes of TEST8K"));
}

TEST(CheckFits, DoesNotOverflowAtTheEndOfTheAddressSpace) {
  EXPECT_THAT(message_of([] { check_fits(image_of({{0xFFFFFFFF, filled(1, 1)}}), small_chip()); }),
              HasSubstr("does not fit"));
}

}  // namespace
}  // namespace flashhost
