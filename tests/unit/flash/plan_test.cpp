#include "test_chip.hpp"

#include <flashhost/error.hpp>

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

namespace flashhost {
namespace {

using ::testing::AllOf;
using testing::filled;
using testing::firmware;
using testing::flash_base;
using ::testing::HasSubstr;
using testing::image_of;
using ::testing::Not;
using testing::small_chip;
using testing::state_of;
using namespace std::chrono_literals;

const PlanOptions defaults{EraseMode::automatic, true, true, flash_base};

Plan plan_of(const Image &image, const DeviceState &state, PlanOptions options = defaults) {
  return make_plan(image, small_chip(), state, options);
}

// "E0 P0400+1024 ..." : erases by sector index, programs by offset and size.
std::string shape(const Plan &plan) {
  std::ostringstream text;
  for (const Step &step : plan.steps) {
    if (text.tellp() > 0) text << ' ';
    switch (step.kind) {
      case StepKind::erase_all:
        text << 'M';
        break;
      case StepKind::erase:
        text << 'E' << (step.sector.address - flash_base) / 1024;
        break;
      case StepKind::program:
        text << 'P' << step.address - flash_base << '+' << step.data.size();
        break;
    }
  }
  return text.str();
}

DeviceState all(Content content, std::size_t count, bool rest_blank = false) {
  DeviceState state;
  state.rest_blank = rest_blank;
  for (std::size_t i = 0; i < count; ++i)
    state.sectors.push_back(state_of(small_chip(), i, content));
  return state;
}

// Sectors 0 and 2 are as they shall be, of sector 1 two words have bits to clear.
DeviceState with_bits_to_clear(bool rest_blank = false) {
  DeviceState state = all(Content::same, 3, rest_blank);
  state.sectors[1].content = Content::clearable;
  state.sectors[1].to_clear = {{flash_base + 1024 + 8, 4}, {flash_base + 1024 + 512, 4}};
  return state;
}

TEST(Plan, ProgramsOnlyWhatHasBitsToClear) {
  const Image image = image_of({{flash_base, firmware(3072)}});
  PlanOptions options = defaults;
  options.guard = false;
  const Plan plan = plan_of(image, with_bits_to_clear(), options);
  EXPECT_EQ(shape(plan), "P1032+4 P1536+4");
  EXPECT_EQ(plan.programmed_bytes, 8U);
  EXPECT_EQ(plan.erased_sectors, 0U);
  EXPECT_EQ(plan.flash_time(), 4 * 50us);
  EXPECT_EQ(plan.floor, 4 * 50us);
  EXPECT_THAT(to_text(plan, small_chip()),
              AllOf(HasSubstr("1 sector  only bits to clear, program without erase\n"),
                    HasSubstr("no erase, 8 bytes programmed")));
}

TEST(Plan, ErasesTheBootSectorThoughItHasOnlyBitsToClear) {
  const Image image = image_of({{flash_base, firmware(3072)}});
  EXPECT_EQ(shape(plan_of(image, with_bits_to_clear())), "E0 P1032+4 P1536+4 P8+1016 P0+8");
  DeviceState state = all(Content::same, 3);
  state.sectors[0].content = Content::clearable;
  state.sectors[0].to_clear = {{flash_base + 8, 4}};
  EXPECT_EQ(shape(plan_of(image, state)), "E0 P8+1016 P0+8");
  // A sector without vectors cannot be booted from.
  const Image data = image_of({{flash_base + 8, firmware(1016)}});
  EXPECT_EQ(shape(plan_of(data, state)), "P8+4");
  Bytes without = firmware(1024);
  std::fill_n(without.begin(), 8, std::uint8_t{0xFF});
  const Plan plan = plan_of(image_of({{flash_base, without}}), state);
  EXPECT_EQ(shape(plan), "P8+4");
  EXPECT_EQ(plan.programmed_bytes, 4U);
}

TEST(Plan, ProgramsAllOfASectorWithBitsToClearAfterAMassErase) {
  const Image image = image_of({{flash_base, firmware(3072)}});
  DeviceState state = with_bits_to_clear(true);
  state.sectors[0].content = state.sectors[2].content = Content::different;
  Chip chip = small_chip();
  chip.mass_erase_typical = 10ms;
  const Plan plan = make_plan(image, chip, state, defaults);
  EXPECT_EQ(shape(plan), "M P1024+2048 P8+1016 P0+8");
  EXPECT_EQ(plan.programmed_bytes, 3072U);
}

TEST(Plan, ErasesTheBootSectorFirstAndProgramsItsVectorsLast) {
  const Image image = image_of({{flash_base, firmware(3072)}});
  EXPECT_EQ(shape(plan_of(image, all(Content::different, 3))), "E0 E1 E2 P1024+2048 P8+1016 P0+8");
}

TEST(Plan, ErasesSmallSectorsTogetherAndThenProgramsThemTogether) {
  const Image image = image_of({{flash_base, filled(8192, 0x11)}});
  DeviceState state = all(Content::different, 8);
  state.sectors[3].content = Content::blank;
  PlanOptions without = defaults;
  without.guard = false;
  EXPECT_EQ(shape(plan_of(image, state, without)), "E0 E1 E2 E4 E5 E6 E7 P0+8192");
  state.sectors[2].content = Content::same;
  EXPECT_EQ(shape(plan_of(image, state, without)), "E0 E1 E4 E5 E6 E7 P0+2048 P3072+5120");
}

TEST(Plan, ErasesAnEqualBootSectorWhenAnythingElseChanges) {
  const Image image = image_of({{flash_base, firmware(2048)}});
  DeviceState state = all(Content::same, 2);
  state.sectors[1].content = Content::different;
  EXPECT_EQ(shape(plan_of(image, state)), "E0 E1 P1024+1024 P8+1016 P0+8");
  PlanOptions without = defaults;
  without.guard = false;
  EXPECT_EQ(shape(plan_of(image, state, without)), "E1 P1024+1024");
}

TEST(Plan, DoesNothingWhenEverythingIsRight) {
  const Image image = image_of({{flash_base, firmware(2048)}});
  const Plan plan = plan_of(image, all(Content::same, 2));
  EXPECT_TRUE(plan.steps.empty());
  EXPECT_EQ(plan.flash_time(), 0ns);
  EXPECT_EQ(plan.floor, 0ns);
}

TEST(Plan, DoesNotEraseWhatIsBlank) {
  const Image image = image_of({{flash_base, firmware(1024)}});
  EXPECT_EQ(shape(plan_of(image, all(Content::blank, 1))), "P8+1016 P0+8");
}

TEST(Plan, TakesAMassEraseOnlyWhenCheaperAndSafe) {
  const Image image = image_of({{flash_base, firmware(2048)}});
  EXPECT_EQ(shape(plan_of(image, all(Content::different, 2, true))), "M P1024+1024 P8+1016 P0+8");
  EXPECT_EQ(shape(plan_of(image, all(Content::different, 2, false))),
            "E0 E1 P1024+1024 P8+1016 P0+8");
  const Image small = image_of({{flash_base, firmware(1024)}});
  EXPECT_EQ(shape(plan_of(small, all(Content::different, 1, true))), "E0 P8+1016 P0+8")
      << "one sector erase is cheaper";
}

TEST(Plan, CountsWhatAMassEraseWouldMakeItProgramAgain) {
  const Image image = image_of({{flash_base + 1024, filled(4096, 1)}});
  DeviceState state;
  state.rest_blank = true;
  for (std::size_t i = 1; i < 5; ++i) {
    state.sectors.push_back(state_of(small_chip(), i, i < 3 ? Content::different : Content::same));
  }
  EXPECT_FALSE(plan_of(image, state).mass_erase) << "40 ms of erasing against 30 ms + 51.2 ms";
}

TEST(Plan, KnowsThatProgrammingMayBeFasterAfterAMassErase) {
  const Image image = image_of({{flash_base, firmware(1024)}});
  Chip chip = small_chip();
  chip.program_after_mass_erase = 25us;
  const Plan plan = make_plan(image, chip, all(Content::different, 1, true), defaults);
  EXPECT_TRUE(plan.mass_erase) << "20 ms + 25.6 ms against 30 ms + 12.8 ms";
  EXPECT_EQ(plan.flash_time(), 42'800us);
  EXPECT_EQ(plan.floor, 42'800us);
}

TEST(Plan, ErasesABlankChipAsAWholeWhereThatMakesProgrammingFaster) {
  Chip chip = small_chip();
  chip.program_after_mass_erase = 1us;
  const DeviceState blank = all(Content::blank, 2, true);
  const Image image = image_of({{flash_base, firmware(2048)}});
  const Plan plan = make_plan(image, chip, blank, defaults);
  EXPECT_EQ(shape(plan), "M P1024+1024 P8+1016 P0+8") << "21 ms against 51.2 ms";
  EXPECT_EQ(plan.floor, plan.flash_time());
  EXPECT_EQ(shape(make_plan(image, chip, all(Content::blank, 2, false), defaults)),
            "P1024+1024 P8+1016 P0+8")
      << "the rest is not blank";
  EXPECT_FALSE(make_plan(image, chip, all(Content::same, 2, true), defaults).mass_erase);

  const Image little = image_of({{flash_base, firmware(600)}});
  PlanOptions options = defaults;
  for (const EraseMode mode : {EraseMode::automatic, EraseMode::mass, EraseMode::sectors}) {
    options.erase = mode;
    EXPECT_FALSE(make_plan(little, chip, all(Content::blank, 1, true), options).mass_erase)
        << "20.3 ms against 15 ms";
  }
}

TEST(Plan, EndsAMassEraseThatWasCutShort) {
  DeviceState state = all(Content::same, 1, true);
  state.mass_erase_cut_short = true;
  const Image image = image_of({{flash_base, firmware(1024)}});
  EXPECT_EQ(shape(plan_of(image, state)), "M P8+1016 P0+8");
}

TEST(Plan, RefusesAMassEraseThatWouldDestroyOtherContent) {
  PlanOptions options = defaults;
  options.erase = EraseMode::mass;
  const Image image = image_of({{flash_base, firmware(2048)}});
  try {
    (void)plan_of(image, all(Content::different, 2, false), options);
    FAIL() << "nothing was thrown";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::refused);
    EXPECT_THAT(error.what(), HasSubstr("would destroy content outside the image"));
  }
}

PlanOptions by_mass_erase() {
  PlanOptions options = defaults;
  options.erase = EraseMode::mass;
  return options;
}

std::pair<std::string, std::string> refusal(const DeviceState &state, const PlanOptions &options) {
  try {
    (void)plan_of(image_of({{flash_base, firmware(2048)}}), state, options);
    return {};
  } catch (const Error &error) {
    return {error.what(), error.hint()};
  }
}

TEST(Plan, SaysWhatToDoAboutAMassEraseThatIsRefused) {
  DeviceState state = all(Content::different, 2, false);
  PlanOptions options = by_mass_erase();
  EXPECT_THAT(refusal(state, options).second, Not(HasSubstr("preserve")));
  options.preserve = false;
  EXPECT_THAT(refusal(state, options).second, HasSubstr("preserve = true"));
  state.content_beyond = true;
  EXPECT_THAT(refusal(state, options).first,
              HasSubstr("beyond the 8 KiB of flash that the chip claims"));
  EXPECT_THAT(refusal(state, options).second, HasSubstr("--flash-size"));
}

// With what the fifth sector held taken in: the image does not touch it.
DeviceState with_the_rest_taken_in(DeviceState state) {
  state.rest_blank = true;
  state.sectors.push_back(state_of(small_chip(), 5, Content::same, filled(1024, 0x22)));
  return state;
}

TEST(Plan, PutsBackWhatAMassEraseClearsOutsideTheImage) {
  const Image image = image_of({{flash_base, firmware(2048)}});
  const DeviceState state = with_the_rest_taken_in(all(Content::different, 2));
  const Plan plan = plan_of(image, state, by_mass_erase());
  EXPECT_EQ(shape(plan), "M P1024+1024 P5120+1024 P8+1016 P0+8");
  ASSERT_EQ(plan.sectors.size(), 3U);
  EXPECT_TRUE(plan.sectors[2].put_back);
  EXPECT_TRUE(plan.sectors[2].keeps);
  EXPECT_EQ(plan.sectors[2].content, filled(1024, 0x22));
  EXPECT_EQ(plan.put_back_bytes, 1024U);
  EXPECT_EQ(plan.programmed_bytes, 3072U);
  EXPECT_EQ(plan.flash_time(), 106'800us);
  EXPECT_EQ(plan.by_sectors, 91'200us);
  EXPECT_EQ(plan.floor, 91'200us);
  EXPECT_FALSE(
      plan_of(image_of({{flash_base, firmware(2048)}}), all(Content::same, 2), by_mass_erase())
          .mass_erase)
      << "nothing to do";
}

TEST(Plan, PuttingBackMayBeTheFastestWay) {
  const Image image = image_of({{flash_base, firmware(5120)}});
  const DeviceState state = with_the_rest_taken_in(all(Content::different, 5));
  const Plan plan = plan_of(image, state, by_mass_erase());
  EXPECT_EQ(plan.flash_time(), 183'600us);
  EXPECT_EQ(plan.by_sectors, 228ms);
  EXPECT_EQ(plan.floor, plan.flash_time());
}

// Otherwise a power loss could leave a boot loader that starts half of what belongs to it.
TEST(Plan, PutsBackTheVectorsOfTheBootSectorLast) {
  const std::uint32_t app = flash_base + 4096;
  const Image image = image_of({{app, firmware(2048, app)}});
  DeviceState state;
  state.rest_blank = true;
  state.sectors = {state_of(small_chip(), 0, Content::same, firmware(1024)),
                   state_of(small_chip(), 1, Content::same, filled(1024, 0x33)),
                   state_of(small_chip(), 4, Content::different),
                   state_of(small_chip(), 5, Content::different)};
  EXPECT_EQ(shape(plan_of(image, state, by_mass_erase())), "M P1024+1024 P4096+2048 P8+1016 P0+8");
  PlanOptions without = by_mass_erase();
  without.guard = false;
  EXPECT_EQ(shape(plan_of(image, state, without)), "M P0+2048 P4096+2048");
}

TEST(Plan, PutsBackTheVectorsLastAlsoWhereItCompletesAnInterruptedMassErase) {
  const std::uint32_t app = flash_base + 4096;
  const Image image = image_of({{app, firmware(1024, app)}});
  DeviceState state;
  state.rest_blank = true;
  state.mass_erase_begun = true;
  state.sectors = {state_of(small_chip(), 0, Content::different, firmware(1024)),
                   state_of(small_chip(), 1, Content::same, filled(1024, 0x33)),
                   state_of(small_chip(), 4, Content::same)};
  state.sectors[0].found = filled(1024, 0xFF);
  EXPECT_EQ(shape(plan_of(image, state, by_mass_erase())), "E0 P8+1016 P0+8");
  state.sectors[2].content = Content::different;
  EXPECT_EQ(shape(plan_of(image, state)), "E0 E4 P4096+1024 P8+1016 P0+8");
}

TEST(Plan, DoesAMassEraseThatWasBegunAgainOnlyWhereThatIsCheaper) {
  const Image image = image_of({{flash_base, firmware(2048)}});
  DeviceState state = all(Content::different, 2, true);
  state.mass_erase_begun = true;
  EXPECT_EQ(shape(plan_of(image, state, by_mass_erase())), "M P1024+1024 P8+1016 P0+8");
  state.sectors[1].content = Content::same;
  EXPECT_EQ(shape(plan_of(image, state, by_mass_erase())), "E0 P8+1016 P0+8");
  state.rest_blank = false;
  EXPECT_EQ(shape(plan_of(image, state, by_mass_erase())), "E0 P8+1016 P0+8")
      << "somebody has written there since; nothing of it is lost";
}

TEST(Plan, KeepsTheBytesAroundTheImage) {
  const Image image = image_of({{flash_base + 1024 + 100, filled(10, 0x11)}});
  const Bytes old = filled(1024, 0x22);
  DeviceState state;
  state.sectors = {state_of(small_chip(), 1, Content::different, old)};
  const Plan plan = plan_of(image, state);
  ASSERT_EQ(plan.sectors.size(), 1U);
  EXPECT_TRUE(plan.sectors[0].keeps);
  Bytes expected = old;
  std::fill_n(expected.begin() + 100, 10, std::uint8_t{0x11});
  EXPECT_EQ(plan.sectors[0].content, expected);
  EXPECT_EQ(shape(plan), "E1 P1024+1024");
}

TEST(Plan, LeavesOutRunsOfErasedBytes) {
  Bytes data = filled(1024, 0xFF);
  data[0] = 1;
  data[500] = 2;
  data[530] = 3;
  const Image image = image_of({{flash_base + 1024, data}});
  DeviceState state;
  state.sectors = {state_of(small_chip(), 1, Content::different)};
  EXPECT_EQ(shape(plan_of(image, state)), "E1 P1024+4 P1524+32");
}

TEST(Plan, OfAnImageThatIsAllErasedOnlyErases) {
  const Image image = image_of({{flash_base + 1024, filled(1024, 0xFF)}});
  DeviceState state;
  state.sectors = {state_of(small_chip(), 1, Content::different)};
  EXPECT_EQ(shape(plan_of(image, state)), "E1");
}

TEST(Plan, OfAnOddImageProgramsWholeUnits) {
  const Image image = image_of({{flash_base + 1024 + 3, {1}}});
  DeviceState state;
  state.sectors = {state_of(small_chip(), 1, Content::blank)};
  const Plan plan = plan_of(image, state);
  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_EQ(plan.steps[0].data, (Bytes{0xFF, 0xFF, 0xFF, 1}));
  EXPECT_EQ(plan.programmed_bytes, 2U);
}

TEST(Plan, GuardsTheApplicationBehindABootLoader) {
  const std::uint32_t app = flash_base + 4096;
  const Image image = image_of({{app, firmware(2048, app)}});
  DeviceState state;
  state.sectors = {state_of(small_chip(), 4, Content::different),
                   state_of(small_chip(), 5, Content::different)};
  EXPECT_EQ(shape(plan_of(image, state)), "E4 E5 P5120+1024 P4104+1016 P4096+8");
}

TEST(Plan, HasNoGuardForData) {
  const Image image = image_of({{flash_base + 4096, filled(2048, 0x55)}});
  DeviceState state;
  state.sectors = {state_of(small_chip(), 4, Content::different),
                   state_of(small_chip(), 5, Content::different)};
  EXPECT_EQ(shape(plan_of(image, state)), "E4 E5 P4096+2048");
}

TEST(Plan, NeverTouchesABootSectorWhoseVectorsTheImageDoesNotCover) {
  const Image image = image_of({{flash_base + 512, filled(512, 0x55)}});
  DeviceState state;
  state.sectors = {state_of(small_chip(), 0, Content::different, filled(1024, 0x11))};
  const Plan plan = plan_of(image, state);
  EXPECT_FALSE(plan.sectors[0].guarded);
}

TEST(Plan, ProgramsEachEccUnitAsAWholeAndOnce) {
  Chip chip = small_chip();
  chip.program_unit = 8;
  chip.ecc_unit = 32;
  const Image image = image_of({{flash_base, firmware(100)}, {flash_base + 1000, filled(2, 0x55)}});
  const Plan plan = make_plan(image, chip, all(Content::different, 1), defaults);
  EXPECT_EQ(shape(plan), "E0 P32+96 P992+32 P0+32");
  EXPECT_EQ(plan.programmed_bytes, 160U);
  EXPECT_EQ(plan.program_time, 20 * chip.program_typical);
}

TEST(Plan, CountsTimesAsTheDatasheetDoes) {
  Bytes data = firmware(1024);
  std::fill(data.begin() + 512, data.end(), std::uint8_t{0xFF});
  const Plan plan = plan_of(image_of({{flash_base, data}}), all(Content::different, 1));
  EXPECT_EQ(plan.erase_time, 20ms);
  EXPECT_EQ(plan.program_time, 256 * 50us);
  EXPECT_EQ(plan.floor, plan.flash_time());
  EXPECT_EQ(plan.programmed_bytes, 512U);
}

TEST(Plan, FloorIsTheCheapestAdmissiblePlanEvenWhenAnotherIsForced) {
  PlanOptions options = defaults;
  options.erase = EraseMode::sectors;
  const Plan plan =
      plan_of(image_of({{flash_base, firmware(8192)}}), all(Content::different, 8, true), options);
  EXPECT_EQ(plan.erase_time, 160ms);
  EXPECT_EQ(plan.floor, plan.flash_time() - 130ms);
}

// The steps of a plan, applied to the flash, give the content that it promises: for every kind of
// state.
TEST(Plan, StepsProduceTheContent) {
  const Chip chip = small_chip();
  const Image image =
      image_of({{flash_base, firmware(1500)}, {flash_base + 3000, filled(900, 0x77)}});
  for (int kind = 0; kind < 16; ++kind) {
    Bytes flash = filled(8192, kind % 2 == 0 ? 0xFF : 0x13);
    DeviceState state;
    state.rest_blank = kind % 2 == 0;
    for (const Sector &sector : touched_sectors(image, chip)) {
      const auto begin = flash.begin() + (sector.address - flash_base);
      Bytes old(begin, begin + 1024);
      const bool covered = image.covers(sector.range());
      state.sectors.push_back({sector,
                               kind % 2 == 0 ? Content::blank : Content::different,
                               0,
                               covered ? Bytes{} : std::move(old),
                               {}});
    }
    PlanOptions options = defaults;
    options.guard = (kind & 2) != 0;
    options.erase = (kind & 4) != 0 ? EraseMode::sectors : EraseMode::automatic;
    const Plan plan = make_plan(image, chip, state, options);
    for (const Step &step : plan.steps) {
      if (step.kind == StepKind::erase_all)
        std::fill(flash.begin(), flash.end(), std::uint8_t{0xFF});
      if (step.kind == StepKind::erase) {
        std::fill_n(flash.begin() + (step.sector.address - flash_base), 1024, std::uint8_t{0xFF});
      }
      for (std::size_t i = 0; i < step.data.size(); ++i) {
        std::uint8_t &cell = flash[step.address - flash_base + i];
        EXPECT_TRUE(cell == 0xFF || step.data[i] == cell) << "programs a cell twice";
        cell = step.data[i];
      }
    }
    for (const SectorPlan &sector : plan.sectors) {
      const auto begin = flash.begin() + (sector.sector.address - flash_base);
      EXPECT_EQ(Bytes(begin, begin + 1024), sector.content) << kind;
    }
  }
}

// Golden texts: tests/golden/plan/<name>.txt. FLASHHOST_UPDATE_GOLDEN=1 writes them.
void expect_golden(const std::string &name, const std::string &text) {
  const std::string file = std::string(GOLDEN_DIRECTORY) + "/" + name + ".txt";
  if (std::getenv("FLASHHOST_UPDATE_GOLDEN") != nullptr) std::ofstream(file) << text;
  std::ifstream stream(file);
  std::stringstream golden;
  golden << stream.rdbuf();
  EXPECT_EQ(text, golden.str()) << file;
}

TEST(PlanText, OfAFirmwareOverAnother) {
  const Image image = image_of({{flash_base, firmware(6144)}});
  expect_golden("sectors", to_text(plan_of(image, all(Content::different, 6)), small_chip()));
  expect_golden("mass", to_text(plan_of(image, all(Content::different, 6, true)), small_chip()));
}

TEST(PlanText, OfAMassEraseThatPutsBack) {
  const auto expect_plan = [](const char *name, std::uint32_t size, std::size_t sectors) {
    const Image image = image_of({{flash_base, firmware(size)}});
    const Plan plan =
        plan_of(image, with_the_rest_taken_in(all(Content::different, sectors)), by_mass_erase());
    expect_golden(name, to_text(plan, small_chip()) + mass_erase_text(plan) + "\n");
  };
  expect_plan("put-back", 5120, 5);
  expect_plan("put-back-slower", 2048, 2);
}

TEST(PlanText, OfAMassEraseThatWasAskedForSaysWhatIsFaster) {
  const Image little = image_of({{flash_base, firmware(1024)}});
  const Plan slower = plan_of(little, all(Content::different, 1, true), by_mass_erase());
  EXPECT_EQ(
      mass_erase_text(slower),
      "the mass erase was asked for: 55.6 ms of flash time; sector erases would take 45.6 ms, "
      "so erase = \"auto\" is faster");
  const Image image = image_of({{flash_base, firmware(2048)}});
  EXPECT_EQ(mass_erase_text(plan_of(image, all(Content::different, 2, true), by_mass_erase())), "");
  EXPECT_EQ(mass_erase_text(plan_of(image, all(Content::different, 2, true))), "");
}

TEST(PlanText, OfNothingToDo) {
  const Image image = image_of({{flash_base, firmware(2048)}});
  expect_golden("nothing", to_text(plan_of(image, all(Content::same, 2)), small_chip()));
}

TEST(PlanText, OfAMixture) {
  const Image image = image_of({{flash_base, firmware(4096)}, {flash_base + 6144, filled(100, 1)}});
  DeviceState state = all(Content::same, 4);
  state.sectors[2].content = Content::different;
  state.sectors[3].content = Content::blank;
  state.sectors.push_back(state_of(small_chip(), 6, Content::different, filled(1024, 0x22)));
  expect_golden("mixture", to_text(plan_of(image, state), small_chip()));
}

TEST(PlanText, OfABlankChip) {
  const Image image = image_of({{flash_base, firmware(1024)}});
  expect_golden("blank", to_text(plan_of(image, all(Content::blank, 1)), small_chip()));
}

TEST(Plan, ErasesTheBootSectorFirstWhenEverythingIsToBeErased) {
  const Image image = image_of({{flash_base, filled(3072, 0xFF)}});
  EXPECT_EQ(shape(plan_of(image, all(Content::different, 3))), "E0 E1 E2");
}

TEST(Plan, LeavesABlankBootSectorAloneWhenTheRestIsToBeErased) {
  const Image image = image_of({{flash_base, filled(3072, 0xFF)}});
  DeviceState state = all(Content::different, 3);
  state.sectors[0].content = Content::same;
  EXPECT_EQ(shape(plan_of(image, state)), "E1 E2");
}

}  // namespace
}  // namespace flashhost
