// The FPEC of the STM32F1, one or two banks, and the flash behind it
// (docs/reference/stm32f1-flash.md sections 3 to 7).
#pragma once

#include "common.hpp"
#include "flash.hpp"
#include "option_bytes_f1.hpp"
#include "rules_f1.hpp"

#include <array>
#include <vector>

namespace flashhost::machine::stm32 {

class FlashF1 : public StmFlash {
 public:
  FlashF1(const Common &common, const PartF1 &part, const StmFaults &faults, const RulesF1 &rules,
          std::span<std::uint8_t> main_flash);

  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override;

  bool owns(std::uint32_t address) const override;
  Outcome check_read(std::uint32_t address, Master master) override;
  std::uint32_t load(std::uint32_t address, unsigned width) const override;
  Outcome store(std::uint32_t address, unsigned width, std::uint32_t value, Master master) override;
  Ticks busy_until(std::uint32_t address) const override;
  unsigned wait_states() const override;
  std::uint32_t boot_address() const override;
  bool hardware_watchdog() const override { return (options_.user & 1U) == 0; }
  std::uint32_t information_base() const override { return part_.system_memory; }
  std::span<std::uint8_t> information() override { return information_; }
  void power_lost() override;

  void apply_faults() override;
  std::span<std::uint8_t> fetched() override { return flash_; }

  void hsi_started();  // operations that waited for the clock continue

 protected:
  // What other series with this controller do differently.
  virtual void load_options();                                  // as a reset does
  [[nodiscard]] virtual std::uint32_t option_register() const;  // OBR
  // Errors: of an operation that read protection refuses, of an option byte that is not erased.
  [[nodiscard]] virtual std::uint32_t closed_error() const;
  [[nodiscard]] virtual std::uint32_t not_erased_error() const;
  // Programming RDP to its value without protection erases the flash at once.
  [[nodiscard]] virtual bool unprotects_by_programming() const { return true; }

  void erase_all();
  [[nodiscard]] bool locked() const { return banks_[0].key != Key::unlocked; }
  [[nodiscard]] std::span<std::uint8_t> option_bytes();

  Board &board_;
  const PartF1 &part_;
  const RulesF1 &rules_;
  LoadedOptions options_;

 private:
  enum class Key : std::uint8_t { locked, first_good, unlocked, until_reset };
  enum class Operation : std::uint8_t {
    none,
    program,
    page_erase,
    mass_erase,
    option_program,
    option_erase
  };
  struct Bank {
    std::uint32_t offset = 0;  // of its array in main flash
    std::uint32_t size = 0;
    Key key = Key::locked;
    std::uint32_t control = 0;  // CR without LOCK and STRT
    std::uint32_t status = 0;   // SR without BSY
    std::uint32_t address = 0;  // AR
    Operation operation = Operation::none;
    std::uint32_t target = 0;  // offset of the page or halfword
    std::uint16_t value = 0;
    Ticks visible_from = 0;  // BSY reads 0 before this time
    Ticks started = 0;
    Timeline::Event done{};
  };

  Outcome write_key(Bank &bank, std::uint32_t value);
  Outcome write_option_key(std::uint32_t value);
  void write_control(Bank &bank, std::uint32_t value);
  void start_erase(Bank &bank);
  Outcome program(std::uint32_t offset, std::uint16_t value, Master master);
  Outcome program_option(std::uint32_t address, std::uint16_t value);
  void begin(Bank &bank, Operation operation, std::uint32_t target, std::uint16_t value,
             Ticks visible_from);
  void schedule(Bank &bank, Ticks from);
  void finish(Bank &bank, Ticks due);
  void abandon(Bank &bank);  // power loss or reset ended the operation
  void erase(std::uint32_t offset, std::uint32_t length);
  void scramble(std::span<std::uint8_t> bytes, std::uint16_t towards);
  void changed(std::uint32_t offset, std::uint32_t length);
  [[nodiscard]] Ticks duration(const Bank &bank) const;
  [[nodiscard]] bool unprotects(const Bank &bank) const;  // the option byte that it programs
  [[nodiscard]] bool busy(const Bank &bank) const { return bank.operation != Operation::none; }
  [[nodiscard]] bool shows_busy(const Bank &bank) const;
  [[nodiscard]] Bank &bank_of(std::uint32_t offset);
  [[nodiscard]] const Bank &bank_of(std::uint32_t offset) const;
  [[nodiscard]] bool shut(Master master) const;  // read protection applies to this access
  // The error of an erase or a programming there; 0: none.
  [[nodiscard]] std::uint32_t refusal(std::uint32_t offset, Master master) const;
  [[nodiscard]] std::uint32_t mass_erase_refusal(const Bank &bank) const;

  const Common &common_;
  const StmFaults &faults_;
  std::span<std::uint8_t> flash_;
  std::vector<std::uint8_t> information_;
  std::array<Bank, 2> banks_;
  std::size_t bank_count_;
  Key option_key_ = Key::locked;
  std::uint32_t access_control_ = 0x30;
};

}  // namespace flashhost::machine::stm32
