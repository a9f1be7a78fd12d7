// What each command of the agent does, with the STM32F1 functions, on the simulated chip.
#include "loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace loader_test {
namespace {

const Bytes return_0 = {0x00, 0x20, 0x70, 0x47};  // movs r0, #0; bx lr

class Commands : public ::testing::Test {
 protected:
  [[nodiscard]] Bytes at(std::uint32_t address, std::size_t size) {
    const auto from = board.flash().begin() + (address - flash_start);
    return {from, from + static_cast<std::ptrdiff_t>(size)};
  }
  void put(std::uint32_t address, const Bytes &bytes) {
    std::ranges::copy(bytes, board.flash().begin() + (address - flash_start));
  }
  void TearDown() override { EXPECT_THAT(board.target().statistics().notes, ::testing::IsEmpty()); }

  Board board{{}};
  Loader loader{board};
};

TEST_F(Commands, TheAgentSaysWhatItIsWhenItIsReady) {
  loader.start();
  const fh_mailbox mailbox = loader.mailbox();
  EXPECT_EQ(mailbox.abi, FH_LOADER_ABI);
  EXPECT_EQ(mailbox.state, FH_STATE_IDLE);
  EXPECT_EQ(mailbox.done, 0U);
  EXPECT_EQ(mailbox.error, FH_ERROR_NONE);
  EXPECT_EQ(board.word(syst_csr) & 7, 5U);  // enabled, core clock, no interrupt
  EXPECT_EQ(board.word(loader.sequence_word(4)), 0U);
}

TEST_F(Commands, TheAgentWaitsAgainAfterACommand) {
  loader.start();
  ASSERT_TRUE(loader.execute(erase(flash_start, 1024)));
  EXPECT_EQ(loader.mailbox().state, FH_STATE_IDLE);
  EXPECT_EQ(loader.mailbox().current, 1U);
}

TEST_F(Commands, EraseClearsItsPageAndNoOther) {
  const Bytes old = pattern(3 * kibibyte);
  put(flash_start + 4096, old);
  loader.start();
  ASSERT_TRUE(loader.execute(erase(flash_start + 5120, 1024)));
  EXPECT_EQ(at(flash_start + 4096, 1024), Bytes(old.begin(), old.begin() + 1024));
  EXPECT_TRUE(all(at(flash_start + 5120, 1024), 0xFF));
  EXPECT_EQ(at(flash_start + 6144, 1024), Bytes(old.begin() + 2048, old.end()));
  EXPECT_EQ(board.target().statistics().page_erases, 1U);
}

TEST_F(Commands, EraseTakesNeighboursTogether) {
  const Bytes old = pattern(5 * kibibyte);
  put(flash_start + 4096, old);
  loader.start();
  ASSERT_TRUE(loader.execute({FH_OP_ERASE | FH_SECTOR_SIZE(1024), flash_start + 5120, 3072, {}}));
  EXPECT_EQ(at(flash_start + 4096, 1024), Bytes(old.begin(), old.begin() + 1024));
  EXPECT_TRUE(all(at(flash_start + 5120, 3072), 0xFF));
  EXPECT_EQ(at(flash_start + 8192, 1024), Bytes(old.begin() + 4096, old.end()));
  EXPECT_EQ(board.target().statistics().page_erases, 3U);
}

TEST_F(Commands, EraseOfNeighboursLooksAtEachOfThem) {
  put(flash_start + 7168 + 8, {0, 0, 0, 0});
  loader.replace(&fh_parameters::erase_sector, return_0);
  loader.start();
  const fh_mailbox mailbox =
      loader.fail({FH_OP_ERASE | FH_SECTOR_SIZE(1024), flash_start + 5120, 3072, {}});
  EXPECT_EQ(mailbox.error, FH_ERROR_NOT_BLANK);
  EXPECT_EQ(mailbox.error_address, flash_start + 7168 + 8);
}

TEST_F(Commands, EraseAllClearsTheWholeFlash) {
  put(flash_start, pattern(board.flash_size()));
  loader.start();
  ASSERT_TRUE(loader.execute(erase_all(board.flash_size())));
  EXPECT_TRUE(all(board.flash(), 0xFF));
  EXPECT_EQ(board.target().statistics().mass_erases, 1U);
}

TEST_F(Commands, ProgramWritesTheBytesAndNothingElse) {
  loader.start();
  const Bytes data = pattern(1024);
  ASSERT_TRUE(loader.execute(program(flash_start + 2048, data)));
  EXPECT_EQ(at(flash_start + 2048, data.size()), data);
  EXPECT_TRUE(all(at(flash_start, 2048), 0xFF));
  EXPECT_TRUE(all(at(flash_start + 3072, 1024), 0xFF));
}

TEST_F(Commands, ProgramTakesAnyRunOfHalfwords) {
  loader.start();
  for (std::uint32_t offset = 0; offset < 4; offset += 2) {
    for (std::uint32_t size = 2; size <= 12; size += 2) {
      const std::uint32_t address = flash_start + 256 * size + 64 * offset + offset;
      const Bytes data = pattern(size, size);
      ASSERT_TRUE(loader.execute(program(address, data))) << offset << ", " << size;
      EXPECT_EQ(at(address, size), data) << offset << ", " << size;
      EXPECT_TRUE(all(at(address - 2, 2), 0xFF)) << offset << ", " << size;
      EXPECT_TRUE(all(at(address + size, 2), 0xFF)) << offset << ", " << size;
    }
  }
}

TEST_F(Commands, ErasedHalfwordsAreNotProgrammed) {
  loader.start();
  Bytes data = pattern(64);
  std::fill_n(data.begin() + 16, 32, std::uint8_t{0xFF});
  ASSERT_TRUE(loader.execute(program(flash_start, data)));
  EXPECT_EQ(at(flash_start, data.size()), data);
  EXPECT_EQ(board.target().statistics().programmed_units, 16U);
}

TEST_F(Commands, CrcIsThatOfTheContractForEachRange) {
  const Bytes content = pattern(8192);
  put(flash_start, content);
  loader.start();
  const std::vector<fh_range> ranges = {
      {flash_start, 4}, {flash_start + 4, 132}, {flash_start + 1024, 4096}, {flash_start, 8192}};
  const std::uint32_t sequence = loader.send(crc(ranges));
  ASSERT_TRUE(loader.wait_done(sequence));
  const auto results = loader.results(sequence, ranges.size());
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    EXPECT_EQ(results[i].value, crc_of(at(ranges[i].address, ranges[i].length))) << i;
    EXPECT_EQ(results[i].unreadable, 0U) << i;
  }
}

TEST_F(Commands, CrcWorksWithoutAUnit) {
  const Bytes content = pattern(512);
  put(flash_start, content);
  loader.parameters().crc = 0;
  loader.start();
  const std::uint32_t sequence = loader.send(crc({{flash_start, 512}, {flash_start + 8, 40}}));
  ASSERT_TRUE(loader.wait_done(sequence));
  const auto results = loader.results(sequence, 2);
  EXPECT_EQ(results[0].value, crc_of(content));
  EXPECT_EQ(results[1].value, crc_of(at(flash_start + 8, 40)));
}

TEST_F(Commands, CrcOfAnotherUserOfTheUnitDoesNotDisturb) {
  const Bytes content = pattern(64);
  put(flash_start, content);
  loader.start();
  ASSERT_TRUE(loader.execute(crc({{flash_start + 1024, 4}})));
  board.set_word(0x40023000, 0x12345678);
  const std::uint32_t sequence = loader.send(crc({{flash_start, 64}}));
  ASSERT_TRUE(loader.wait_done(sequence));
  EXPECT_EQ(loader.results(sequence, 1)[0].value, crc_of(content));
}

TEST_F(Commands, EraseGoesByTheErasedWord) {
  std::fill_n(board.flash().begin(), 64, std::uint8_t{0});
  loader.parameters().erased_word = 0;
  loader.replace(&fh_parameters::erase_sector, return_0);
  loader.start();
  EXPECT_TRUE(loader.execute(erase(flash_start, 64)));
  const fh_mailbox mailbox = loader.fail(erase(flash_start, 68));
  EXPECT_EQ(mailbox.error, FH_ERROR_NOT_BLANK);
  EXPECT_EQ(mailbox.error_address, flash_start + 64);
}

TEST_F(Commands, EraseNamesTheFirstWordThatIsNotBlankWhereverItIs) {
  for (const std::uint32_t offset : {0U, 4U, 60U, 64U, 68U, 508U, 1020U}) {
    Board fresh({});
    fresh.flash()[2048 + offset + 3] = 0xFE;
    fresh.flash()[2048 + 1023] = 0;
    Loader other(fresh);
    other.replace(&fh_parameters::erase_sector, return_0);
    other.start();
    ASSERT_TRUE(other.execute(erase(flash_start, 2048)));
    EXPECT_EQ(other.fail(erase(flash_start + 2048, 1024)).error_address,
              flash_start + 2048 + offset);
  }
}

TEST_F(Commands, FinishLocksTheFlashAndHalts) {
  loader.start();
  EXPECT_EQ(board.word(flash_cr) & 0x80, 0U);
  const std::uint32_t sequence = loader.send(finish());
  const fh_mailbox mailbox = loader.wait_halt();
  EXPECT_EQ(mailbox.state, FH_STATE_FINISHED);
  EXPECT_EQ(mailbox.done, sequence);
  EXPECT_EQ(board.word(flash_cr), 0x80U);
  EXPECT_EQ(board.word(dfsr) & 0x1F, 2U);  // BKPT
  EXPECT_EQ(board.word(syst_csr) & 1, 0U);
}

TEST_F(Commands, EraseAndProgramAreStreamedThroughTheSlotsManyTimesRound) {
  put(flash_start, pattern(16 * kibibyte, 9));
  loader.start();
  Bytes all;
  for (std::uint32_t page = 0; page < 16; ++page) {
    const std::uint32_t address = flash_start + 1024 * page;
    loader.send(erase(address, 1024));
    for (std::uint32_t part = 0; part < 4; ++part) {
      const Bytes data = pattern(256, 4 * page + part);
      all.insert(all.end(), data.begin(), data.end());
      loader.send(program(address + 256 * part, data));
    }
  }
  const std::uint32_t sequence = loader.send(crc({{flash_start, 16 * 1024}}));
  EXPECT_EQ(sequence, 81U);
  ASSERT_TRUE(loader.wait_done(sequence));
  EXPECT_EQ(at(flash_start, all.size()), all);
  EXPECT_EQ(loader.results(sequence, 1)[0].value, crc_of(all));
}

TEST_F(Commands, OneSlotIsEnough) {
  Loader narrow(board, {.slot_payload = 64, .slot_count = 1});
  narrow.start();
  for (std::uint32_t i = 0; i < 8; ++i) {
    ASSERT_TRUE(narrow.execute(program(flash_start + 64 * i, pattern(64, i))));
  }
  EXPECT_EQ(at(flash_start + 448, 64), pattern(64, 7));
}

TEST_F(Commands, TheStackKeepsItsDistanceFromTheGuard) {
  put(flash_start, pattern(2048));
  const std::uint32_t bottom = loader.stack_top() - FH_STACK_SIZE;
  loader.download();
  board.write(bottom, Bytes(FH_STACK_SIZE, 0x5C));
  loader.go();
  ASSERT_TRUE(board.wait_for([&] { return loader.mailbox().magic == FH_LOADER_MAGIC; }));
  ASSERT_TRUE(loader.execute(erase(flash_start, 1024)));
  ASSERT_TRUE(loader.execute(program(flash_start, pattern(1024))));
  ASSERT_TRUE(loader.execute(crc({{flash_start, 2048}})));
  ASSERT_TRUE(loader.execute(crc({{flash_start + 1024, 1024}})));
  ASSERT_TRUE(loader.execute(erase_all(board.flash_size())));
  loader.send(finish());
  (void)loader.wait_halt();
  const Bytes stack = board.read(bottom, FH_STACK_SIZE);
  const auto used = std::ranges::find_if(stack, [](std::uint8_t byte) { return byte != 0x5C; });
  EXPECT_GE(used - stack.begin(), 64);
}

TEST_F(Commands, TheAgentItselfTakesNoMoreOfTheStackThanItSays) {
  const std::uint32_t bottom = loader.stack_top() - FH_STACK_SIZE;
  for (auto function : {&fh_parameters::init, &fh_parameters::uninit, &fh_parameters::erase_sector,
                        &fh_parameters::program_page, &fh_parameters::idle, &fh_parameters::crc}) {
    loader.parameters().*function = 0;
  }
  loader.parameters().tick_control = FH_TICK_BY_EXCEPTION;
  loader.replace(&fh_parameters::erase_chip, {0xFE, 0xE7});  // b .: until SysTick's exception
  loader.download();
  board.write(bottom, Bytes(FH_STACK_SIZE, 0x5C));
  loader.go();
  ASSERT_TRUE(board.wait_for([&] { return loader.mailbox().magic == FH_LOADER_MAGIC; }));
  ASSERT_TRUE(loader.execute(erase(flash_start, 1024)));
  ASSERT_TRUE(loader.execute(program(flash_start, Bytes(1022, 0xFF))));
  ASSERT_TRUE(loader.execute(crc({{flash_start, 2048}})));
  loader.send(erase_all(board.flash_size()));
  board.pass(5ms);
  EXPECT_EQ(loader.mailbox().state, FH_STATE_BUSY);
  const Bytes stack = board.read(bottom, FH_STACK_SIZE);
  const auto used = std::ranges::find_if(stack, [](std::uint8_t byte) { return byte != 0x5C; });
  EXPECT_LE(stack.end() - used, FH_AGENT_STACK);
}

TEST_F(Commands, AbsentFunctionsDoNothingWithSuccess) {
  loader.parameters().init = 0;
  loader.parameters().crc = 0;  // Init would have switched its unit on
  loader.parameters().uninit = 0;
  loader.parameters().idle = 0;
  loader.parameters().erase_sector = 0;
  loader.parameters().erase_chip = 0;
  loader.parameters().program_page = 0;
  loader.start();
  ASSERT_TRUE(loader.execute(erase(flash_start, 1024)));  // it is blank
  ASSERT_TRUE(loader.execute(erase_all(board.flash_size())));
  ASSERT_TRUE(loader.execute(program(flash_start, Bytes(8, 0xFF))));
  loader.send(finish());
  EXPECT_EQ(loader.wait_halt().state, FH_STATE_FINISHED);
  EXPECT_EQ(board.target().statistics().page_erases, 0U);
}

TEST_F(Commands, ItWorksInFourKibibytesOfRam) {
  Board small(part("STM32F100C4"));
  Loader tight(small, {.slot_payload = 768, .slot_count = 2});
  EXPECT_GE(tight.parameters().slot_size * tight.slot_count(), 1536U);
  ASSERT_LE(tight.end(), sram_start + 4096);
  tight.start();
  const Bytes data = pattern(16 * kibibyte);
  for (std::uint32_t at = 0; at < data.size(); at += 512) {
    tight.send(program(flash_start + at, {data.begin() + at, data.begin() + at + 512}));
  }
  tight.send(finish());
  EXPECT_EQ(tight.wait_halt().state, FH_STATE_FINISHED);
  EXPECT_EQ(small.flash(), data);
}

TEST_F(Commands, ItRunsWhereverItIsLoaded) {
  for (const std::uint32_t ram : {sram_start + 512, sram_start + 0x1E00}) {
    Loader moved(board, {.ram = ram, .slot_payload = 256, .slot_count = 3});
    moved.start();
    const std::uint32_t address = flash_start + (ram - sram_start);
    ASSERT_TRUE(moved.execute(program(address, pattern(256, ram)))) << ram;
    EXPECT_EQ(at(address, 256), pattern(256, ram));
    moved.send(finish());
    EXPECT_EQ(moved.wait_halt().state, FH_STATE_FINISHED);
  }
}

}  // namespace
}  // namespace loader_test
