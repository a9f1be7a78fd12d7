// Every command that is sent, byte by byte as the fact sheet has it (sections 2 and 5).
#include "protocol.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace flashhost::stlink {
namespace {

// The bytes up to the last that is not zero: all the others are.
std::string bytes(const Command &command) {
  std::string text;
  std::size_t used = command.size();
  while (used > 1 && command[used - 1] == 0) --used;
  for (std::size_t i = 0; i < used; ++i)
    text += fmt::format("{}{:02x}", i == 0 ? "" : " ", command[i]);
  return text;
}

struct Row {
  const char *name;
  Command command;
  const char *expected;
};

class Commands : public testing::TestWithParam<Row> {};

TEST_P(Commands, HaveTheBytesOfTheFactSheet) {
  EXPECT_EQ(bytes(GetParam().command), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    All, Commands,
    testing::Values(
        Row{"version", get_version(), "f1"}, Row{"version_v3", get_version_ext(), "fb"},
        Row{"mode", get_mode(), "f5"}, Row{"voltage", get_voltage(), "f7"},
        Row{"leave_dfu", leave(Mode::dfu), "f3 07"}, Row{"leave_swim", leave(Mode::swim), "f4 01"},
        Row{"leave_debug", leave(Mode::debug), "f2 21"}, Row{"enter_swd", enter_swd(), "f2 30 a3"},
        Row{"idcodes", read_idcodes(), "f2 31"},
        Row{"nrst_low", drive_nrst(NrstLevel::low), "f2 3c"},
        Row{"nrst_high", drive_nrst(NrstLevel::high), "f2 3c 01"},
        Row{"open_ap", open_ap(3), "f2 4b 03"}, Row{"divisor", set_divisor(798), "f2 43 1e 03"},
        Row{"frequencies_v3", list_frequencies_v3(), "f2 62"},
        Row{"frequency_v3", set_frequency_v3(24000), "f2 61 00 00 c0 5d"},
        Row{"read_register", read_register(15), "f2 33 0f"},
        Row{"write_register", write_register(17, 0x20005000), "f2 34 11 00 50 00 20"},
        Row{"read_word", read_word(0xE000EDF0), "f2 36 f0 ed 00 e0"},
        Row{"write_word", write_word(0x40022010, 0x12345678), "f2 35 10 20 02 40 78 56 34 12"},
        Row{"read_words", read_block(4, 0x08000000, 6144), "f2 07 00 00 00 08 00 18"},
        Row{"read_halfwords", read_block(2, 0x08000002, 2), "f2 47 02 00 00 08 02"},
        Row{"read_bytes", read_block(1, 0x08000001, 64), "f2 0c 01 00 00 08 40"},
        Row{"write_words", write_block(4, 0x20000000, 1024), "f2 08 00 00 00 20 00 04"},
        Row{"write_halfwords", write_block(2, 0x08000000, 2), "f2 48 00 00 00 08 02"},
        Row{"write_bytes", write_block(1, 0x20000003, 1), "f2 0d 03 00 00 20 01"},
        Row{"last_status", last_status(), "f2 3b"}, Row{"last_status2", last_status2(), "f2 3e"},
        Row{"abort", write_dap(debug_port, 0, 0x1E), "f2 46 ff ff 00 00 1e"}),
    [](const auto &row) { return row.param.name; });

}  // namespace
}  // namespace flashhost::stlink
