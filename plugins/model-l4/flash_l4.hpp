// The flash controller of the L4, L4+, G0, G4, C0, U0, WB and WL, and the flash behind it
// (docs/reference/stm32-l4-type-flash.md sections 3 to 13).
#pragma once

#include "art_cache.hpp"
#include "double_words.hpp"
#include "faults.hpp"
#include "flash.hpp"
#include "parts_l4.hpp"
#include "rules_l4.hpp"

#include <array>
#include <optional>
#include <vector>

namespace flashhost::machine::stm32 {

// The array is as the chip shows it: when the options swap the banks, its halves change places.
class FlashL4 final : public StmFlash {
 public:
  FlashL4(Board &board, const PartL4 &part, const StmFaults &faults, const RulesL4 &rules,
          std::span<std::uint8_t> main_flash);

  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override;

  bool owns(std::uint32_t address) const override;
  Outcome check_read(std::uint32_t address, Master master) override;
  std::uint32_t load(std::uint32_t address, unsigned width) const override;
  Outcome store(std::uint32_t address, unsigned width, std::uint32_t value, Master master) override;
  Ticks busy_until(std::uint32_t address) const override;
  unsigned wait_states() const override { return access_ & 0xF; }
  std::uint32_t boot_address() const override { return boot_; }
  bool hardware_watchdog() const override;
  std::uint32_t information_base() const override;
  std::span<std::uint8_t> information() override { return information_; }
  void power_lost() override;
  void power_on() override;
  void apply_faults() override;
  bool debug_forbidden() const override;
  std::span<std::uint8_t> fetched() override { return cache_.fetched(); }
  void fetch(std::uint32_t address) override;
  bool before_load(std::uint32_t address, unsigned width) override;
  void loaded() override { cache_.loaded(); }

 private:
  enum class Key : std::uint8_t { locked, first_good, unlocked, until_reset };
  enum class Operation : std::uint8_t { none, program, page_erase, mass_erase, options };
  enum class Level : std::uint8_t { open, readout, closed };
  // The registers of the options, from OPTR on.
  class Options {
   public:
    std::uint32_t &operator[](std::uint32_t offset) { return words_.at((offset - first) / 4); }
    std::uint32_t operator[](std::uint32_t offset) const { return words_.at((offset - first) / 4); }

   private:
    static constexpr std::uint32_t first = 0x20;
    std::array<std::uint32_t, 34> words_{};
  };
  struct Word {
    std::uint32_t address;
    std::uint32_t value;
  };
  struct Row {
    std::uint32_t next;  // address
    std::uint32_t left;  // double words
    bool aborted;
  };

  // Registers, in flash_l4.cpp.
  [[nodiscard]] Outcome write_key(Key &state, std::uint32_t value, std::uint32_t first,
                                  std::uint32_t second) const;
  [[nodiscard]] Outcome write_control(std::uint32_t value, Master master);
  [[nodiscard]] std::uint32_t status() const;
  void write_option(std::uint32_t offset, std::uint32_t value);
  [[nodiscard]] std::uint32_t control_bits() const;
  void write_access(std::uint32_t value);
  [[nodiscard]] bool debug_switchable() const;
  void write_ecc(std::uint32_t &ecc, std::uint32_t value);
  void start_erase(Master master);
  void start_page_erase();
  void start_mass_erase();
  void refuse(std::uint32_t errors);
  [[nodiscard]] bool blocked() const;

  // Accesses to memory, in flash_l4_memory.cpp.
  [[nodiscard]] bool in_main(std::uint32_t address) const;
  [[nodiscard]] bool in_hole(std::uint32_t offset) const;
  [[nodiscard]] bool in_otp(std::uint32_t address) const;
  [[nodiscard]] std::uint8_t *cell(std::uint32_t address);
  [[nodiscard]] bool shut(Master master) const;
  [[nodiscard]] Outcome program(std::uint32_t address, std::uint64_t value, Master master);
  void check_wait_states();
  [[nodiscard]] bool wide_lines() const;
  void check_line(std::uint32_t offset);
  void check_ecc(std::uint32_t offset);  // of one double word

  // Operations, in flash_l4_operations.cpp.
  void begin(Operation operation, std::uint32_t first, std::uint32_t length);
  void finish(Ticks due);
  void finish_program();
  void finish_options();
  void abandon();  // power loss or reset ended the operation
  void tear(std::uint32_t offset, std::uint64_t towards);
  void tear_erase();
  void erase(std::uint32_t offset, std::uint32_t length);
  void changed(std::uint32_t offset, std::uint32_t length);
  [[nodiscard]] Ticks duration() const;
  [[nodiscard]] bool busy() const { return operation_ != Operation::none; }
  [[nodiscard]] std::uint32_t operation_offset() const;  // in the array; OTP and options: bank 1
  [[nodiscard]] unsigned flash_interrupt() const;

  // Fast programming, in flash_l4_fast.cpp.
  [[nodiscard]] std::uint32_t row_error(std::uint32_t address);
  [[nodiscard]] std::uint32_t row_size() const;
  [[nodiscard]] Ticks row_time() const;  // of one of its double words
  void row_goes_on(Ticks from);
  void abort_row(std::uint32_t offset);
  void gap_too_long();
  void end_row();

  // Options and what they decide, in flash_l4_options.cpp.
  void factory_options();
  void load_options();
  void erase_by_opening();
  void look_at_first_word();
  void choose_boot();
  [[nodiscard]] bool rom_selected() const;
  void show_option_bytes();
  void start_options();
  [[nodiscard]] bool has_option(std::uint32_t offset) const;
  [[nodiscard]] bool dual() const;
  [[nodiscard]] bool swapped() const;
  [[nodiscard]] std::uint32_t flash_size() const;
  [[nodiscard]] std::uint32_t bank_size() const;
  [[nodiscard]] std::uint32_t bank_distance() const;                // of one bank: all of the array
  [[nodiscard]] std::uint32_t in_bank(std::uint32_t offset) const;  // from the start of its bank
  [[nodiscard]] std::uint32_t page_size() const;
  [[nodiscard]] std::uint32_t page_mask() const;  // of a page's number in WRP registers
  [[nodiscard]] std::uint32_t pcrop_unit() const;
  [[nodiscard]] std::uint32_t bank_of(std::uint32_t offset) const;   // the physical one, 0 or 1
  [[nodiscard]] std::uint32_t bank_start(std::uint32_t bank) const;  // offset where it is seen
  [[nodiscard]] Level level() const;
  [[nodiscard]] bool opens() const;  // the wanted options lift the read protection
  [[nodiscard]] bool boot_locked() const;
  [[nodiscard]] bool write_protected(std::uint32_t offset) const;
  [[nodiscard]] bool code_protected(std::uint32_t offset, std::uint32_t length) const;  // PCROP
  [[nodiscard]] bool any_protected(std::uint32_t offset, std::uint32_t length) const;
  [[nodiscard]] bool secured(std::uint32_t offset) const;  // hidden until reset
  [[nodiscard]] bool of_second_core(std::uint32_t offset) const;

  Board &board_;
  const PartL4 &part_;
  const LineL4 &line_;
  const SeriesL4 &series_;
  const StmFaults &faults_;
  const RulesL4 &rules_;
  std::span<std::uint8_t> flash_;
  std::vector<std::uint8_t> information_;
  ArtCache cache_;
  DoubleWords words_;  // of the array
  DoubleWords otp_words_;
  Options cells_;   // the option bytes themselves
  Options loaded_;  // what is in force
  Options wanted_;  // what was written to the registers
  bool options_torn_ = false;
  bool load_wanted_ = false;  // at the next reset: after OBL_LAUNCH and at power-on
  bool intruded_ = false;     // protected under a debugger's eyes: shut until power-on
  bool empty_ = false;
  std::uint32_t boot_;
  std::uint32_t secured_ = 0;  // SEC_PROT bits of CR
  Key key_ = Key::locked;
  Key option_key_ = Key::locked;
  std::uint32_t access_;                // ACR without EMPTY and the caches
  std::uint32_t control_ = 0;           // CR without the locks and what starts something
  std::uint32_t status_ = 0;            // SR: errors and EOP
  std::array<std::uint32_t, 2> ecc_{};  // ECCR, ECC2R
  std::optional<Word> first_word_;      // waits for the second half of its double word
  Ticks suspended_until_ = 0;
  std::uint32_t fetched_bank_ = 0;

  Operation operation_ = Operation::none;
  std::uint32_t first_ = 0;   // address
  std::uint32_t length_ = 0;  // bytes
  std::uint64_t value_ = 0;
  Ticks started_ = 0;
  Timeline::Event done_{};
  bool fast_ready_ = false;  // erased as fast programming needs it
  std::optional<Row> row_;   // of fast programming
  Timeline::Event gap_{};    // the next double word of the row is too late
};

}  // namespace flashhost::machine::stm32
