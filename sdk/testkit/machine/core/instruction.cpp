#include "core/instruction.hpp"

#include <bit>
#include <vector>

namespace flashhost::machine {
namespace {

using namespace instruction;

InstructionKind kind(unsigned cycles, std::uint8_t flags = 0) {
  return {static_cast<std::uint8_t>(cycles), flags};
}

unsigned registers(unsigned list) {
  return static_cast<unsigned>(std::popcount(list));
}

InstructionKind narrow_kind(std::uint16_t op) {
  if (is_wide(op)) return kind(1, wide);
  if (op >> 11 == 0x09) return kind(2);  // LDR literal
  if (op >> 12 == 0x5) return (op >> 9 & 7) < 3 ? kind(2, store) : kind(2);
  if (op >> 12 >= 0x6 && op >> 12 <= 0x9) return (op >> 11 & 1) != 0 ? kind(2) : kind(1, store);
  if (op >> 12 == 0xC) {
    return kind(1 + registers(op & 0xFF),
                static_cast<std::uint8_t>(multiple | ((op >> 11 & 1) != 0 ? 0 : store)));
  }
  if ((op & 0xFE00) == 0xB400) return kind(1 + registers(op & 0x1FF), multiple | store);  // PUSH
  if ((op & 0xFE00) == 0xBC00) return kind(1 + registers(op & 0x1FF), multiple);          // POP
  if ((op & 0xFFE8) == 0xB660) return kind(1, special);                                   // CPS
  if (op >> 8 == 0xBE || op >> 8 == 0xDF) return kind(1, special);  // BKPT, SVC
  if (op >= 0xBF10 && op <= 0xBF40 && (op & 0xF) == 0)
    return kind(1, special);  // YIELD, WFE, WFI, SEV
  if (op >> 8 == 0xBF && (op & 0xF) != 0) return kind(1, if_then);
  return kind(1);
}

// ARMv6-M: no CBZ, CBNZ and IT; a single store takes as long as a load.
InstructionKind narrow_v6m(std::uint16_t op) {
  InstructionKind result = narrow_kind(op);
  const bool compare_and_branch = (op & 0xF500) == 0xB100;
  if (compare_and_branch || (result.flags & if_then) != 0) return kind(1, missing);
  if ((result.flags & (store | multiple)) == store) result.cycles = 2;
  return result;
}

// The only ones of 32 bits in ARMv6-M are BL, MSR, MRS and the barriers.
bool in_v6m(std::uint16_t first, std::uint16_t second) {
  const bool bl = (first & 0xF800) == 0xF000 && (second & 0xD000) == 0xD000;
  const bool special_register =
      (first & 0xFFE0) == 0xF380 || (first & 0xFFE0) == 0xF3E0 || (first & 0xFFF0) == 0xF3B0;
  return bl || (special_register && (second & 0xD000) == 0x8000);
}

std::vector<InstructionKind> make_table(InstructionKind (*of)(std::uint16_t)) {
  std::vector<InstructionKind> table(0x10000);
  for (std::size_t op = 0; op < table.size(); ++op) {
    table[op] = of(static_cast<std::uint16_t>(op));
  }
  return table;
}

InstructionKind wide_v7m(std::uint16_t first, std::uint16_t second) {
  const bool load = (first >> 4 & 1) != 0;
  if ((first & 0xFE40) == 0xE800) {  // LDM, STM
    return kind(1 + registers(second), static_cast<std::uint8_t>(multiple | (load ? 0 : store)));
  }
  if ((first & 0xFE40) == 0xE840) {  // LDRD, STRD, exclusive, table branch
    if ((first & 0xFFF0) == 0xE8D0 && (second & 0xFFE0) == 0xF000) return kind(2);
    const bool exclusive = (first & 0xFF60) == 0xE840;
    return exclusive && !load ? kind(2, store) : load ? kind(3) : kind(3, store);
  }
  if ((first & 0xF800) == 0xF000) {
    if ((second & 0xD000) == 0x8000) {
      if ((first & 0xFFE0) == 0xF380 || (first & 0xFFE0) == 0xF3E0)
        return kind(2, special);  // MSR, MRS
      if (first == 0xF3AF && second > 0x8000 && second <= 0x8004) return kind(1, special);
      if ((first & 0xFFF0) == 0xF3B0) return kind(4);  // barriers
    }
    return kind(1);
  }
  if ((first & 0xFE00) == 0xF800) {  // single load or store
    if (load) return kind(2);
    const bool register_offset = (first & 0x80) == 0 && (second & 0xFC0) == 0;
    return kind(register_offset ? 2 : 1, store);
  }
  if ((first & 0xFF80) == 0xFB00) return kind(second >> 12 == 0xF ? 1 : 2);  // MUL, MLA
  if ((first & 0xFF80) == 0xFB80) {
    const bool divide = (first & 0xF0) == 0x90 || (first & 0xF0) == 0xB0;
    return kind(divide ? 7 : 4);  // 2 to 12, 3 to 5 on the hardware
  }
  return kind(1);
}

}  // namespace

const InstructionKind *narrow_kinds(Architecture architecture) {
  static const std::vector<InstructionKind> v7m = make_table(narrow_kind);
  static const std::vector<InstructionKind> v6m = make_table(narrow_v6m);
  return architecture == Architecture::v6m ? v6m.data() : v7m.data();
}

InstructionKind wide_kind(Architecture architecture, std::uint16_t first, std::uint16_t second) {
  if (architecture == Architecture::v6m && !in_v6m(first, second)) return kind(1, missing);
  return wide_v7m(first, second);
}

bool condition_holds(unsigned condition, std::uint32_t xpsr) {
  const bool n = (xpsr >> 31 & 1U) != 0;
  const bool z = (xpsr >> 30 & 1U) != 0;
  const bool c = (xpsr >> 29 & 1U) != 0;
  const bool v = (xpsr >> 28 & 1U) != 0;
  bool holds = true;
  switch (condition >> 1) {
    case 0:
      holds = z;
      break;
    case 1:
      holds = c;
      break;
    case 2:
      holds = n;
      break;
    case 3:
      holds = v;
      break;
    case 4:
      holds = c && !z;
      break;
    case 5:
      holds = n == v;
      break;
    case 6:
      holds = n == v && !z;
      break;
    default:
      return true;
  }
  return (condition & 1U) != 0 ? !holds : holds;
}

}  // namespace flashhost::machine
