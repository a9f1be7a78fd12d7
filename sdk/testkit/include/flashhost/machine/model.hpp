// The contract of a chip model, model-<id>.so. The machine has the core, bus, RAM, debug unit,
// exceptions, resets and virtual time; a model has the table of its parts and makes their dies.
#pragma once

#include <flashhost/machine/die.hpp>
#include <flashhost/machine/fault_table.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flashhost::machine {

enum class CoreKind : std::uint8_t { cortex_m0, cortex_m0_plus, cortex_m3, cortex_m4 };

// What the machine must know of a part.
struct Part {
  std::string_view name;  // as in its data sheet: "STM32F103CB"
  CoreKind core = CoreKind::cortex_m3;
  std::uint32_t debug_port_id = 0;          // DPIDR
  std::optional<std::uint32_t> cpuid = {};  // NOLINT(readability-redundant-member-init)
  std::uint32_t flash_size = 0;             // bytes; a multiple of 1 KiB
  std::uint32_t sram_size = 0;              // bytes; a multiple of 1 KiB
  std::uint32_t core_memory_size = 0;       // bytes from 0x10000000 on, which only the core reaches
  bool mpu = false;
  // Of the flash: 0, or at least its size and below 0x10000000: it is shown at 0, too.
  std::uint32_t flash_address = flash_base;
  std::uint32_t sram_address = 0x20000000;  // above the core's memory and below 0x40000000
};

// What a die is connected to; all of it outlives the die.
struct Wiring {
  Board &board;
  std::span<std::uint8_t> main_flash;  // the array itself, as large as the part's flash
  std::span<std::uint8_t> sram;
  const std::vector<std::string> &faults;     // "name" or "name=value"; without the machine's own
  const std::vector<std::string> &rules_off;  // names, the machine's own among them
  std::uint32_t flash_address = flash_base;   // the part's
};

// Immutable: one model serves any number of machines at the same time. Must outlive the dies that
// it has made.
class Model {
 public:
  Model() = default;
  virtual ~Model() = default;
  Model(const Model &) = delete;
  Model &operator=(const Model &) = delete;

  // At least one; the first is the default.
  [[nodiscard]] virtual std::span<const Part> parts() const = 0;
  // The names of the chip's rules and faults, without those of the machine. The conformance kit of
  // families needs flash_time (flash_fault_rows of fault_table.hpp). It takes every fault with
  // "protected" in its name for one that protects the flash.
  [[nodiscard]] virtual std::vector<std::string_view> rule_names() const { return {}; }
  [[nodiscard]] virtual std::vector<FaultName> fault_names() const { return {}; }
  // Registers of the chip that show whether a debugger has restored what it changed. Needed if the
  // family's prepare changes any.
  [[nodiscard]] virtual std::span<const NamedRegister> tidy_registers() const { return {}; }
  // part: one of parts(). Throws std::invalid_argument for a fault that it does not know or that
  // this part cannot have (refuse_fault makes the text).
  [[nodiscard]] virtual std::unique_ptr<Die> make_die(const Part &part,
                                                      const Wiring &wiring) const = 0;
};

}  // namespace flashhost::machine
