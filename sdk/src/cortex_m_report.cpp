#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>
#include <flashhost/words.hpp>

#include <fmt/format.h>

#include <array>

namespace flashhost::cortex_m {

namespace {

constexpr std::uint32_t dfsr_bkpt = 1U << 1, dfsr_vcatch = 1U << 3;
constexpr std::uint32_t cfsr_mmarvalid = 1U << 7, cfsr_bfarvalid = 1U << 15;
constexpr std::uint32_t sfsr_sfarvalid = 1U << 6;
constexpr std::uint32_t hfsr_faults = (1U << 1) | (1U << 30) | (1U << 31);
constexpr std::uint32_t xpsr_exception = 0x1FF, xpsr_thumb = 1U << 24, xpsr_it = 0x0600FC00;
constexpr std::uint32_t exc_return = 0xFFFFFFE0, exc_return_process_stack = 1U << 2;
constexpr std::uint32_t ram_start = 0x20000000, peripherals_start = 0x40000000;
constexpr std::uint32_t first_interrupt = 16;

struct StatusBit {
  unsigned bit;
  const char *name;
  const char *words;
};

// ARMv7-M ARM, B3.2.15; ARMv8-M ARM, D1.2, CFSR and SFSR.
constexpr std::array<StatusBit, 18> cfsr_bits{{
    {0, "IACCVIOL", "the memory protection unit forbids execution"},
    {1, "DACCVIOL", "the memory protection unit forbids the access"},
    {3, "MUNSTKERR", "memory protection fault while leaving an exception"},
    {4, "MSTKERR", "memory protection fault while entering an exception"},
    {5, "MLSPERR", "memory protection fault while saving floating-point state"},
    {8, "IBUSERR", "bus fault while fetching an instruction"},
    {9, "PRECISERR", "precise bus fault"},
    {10, "IMPRECISERR", "bus fault of a write some instructions earlier"},
    {11, "UNSTKERR", "bus fault while leaving an exception"},
    {12, "STKERR", "bus fault while entering an exception (wrong stack pointer)"},
    {13, "LSPERR", "bus fault while saving floating-point state"},
    {16, "UNDEFINSTR", "undefined instruction"},
    {17, "INVSTATE", "Thumb bit clear or invalid IT state"},
    {18, "INVPC", "invalid return from an exception"},
    {19, "NOCP", "floating-point or coprocessor instruction without the unit"},
    {20, "STKOF", "the stack pointer is below its limit"},
    {24, "UNALIGNED", "unaligned access"},
    {25, "DIVBYZERO", "division by zero"},
}};
constexpr std::array<StatusBit, 3> hfsr_bits{{
    {1, "VECTTBL", "the vector table could not be read"},
    {30, "FORCED", "escalated to HardFault"},
    {31, "DEBUGEVT", "breakpoint instruction with debugging off"},
}};
constexpr std::array<StatusBit, 7> sfsr_bits{{
    {0, "INVEP", "secure code entered at a place that is no entry"},
    {1, "INVIS", "damaged frame of a secure exception"},
    {2, "INVER", "wrong return from a secure exception"},
    {3, "AUVIOL", "an access from non-secure code to secure memory"},
    {4, "INVTRAN", "branch from secure to non-secure code without leave"},
    {5, "LSPERR", "security violation while saving floating-point state"},
    {7, "LSERR", "error while saving or restoring floating-point state"},
}};
constexpr std::array<StatusBit, 5> dfsr_bits{{
    {0, "HALTED", "halted by request"},
    {1, "BKPT", "breakpoint"},
    {2, "DWTTRAP", "watchpoint"},
    {3, "VCATCH", "vector catch"},
    {4, "EXTERNAL", "external halt"},
}};

bool is_set(std::uint32_t value, unsigned bit) {
  return ((value >> bit) & 1U) != 0;
}

CoreState state_of(std::uint32_t status) {
  if ((status & dhcsr_s_lockup) != 0) return CoreState::lockup;
  if ((status & dhcsr_s_halt) != 0) return CoreState::halted;
  if ((status & dhcsr_s_sleep) != 0) return CoreState::sleeping;
  return CoreState::running;
}

const char *state_name(CoreState state) {
  switch (state) {
    case CoreState::running:
      return "running";
    case CoreState::halted:
      return "halted";
    case CoreState::sleeping:
      return "asleep";
    case CoreState::lockup:
      return "locked up";
    case CoreState::in_reset:
      return "held in reset";
  }
  return "in an unknown state";
}

std::string exception_name(std::uint32_t number) {
  static constexpr std::array<const char *, first_interrupt> names{
      "thread mode", "Reset",  "NMI", "HardFault", "MemManage", "BusFault",     "UsageFault",
      "SecureFault", "",       "",    "",          "SVCall",    "DebugMonitor", "",
      "PendSV",      "SysTick"};
  if (number >= first_interrupt) return fmt::format("interrupt {}", number - first_interrupt);
  return *names.at(number) == '\0' ? fmt::format("exception {}", number) : names.at(number);
}

bool is_in_ram(std::uint32_t pc, MemoryRange ram) {
  return ram.contains(pc) || (pc >= ram_start && pc < peripherals_start);
}

std::string place(std::uint32_t pc, MemoryRange ram) {
  const char *where = is_in_ram(pc, ram) ? "in RAM"
                      : pc < ram_start   ? "in flash"
                                         : "where no code can be";
  return hex(pc) + ", " + where;
}

template <std::size_t Count>
std::string names_of(std::uint32_t value, const std::array<StatusBit, Count> &bits) {
  std::string text;
  for (const StatusBit &row : bits) {
    if (is_set(value, row.bit)) text += fmt::format(" {} ({})", row.name, row.words);
  }
  return text;
}

std::string causes(const CoreReport &report) {
  if (!report.core.fault_registers) {
    const std::string found =
        report.instruction ? fmt::format("the instruction there is 0x{:04x}; ", *report.instruction)
                           : "";
    return fmt::format("{}a {} has no registers that say why", found, report.core.name());
  }
  std::string text;
  const auto add = [&](const std::string &words) { text += (text.empty() ? "" : "; ") + words; };
  for (const StatusBit &row : cfsr_bits) {
    if (is_set(report.cfsr, row.bit)) add(row.words);
  }
  if ((report.cfsr & cfsr_bfarvalid) != 0) {
    text += " accessing " + hex(report.bfar);
  } else if ((report.cfsr & cfsr_mmarvalid) != 0) {
    text += " at " + hex(report.mmfar);
  }
  for (const StatusBit &row : sfsr_bits) {
    if (is_set(report.sfsr, row.bit)) add(row.words);
  }
  if ((report.sfsr & sfsr_sfarvalid) != 0) text += " at " + hex(report.sfar);
  for (const StatusBit &row : hfsr_bits) {
    const bool forced = row.bit == 30;  // FORCED: CFSR says more
    if (is_set(report.hfsr, row.bit) && (!forced || text.empty())) add(row.words);
  }
  return text.empty() ? "no fault status" : text;
}

// The program counter in the frame that exception entry pushed, when it looks like one.
std::uint32_t read_interrupted_pc(Probe &probe, const CoreReport &report) {
  constexpr std::uint32_t pc_offset = 24, xpsr_offset = 28;
  if ((report.xpsr & xpsr_exception) == 0 || (report.lr & exc_return) != exc_return) return 0;
  try {
    const std::uint32_t frame = (report.lr & exc_return_process_stack) != 0
                                    ? probe.read_register(CoreRegister::psp)
                                    : report.sp;
    const std::uint32_t stacked_pc = probe.read_word(frame + pc_offset);
    const std::uint32_t stacked_xpsr = probe.read_word(frame + xpsr_offset);
    return (stacked_xpsr & xpsr_thumb) != 0 && (stacked_pc & 1U) == 0 ? stacked_pc : 0;
  } catch (const Error &error) {
    if (error.code() == Errc::probe) throw;
    return 0;  // the stack pointer is invalid: no frame
  }
}

std::optional<std::uint16_t> read_instruction(Probe &probe, const CoreReport &report) {
  const std::uint32_t pc = report.interrupted_pc != 0 ? report.interrupted_pc : report.pc;
  try {
    return static_cast<std::uint16_t>(probe.read_word(pc & ~3U) >> (8 * (pc & 2U)));
  } catch (const Error &error) {
    if (error.code() == Errc::probe) throw;
    return {};
  }
}

}  // namespace

CoreReport observe(Probe &probe) {
  CoreReport report;
  report.dhcsr = probe.read_word(dhcsr);
  report.before = state_of(report.dhcsr);
  report.was_reset = (report.dhcsr & dhcsr_s_reset) != 0;
  if (report.was_reset) {
    const std::uint32_t again = probe.read_word(dhcsr);
    report.before = (again & dhcsr_s_reset) != 0 ? CoreState::in_reset : state_of(again);
  }
  report.dfsr = probe.read_word(dfsr);  // before halting sets bits in it
  if (report.before != CoreState::halted) probe.halt();
  report.pc = probe.read_register(CoreRegister::pc);
  report.lr = probe.read_register(CoreRegister::lr);
  report.sp = probe.read_register(CoreRegister::sp);
  report.xpsr = probe.read_register(CoreRegister::xpsr);
  report.special = probe.read_register(CoreRegister::control_faultmask_basepri_primask);
  report.core = identify(probe);
  if (report.core.fault_registers) {
    const auto faults = read_words<4>(probe, {cfsr, hfsr, mmfar, bfar});
    report.cfsr = faults[0];
    report.hfsr = faults[1];
    report.mmfar = faults[2];
    report.bfar = faults[3];
  }
  if (report.core.security) {
    const auto faults = read_words<2>(probe, {sfsr, sfar});
    report.sfsr = faults[0];
    report.sfar = faults[1];
  }
  report.interrupted_pc = read_interrupted_pc(probe, report);
  if (!report.core.fault_registers) report.instruction = read_instruction(probe, report);
  return report;
}

std::string describe(const CoreReport &report, MemoryRange ram) {
  const std::uint32_t exception = report.xpsr & xpsr_exception;
  const bool fault_status =
      report.cfsr != 0 || report.sfsr != 0 || (report.hfsr & hfsr_faults) != 0;
  const bool in_fault = exception >= 2 && exception <= 7;
  if (report.before == CoreState::in_reset) return "the chip is held in reset";
  if (report.was_reset) {
    return fmt::format(
        "the chip was reset meanwhile (a watchdog, the supply or NRST); its core {} at {}",
        (report.dfsr & dfsr_vcatch) != 0 ? "was caught" : "is", place(report.pc, ram));
  }
  if (report.before == CoreState::lockup) {
    return "the core was in lockup, a fault inside a fault handler: " + causes(report);
  }
  if (in_fault || (fault_status && exception == 0)) {
    const std::uint32_t pc = report.interrupted_pc != 0 ? report.interrupted_pc : report.pc;
    return fmt::format("{} at {}: {}", in_fault ? exception_name(exception) : "fault", hex(pc),
                       causes(report));
  }
  if (exception != 0) {
    return fmt::format("the core left the loader: IPSR {} {}, PC {}", exception,
                       exception_name(exception), place(report.pc, ram));
  }
  if ((report.xpsr & xpsr_thumb) == 0) {
    return "the core cannot execute: its Thumb bit is clear, PC " + place(report.pc, ram);
  }
  if (report.pc < ram_start && !ram.contains(report.pc))
    return "the core left the loader: thread mode, PC " + place(report.pc, ram);
  if (report.before == CoreState::halted && (report.dfsr & dfsr_bkpt) != 0) {
    return "the core stopped at the breakpoint at " + place(report.pc, ram);
  }
  return fmt::format("the core was {}, without a fault, at {}", state_name(report.before),
                     place(report.pc, ram));
}

std::string dump(const CoreReport &report) {
  const std::uint32_t exception = report.xpsr & xpsr_exception;
  std::string text = fmt::format(
      "core {}{}\n"
      "PC   {}  LR   {}  SP   {}  interrupted PC {}\n"
      "xPSR {}  {}, Thumb bit {}{}\n"
      "CONTROL {} FAULTMASK {} BASEPRI {} PRIMASK {}\n",
      state_name(report.before), report.was_reset ? ", was reset" : "", hex(report.pc),
      hex(report.lr), hex(report.sp),
      report.interrupted_pc != 0 ? hex(report.interrupted_pc) : "unknown", hex(report.xpsr),
      exception_name(exception), (report.xpsr & xpsr_thumb) != 0 ? "set" : "clear",
      (report.xpsr & xpsr_it) != 0 ? ", inside an IT block or a multiple load" : "",
      report.special >> 24, (report.special >> 16) & 0xFF, (report.special >> 8) & 0xFF,
      report.special & 0xFF);
  text += fmt::format("DHCSR {}\nDFSR {}{}\n", hex(report.dhcsr), hex(report.dfsr),
                      names_of(report.dfsr, dfsr_bits));
  if (!report.core.fault_registers) {
    return text + fmt::format("CFSR, HFSR: a {} has none", report.core.name());
  }
  text += fmt::format("CFSR {}{}\n", hex(report.cfsr), names_of(report.cfsr, cfsr_bits));
  text += fmt::format("HFSR {}{}\n", hex(report.hfsr), names_of(report.hfsr, hfsr_bits));
  text += fmt::format("MMFAR {}{}  BFAR {}{}", hex(report.mmfar),
                      (report.cfsr & cfsr_mmarvalid) != 0 ? "" : " (not valid)", hex(report.bfar),
                      (report.cfsr & cfsr_bfarvalid) != 0 ? "" : " (not valid)");
  if (report.core.security) {
    text +=
        fmt::format("\nSFSR {}{}  SFAR {}{}", hex(report.sfsr), names_of(report.sfsr, sfsr_bits),
                    hex(report.sfar), (report.sfsr & sfsr_sfarvalid) != 0 ? "" : " (not valid)");
  }
  return text;
}

}  // namespace flashhost::cortex_m
