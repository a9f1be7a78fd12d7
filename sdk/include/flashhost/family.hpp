// Family: the facts and quirks of one family of chips. The host owns the procedure.
#pragma once

#include <flashhost/probe.hpp>
#include <flashhost/settings.hpp>

#include <optional>
#include <span>
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

// What there is to know about one chip: as a table row describes it, or as identified.
struct Chip {
  std::string name;  // "STM32F103xB" as identified, or the part that was asked for
  std::uint32_t device_id = 0;
  std::uint32_t revision = 0;
  Bytes unique_id;                   // empty when the chip has none or it is not plausible
  MemoryRange flash;                 // what may be programmed
  std::vector<Sector> sectors;       // tile flash, ascending
  std::uint32_t die_flash_size = 0;  // the most that this die can hold, from flash.address
  MemoryRange ram;                   // where loader and slots may stand; executable, all of it real
  std::uint32_t program_unit = 1;    // bytes that one programming access writes; a power of two
  Nanoseconds program_typical{};     // one unit
  Nanoseconds program_maximum{};
  Nanoseconds mass_erase_typical{};  // whole flash; zero: there is no mass erase
  Nanoseconds mass_erase_maximum{};
  std::uint8_t erased_value = 0xFF;
  std::vector<NamedRange> special;  // what an image may not cover, by name, for messages
  std::vector<std::string>
      remarks;  // suspicions and decisions, each said once: "size register reads ..."
  friend bool operator==(const Chip &, const Chip &) = default;
};

struct IdentifyOptions {
  std::optional<Chip> expected;             // the board file's chip, as describe() gave it
  std::optional<std::uint32_t> flash_size;  // the board file's override, bytes
};

struct Protection {
  bool read = false;               // flash cannot be read or programmed by a debugger
  bool permanent = false;          // and nothing can lift it
  std::vector<MemoryRange> write;  // parts that refuse erase and program
  std::string detail;              // in the family's words: "RDP level 1 (option byte 0x00)"
  [[nodiscard]] bool any() const { return read || !write.empty(); }
};

// One register to write back. Applied in reverse order on every way out.
struct UndoStep {
  std::uint32_t address = 0;
  std::uint32_t value = 0;
  bool survives_reset =
      false;         // true: a chip reset does not undo it, so it is written back even then
  std::string what;  // "DMA clocks", for the log
  friend bool operator==(const UndoStep &, const UndoStep &) = default;
};
using UndoLog = std::vector<UndoStep>;

// How long each call of a flash algorithm may take. Where nothing moves on the target meanwhile,
// the loader counts as dead only after this time.
struct CallLimits {
  Nanoseconds init{};  // and UnInit
  Nanoseconds erase_sector{};
  Nanoseconds erase_chip{};
  Nanoseconds program_page{};
};

// The family's part of the flash loader. Position-independent code; entry points with CMSIS flash
// algorithm signatures (see loader_abi.h), as offsets into code, `none` when absent.
struct LoaderCode {
  static constexpr std::uint32_t none = 0xFFFFFFFF;
  std::span<const std::uint8_t> code;  // static in the plugin
  std::uint32_t init = none;
  std::uint32_t uninit = none;
  std::uint32_t erase_sector = none;
  std::uint32_t erase_chip = none;
  std::uint32_t program_page = none;
  std::uint32_t idle = none;
  std::uint32_t crc = none;
  std::uint32_t static_base = none;  // r9, as an offset from the start of the code
  std::uint32_t zero_data = 0;       // bytes behind the code that start as zeros (ZI data)
  std::uint32_t clock_hz = 0;        // core clock after Init
  std::uint32_t stack_size = 256;    // all of it; the agent itself takes at most 144 bytes
  std::uint32_t page_size = 0;       // ProgramPage gets whole pages of this size: a power of two of
                                     // which Chip::program_unit is a multiple; 0: any length
  bool per_function = false;  // Init and UnInit are called for erase (1), program (2), verify (3)
  bool ticks = true;          // its waits call fh_tick; false: it knows nothing of the agent
  CallLimits limits;          // where it does not tick
};

// [one thread] Made by the plugin's create. Objects keep no state about a target between calls:
// what must be undone goes into the UndoLog, what was found out into Chip and Protection.
class Family {
 public:
  Family() = default;
  Family(const Family &) = delete;
  Family &operator=(const Family &) = delete;
  virtual ~Family() = default;

  virtual void configure(const Settings &settings) = 0;

  // Part names for `list chips`, in the order of the manual.
  [[nodiscard]] virtual std::vector<std::string> chips() const = 0;
  // The facts of a part by its name ("STM32F103CB", any case, longer order codes accepted), without
  // a probe.
  [[nodiscard]] virtual std::optional<Chip> describe(std::string_view part) const = 0;

  // Nothing when it is not one of this family's. The core may be running. Throws only when the
  // target cannot be read at all. An override or expectation that cannot be right is an error
  // (Errc::target).
  [[nodiscard]] virtual std::optional<Chip> identify(ProbeReader &probe,
                                                     const IdentifyOptions &options) = 0;

  // The chip's part of quiescing: core halted before and after. Clocks to a known state, DMA off,
  // watchdogs frozen on halt and fed once, flash controller idle, errors and stale control bits
  // cleared, unlocked. Each change is appended to undo before it is made, so that undo is right
  // even when this throws.
  virtual void prepare(Probe &probe, const Chip &chip, UndoLog &undo) = 0;

  [[nodiscard]] virtual Protection protection(Probe &probe, const Chip &chip) = 0;
  // Lifts what `protection` reported, resets the target as needed. Afterwards prepare must run
  // again.
  virtual void unprotect(Probe &probe, const Chip &chip, const Protection &found) = 0;

  // First address of the sector that the chip boots from now (option bytes, remap).
  [[nodiscard]] virtual std::uint32_t boot_address(ProbeReader &probe, const Chip &chip) = 0;

  [[nodiscard]] virtual LoaderCode loader(const Chip &chip) const = 0;

  // The direct path: through the probe alone, when no loader can run. After prepare; core halted.
  // Address and size of program are multiples of program_unit. They check the controller's flags
  // and throw Errc::flash.
  virtual void erase_sector(Probe &probe, const Chip &chip, const Sector &sector) = 0;
  virtual void erase_all(Probe &probe, const Chip &chip) = 0;
  virtual void program(Probe &probe, const Chip &chip, std::uint32_t address,
                       std::span<const std::uint8_t> data) = 0;

  // The flash controller's raw status, as the loader's functions report it, for the bank of
  // `address`.
  [[nodiscard]] virtual std::uint32_t flash_status(ProbeReader &probe, const Chip &chip,
                                                   std::uint32_t address) = 0;
  // Is an operation going on, by that status?
  [[nodiscard]] virtual bool flash_busy(const Chip &chip, std::uint32_t status) const = 0;
  // The status in words, with the likeliest cause: "PGERR: the halfword was not erased before
  // programming".
  [[nodiscard]] virtual std::string explain(const Chip &chip, std::uint32_t status) const = 0;
};

}  // namespace flashhost
