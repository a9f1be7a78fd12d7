// The witness: a peripheral of the simulated board that records a debugger's accesses as they reach
// the bus. Present with Config::witness; no real board has it. A test reads it by words through the
// probe under test, and so needs no other connection to the board.
#pragma once

#include <cstdint>

namespace flashhost::machine::witness {

inline constexpr std::uint32_t base = 0xE00F0000;
inline constexpr std::uint32_t id_value = 0x57495431;

// Registers.
inline constexpr std::uint32_t id = base + 0x00;          // reads id_value
inline constexpr std::uint32_t clear = base + 0x04;       // any write: clears records and counts
inline constexpr std::uint32_t recorded = base + 0x08;    // accesses since then
inline constexpr std::uint32_t resets = base + 0x0C;      // of any cause but power-on
inline constexpr std::uint32_t pin_resets = base + 0x10;  // those by NRST
inline constexpr std::uint32_t power_ons = base + 0x14;
inline constexpr std::uint32_t halts = base + 0x18;        // how often the core entered Debug state
inline constexpr std::uint32_t watch_start = base + 0x1C;  // accesses to this range are recorded
inline constexpr std::uint32_t watch_size = base + 0x20;   // initially 0: none
inline constexpr std::uint32_t fault_start = base + 0x24;  // the debugger's accesses to this range
inline constexpr std::uint32_t fault_size = base + 0x28;   // are refused
inline constexpr std::uint32_t page = base + 0x2C;         // which records are shown
inline constexpr std::uint32_t halt_delay = base + 0x30;   // us until a running core halts
// ms without an answer to any access, from this write on; the debug port itself falls silent 200 us
// later. A reset ends it.
inline constexpr std::uint32_t silence = base + 0x34;

// The records, oldest first: page 0 shows the first `records` ones since clear, and so on. At most
// `most_records` are kept; later ones are only counted. A record has three words: address, how,
// value.
inline constexpr std::uint32_t first_record = base + 0x40;
inline constexpr std::uint32_t record_size = 12;
inline constexpr std::uint32_t records = 80;
inline constexpr std::uint32_t most_records = 8000;
inline constexpr std::uint32_t how_width = 0xFF;  // bytes
inline constexpr std::uint32_t how_write = 1U << 8;
inline constexpr std::uint32_t how_refused = 1U << 9;

}  // namespace flashhost::machine::witness
