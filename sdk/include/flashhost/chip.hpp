// Chip: all that the host needs to know about one chip, as data. A family fills it in.
#pragma once

#include <flashhost/cause.hpp>
#include <flashhost/probe.hpp>
#include <flashhost/types.hpp>

#include <optional>
#include <string>
#include <vector>

namespace flashhost {

struct Sector {
  std::uint32_t address = 0;
  std::uint32_t size = 0;
  Nanoseconds erase_typical{};
  Nanoseconds erase_maximum{};

  [[nodiscard]] MemoryRange range() const { return {address, size}; }
  friend bool operator==(const Sector &, const Sector &) = default;
};

struct NamedRange {
  std::string name;  // "option bytes"
  MemoryRange range;
  friend bool operator==(const NamedRange &, const NamedRange &) = default;
};

// One bit of the flash status register. Host and SDK make decisions by `busy` alone; the other
// meanings are for messages: how a status is put into words, and which page of the guide explains
// it.
struct StatusBit {
  enum class Meaning : std::uint8_t {
    busy,   // an operation is going on
    error,  // it failed, or was refused
    done,   // it ended; a message names it only when no other bit is set
  };
  Meaning meaning = Meaning::error;
  std::uint32_t mask = 0;
  std::string name;   // "WRPERR"
  std::string cause;  // in words, the likeliest: "the page is write-protected"
  // The key (cause.hpp) of the section that explains it; may be empty.
  std::string page = {};  // NOLINT(readability-redundant-member-init)
  friend bool operator==(const StatusBit &, const StatusBit &) = default;
};

// A value that the loader's functions return instead of a status when they fail before they can
// read it. The register itself never has this value.
struct StatusCode {
  std::uint32_t value = 0;
  std::string meaning;  // "the flash controller stayed locked after its keys"
  friend bool operator==(const StatusCode &, const StatusCode &) = default;
};

struct StatusRegister {
  std::string name;  // "FLASH_SR"
  std::uint32_t address = 0;
  std::uint32_t flash_from = 0;  // covers the flash from here to the next register's flash_from
  friend bool operator==(const StatusRegister &, const StatusRegister &) = default;
};

// The status of the flash controller. All registers (some chips have one per bank) have the same
// bits. No registers: the status cannot be read.
struct FlashStatus {
  std::vector<StatusRegister> registers;  // ascending by flash_from
  std::vector<StatusBit> bits;
  std::vector<StatusCode> codes;
  std::string no_bits;  // what a status without any set bit means
  friend bool operator==(const FlashStatus &, const FlashStatus &) = default;
};

// A register in which the chip notes that it read a word of flash which its error correction could
// not mend. Writing back what was read clears the note.
struct ReadErrorRegister {
  std::uint32_t address = 0;
  std::uint32_t mask = 0;  // the flags of such a word
  friend bool operator==(const ReadErrorRegister &, const ReadErrorRegister &) = default;
};

// Another address of flash: what an image has there belongs to the flash itself.
struct FlashAlias {
  MemoryRange range;
  std::uint32_t address = 0;  // of the same byte as range.address, in the flash or a further one
  friend bool operator==(const FlashAlias &, const FlashAlias &) = default;
};

// Why the reported size of the flash is doubtful, and how it was found instead; for messages.
struct SizeDoubt {
  std::string reason;  // "the flash size register reads 0x2d28, which is no size of a ..."
  std::string basis;   // "the smallest of the line"
  friend bool operator==(const SizeDoubt &, const SizeDoubt &) = default;
};

// The host uses no more flash than this unless the board file sets flash_size.
struct SizeLimit {
  std::uint32_t size = 0;
  std::string reason;
  friend bool operator==(const SizeLimit &, const SizeLimit &) = default;
};

// As a row of the family's table describes it, or as identified.
struct Chip {
  std::string name;  // "ACME32xB" as identified, or the part that was asked for
  std::string die;   // what its id stands for, for messages: "medium density ACME32"
  // 0: see has_device_id().
  std::uint32_t device_id = 0;
  std::uint32_t revision = 0;
  // For the family's own use: what it knew when it made the chip, such as a table row or a mode.
  std::uint32_t variant = 0;
  Bytes unique_id;              // empty when the chip has none or it is not plausible
  MemoryRange flash;            // what may be programmed
  std::vector<Sector> sectors;  // tile flash, ascending
  // Sectors of the whole die, of which `sectors` are the first; a user's flash_size may use more of
  // them than the chip reports. Empty: `sectors` are all there are.
  std::vector<Sector> die_sectors;
  std::uint32_t die_flash_size = 0;  // the most that this die can hold, from flash.address
  std::optional<SizeDoubt> size_doubt;
  std::optional<SizeLimit> size_limit;
  // First address of the sector that the chip boots from, by its present option bytes or remap. See
  // Family::settle.
  std::uint32_t boot_address = 0;
  MemoryRange ram;  // for loader and slots; executable, present on every such part
  // All RAM in which firmware may put its stack: of the largest part with this die as identified,
  // of the part itself in the table of parts. Images are judged by it. Empty: `ram` is all.
  std::vector<MemoryRange> stack_ram;
  // Bytes that one programming access writes: a power of two, or the size of the only sector.
  std::uint32_t program_unit = 1;
  // Bytes that share an error correcting code: programmed as a whole, and once after each erase.
  // A power of two, at least program_unit; 0: there is none.
  std::uint32_t ecc_unit = 0;
  // Programming may clear further bits of what is programmed already, at any place and often, as
  // the manual says. Then flash that has only bits to clear is not erased. Only where erased_value
  // is 0xFF and ecc_unit 0.
  bool clears_bits = false;
  std::vector<ReadErrorRegister> read_errors;  // empty: the chip does not tell
  Nanoseconds program_typical{};               // one unit
  Nanoseconds program_maximum{};
  // Typical for one unit after a mass erase, where the loader is faster then; zero: the same.
  Nanoseconds program_after_mass_erase{};
  Nanoseconds mass_erase_typical{};  // whole flash; zero: there is no mass erase
  Nanoseconds mass_erase_maximum{};
  std::uint8_t erased_value = 0xFF;
  // The code that erases and programs it is not the family's own: the host makes sure at the
  // end, and by samples after the first erase, that no other sector has changed.
  bool check_others = false;
  FlashStatus status;
  std::vector<NamedRange> special;  // what an image may not cover, by name, for messages
  std::vector<FlashAlias> aliases;  // not overlapping each other or any flash
  // Flash beside `flash`, at other addresses: with sectors, programming unit, times, RAM for the
  // loader and code of its own. Each is written as if it were a chip by itself, after `flash`, in
  // this order, and the family's functions are called with the one that is worked on. The host sets
  // its name, ids and stack_ram to those of the chip. No ranges overlap; none has further ones.
  std::vector<Chip> further_flash;
  std::vector<std::string> remarks;  // suspicions and decisions; each is printed once
  friend bool operator==(const Chip &, const Chip &) = default;

  // False: the chip says nothing of itself that the family could read. Then its revision and its
  // unique id are not known, and neither is its protection where the family has no Locks.
  [[nodiscard]] bool has_device_id() const { return device_id != 0; }
  // Data is programmed in multiples of this many bytes.
  [[nodiscard]] std::uint32_t write_unit() const {
    return ecc_unit > program_unit ? ecc_unit : program_unit;
  }
};

// The status register for a flash address; null when the chip has none.
[[nodiscard]] const StatusRegister *status_register(const Chip &chip, std::uint32_t address);
// The raw status for a flash address; empty when the chip has no status register.
[[nodiscard]] std::optional<std::uint32_t> read_status(ProbeReader &probe, const Chip &chip,
                                                       std::uint32_t address);
// All bits of one meaning.
[[nodiscard]] std::uint32_t status_mask(const Chip &chip, StatusBit::Meaning meaning);
[[nodiscard]] bool is_busy(const Chip &chip, std::uint32_t status);
// A status in words, one line: "PGERR: the cell was not erased (FLASH_SR 0x00000004)".
[[nodiscard]] std::string explain_status(const Chip &chip, std::uint32_t address,
                                         std::uint32_t status);
// The key of the first error bit in status that has one; `otherwise` when none has.
[[nodiscard]] std::string status_cause(const Chip &chip, std::uint32_t status,
                                       std::string_view otherwise);

// Why the chip cannot have this much flash, as the end of "flash_size = 24 KiB cannot be right:
// ..."; empty when it can.
[[nodiscard]] std::optional<std::string> wrong_flash_size(const Chip &chip, std::uint32_t size);
// Cuts or extends the sectors to this much flash. wrong_flash_size must be empty for this size.
void set_flash_size(Chip &chip, std::uint32_t size);

// The addresses of all flash of the chip, ascending; neighbours are one range.
[[nodiscard]] std::vector<MemoryRange> flash_ranges(const Chip &chip);

// Appends a range; where it begins at the end of the last one, the two become one.
void add_range(std::vector<MemoryRange> &ranges, MemoryRange range);

}  // namespace flashhost
