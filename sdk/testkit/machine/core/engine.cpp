#include "core/engine.hpp"

#include <unicorn/unicorn.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace flashhost::machine {
namespace {

void check(uc_err error, const char *what) {
  if (error != UC_ERR_OK) {
    throw std::runtime_error(std::string("simulator: Unicorn, ") + what + ": " +
                             uc_strerror(error));
  }
}

constexpr int qemu_prefetch_abort = 3;
constexpr int qemu_data_abort = 4;
constexpr int qemu_exception_exit = 8;
constexpr int qemu_no_coprocessor = 17;
constexpr int qemu_invalid_state = 18;

constexpr std::uint32_t it_bits = 0x0600FC00;

}  // namespace

struct Engine::Hooks {
  static Engine &self(void *data) { return *static_cast<Engine *>(data); }

  static void code(uc_engine *, std::uint64_t address, std::uint32_t, void *data) {
    self(data).client_.before_instruction(static_cast<std::uint32_t>(address));
  }
  static void interrupt(uc_engine *uc, std::uint32_t number, void *data) {
    self(data).exception_ = static_cast<int>(number);
    uc_emu_stop(uc);
  }
  static void flash_load(uc_engine *, uc_mem_type, std::uint64_t address, int size, std::int64_t,
                         void *data) {
    self(data).client_.before_flash_load(static_cast<std::uint32_t>(address),
                                         static_cast<unsigned>(size));
  }
  // Unicorn calls this for a store to read-only memory and then drops the store.
  static bool memory_store(uc_engine *, uc_mem_type, std::uint64_t address, int size,
                           std::int64_t value, void *data) {
    self(data).client_.memory_store(static_cast<std::uint32_t>(address),
                                    static_cast<unsigned>(size), static_cast<std::uint32_t>(value));
    return true;
  }
  static bool unmapped(uc_engine *, uc_mem_type type, std::uint64_t address, int, std::int64_t,
                       void *data) {
    if (type != UC_MEM_FETCH_UNMAPPED)
      self(data).client_.unmapped(static_cast<std::uint32_t>(address));
    return false;
  }
  struct Registers {
    Engine *engine;
    std::uint32_t base;
  };
  static std::uint64_t load(uc_engine *, std::uint64_t offset, unsigned size, void *data) {
    // Unicorn passes the offset within the window, which starts at base.
    const auto *const at = static_cast<const Registers *>(data);
    return at->engine->client_.load(at->base + static_cast<std::uint32_t>(offset), size);
  }
  static void store(uc_engine *, std::uint64_t offset, unsigned size, std::uint64_t value,
                    void *data) {
    const auto *const at = static_cast<const Registers *>(data);
    at->engine->client_.store(at->base + static_cast<std::uint32_t>(offset), size,
                              static_cast<std::uint32_t>(value));
  }
};

Engine::Engine(EngineClient &client, CoreKind core) : client_(client) {
  // With UC_MODE_MCLASS Unicorn 2.0.1 ignores the model and makes a Cortex-M33.
  check(uc_open(UC_ARCH_ARM, UC_MODE_THUMB, &uc_), "open");
  const bool v6m = core == CoreKind::cortex_m0 || core == CoreKind::cortex_m0_plus;
  const int model = v6m                           ? UC_CPU_ARM_CORTEX_M0
                    : core == CoreKind::cortex_m4 ? UC_CPU_ARM_CORTEX_M4
                                                  : UC_CPU_ARM_CORTEX_M3;
  check(uc_ctl_set_cpu_model(uc_, model), "select the core");
  check(uc_ctl_exits_enable(uc_), "run without an exit address");
  uc_hook hook = 0;
  const auto add = [&](int type, auto *callback) {
    check(uc_hook_add(uc_, &hook, type, reinterpret_cast<void *>(callback), this, 1, 0),
          "add hook");
  };
  add(UC_HOOK_CODE, &Hooks::code);
  add(UC_HOOK_INTR, &Hooks::interrupt);
  add(UC_HOOK_MEM_WRITE_PROT, &Hooks::memory_store);
  add(UC_HOOK_MEM_UNMAPPED, &Hooks::unmapped);
}

Engine::~Engine() {
  uc_close(uc_);
  for (void *entry : registers_) delete static_cast<Hooks::Registers *>(entry);
}

void Engine::map_memory(std::uint32_t address, std::span<std::uint8_t> memory) {
  check(uc_mem_map_ptr(uc_, address, memory.size(), UC_PROT_ALL, memory.data()), "map memory");
  // Without this extra call stores would still reach the memory, in spite of the permissions above.
  check(uc_mem_protect(uc_, address, memory.size(), UC_PROT_READ | UC_PROT_EXEC), "protect memory");
}

void Engine::map_data(std::uint32_t address, std::span<std::uint8_t> memory) {
  check(uc_mem_map_ptr(uc_, address, memory.size(), UC_PROT_READ | UC_PROT_WRITE, memory.data()),
        "map data memory");
}

void Engine::map_registers(std::uint32_t address, std::uint32_t size) {
  auto *const at = new Hooks::Registers{this, address};
  registers_.push_back(at);
  check(uc_mmio_map(uc_, address, size, &Hooks::load, at, &Hooks::store, at), "map registers");
}

void Engine::watch_flash(std::uint32_t first, std::uint32_t last) {
  uc_hook hook = 0;
  check(uc_hook_add(uc_, &hook, UC_HOOK_MEM_READ, reinterpret_cast<void *>(&Hooks::flash_load),
                    this, first, last),
        "watch flash");
}

void Engine::unmap(std::uint32_t address, std::uint32_t size) {
  check(uc_mem_unmap(uc_, address, size), "unmap");
}

Stop Engine::run(std::uint32_t pc) {
  for (const auto &[address, length] : std::exchange(stale_, {})) forget_code(address, length);
  exception_ = 0;
  running_ = true;
  const uc_err error = uc_emu_start(uc_, pc | 1U, 0, 0, 0);
  running_ = false;
  switch (error) {
    case UC_ERR_OK:
      break;
    case UC_ERR_READ_UNMAPPED:
    case UC_ERR_WRITE_UNMAPPED:
      return Stop::bad_access;
    case UC_ERR_FETCH_UNMAPPED:
    case UC_ERR_FETCH_PROT:
      return Stop::bad_fetch;
    case UC_ERR_INSN_INVALID:
    case UC_ERR_EXCEPTION:
      return thumb() ? Stop::undefined : Stop::no_thumb;
    default:
      check(error, "run");
  }
  switch (exception_) {
    case 0:
      return Stop::asked;
    case qemu_prefetch_abort:
    case qemu_exception_exit:
      return Stop::bad_fetch;
    case qemu_data_abort:
      return Stop::unaligned;
    case qemu_no_coprocessor:
      return Stop::no_coprocessor;
    case qemu_invalid_state:
      return Stop::no_thumb;
    default:
      return Stop::undefined;
  }
}

void Engine::stop() {
  uc_emu_stop(uc_);
}

namespace {

int register_id(unsigned number) {
  if (number < 13) return UC_ARM_REG_R0 + static_cast<int>(number);
  return number == 13 ? UC_ARM_REG_SP : UC_ARM_REG_LR;
}

std::uint32_t read_id(uc_engine *uc, int id) {
  std::uint32_t value = 0;
  uc_reg_read(uc, id, &value);
  return value;
}

}  // namespace

std::uint32_t Engine::program_counter() const {
  return read_id(uc_, UC_ARM_REG_PC);
}
std::uint32_t Engine::reg(unsigned number) const {
  return read_id(uc_, register_id(number));
}
void Engine::set_reg(unsigned number, std::uint32_t value) {
  uc_reg_write(uc_, register_id(number), &value);
}
std::uint32_t Engine::flags() const {
  return read_id(uc_, UC_ARM_REG_XPSR) & 0xF8000000;
}
void Engine::set_flags(std::uint32_t apsr) {
  uc_reg_write(uc_, UC_ARM_REG_XPSR, &apsr);
}
bool Engine::thumb() const {
  return (read_id(uc_, UC_ARM_REG_CPSR) & 0x20) != 0;
}

void Engine::set_it_state(std::uint32_t it) {
  const std::uint32_t placed = (it >> 2) << 10 | (it & 3) << 25;
  const std::uint32_t value = (read_id(uc_, UC_ARM_REG_CPSR) & ~it_bits) | placed | 0x20;
  uc_reg_write(uc_, UC_ARM_REG_CPSR, &value);
}

CoreState Engine::state() const {
  CoreState state;
  static int ids[16];
  static const bool filled = [] {
    for (unsigned i = 0; i < 15; ++i) ids[i] = register_id(i);
    ids[15] = UC_ARM_REG_XPSR;
    return true;
  }();
  (void)filled;
  void *places[16];
  for (unsigned i = 0; i < 15; ++i) places[i] = &state.r[i];
  places[15] = &state.flags;
  uc_reg_read_batch(uc_, ids, places, 16);
  return state;
}

void Engine::forget_code(std::uint32_t address, std::uint32_t length) {
  if (running_) {
    stale_.emplace_back(address, length);
    return;
  }
  uc_ctl_remove_cache(uc_, address, address + length);
}

}  // namespace flashhost::machine
