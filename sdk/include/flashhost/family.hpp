// Family: the facts and quirks of one family of chips. The host owns the procedure.
#pragma once

#include <flashhost/chip.hpp>
#include <flashhost/option_bytes.hpp>
#include <flashhost/parts.hpp>
#include <flashhost/probe.hpp>
#include <flashhost/settings.hpp>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace flashhost {

struct Protection {
  bool read = false;               // flash cannot be read or programmed by a debugger
  bool permanent = false;          // and nothing can lift it
  std::vector<MemoryRange> write;  // parts that refuse erase and program
  std::string detail;              // in the family's words: "level 1 (option byte 0x00)"
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

// How long each call of a flash algorithm may take. Used when nothing on the target shows progress
// during a call: the loader counts as dead only after this time.
struct CallLimits {
  Nanoseconds init{};  // also for UnInit
  Nanoseconds erase_sector{};
  Nanoseconds erase_chip{};
  Nanoseconds program_page{};
};

// The family's part of the flash loader. Position-independent code; entry points with CMSIS flash
// algorithm signatures (see loader_abi.h), as offsets into code, `none` when absent. EraseSector
// and ProgramPage are required, EraseChip when the chip has a mass erase. Without Init the flash is
// as prepare left it. An Init must unlock the flash, whether it finds it locked (as after UnInit)
// or open. Without UnInit the host locks the flash by prepare's undo steps. Each function first
// clears the flags of earlier operations, and returns those of its own.
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
  // Handler of the non-maskable interrupt, where the chip raises one for flash that its error
  // correction cannot read (loader_abi.h). none: an NMI stops the loader.
  std::uint32_t nmi = none;
  std::uint32_t static_base = none;  // r9, as an offset from the start of the code
  std::uint32_t zero_data = 0;       // bytes behind the code that start as zeros (ZI data)
  std::uint32_t scratch = 0;         // bytes behind those that start as anything
  std::uint32_t clock_hz = 0;        // core clock after Init, or the fastest that it may be
  // Init's second argument, where it is another number.
  std::optional<std::uint32_t> init_clock_hz = {};  // NOLINT(readability-redundant-member-init)
  std::uint32_t stack_size = 256;  // in total; the agent itself takes at most 144 bytes
  std::uint32_t page_size = 0;     // ProgramPage gets whole pages of this size, a power of two, and
                                   // Chip::program_unit is a multiple of it; 0: any length
  bool per_function = false;  // Init and UnInit are called for erase (1), program (2), verify (3)
  bool ticks = true;          // its wait loops call fh_tick; false: they do not
  CallLimits limits;          // used when ticks is false

  // Some may be none.
  [[nodiscard]] std::array<std::uint32_t, 8> entries() const {
    return {init, uninit, erase_sector, erase_chip, program_page, idle, crc, nmi};
  }
};

// The answer to "which chip is this?".
struct Identity {
  std::optional<Chip> chip;  // empty: not a chip of this family
  // What the answer is based on, also when there is no chip; for messages: "ID register
  // 0x20036410".
  std::string evidence;
};

// An ability of a family: taking protection off.
// [one thread] All calls come after prepare, with the core halted, unless they say otherwise.
class Locks {
 public:
  Locks() = default;
  Locks(const Locks &) = delete;
  Locks &operator=(const Locks &) = delete;
  virtual ~Locks() = default;

  // Reads only; also before prepare.
  [[nodiscard]] virtual Protection protection(Probe &probe, const Chip &chip) = 0;
  // Lifts what `protection` reported and resets the target as that needs; the core is halted
  // afterwards. The host then asks `protection` again and prepares the chip again.
  virtual void unprotect(Probe &probe, const Chip &chip, const Protection &found) = 0;
};

// An ability of a family: erasing and programming through the probe alone, for when no loader runs.
// [one thread] All calls come after prepare, with the core halted. They clear the flags that an
// earlier operation left, check their own and throw Errc::flash.
class DirectFlash {
 public:
  DirectFlash() = default;
  DirectFlash(const DirectFlash &) = delete;
  DirectFlash &operator=(const DirectFlash &) = delete;
  virtual ~DirectFlash() = default;

  // Widths of access (no `automatic`) that can program this chip, the best first; not empty. The
  // host takes the first that the probe has.
  [[nodiscard]] virtual std::vector<Width> widths(const Chip &chip) const = 0;
  virtual void erase_sector(Probe &probe, const Chip &chip, const Sector &sector) = 0;
  // Called only for a chip with a mass_erase_typical.
  virtual void erase_all(Probe &probe, const Chip &chip) = 0;
  // By accesses of `width`, one of `widths`. Address and size are multiples of Chip::write_unit.
  virtual void program(Probe &probe, const Chip &chip, std::uint32_t address,
                       std::span<const std::uint8_t> data, Width width) = 0;
};

// [one thread] Made by the plugin's create. Objects keep no state about a target between calls:
// what must be undone goes into the UndoLog, what was found out into Chip and Protection.
class Family {
 public:
  Family() = default;
  Family(const Family &) = delete;
  Family &operator=(const Family &) = delete;
  virtual ~Family() = default;

  // Called once, before anything else. A family without settings leaves it as it is.
  virtual void configure(const Settings &settings);
  // Called after configure where the user names a part (--chip, chip in [family]): for a family
  // that reads the facts of a part from a file when it is asked for. The default does nothing.
  // Throws Errc::config for a part that it does not know, if nobody else can.
  virtual void ask_for(const std::string &part);

  // The table of its parts, in the order of the manual: `list chips`, and family.chip of the board
  // file. Chips as sold, without what only a probe can find out.
  [[nodiscard]] virtual std::vector<Part> parts() const = 0;

  // Which chip is this? Independent of the board file: the host compares. The core may be running.
  // Reads only. Throws only when the target cannot be read at all.
  [[nodiscard]] virtual Identity identify(ProbeReader &probe) = 0;

  // Sets what depends on the size of the flash, which the host has now set in chip.flash.size from
  // identify and the board file, and what may have changed with an option of the chip: sectors,
  // times, boot_address. Called after identify, with the core as it was, and again at the end of
  // every preparation, with the core halted and the flash idle. Reads only; throws when it cannot
  // read what it needs. The default leaves the chip as it is.
  virtual void settle(ProbeReader &probe, Chip &chip);

  // Code for this chip; empty code: there is no loader, everything goes through DirectFlash.
  [[nodiscard]] virtual LoaderCode loader(const Chip &chip) const = 0;

  // The chip's part of quiescing; the core is halted before and after. Sets clocks to a known
  // state, turns DMA off, freezes watchdogs on halt and feeds them once; flash controller idle,
  // errors and stale control bits cleared, unlocked. Appends each change to undo before making it,
  // so that undo is right even when this throws.
  virtual void prepare(Probe &probe, const Chip &chip, UndoLog &undo);
  // Called after everything has been programmed and verified, before the host leaves the chip, also
  // when there was nothing to program: for what the chip has to be told, such as that its flash is
  // not empty any more. The core is halted. After a loader the flash is locked, and clocks are as
  // its UnInit left them; without one the controller is open, and clocks are as prepare left them:
  // rely on neither. An exception repeats the whole pass, and so this call: running twice must do
  // no harm.
  virtual void finish(Probe &probe, const Chip &chip);
  // The same where the chip may not be reset: the user has forbidden it, or it would do harm now.
  // For a family whose finish() resets the chip: says instead what starts the new firmware. By
  // default it is finish().
  virtual void finish_without_reset(Probe &probe, const Chip &chip);

  // Abilities; null: the family does not have it. The object belongs to the family.
  [[nodiscard]] virtual Locks *locks();               // null: no protection, or none that it knows
  [[nodiscard]] virtual DirectFlash *direct_flash();  // null: only a loader can write
  [[nodiscard]] virtual OptionBytes *option_bytes();  // null: they cannot be shown or set
};

}  // namespace flashhost
