// A made-up chip that is like no other here: a Cortex-M0+ whose flash is at 0, 64 KiB in 16 sectors
// of 1 KiB and 12 of 4 KiB behind them. Its flash controller takes commands: which, where, what,
// go. Its RAM begins below 0x20000000 and ends above: 16 KiB of it as ODD64 and ODD64P, which
// differ for packs only, 2 KiB as ODD64S. ODD80, ODD80S and ODD80A, which are the same chip, have
// 16 KiB of RAM and more flash: behind those 64 KiB a gap of 8 KiB, which the controller refuses, a
// user row and option words, and all that up to 80 KiB can be read. The first 64 KiB are shown at
// an alias address, too: to be read there, not to be executed.
#pragma once

#include <flashhost/machine/model.hpp>
#include <flashhost/machine/target.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flashhost::test::odd {

namespace at {                                        // the addresses of its registers
inline constexpr std::uint32_t status = 0x4F000000;   // flags; errors are cleared by writing ones
inline constexpr std::uint32_t key = 0x4F000004;      // the key opens, any other value closes
inline constexpr std::uint32_t command = 0x4F000008;  // one of those below
inline constexpr std::uint32_t address = 0x4F00000C;  // of a word
inline constexpr std::uint32_t data = 0x4F000010;     // for a command that programs a word
inline constexpr std::uint32_t start = 0x4F000014;    // a write of 1 begins the command
inline constexpr std::uint32_t option_words = 0x4F000040;  // ten of them, for write_options
}  // namespace at

namespace flag {  // of status
inline constexpr std::uint32_t busy = 1, open = 2;
inline constexpr std::uint32_t refused = 0x100;     // closed, busy, no such command or address
inline constexpr std::uint32_t not_erased = 0x200;  // a word to program is not erased
}  // namespace flag

inline constexpr std::uint32_t the_key = 0x0DDBA115;
inline constexpr std::uint32_t erase_sector = 0xE5, program_word = 0x9A;  // of the main flash
inline constexpr std::uint32_t erase_row_sector = 0x3B, program_row_word = 0x64;
inline constexpr std::uint32_t write_options = 0xC7;  // at the first of them: erases, programs all

inline constexpr std::uint32_t ram = 0x1FFFF000;  // of ODD64; that of ODD64S begins at 0x1FFFFC00
inline constexpr std::uint32_t flash_size = 64 * 1024;  // of the main flash
inline constexpr std::uint32_t small_sector = 1024, large_sector = 4096;
inline constexpr std::uint32_t first_large_sector = 16 * small_sector;

// Of ODD80.
inline constexpr std::uint32_t whole_size = 80 * 1024;
inline constexpr std::uint32_t gap = flash_size;
inline constexpr std::uint32_t row = 0x12000, row_size = 4 * small_sector;
inline constexpr std::uint32_t options = 0x13000, option_count = 10;
inline constexpr std::uint32_t alias = 0x30000000;  // of the main flash

class OddModel final : public machine::Model {
 public:
  [[nodiscard]] std::span<const machine::Part> parts() const override;
  [[nodiscard]] std::vector<std::string_view> rule_names() const override;
  [[nodiscard]] std::vector<machine::FaultName> fault_names() const override;
  [[nodiscard]] std::unique_ptr<machine::Die> make_die(
      const machine::Part &part, const machine::Wiring &wiring) const override;
};

// A board with this part.
[[nodiscard]] machine::Config board_config(const std::string &part,
                                           std::vector<std::string> rules_off = {});

}  // namespace flashhost::test::odd
