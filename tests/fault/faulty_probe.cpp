#include "faulty_probe.hpp"

#include <flashhost/error.hpp>
#include <flashhost/types.hpp>

#include <utility>

namespace flashhost::testing {

using namespace std::chrono_literals;

namespace {

constexpr Nanoseconds time_away = 1500ms;

}  // namespace

FaultyProbe::FaultyProbe(std::unique_ptr<Probe> probe, Fault fault)
    : probe_(std::move(probe)), fault_(fault) {}

bool FaultyProbe::strikes() {
  if (gone_) throw Error(Errc::probe, "injected: the probe is gone");
  if (++calls_ != fault_.call) return false;
  switch (fault_.kind) {
    case FaultKind::refused:
      throw Error(Errc::memory_fault, "injected: access refused");
    case FaultKind::no_answer:
      throw Error(Errc::target, "injected: no answer");
    case FaultKind::vanishes:
      gone_ = true;
      throw Error(Errc::probe, "injected: the probe vanished");
    case FaultKind::target_reset:
      probe_->reset(ResetMode::system);
      return false;
    default:
      return true;
  }
}

CoreState FaultyProbe::state() {
  static_cast<void>(strikes());
  return probe_->state();
}

void FaultyProbe::read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) {
  const bool now = strikes();
  probe_->read_memory(address, out, width);
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
  if (gone_) throw Error(Errc::probe, "injected: the probe is gone");
  return probe_->info();
}

void FaultyProbe::attach(AttachMode mode) {
  if (gone_) probe_->sleep(time_away);
  gone_ = false;
  static_cast<void>(strikes());
  probe_->attach(mode);
}

void FaultyProbe::reset(ResetMode mode) {
  static_cast<void>(strikes());
  probe_->reset(mode);
}

void FaultyProbe::halt() {
  static_cast<void>(strikes());
  probe_->halt();
}

void FaultyProbe::resume() {
  static_cast<void>(strikes());
  probe_->resume();
}

void FaultyProbe::write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                               Width width) {
  if (!strikes()) return probe_->write_memory(address, data, width);
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
  if (!strikes()) return probe_->write_register(which, value);
  if (fault_.kind == FaultKind::write_damaged) {
    probe_->write_register(which, value ^ (1U << (fault_.call % 32)));
  } else if (fault_.kind == FaultKind::read_damaged) {
    probe_->write_register(which, value);
  }
}

}  // namespace flashhost::testing
