// STM32F0 and F3 are known by the ids of their dies, each by its own family alone.
#include "sim_board.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using namespace flashhost::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char *clone = "STM32F030R8CLONE";

// Of the model, without the clone.
template <class Family>
std::vector<std::string> genuine_parts() {
  std::vector<std::string> all = parts_of("STM32" + std::string(Family::name));
  std::erase(all, clone);
  return all;
}

template <class Family>
class F0F3OnTheModel : public testing::Test {};
struct NameOfFamily {
  template <class Family>
  static std::string GetName(int /*index*/) {
    return Family::name;
  }
};
using BothFamilies = testing::Types<fake::F0, fake::F3>;
TYPED_TEST_SUITE(F0F3OnTheModel, BothFamilies, NameOfFamily);

TYPED_TEST(F0F3OnTheModel, EachPartIsIdentifiedAsItsDieWithItsSectors) {
  ASSERT_GE(genuine_parts<TypeParam>().size(), 13U);
  for (const std::string &name : genuine_parts<TypeParam>()) {
    SCOPED_TRACE(name);
    SimBoardOf<TypeParam> board(name);
    const Chip chip = board.identified();
    EXPECT_EQ(chip.device_id, board.chip.device_id);
    EXPECT_EQ(chip.sectors, board.chip.sectors);
    EXPECT_EQ(chip.flash.size, test::flash_size(name));
    EXPECT_EQ(chip.ram.size, board.chip.ram.size);
    EXPECT_EQ(chip.unique_id.size(), 12U);
    EXPECT_THAT(chip.remarks, IsEmpty());
    EXPECT_EQ(chip.boot_address, chip.flash.address);
  }
}

TYPED_TEST(F0F3OnTheModel, NoOtherFamilyClaimsThem) {
  for (const std::string &name : genuine_parts<TypeParam>()) {
    SimBoardOf<TypeParam> board(name);
    int claims = 0;
    for (const f1::Series series : {f1::Series::f0, f1::Series::f1, f1::Series::f3}) {
      claims += f1::identify(series, board.probe).chip ? 1 : 0;
    }
    EXPECT_EQ(claims, 1) << name;
    EXPECT_FALSE(f4::identify(board.probe).chip) << name;
  }
}

TYPED_TEST(F0F3OnTheModel, ClaimsNoChipOfOthers) {
  for (const char *name : {"STM32F103CB", "STM32F407VG", "STM32F411CE"}) {
    fake::LogHost host;
    sim::SimProbe probe(host, sim_settings(name, {}), swd_speed);
    probe.attach(AttachMode::attach);
    EXPECT_FALSE(TypeParam::identify(probe).chip) << name;
  }
}

TYPED_TEST(F0F3OnTheModel, ASizeRegisterThatIsWrongIsDoubted) {
  SimBoardOf<TypeParam> board(TypeParam::usual_part, {"flash_size_register=FFFF"});
  EXPECT_THAT(board.identified().size_doubt.value_or(SizeDoubt{}).reason,
              HasSubstr("reads 0xffff"));
}

TYPED_TEST(F0F3OnTheModel, PrepareFreezesTheWatchdogsAndUndoPutsAllBack) {
  const bool is_f0 = std::string(TypeParam::name) == "F0";
  const std::uint32_t control = is_f0 ? 0x40015804 : 0xE0042004;
  SimBoardOf<TypeParam> board(TypeParam::usual_part);
  board.prepare_after_reset();
  EXPECT_EQ(board.probe.read_word(control), is_f0 ? 6U : 7U);
  EXPECT_EQ(board.probe.read_word(control + 4), 0x1800U);
  EXPECT_EQ(board.probe.read_word(f1::flash_cr), 0U);
  EXPECT_EQ(cortex_m::restore(board.probe, board.undo, false), "");
  EXPECT_EQ(board.probe.read_word(control), 0U);
  EXPECT_EQ(board.probe.read_word(control + 4), 0U);
  EXPECT_EQ(board.probe.read_word(f1::flash_cr), f1::cr_lock);
}

TEST(F0Clone, IsKnownByItsCore) {
  SimBoardOf<fake::F0> board("STM32F030R8", {});
  EXPECT_THAT(board.identified().remarks, IsEmpty());
  SimBoardOf<fake::F0> copy(clone, {});
  const Chip chip = copy.identified();
  EXPECT_EQ(chip.device_id, 0x440U);
  EXPECT_EQ(chip.flash.size, 64 * stm32::kib);
  EXPECT_THAT(chip.remarks,
              ElementsAre(testing::AllOf(HasSubstr("its core is a Cortex-M0+"),
                                         HasSubstr("0x0bc11477 instead of 0x0bb11477"))));
}

}  // namespace
