// The faults that an STM32 can have besides those of the machine.
#pragma once

#include <flashhost/machine/fault_table.hpp>

namespace flashhost::machine::stm32 {

struct StmFaults : FlashFaults {
  std::optional<std::uint16_t> flash_size_register;
  bool hsi_off = false;
  std::optional<Ticks> iwdg;
  std::optional<Ticks> wwdg;
  bool hardware_iwdg = false;
  std::vector<std::uint32_t> write_protected_pages;
  bool read_protected = false;
  bool stale_control_bits = false;
  bool stale_errors = false;
  bool fpec_locked_until_reset = false;
  std::optional<std::uint32_t> revision;
  bool dma_writes = false;
  std::optional<std::uint32_t> dma_address;  // of a small buffer; none: all of the SRAM
  bool swd_pins_off = false;
  bool crc_unit_dead = false;

  // Only for some series:
  bool damaged_rdp = false;
  bool wrong_id = false;
  bool dual_bank = false;
  bool boot_bank2 = false;
  bool read_protected_for_ever = false;
  bool caches_on = false;
  bool erased_only = false;
  std::vector<std::uint32_t> torn_words;  // addresses
  std::vector<std::uint32_t> ecc_single;
  bool option_error = false;
  bool launch_unanswered = false;
  bool stale_sequence_error = false;
  bool single_bank = false;
  bool swapped_banks = false;
  std::optional<std::uint32_t> secure_from;  // page
  std::optional<Ticks> suspended;
};

using StmFaultRows = std::span<const FaultRow<StmFaults>>;

// of_series: faults that only this series has. Throws std::invalid_argument for unknown faults.
[[nodiscard]] StmFaults parse_faults(const std::vector<std::string> &faults,
                                     StmFaultRows of_series);
[[nodiscard]] std::vector<FaultName> fault_names(StmFaultRows of_series);

}  // namespace flashhost::machine::stm32
