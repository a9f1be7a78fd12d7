// The flash controller of the STM32F4, one or two banks, and the flash behind it
// (docs/reference/stm32f4-flash.md sections 3 to 9).
#pragma once

#include "art_cache.hpp"
#include "faults.hpp"
#include "flash.hpp"
#include "rules_f4.hpp"
#include "sectors_f4.hpp"

#include <vector>

namespace flashhost::machine::stm32 {

class FlashF4 final : public StmFlash {
 public:
  FlashF4(Board &board, const StmPart &part, const StmFaults &faults, const RulesF4 &rules,
          std::span<std::uint8_t> main_flash);

  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override;

  bool owns(std::uint32_t address) const override;
  Outcome check_read(std::uint32_t address, Master master) override;
  std::uint32_t load(std::uint32_t address, unsigned width) const override;
  Outcome store(std::uint32_t address, unsigned width, std::uint32_t value, Master master) override;
  Ticks busy_until(std::uint32_t address) const override;
  unsigned wait_states() const override { return cache_.control() & 0xF; }
  std::uint32_t boot_address() const override;
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
  enum class Operation : std::uint8_t { none, program, sector_erase, mass_erase, options };
  enum class Level : std::uint8_t { open, readout, closed };
  struct Options {
    std::uint32_t first = 0;   // OPTCR without OPTLOCK and OPTSTRT
    std::uint32_t second = 0;  // OPTCR1
  };

  [[nodiscard]] Outcome write_key(Key &state, std::uint32_t value, std::uint32_t first,
                                  std::uint32_t second) const;
  [[nodiscard]] Outcome write_control(std::uint32_t value);
  [[nodiscard]] Outcome write_options(std::uint32_t value);
  void start_erase();
  void start_options();
  void refuse(std::uint32_t errors);
  [[nodiscard]] Outcome program(std::uint32_t address, unsigned width, std::uint32_t value,
                                Master master);
  void begin(Operation operation, std::uint32_t first, std::uint32_t length);
  void finish(Ticks due);
  void finish_program();
  void finish_options();
  void abandon();  // power loss or reset ended the operation
  void erase(std::uint32_t offset, std::uint32_t length);
  void scramble(std::uint32_t offset, std::uint32_t length, std::uint32_t towards);
  void load_options();
  void show_option_bytes();
  [[nodiscard]] Ticks duration() const;
  [[nodiscard]] bool busy() const { return operation_ != Operation::none; }
  [[nodiscard]] bool blocked() const;
  [[nodiscard]] bool in_main(std::uint32_t address) const;
  [[nodiscard]] std::uint8_t *cell(std::uint32_t address);
  [[nodiscard]] const SectorF4 *sector_at(std::uint32_t offset) const;
  [[nodiscard]] bool write_protected(const SectorF4 &sector) const;
  [[nodiscard]] bool supply_allows(std::uint32_t psize);
  [[nodiscard]] std::uint32_t psize() const;
  [[nodiscard]] Level level() const;
  [[nodiscard]] bool shut(Master master);
  [[nodiscard]] bool dual() const;
  void check_wait_states();

  Board &board_;
  const StmPart &part_;
  const StmFaults &faults_;
  const RulesF4 &rules_;
  std::span<std::uint8_t> flash_;
  std::vector<std::uint8_t> information_;
  ArtCache cache_;
  std::vector<SectorF4> sectors_;
  Options cells_;  // the option bytes themselves
  Options options_;
  Options wanted_;  // what the registers hold
  Key key_ = Key::locked;
  Key option_key_ = Key::locked;
  std::uint32_t control_ = 0;  // CR without LOCK and STRT
  std::uint32_t status_ = 0;   // SR without BSY
  bool intruded_ = false;      // debugged while read-protected: locked until power-on

  Operation operation_ = Operation::none;
  std::uint32_t first_ = 0;   // offset; of a program operation: address
  std::uint32_t length_ = 0;  // bytes
  std::uint32_t value_ = 0;
  bool weak_ = false;  // PSIZE is wider than the supply allows
  Ticks started_ = 0;
  Timeline::Event done_{};
};

}  // namespace flashhost::machine::stm32
