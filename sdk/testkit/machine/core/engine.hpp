// Unicorn, which executes the Thumb-2 instructions. It runs privileged thread code on one stack;
// exceptions, special registers, time and faults are handled by Core.
#pragma once

#include <flashhost/machine/model.hpp>

#include <array>
#include <bitset>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

struct uc_struct;

namespace flashhost::machine {

// Calls from the engine while it runs.
class EngineClient {
 public:
  virtual ~EngineClient() = default;
  virtual void before_instruction(
      std::uint32_t address) = 0;  // may call Engine::stop: then it does not execute
  [[nodiscard]] virtual std::uint32_t load(std::uint32_t address, unsigned width) = 0;  // registers
  virtual void store(std::uint32_t address, unsigned width, std::uint32_t value) = 0;   // registers
  virtual void before_flash_load(std::uint32_t address, unsigned width) = 0;
  virtual void memory_store(std::uint32_t address, unsigned width, std::uint32_t value) = 0;
  virtual void unmapped(
      std::uint32_t address) = 0;  // load or store at an address without memory or registers
};

enum class Stop : std::uint8_t {
  asked,       // by Engine::stop
  bad_access,  // unmapped() told where
  bad_fetch,   // the program counter is where nothing can be fetched
  undefined,   // instruction
  unaligned,   // load or store, on a core that cannot do it
  no_coprocessor,
  no_thumb,  // T bit clear
};

struct CoreState {
  std::array<std::uint32_t, 15> r{};  // r0..r12, sp, lr
  std::uint32_t flags = 0;            // APSR
  bool operator==(const CoreState &) const = default;
};

class Engine {
 public:
  Engine(EngineClient &client, CoreKind core);
  ~Engine();
  Engine(const Engine &) = delete;
  Engine &operator=(const Engine &) = delete;

  // Stores are reported only, not executed: Unicorn's own stores are slow where code is.
  void map_memory(std::uint32_t address, std::span<std::uint8_t> memory);
  void map_data(std::uint32_t address, std::span<std::uint8_t> memory);  // never executed
  void map_registers(std::uint32_t address, std::uint32_t size);
  void watch_flash(std::uint32_t first, std::uint32_t last);
  void unmap(std::uint32_t address, std::uint32_t size);

  [[nodiscard]] Stop run(std::uint32_t pc);
  void stop();  // only from a function of EngineClient
  [[nodiscard]] std::uint32_t program_counter() const;
  [[nodiscard]] std::uint32_t reg(unsigned number) const;  // 0..14
  void set_reg(unsigned number, std::uint32_t value);
  [[nodiscard]] std::uint32_t flags() const;  // APSR
  void set_flags(std::uint32_t apsr);
  void set_it_state(std::uint32_t it);  // for the next instruction run
  [[nodiscard]] bool thumb() const;
  [[nodiscard]] CoreState state() const;
  void forget_code(std::uint32_t address, std::uint32_t length);

 private:
  struct Hooks;
  uc_struct *uc_ = nullptr;
  EngineClient &client_;
  int exception_ = 0;  // QEMU's number; 0: none
  bool running_ = false;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> stale_;
  std::vector<void *> registers_;  // where each register window starts, for its callbacks
};

}  // namespace flashhost::machine
