// The ST-Link's commands and replies as bytes. Pure: no USB, no time, no state.
#pragma once

#include <flashhost/types.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace flashhost::stlink {

using Command = std::array<std::uint8_t, 16>;

enum class Mode : std::uint8_t { dfu = 0, mass = 1, debug = 2, swim = 3, bootloader = 4 };
enum class NrstLevel : std::uint8_t { low = 0, high = 1 };
inline constexpr std::uint16_t debug_port = 0xFFFF;

[[nodiscard]] Command get_version();
[[nodiscard]] Command get_version_ext();  // hardware V3
[[nodiscard]] Command get_mode();
[[nodiscard]] Command get_voltage();
[[nodiscard]] Command leave(Mode mode);  // dfu, swim or debug; no reply
[[nodiscard]] Command enter_swd();
[[nodiscard]] Command read_idcodes();
[[nodiscard]] Command drive_nrst(NrstLevel level);
[[nodiscard]] Command open_ap(std::uint8_t ap);
[[nodiscard]] Command set_divisor(std::uint16_t divisor);
[[nodiscard]] Command list_frequencies_v3();
[[nodiscard]] Command set_frequency_v3(std::uint32_t kilohertz);
[[nodiscard]] Command read_register(std::uint8_t selector);
[[nodiscard]] Command write_register(std::uint8_t selector, std::uint32_t value);
[[nodiscard]] Command read_word(std::uint32_t address);
[[nodiscard]] Command write_word(std::uint32_t address, std::uint32_t value);
// unit: 1, 2 or 4 bytes per access.
[[nodiscard]] Command read_block(std::uint32_t unit, std::uint32_t address, std::uint16_t length);
[[nodiscard]] Command write_block(std::uint32_t unit, std::uint32_t address, std::uint16_t length);
[[nodiscard]] Command last_status();   // 3B
[[nodiscard]] Command last_status2();  // 3E, with the failing address
[[nodiscard]] Command write_dap(std::uint16_t port, std::uint16_t address, std::uint32_t value);

// Lengths of the replies.
inline constexpr std::size_t version_size = 6, version_ext_size = 12, mode_size = 2,
                             voltage_size = 8, status_size = 2, value_size = 8, idcodes_size = 12,
                             last_status2_size = 12, frequency_v3_size = 8,
                             frequencies_v3_size = 52;

// What the status byte of a reply means for the caller.
enum class Meaning : std::uint8_t {
  good,
  wait,         // the target is busy: repeat later
  fault,        // the target refused the access
  line,         // the SWD line: no answer, a bad acknowledge, a parity error
  absent,       // no target: no power, no wires, or it uses the pins for something else
  busy_mode,    // the probe is in another mode
  unsupported,  // the probe's firmware does not know the command or the value
  refused,      // any other known error
  unknown,      // not a status: the reply is damaged
};
[[nodiscard]] Meaning meaning(std::uint8_t status);
[[nodiscard]] std::string describe(
    std::uint8_t status);  // "SWD access port: no acknowledge (0x12)"

struct Version {
  unsigned hardware = 0;  // 1, 2, 3
  unsigned jtag = 0;      // JTAG/SWD firmware, the J of V2J37
  unsigned swim = 0;
  unsigned mass = 0;      // mass storage
  unsigned bridge = 0;    // V3
  bool extended = false;  // the numbers come with get_version_ext
  std::string text;       // V2J37S7
  friend bool operator==(const Version &, const Version &) = default;
};

// Parsers of replies. Each takes exactly the reply's size; empty when the content cannot be right.
[[nodiscard]] std::optional<Version> parse_version(std::span<const std::uint8_t> reply,
                                                   std::uint16_t product);
[[nodiscard]] std::optional<Version> parse_version_ext(std::span<const std::uint8_t> reply);
[[nodiscard]] std::optional<Mode> parse_mode(std::span<const std::uint8_t> reply);
// Also empty when the probe does not measure, or measures a voltage at which no target runs.
[[nodiscard]] std::optional<int> parse_millivolts(std::span<const std::uint8_t> reply);
[[nodiscard]] std::uint32_t word_at(std::span<const std::uint8_t> reply, std::size_t offset);
// In Hz, fastest first.
[[nodiscard]] std::optional<std::vector<std::uint32_t>> parse_frequencies_v3(
    std::span<const std::uint8_t> reply);

// What a firmware can do.
struct Features {
  bool voltage = false;
  bool last_status2 = false;
  bool frequency = false;     // clock by divisor
  bool frequency_v3 = false;  // clock by kHz
  bool dap = false;           // single registers of the debug port
  bool half = false;          // 16-bit accesses
  bool open_ap = false;       // the access port must be opened
  std::uint32_t byte_limit = 64;
  std::uint32_t block_limit = 1024;     // of 16 and 32 bit accesses
  std::uint32_t block_boundary = 1024;  // that a block must not cross; 0: none
  friend bool operator==(const Features &, const Features &) = default;
};
[[nodiscard]] Features features(const Version &version);

// SWD clocks of set_divisor, fastest first.
struct SwdClock {
  std::uint16_t divisor = 0;
  std::uint32_t hz = 0;
};
[[nodiscard]] std::span<const SwdClock> swd_clocks();

// The serial number from its string descriptor, as list shows it. Old firmware and clones keep 12
// raw bytes in it instead of 24 digits: they are shown as the digits that newer firmware shows.
[[nodiscard]] std::string parse_serial(std::span<const std::uint8_t> descriptor);

// USB products of ST's.
enum class Kind : std::uint8_t { v1, v2, v2_1, v3, loader };
struct Product {
  std::uint16_t id = 0;
  Kind kind = Kind::v2;
  const char *name = "";
};
[[nodiscard]] const Product *find_product(std::uint16_t id);
inline constexpr std::uint16_t vendor_st = 0x0483;

}  // namespace flashhost::stlink
