// family-acme: the ACME32 microcontrollers. Their facts are in README.md; the host does the rest.
#include "flash_loader.hpp"
#include "registers.h"

#include <flashhost/controller.hpp>
#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/family.hpp>
#include <flashhost/identify.hpp>
#include <flashhost/plugin.hpp>
#include <flashhost/text.hpp>

#include <algorithm>
#include <array>
#include <chrono>

namespace {

using namespace flashhost;
using namespace std::chrono_literals;

constexpr std::uint32_t kib = 1024;
constexpr std::uint32_t info_id = 0x50001000, info_size = 0x50001004, info_unique = 0x50001008;
constexpr std::uint32_t opt_read_open = 0xA5, opt_write_shift = 16, protected_unit = 2 * kib;
constexpr Nanoseconds option_maximum = 20ms;

// One row for each die.
struct Row {
  const char *part;
  std::uint32_t core, device_id, flash_kib, ram_kib;
};
constexpr std::array<Row, 2> rows{{
    {"ACME32C", 0xC20, 0xAC0C, 16, 4},
    {"ACME32P", 0xC60, 0xAC0D, 32, 8},
}};

FlashStatus flash_status() {
  using enum StatusBit::Meaning;
  FlashStatus status;
  status.registers = {{"FMC_STATUS", FMC_STATUS, FLASH_BASE}};
  status.bits = {
      {error, STATUS_PROTERR, "PROTERR",
       "the page is write-protected, or the chip is read-protected; --unlock, or unlock = true "
       "in [flash], lifts it",
       Cause::write_protection},
      {error, STATUS_PROGERR, "PROGERR",
       "the word was not erased before it was programmed: the erase was incomplete, or the cell "
       "is worn out",
       Cause::bad_cell},
      {busy, STATUS_BUSY, "BUSY", "an operation is still going on", Cause::stuck_busy},
      {done, STATUS_DONE, "DONE", "the operation ended without an error flag"}};
  status.codes = {{RESULT_LOCKED, "the flash controller stayed locked after its keys"},
                  {RESULT_ALIGNMENT, "the loader was asked to program an odd address or length"}};
  status.no_bits = "no flag at all: the controller never started";
  return status;
}

Chip make_chip(const Row &row) {
  Chip chip;
  chip.name = row.part;
  chip.die = row.part;
  chip.device_id = row.device_id;
  chip.flash = {FLASH_BASE, row.flash_kib * kib};
  chip.die_flash_size = chip.flash.size;
  for (std::uint32_t at = 0; at < chip.flash.size; at += PAGE_SIZE) {
    chip.sectors.push_back({FLASH_BASE + at, PAGE_SIZE, 4ms, 8ms});
  }
  chip.die_sectors = chip.sectors;
  chip.boot_address = FLASH_BASE;
  chip.ram = {RAM_BASE, row.ram_kib * kib};
  chip.program_unit = 4;
  chip.program_typical = 40us;
  chip.program_maximum = 80us;
  chip.mass_erase_typical = 12ms;
  chip.mass_erase_maximum = 24ms;
  chip.status = flash_status();
  chip.special = {
      {"boot alias of the flash (link the firmware for 0x08000000)", {0, chip.flash.size}}};
  return chip;
}

class AcmeFamily final : public Family, private Locks, private DirectFlash {
 public:
  explicit AcmeFamily(Host &host) : host_(host) {}

  [[nodiscard]] std::vector<Part> parts() const override {
    std::vector<Part> parts;
    parts.reserve(rows.size());
    for (const Row &row : rows) parts.push_back({row.part, make_chip(row)});
    return parts;
  }

  // Checks the core first: on another maker's chip a read at info_id could do harm.
  [[nodiscard]] Identity identify(ProbeReader &probe) override {
    const std::uint32_t core = (read_if_there(probe, cortex_m::cpuid).value_or(0) >> 4) & 0xFFF;
    const auto is_core = [&](const Row &row) { return row.core == core; };
    if (std::ranges::none_of(rows, is_core)) return {{}, "core " + hex(core)};
    const auto id = read_id_word(probe, info_id);
    const std::string evidence = id ? "INFO_ID " + hex(*id) : "INFO_ID cannot be read";
    const auto row = std::ranges::find(rows, id.value_or(0) >> 16, &Row::device_id);
    if (row == rows.end() || row->core != core) return {{}, evidence};
    Chip chip = make_chip(*row);
    chip.revision = id.value_or(0) & 0xFFFF;
    take_reported_size(probe, chip, read_if_there(probe, info_size).value_or(0), parts());
    chip.unique_id = read_unique_id(probe, info_unique);
    return {std::move(chip), evidence};
  }

  [[nodiscard]] LoaderCode loader(const Chip & /*chip*/) const override {
    LoaderCode code = flash_loader::loader_code();
    code.clock_hz = 8'000'000;  // as after reset: Init does not change it
    return code;
  }

  void prepare(Probe &probe, const Chip &chip, UndoLog &undo) override {
    const KeyedLock lock{
        "the flash controller", "FMC_CTRL", FMC_CTRL, CTRL_LOCK, FMC_KEY, {KEY1, KEY2}};
    open_controller(host_, probe, chip, FLASH_BASE, lock, STATUS_DONE | STATUS_ERRORS, undo);
  }

  [[nodiscard]] Locks *locks() override { return this; }
  [[nodiscard]] DirectFlash *direct_flash() override { return this; }

 private:
  // Locks
  [[nodiscard]] Protection protection(Probe &probe, const Chip &chip) override {
    const std::uint32_t option = probe.read_word(FMC_OPT);
    Protection found;
    found.read = (option & 0xFF) != opt_read_open;
    for (std::uint32_t at = 0; at < chip.flash.size; at += protected_unit) {
      if (((option >> opt_write_shift) >> (at / protected_unit) & 1U) == 0) continue;
      add_range(found.write, {chip.flash.address + at, protected_unit});
    }
    if (found.any()) found.detail = "protection is on (FMC_OPT " + hex(option) + ")";
    return found;
  }

  void unprotect(Probe &probe, const Chip &chip, const Protection &found) override {
    if (found.read) host_.warning("taking the read protection off erases the whole flash");
    probe.write_word(FMC_OPTNEW, opt_read_open);
    wait_done(host_, probe, chip, FLASH_BASE, chip.mass_erase_maximum + option_maximum,
              "writing the option word");
    static_cast<void>(cortex_m::reset_and_halt(probe));  // only a reset loads the option word
  }

  // DirectFlash
  [[nodiscard]] std::vector<Width> widths(const Chip & /*chip*/) const override {
    return {Width::word};
  }

  void erase_sector(Probe &probe, const Chip &chip, const Sector &sector) override {
    erase(probe, chip, CTRL_ER, sector.address, sector.erase_maximum, "erasing the page");
  }

  void erase_all(Probe &probe, const Chip &chip) override {
    erase(probe, chip, CTRL_MER, FLASH_BASE, chip.mass_erase_maximum, "the mass erase");
  }

  void program(Probe &probe, const Chip &chip, std::uint32_t address,
               std::span<const std::uint8_t> data, Width /*width*/) override {
    probe.write_word(FMC_STATUS, STATUS_DONE | STATUS_ERRORS);
    probe.write_word(FMC_CTRL, CTRL_PG);
    for (std::size_t at = 0; at < data.size(); at += 4) {
      const auto target = address + static_cast<std::uint32_t>(at);
      probe.write_memory(target, data.subspan(at, 4), Width::word);
      wait_done(host_, probe, chip, target, chip.program_maximum, "programming");
    }
    probe.write_word(FMC_CTRL, 0);
  }

  void erase(Probe &probe, const Chip &chip, std::uint32_t mode, std::uint32_t address,
             Nanoseconds maximum, const std::string &what) {
    probe.write_word(FMC_STATUS, STATUS_DONE | STATUS_ERRORS);
    probe.write_word(FMC_ADDR, address);
    probe.write_word(FMC_CTRL, mode);
    probe.write_word(FMC_CTRL, mode | CTRL_START);
    wait_done(host_, probe, chip, address, maximum, what);
    probe.write_word(FMC_CTRL, 0);
  }

  Host &host_;
};

}  // namespace

FLASHHOST_PLUGIN(FLASHHOST_KIND_FAMILY, flashhost::Family, AcmeFamily, "acme", "1.0",
                 "ACME32C and ACME32P (the SDK's template)")
