#include "dap/line_faults.hpp"

namespace flashhost::machine::dap {
namespace {

constexpr std::uint64_t transfers_per_parity_error = 256;  // on wires that are too long

}  // namespace

void LineFaults::set(const SwdLineFaults &faults) {
  faults_ = faults;
  count_ = 0;
}

LineFaults::Trouble LineFaults::next_transfer(std::uint32_t hertz) {
  ++count_;
  if (count_ == faults_.silent_at) return Trouble::silent;
  if (count_ == faults_.parity_at) return Trouble::parity;
  const bool waits = faults_.wait_at != 0 && count_ >= faults_.wait_at;
  if (waits && count_ - faults_.wait_at < faults_.waits) return Trouble::wait;
  const bool long_wires = faults_.unreliable_above_hz != 0 && hertz > faults_.unreliable_above_hz;
  if (long_wires && random_() % transfers_per_parity_error == 0) return Trouble::parity;
  return Trouble::none;
}

}  // namespace flashhost::machine::dap
