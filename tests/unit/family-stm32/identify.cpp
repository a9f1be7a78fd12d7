#include "both_boards.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <iterator>

namespace {

using namespace flashhost;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct IdTable {
  const char *name = "";  // of the usual part, by its registers alone
  std::uint32_t device_id = 0, ram_size = 0, program_unit = 0;
  std::uint32_t other_core = 0, other_debug_port = 0;
  std::vector<std::uint32_t> other_dies;  // DBGMCU_IDCODE
};

const IdTable &ids_of(fake::F1) {
  static const IdTable table{
      .name = "STM32F103xB",
      .device_id = 0x410,
      .ram_size = 16 * stm32::kib,  // an F101 of this size has no more
      .program_unit = 2,
      .other_core = fake::F4::cpuid,
      .other_debug_port = fake::F4::debug_port,
      .other_dies = {0x10006411, 0x13030410, 0x17040410, 0x19060410, 0x19090410}};
  return table;
}

const IdTable &ids_of(fake::F4) {
  static const IdTable table{.name = "STM32F407xG",
                             .device_id = 0x413,
                             .ram_size = 128 * stm32::kib,
                             .program_unit = 4,
                             .other_core = fake::F1::cpuid,
                             .other_debug_port = fake::F1::debug_port,
                             // L4, F3, GD32F450, GD32F405
                             .other_dies = {0x10000415, 0x10000422, 0x100002B3, 0x10000FA4}};
  return table;
}

template <class Board>
class Stm32Identify : public testing::Test {
 protected:
  using Family = typename Board::Family;
  [[nodiscard]] Identity identify() { return Family::identify(board.probe); }
  void set_device_id(std::uint32_t idcode) { board.probe.poke(stm32::dbgmcu_idcode, idcode); }
  void set_revision(std::uint32_t revision) { set_device_id(revision << 16 | table.device_id); }

  Board board;
  const IdTable &table = ids_of(Family());
};
TYPED_TEST_SUITE(Stm32Identify, fake::Boards, fake::FamilyName);

TYPED_TEST(Stm32Identify, AnUnnamedChipIsKnownByItsRegisters) {
  const Chip chip = this->board.identified();
  EXPECT_EQ(chip.name, this->table.name);
  EXPECT_EQ(chip.device_id, this->table.device_id);
  EXPECT_EQ(chip.flash, this->board.chip.flash);
  EXPECT_EQ(chip.ram.size, this->table.ram_size);
  EXPECT_EQ(chip.program_unit, this->table.program_unit);
  EXPECT_EQ(chip.unique_id.size(), 12U);
  EXPECT_EQ(chip.boot_address, chip.flash.address);
  EXPECT_THAT(chip.remarks, IsEmpty());
  EXPECT_THAT(this->board.probe.writes, IsEmpty());
}

TYPED_TEST(Stm32Identify, OtherCoresAndOtherDiesAreNotClaimed) {
  for (const std::uint32_t idcode : this->table.other_dies) {
    this->set_device_id(idcode);
    EXPECT_FALSE(this->identify().chip) << hex(idcode);
  }
  this->set_revision(0x1000);
  this->board.probe.poke(cortex_m::cpuid, this->table.other_core);
  EXPECT_FALSE(this->identify().chip);
}

TYPED_TEST(Stm32Identify, WhatTheAnswerGoesByIsToldInAnyCase) {
  this->set_revision(0x1000);
  EXPECT_EQ(this->identify().evidence,
            fmt::format("DBGMCU_IDCODE 0x10000{:x}", this->table.device_id));
  this->board.probe.poke(cortex_m::cpuid, this->table.other_core);
  this->set_device_id(0x10076777);
  EXPECT_EQ(this->identify().evidence, "DBGMCU_IDCODE 0x10076777");
}

TYPED_TEST(Stm32Identify, WhatCannotBeReadIsNoneOfThisFamily) {
  this->board.probe.regions.erase(stm32::dbgmcu_idcode);
  EXPECT_FALSE(this->identify().chip);
  EXPECT_EQ(this->identify().evidence, "DBGMCU_IDCODE cannot be read");
}

TYPED_TEST(Stm32Identify, ALostConnectionIsNotTakenForAnotherChip) {
  this->board.probe.failure = Error(Errc::probe, "unplugged");
  EXPECT_THROW((void)this->identify(), Error);
}

TYPED_TEST(Stm32Identify, ACloneIsSuspectedInOneRemark) {
  const std::uint32_t own = TypeParam::Family::debug_port, other = this->table.other_debug_port;
  this->board.probe.probe_info.debug_port_id = other;
  EXPECT_THAT(this->board.identified().remarks, ElementsAre(HasSubstr(hex(other))));
  this->set_revision(0x7777);
  const Chip chip = this->board.identified();
  EXPECT_EQ(chip.revision, 0x7777U);
  EXPECT_THAT(chip.remarks,
              ElementsAre(fmt::format(
                  "this may be a clone of the {}: its debug port id is {} instead of {} and its "
                  "revision id 0x7777 is not one of ST's (failure guide, \"A clone\")",
                  chip.die, hex(other), hex(own))));
  this->board.probe.probe_info.debug_port_id = own;
  EXPECT_THAT(this->board.identified().remarks, ElementsAre(HasSubstr("0x7777")));
}

TYPED_TEST(Stm32Identify, AnUnknownDebugPortIsNoSign) {
  this->board.probe.probe_info.debug_port_id.reset();
  EXPECT_THAT(this->board.identified().remarks, IsEmpty());
}

TYPED_TEST(Stm32Identify, SizeAndUniqueIdAreReadAlsoWhereNothingIsBetweenThem) {
  auto &probe = this->board.probe;
  const Chip chip = this->board.identified();
  const std::uint32_t unique_id = TypeParam::Family::unique_id;
  const std::uint32_t size_word = TypeParam::Family::size_register & ~3U;
  const std::uint32_t size = probe.peek(size_word);
  probe.regions.erase(std::prev(probe.regions.upper_bound(unique_id)));
  probe.regions[unique_id] = chip.unique_id;
  probe.add_region(size_word, 4, 0);
  probe.poke(size_word, size);
  EXPECT_EQ(this->board.identified(), chip);
}

TYPED_TEST(Stm32Identify, AnImplausibleUniqueIdIsNone) {
  for (const std::uint32_t word : {0U, 0xFFFFFFFFU, 0x12345678U}) {
    for (std::uint32_t i = 0; i < 3; ++i) {
      this->board.probe.poke(TypeParam::Family::unique_id + 4 * i, word);
    }
    EXPECT_THAT(this->board.identified().unique_id, IsEmpty());
  }
}

}  // namespace
