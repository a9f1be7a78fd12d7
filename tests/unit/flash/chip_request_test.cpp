// The host compares the chip that is there with what the board file asks for.
#include "flash/chip_request.hpp"

#include "../sdk/fake_probe.hpp"

#include <flashhost/error.hpp>

#include <gmock/gmock.h>

#include <functional>

namespace flashhost {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint32_t kib = 1024;

// Of a die of 128 KiB in sectors of 1 KiB.
Chip chip_of(std::uint32_t device_id, std::uint32_t size, std::uint32_t ram) {
  Chip chip;
  chip.die = "small die";
  chip.device_id = device_id;
  chip.flash.address = 0x08000000;
  for (std::uint32_t at = 0; at < 128 * kib; at += kib) {
    chip.die_sectors.push_back({chip.flash.address + at, kib, 20ms, 40ms});
  }
  set_flash_size(chip, size);
  chip.die_flash_size = 128 * kib;
  chip.boot_address = chip.flash.address;
  chip.ram = {0x20000000, ram};
  return chip;
}

class FakeFamily final : public Family {
 public:
  explicit FakeFamily(std::string prefix) : prefix_(std::move(prefix)) {}
  [[nodiscard]] std::vector<Part> parts() const override {
    return {{prefix_ + "[AB]6", chip_of(1, 64 * kib, 20 * kib)},
            {prefix_ + "[AB]9", chip_of(1, 128 * kib, 20 * kib)},
            {prefix_ + "Z9", chip_of(2, 128 * kib, 20 * kib)}};
  }
  [[nodiscard]] Identity identify(ProbeReader & /*probe*/) override { return answer; }
  [[nodiscard]] LoaderCode loader(const Chip & /*chip*/) const override { return {}; }

  Identity answer{{}, "ID 0x00000000"};

 private:
  std::string prefix_;
};

class ChipRequestTest : public testing::Test {
 protected:
  void found(std::uint32_t size, std::uint32_t device_id = 1) {
    Chip chip = chip_of(device_id, size, 16 * kib);
    chip.name = "Px6";
    first_->answer = {std::move(chip), "ID 0x00000001"};
  }
  void doubted(std::uint32_t size) {
    found(size);
    first_->answer.chip->size_doubt = {"the size register reads 0x2d28",
                                       "the smallest of the line"};
  }
  Chip identified(const ChipRequest &request) {
    return identify_chip(probe_, families_, request).chip;
  }
  Error failure_of(const ChipRequest &request) {
    try {
      (void)identified(request);
    } catch (const Error &error) {
      return error;
    }
    return {Errc::internal, "nothing was thrown"};
  }

  fake::Probe probe_;
  std::shared_ptr<FakeFamily> first_ = std::make_shared<FakeFamily>("P");
  std::shared_ptr<FakeFamily> second_ = std::make_shared<FakeFamily>("Q");
  std::vector<NamedFamily> families_{{"one", first_}, {"two", second_}};
};

TEST_F(ChipRequestTest, WithoutARequestTheChipIsAsIdentified) {
  found(64 * kib);
  const IdentifiedChip chip = identify_chip(probe_, families_, {});
  EXPECT_EQ(chip.family, &families_.front());
  EXPECT_EQ(chip.chip, *first_->answer.chip);
}

TEST_F(ChipRequestTest, ANamedChipHasTheNameAndTheRamOfThatPart) {
  found(64 * kib);
  const Chip chip = identified({"pa6t6", {}});
  EXPECT_EQ(chip.name, "PA6");
  EXPECT_EQ(chip.ram.size, 20 * kib);
  EXPECT_THAT(chip.remarks, IsEmpty());
}

TEST_F(ChipRequestTest, AnotherDieThanTheBoardFileSaysIsNamed) {
  found(128 * kib, 2);
  const Error error = failure_of({"PA6", {}});
  EXPECT_EQ(error.code(), Errc::refused);
  EXPECT_EQ(error.cause(), Cause::wrong_chip);
  EXPECT_STREQ(error.what(),
               "PA6 (device id 0x001) is asked for, but the chip is Px6 "
               "(small die): ID 0x00000001, ID 0x00000000");
}

TEST_F(ChipRequestTest, AChipOfAnotherFamilyThanTheBoardFileSaysIsNamed) {
  found(64 * kib);
  EXPECT_STREQ(failure_of({"QA6", {}}).what(),
               "QA6 (device id 0x001) is asked for, but the chip is Px6 (small die): "
               "ID 0x00000001, ID 0x00000000");
}

TEST_F(ChipRequestTest, AChipThatNoFamilyKnowsIsToldByWhatItSaysOfItself) {
  EXPECT_STREQ(failure_of({"QA6", {}}).what(),
               "QA6 (device id 0x001) is asked for, but the chip is none that family two "
               "knows: ID 0x00000000");
  EXPECT_EQ(failure_of({}).code(), Errc::refused);
  EXPECT_STREQ(failure_of({}).what(),
               "the chip is not one of the installed families (one, two): ID 0x00000000");
}

TEST_F(ChipRequestTest, AChipThatTwoFamiliesClaimIsNoneOfEither) {
  found(64 * kib);
  second_->answer = first_->answer;
  EXPECT_EQ(failure_of({}).code(), Errc::refused);
  EXPECT_STREQ(failure_of({}).what(), "the families one and two both claim this chip");
}

TEST_F(ChipRequestTest, ANameThatNoFamilyKnowsIsAnErrorOfTheBoardFile) {
  const Error error = failure_of({"NOSUCH", {}});
  EXPECT_EQ(error.code(), Errc::config);
  EXPECT_STREQ(error.what(),
               "none of the installed families (one, two) knows a chip named \"NOSUCH\"");
}

TEST_F(ChipRequestTest, LessFlashThanTheBoardFileSaysIsAnError) {
  found(64 * kib);
  const Error error = failure_of({"PA9", {}});
  EXPECT_EQ(error.code(), Errc::refused);
  EXPECT_STREQ(error.what(), "PA9 with 128 KiB of flash is asked for, but the chip reports 64 KiB");
  EXPECT_THAT(error.hint(), HasSubstr("flash_size = \"128K\""));
}

TEST_F(ChipRequestTest, MoreFlashThanTheBoardFileSaysIsNotUsed) {
  found(128 * kib);
  const Chip chip = identified({"PA6", {}});
  EXPECT_EQ(chip.flash.size, 64 * kib);
  EXPECT_EQ(chip.sectors.size(), 64U);
  EXPECT_EQ(chip.die_flash_size, 128 * kib);
  EXPECT_THAT(chip.remarks, IsEmpty());
}

TEST_F(ChipRequestTest, TheSizeOfTheBoardFileIsHonouredUpToWhatTheDieHolds) {
  found(64 * kib);
  EXPECT_EQ(identified({"PA6", 128 * kib}).sectors.size(), 128U);
  for (const std::uint32_t size : {0U, 256 * kib, 1000U}) {
    const Error error = failure_of({{}, size});
    EXPECT_EQ(error.code(), Errc::refused);
    EXPECT_THAT(error.what(), HasSubstr("cannot be right: the small die holds at most 128 KiB"));
  }
}

TEST_F(ChipRequestTest, ADoubtfulSizeIsReplacedByThatOfTheNamedPart) {
  doubted(64 * kib);
  const Chip chip = identified({"PA9", {}});
  EXPECT_EQ(chip.flash.size, 128 * kib);
  EXPECT_THAT(chip.remarks,
              ElementsAre(HasSubstr("the size register reads 0x2d28; taken as 128 KiB because PA9 "
                                    "is asked for")));
}

TEST_F(ChipRequestTest, ADoubtfulSizeWithoutANameIsSaidWithHowItWasFound) {
  doubted(64 * kib);
  EXPECT_THAT(identified({}).remarks,
              ElementsAre(HasSubstr("the size register reads 0x2d28; taken as 64 KiB, the smallest "
                                    "of the line; --chip or --flash-size")));
}

TEST_F(ChipRequestTest, ADoubtfulSizeYieldsToTheBoardFilesWithoutARemark) {
  doubted(64 * kib);
  const Chip chip = identified({{}, 128 * kib});
  EXPECT_EQ(chip.flash.size, 128 * kib);
  EXPECT_THAT(chip.remarks, IsEmpty());
}

TEST_F(ChipRequestTest, ALimitHoldsUnlessTheBoardFileSaysASize) {
  found(128 * kib);
  first_->answer.chip->size_limit = {64 * kib, "only half is used"};
  EXPECT_EQ(identified({"PA9", {}}).flash.size, 64 * kib);
  EXPECT_THAT(identified({}).remarks, ElementsAre("only half is used"));
  const Chip chip = identified({{}, 128 * kib});
  EXPECT_EQ(chip.flash.size, 128 * kib);
  EXPECT_THAT(chip.remarks, IsEmpty());
}

TEST_F(ChipRequestTest, ABootSectorThatIsCutOffIsNotBootedFrom) {
  found(128 * kib);
  first_->answer.chip->boot_address = 0x08000000 + 64 * kib;
  EXPECT_EQ(identified({}).boot_address, 0x08000000 + 64 * kib);
  EXPECT_EQ(identified({"PA6", {}}).boot_address, 0x08000000U);
}

TEST_F(ChipRequestTest, APartIsKnownWithoutAProbeWithTheSizeThatIsAskedFor) {
  const auto part = requested_part(families_, {"PA6", 128 * kib});
  ASSERT_TRUE(part);
  EXPECT_EQ(part->chip.flash.size, 128 * kib);
  EXPECT_EQ(part->family, &families_.front());
  EXPECT_FALSE(requested_part(families_, {}));
  EXPECT_THROW((void)requested_part(families_, {"PA6", 256 * kib}), Error);
}

}  // namespace
}  // namespace flashhost
