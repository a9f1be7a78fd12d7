// The Cortex-M core: runs instructions in the engine, counts their time, takes exceptions, obeys
// the debugger.
#pragma once

#include "bus/bus.hpp"
#include "core/engine.hpp"
#include "core/instruction.hpp"
#include "core/poll_skipper.hpp"
#include "system/system_control.hpp"

#include <optional>

namespace flashhost::machine {

class Core final : public EngineClient, public DebuggedCore {
 public:
  Core(Board &board, Bus &bus, FlashController &flash, SystemControl &control, bool skip_polling);

  void map(std::span<std::uint8_t> sram, std::span<std::uint8_t> ccm);
  void run();  // until timeline.limit, or until it cannot run
  [[nodiscard]] bool can_run() const;
  [[nodiscard]] std::uint32_t program_counter() const { return pc_; }
  void reset(bool runs);  // leaves reset: stack pointer and program counter from the vector table
  void hold_in_reset();
  void forget_code(std::uint32_t address, std::uint32_t length);
  void interrupt(unsigned irq);
  void hold_nmi();
  void clear_active();
  // States in which firmware may leave the core.
  void fall_asleep(Sleep how);
  void fail();  // a fault in the HardFault handler: lockup

  void request_halt() override;
  void resume() override;
  void step() override;
  [[nodiscard]] bool halted() const override { return halted_; }
  [[nodiscard]] bool in_reset() const override { return in_reset_; }
  [[nodiscard]] bool sleeping() const override { return sleeping_; }
  [[nodiscard]] bool locked_up() const override { return locked_up_; }
  [[nodiscard]] std::uint32_t core_register(std::uint32_t selector) const override;
  void set_core_register(std::uint32_t selector, std::uint32_t value) override;

  void before_instruction(std::uint32_t address) override;
  std::uint32_t load(std::uint32_t address, unsigned width) override;
  void store(std::uint32_t address, unsigned width, std::uint32_t value) override;
  void before_flash_load(std::uint32_t address, unsigned width) override;
  void memory_store(std::uint32_t address, unsigned width, std::uint32_t value) override;
  void unmapped(std::uint32_t address) override;

 private:
  enum class Why : std::uint8_t {
    none,
    special,
    breakpoint,
    stall,
    bad_access,
    bad_fetch,
    mpu_fetch,
    mpu_access,
    missing
  };
  enum class Bank : std::uint8_t { main, process };

  struct Decoded {
    InstructionKind kind;
    std::uint8_t length = 0;  // bytes; 0: not decoded
    std::uint8_t block = 0;   // of an IT: how many instructions follow
  };

  // core_run.cpp
  void slice();
  void run_one_of_it_block();
  void handle(Stop stop);
  void halt_here(Why why);  // leaves the engine before or within the current instruction
  [[nodiscard]] bool guarded(std::uint32_t address);
  [[nodiscard]] std::uint16_t halfword(std::uint32_t address);
  [[nodiscard]] InstructionKind kind_at(std::uint32_t address, unsigned &length);
  [[nodiscard]] bool block_has_special(std::uint32_t address, unsigned count);
  [[nodiscard]] Decoded decode(std::uint32_t address);
  [[nodiscard]] Decoded decoded(std::uint32_t address);
  void end_shown_load();
  [[nodiscard]] bool go_on();
  void access_outcome(Outcome outcome, std::uint32_t address);
  [[nodiscard]] std::uint32_t sram_size() const {
    return static_cast<std::uint32_t>(code_[0].bytes.size());
  }
  void sram_store(std::uint32_t address, unsigned width, std::uint32_t value);

  // core_system.cpp: what the engine does not execute
  void execute_special();
  void execute_breakpoint();
  void execute_mrs(std::uint16_t second);
  void execute_msr(std::uint16_t first, std::uint16_t second);
  void sleep(std::uint16_t hint);
  void wake();
  [[nodiscard]] std::uint32_t special_register(unsigned number) const;
  void set_special_register(unsigned number, unsigned mask, std::uint32_t value);

  // core_exceptions.cpp
  [[nodiscard]] bool take_pending();
  void enter(unsigned number, std::uint32_t return_address);
  void leave(std::uint32_t exc_return);
  void fault(unsigned number, std::uint32_t status, std::optional<std::uint32_t> address = {});
  void hard_fault(std::uint32_t status);
  void lock_up();
  [[nodiscard]] bool push_frame(std::uint32_t return_address);
  [[nodiscard]] bool pop_frame(std::uint32_t exc_return);
  [[nodiscard]] bool catch_vector(unsigned number, std::uint32_t status);
  [[nodiscard]] int execution_priority() const;
  void limit_masks();  // clears mask registers that this core does not have

  // core_debug.cpp
  void enter_debug(std::uint32_t dfsr_bit);
  void set_halted(bool halted);
  void map_peripherals_elsewhere();
  void remap_alias();
  void mark_executed(std::uint32_t address);
  void forget_decoded(std::uint32_t address, std::uint32_t length);
  [[nodiscard]] std::uint32_t program_status() const;
  void set_program_status(std::uint32_t value);

  [[nodiscard]] Bank current_bank() const;
  [[nodiscard]] std::uint32_t stack_pointer(Bank bank) const;
  void set_stack_pointer(Bank bank, std::uint32_t value);
  void set_mode(unsigned ipsr,
                bool process_stack);  // moves the right stack pointer into the engine
  void update_privilege();
  void spend(Ticks cycles) { board_.timeline.now += cycles * board_.clocks.cycle; }

  Board &board_;
  Bus &bus_;
  FlashController &flash_;
  SystemControl &control_;
  Engine engine_;
  PollSkipper skipper_;
  const InstructionKind *kinds_;

  // Processor state that the engine does not hold.
  std::uint32_t pc_ = 0;
  unsigned ipsr_ = 0;
  std::uint32_t it_ = 0;  // IT/ICI bits of the next instruction
  bool thumb_ = true;
  bool process_stack_ = false;  // CONTROL.SPSEL
  bool unprivileged_ = false;   // CONTROL.nPRIV
  std::uint32_t other_stack_ = 0;
  Masks masks_;

  bool halted_ = false;
  bool halt_wanted_ = false;
  bool stepping_ = false;
  bool sleeping_ = false;
  bool locked_up_ = false;
  bool in_reset_ = true;
  bool parked_ = false;                      // stays at the reset vector until a debugger starts it
  bool event_ = false;                       // of WFE
  std::optional<std::uint32_t> stalled_on_;  // flash address that is busy

  // While the engine runs.
  Why why_ = Why::none;
  bool stopping_ = false;
  std::uint32_t current_ = 0;   // instruction at hand
  std::uint32_t expected_ = 0;  // next one if no branch is taken
  Ticks charged_ = 0;
  std::uint32_t access_address_ = 0;
  unsigned it_left_ = 0;  // instructions of an IT block still to come: the engine cannot stop there
  std::uint64_t instructions_left_ = 0;
  bool load_shown_ = false;  // the mapping shows a load's data instead of code

  struct CodeRange {
    std::uint32_t base = 0;
    std::span<const std::uint8_t> bytes;
  };
  std::array<CodeRange, 4> code_{};  // SRAM, flash, alias, information
  std::size_t code_now_ = 0;
  std::span<std::uint8_t> flash_bytes_;
  std::uint32_t alias_of_ = flash_base;
  std::uint32_t executed_page_ = ~0U;
  std::vector<std::uint32_t>
      executed_;  // pages of 1 KiB from which the engine may hold code: see forget_code
  // For each halfword of SRAM, the decoded instruction there. The core's stores to other halfwords
  // need no further work; data are often close to code.
  std::vector<Decoded> decoded_sram_;
};

}  // namespace flashhost::machine
