#include <flashhost/machine/fault_table.hpp>

#include <charconv>
#include <stdexcept>

namespace flashhost::machine {

void refuse_fault(std::string_view fault, std::string_view why) {
  throw std::invalid_argument("fault '" + std::string(fault) + "': " + std::string(why));
}

std::uint32_t fault_number(std::string_view fault, std::string_view text, int base) {
  if (base == 16 && text.starts_with("0x")) text.remove_prefix(2);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) {
    refuse_fault(fault, "not a number");
  }
  return value;
}

double fault_real(std::string_view fault, std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value <= 0) {
    refuse_fault(fault, "not a positive number");
  }
  return value;
}

Ticks fault_duration(std::string_view fault, std::string_view text, Ticks unit) {
  return static_cast<Ticks>(fault_real(fault, text) * static_cast<double>(unit));
}

FaultText split_fault(std::string_view fault) {
  const std::size_t equals = fault.find('=');
  if (equals == std::string_view::npos) return {fault, {}};
  return {fault.substr(0, equals), fault.substr(equals + 1)};
}

void check_fault_value(const FaultName &row, std::string_view fault, std::string_view value) {
  if (row.value.starts_with('[') || row.value.empty() == value.empty()) return;
  refuse_fault(fault, row.value.empty() ? "takes no value" : "needs a value");
}

double flash_time_factor(std::string_view fault, std::string_view value) {
  if (value == "maximum") return 1;
  if (!value.ends_with('x')) refuse_fault(fault, "expects 'maximum' or a factor like '4x'");
  return fault_real(fault, value.substr(0, value.size() - 1));
}

}  // namespace flashhost::machine
