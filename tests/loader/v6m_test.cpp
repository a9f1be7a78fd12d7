// The committed agent on the cores of ARMv6-M, with the algorithm of a made-up chip: a Cortex-M0,
// whose vectors stay where they are, and a Cortex-M0+, which is told by VTOR where they are.
#include "loader.hpp"
#include "tests/loader/tiny/tiny.inc"
#include "tiny_chip.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <tuple>

namespace loader_test {
namespace {

namespace tiny = flashhost::test::tiny;

constexpr const char *m0 = "TINY0", *m0_plus = "TINY0P";
constexpr std::uint32_t vector_catch = 8;  // in DFSR

Setup tiny_setup() {
  namespace blob = flashhost::tiny_blob;
  Functions functions;
  functions.code.assign(std::begin(blob::code), std::end(blob::code));
  functions.init = blob::init;
  functions.uninit = blob::uninit;
  functions.erase_sector = blob::erase_sector;
  functions.erase_chip = blob::erase_chip;
  functions.program_page = blob::program_page;
  functions.clock_hz = 8'000'000;
  return {.slot_payload = tiny::page_size, .slot_count = 2, .family = functions};
}

// The chip has neither a watchdog nor a CRC unit.
struct TinyLoader : Loader {
  explicit TinyLoader(Board &board) : Loader(board, tiny_setup()) {
    parameters().idle = parameters().crc = 0;
  }
};

class V6m : public ::testing::TestWithParam<const char *> {
 protected:
  explicit V6m(std::vector<std::string> faults = {})
      : board(tiny::board_config(GetParam(), std::move(faults))) {}

  [[nodiscard]] static bool has_vtor() { return std::string_view(GetParam()) == m0_plus; }
  [[nodiscard]] std::uint32_t heartbeat() {
    return board.word(loader.mailbox_address() +
                      static_cast<std::uint32_t>(offsetof(fh_mailbox, heartbeat)));
  }

  Board board;
  TinyLoader loader{board};
};

TEST_P(V6m, WritesTheWholeFlashAndComputesItsCrc) {
  std::ranges::copy(pattern(tiny::flash_size, 7), board.flash().begin());
  loader.start();
  EXPECT_EQ(board.word(vtor), has_vtor() ? sram_start : 0U);
  ASSERT_TRUE(loader.execute(erase_all(tiny::flash_size)));
  EXPECT_TRUE(all(board.flash(), 0xFF));
  const Bytes content = pattern(tiny::flash_size);
  for (std::uint32_t at = 0; at < tiny::flash_size; at += tiny::page_size) {
    loader.send(
        program(flash_start + at, {content.begin() + at, content.begin() + at + tiny::page_size}));
  }
  const std::uint32_t sequence =
      loader.send(crc({{flash_start, tiny::flash_size}, {flash_start + 4, 132}}));
  ASSERT_TRUE(loader.wait_done(sequence));
  const auto results = loader.results(sequence, 2);
  EXPECT_EQ(results[0].value, crc_of(content));
  EXPECT_EQ(results[1].value, crc_of({content.data() + 4, 132}));
  loader.send(finish());
  EXPECT_EQ(loader.wait_halt().state, FH_STATE_FINISHED);
  EXPECT_TRUE(board.flash() == content);
  EXPECT_EQ(board.word(tiny::control), 0U);
}

TEST_P(V6m, ErasesTheOnePageThatItIsTold) {
  Bytes content = pattern(tiny::flash_size, 7);
  std::ranges::copy(content, board.flash().begin());
  loader.start();
  constexpr std::uint32_t at = 2 * tiny::page_size;
  ASSERT_TRUE(loader.execute(erase(flash_start + at, tiny::page_size)));
  std::fill_n(content.begin() + at, tiny::page_size, std::uint8_t{0xFF});
  EXPECT_TRUE(board.flash() == content);
}

TEST_P(V6m, ReportsTheWordThatIsNotAsItWasProgrammed) {
  board.flash()[8] = 0;
  loader.start();
  const fh_mailbox mailbox = loader.fail(program(flash_start, Bytes(16, 0x5A)));
  EXPECT_EQ(mailbox.error, FH_ERROR_COMPARE);
  EXPECT_EQ(mailbox.error_address, flash_start + 8);
  EXPECT_EQ(mailbox.error_expected, 0x5A5A5A5AU);
  EXPECT_EQ(mailbox.error_found, 0x5A5A5A00U);
}

TEST_P(V6m, ReportsTheStatusOfAnAlgorithmThatRefuses) {
  loader.start();
  const fh_mailbox mailbox = loader.fail(program(flash_start, Bytes(6, 0)));
  EXPECT_EQ(mailbox.error, FH_ERROR_PROGRAM);
  EXPECT_EQ(mailbox.error_address, flash_start);
  EXPECT_EQ(mailbox.error_status, 1U);
}

TEST_P(V6m, LocksTheFlashAndHaltsWhenItHearsNothing) {
  loader.parameters().silence_ticks = 1000;  // 20 ms
  loader.start();
  EXPECT_EQ(board.word(tiny::control), 1U);
  board.pass(15ms);
  EXPECT_FALSE(board.halted());
  board.pass(10ms);
  EXPECT_EQ(loader.wait_halt(1ms).state, FH_STATE_SILENCE);
  EXPECT_EQ(board.word(tiny::control), 0U);
  EXPECT_EQ(board.word(syst_csr) & 1, 0U);
}

class V6mWithSlowFlash : public V6m {
 protected:
  V6mWithSlowFlash() : V6m({"tiny_slow"}) {}
};

TEST_P(V6mWithSlowFlash, MovesTheHeartbeatWhileItWaits) {
  loader.start();
  loader.send(erase(flash_start, tiny::page_size));
  std::uint32_t last = heartbeat();
  for (int look = 0; look < 100; ++look) {
    board.pass(1ms);
    const std::uint32_t now = heartbeat();
    ASSERT_NE(now, last) << look;
    last = now;
  }
  EXPECT_TRUE(loader.wait_done(1));
}

TEST_P(V6mWithSlowFlash, TicksForAnAlgorithmThatDoesNotWhereThereIsAVtor) {
  loader.parameters().tick_control = has_vtor() ? FH_TICK_BY_EXCEPTION : FH_TICK_POLLED;
  // ldr r1, =0x50000000 | str r0, [r1, #4] | 1: ldr r0, [r1, #8] | cmp r0, #0 | bne 1b | bx lr
  loader.replace(&fh_parameters::erase_sector, {0x02, 0x49, 0x48, 0x60, 0x88, 0x68, 0x00, 0x28,
                                                0xFC, 0xD1, 0x70, 0x47, 0x00, 0x00, 0x00, 0x50});
  loader.start();
  loader.send(erase(flash_start, tiny::page_size));
  board.pass(5ms);
  const std::uint32_t before = heartbeat();
  board.pass(5ms);
  EXPECT_EQ(heartbeat() != before, has_vtor());
  EXPECT_TRUE(loader.wait_done(1));
  EXPECT_NE(heartbeat(), before);
}

struct BadCode {
  const char *name;
  Bytes code;
  std::uint32_t faulting;  // offset of the instruction
};

// In place of the algorithm's EraseSector.
class BadCodeOnV6m : public ::testing::TestWithParam<std::tuple<const char *, BadCode>> {
 protected:
  BadCodeOnV6m() : board(tiny::board_config(std::get<0>(GetParam()))) {
    const BadCode &bad = std::get<1>(GetParam());
    loader.replace(&fh_parameters::erase_sector, bad.code);
    faulting = (loader.parameters().erase_sector & ~1U) + bad.faulting;
  }

  Board board;
  TinyLoader loader{board};
  std::uint32_t faulting = 0;
};

TEST_P(BadCodeOnV6m, StopsAtTheVectorCatchAndTheCoreTellsWhere) {
  loader.start();
  loader.send(erase(flash_start, tiny::page_size));
  const fh_mailbox mailbox = loader.wait_halt();
  EXPECT_EQ(mailbox.state, FH_STATE_BUSY);
  EXPECT_EQ(mailbox.current, 1U);
  EXPECT_EQ(mailbox.done, 0U);
  EXPECT_EQ(board.word(dfsr) & 0x1F, vector_catch);
  EXPECT_EQ(board.core_register(reg_xpsr) & 0x3F, 3U);  // HardFault
  EXPECT_EQ(board.word(board.core_register(reg_msp) + 24), faulting);
}

class BadCodeWithVtor : public BadCodeOnV6m {};

TEST_P(BadCodeWithVtor, IsRecordedInTheMailbox) {
  loader.start();
  board.halt();
  board.set_word(demcr, catch_reset_only);
  board.run();
  loader.send(erase(flash_start, tiny::page_size));
  const fh_mailbox mailbox = loader.wait_halt();
  EXPECT_EQ(mailbox.state, FH_STATE_FAULT);
  EXPECT_EQ(mailbox.fault_exception, 3U);
  EXPECT_EQ(mailbox.fault_pc, faulting);
  EXPECT_GE(mailbox.fault_lr, loader.agent());
  EXPECT_LT(mailbox.fault_lr, loader.family());
}

const BadCode bad_codes[] = {
    {"Undefined", {0x00, 0xDE}, 0},               // udf
    {"OfArmV7m", {0x00, 0xB1}, 0},                // cbz r0
    {"Unaligned", {0x01, 0x30, 0x00, 0x68}, 2}};  // adds r0, #1 | ldr r0, [r0]

std::string name_of_core(const char *part) {
  return std::string_view(part) == m0 ? "CortexM0" : "CortexM0Plus";
}
std::string name_of_bad_code(const ::testing::TestParamInfo<BadCodeOnV6m::ParamType> &info) {
  const auto &[part, bad] = info.param;
  return bad.name + ("On" + name_of_core(part));
}
std::string name_of_part(const ::testing::TestParamInfo<const char *> &info) {
  return name_of_core(info.param);
}

INSTANTIATE_TEST_SUITE_P(Of, V6m, ::testing::Values(m0, m0_plus), name_of_part);
INSTANTIATE_TEST_SUITE_P(Of, V6mWithSlowFlash, ::testing::Values(m0, m0_plus), name_of_part);
INSTANTIATE_TEST_SUITE_P(Of, BadCodeOnV6m,
                         ::testing::Combine(::testing::Values(m0, m0_plus),
                                            ::testing::ValuesIn(bad_codes)),
                         name_of_bad_code);
INSTANTIATE_TEST_SUITE_P(Of, BadCodeWithVtor,
                         ::testing::Combine(::testing::Values(m0_plus),
                                            ::testing::ValuesIn(bad_codes)),
                         name_of_bad_code);

}  // namespace
}  // namespace loader_test
