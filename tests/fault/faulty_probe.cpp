#include "faulty_probe.hpp"

#include <flashhost/types.hpp>

#include <utility>

namespace flashhost::testing {

using namespace std::chrono_literals;

namespace {

constexpr Nanoseconds time_away = 400ms;
constexpr Nanoseconds vain_wait = 4s;
constexpr std::uint32_t unique_id = 0x1FFFF7E8;

}  // namespace

FaultyProbe::FaultyProbe(std::unique_ptr<Probe> probe, Fault fault)
    : probe_(std::move(probe)), fault_(fault) {}

Error FaultyProbe::loss(const char *text) const {
  return {fault_.kind == FaultKind::cut_off ? Errc::target : Errc::probe, text, "Plug it in."};
}

Nanoseconds FaultyProbe::now() {
  return killed_ ? *killed_ : probe_->now();
}

void FaultyProbe::sleep(Nanoseconds time) {
  if (killed_) {
    *killed_ += time;
  } else {
    probe_->sleep(time);
  }
}

bool FaultyProbe::strikes() {
  if (killed_) throw loss("injected: flashhost was killed");
  if (gone_) {
    ++calls_in_vain_;
    throw loss("injected: the probe is gone");
  }
  if (++calls_ != fault_.call) return false;
  switch (fault_.kind) {
    case FaultKind::refused:
      throw Error(Errc::memory_fault, "injected: access refused", "Nothing may be there.");
    case FaultKind::no_answer:
      throw Error(Errc::target, "injected: the target does not answer", "Check the wires.");
    case FaultKind::vanishes:
    case FaultKind::cut_off:
      gone_ = true;
      throw loss("injected: the probe vanished");
    case FaultKind::killed:
      killed_ = probe_->now();
      throw loss("injected: flashhost was killed");
    case FaultKind::target_reset:
      probe_->reset(ResetMode::system);
      return false;
    default:
      return true;
  }
}

bool FaultyProbe::strikes_change() {
  const bool now = strikes();
  if (back_) ++changes_;
  return now;
}

CoreState FaultyProbe::state() {
  static_cast<void>(strikes());
  return probe_->state();
}

void FaultyProbe::read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) {
  const bool now = strikes();
  probe_->read_memory(address, out, width);
  const bool of_id = address <= unique_id && unique_id - address < out.size();
  if (back_ && fault_.another_chip && of_id) out[unique_id - address] ^= 1;
  if (now && fault_.kind == FaultKind::read_damaged) {
    out[fault_.call % out.size()] ^= static_cast<std::uint8_t>(1U << (fault_.call % 8));
  }
}

std::uint32_t FaultyProbe::read_register(CoreRegister which) {
  const bool now = strikes();
  const std::uint32_t value = probe_->read_register(which);
  return now && fault_.kind == FaultKind::read_damaged ? value ^ (1U << (fault_.call % 32)) : value;
}

ProbeInfo FaultyProbe::info() {
  if (gone_ || killed_) throw loss("injected: the probe is gone");
  return probe_->info();
}

void FaultyProbe::attach(AttachMode mode) {
  if (gone_) {
    if (on_attach) on_attach();
    if (fault_.attaches_in_vain > 0) {
      --fault_.attaches_in_vain;
      probe_->sleep(vain_wait);
      throw loss("injected: the probe is still gone");
    }
    probe_->sleep(time_away);
    gone_ = false;
    back_ = true;
  }
  static_cast<void>(strikes());
  probe_->attach(mode);
}

void FaultyProbe::reset(ResetMode mode) {
  static_cast<void>(strikes_change());
  probe_->reset(mode);
}

void FaultyProbe::halt() {
  static_cast<void>(strikes_change());
  probe_->halt();
}

void FaultyProbe::resume() {
  static_cast<void>(strikes_change());
  probe_->resume();
}

void FaultyProbe::write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                               Width width) {
  if (!strikes_change()) return probe_->write_memory(address, data, width);
  if (fault_.kind == FaultKind::write_damaged) {
    Bytes damaged(data.begin(), data.end());
    damaged[fault_.call % damaged.size()] ^= static_cast<std::uint8_t>(1U << (fault_.call % 8));
    probe_->write_memory(address, damaged, width);
  } else if (fault_.kind == FaultKind::last_word_lost && data.size() > 4) {
    probe_->write_memory(address, data.first(data.size() - 4), width);
  } else if (fault_.kind == FaultKind::read_damaged) {
    probe_->write_memory(address, data, width);
  }
}

void FaultyProbe::write_register(CoreRegister which, std::uint32_t value) {
  if (!strikes_change()) return probe_->write_register(which, value);
  if (fault_.kind == FaultKind::write_damaged) {
    probe_->write_register(which, value ^ (1U << (fault_.call % 32)));
  } else if (fault_.kind == FaultKind::read_damaged) {
    probe_->write_register(which, value);
  }
}

}  // namespace flashhost::testing
