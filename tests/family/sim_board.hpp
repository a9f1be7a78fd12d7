// A simulated board with a probe on it, attached, halted after a reset unless a test says
// otherwise.
#pragma once

#include "family-stm32/families.hpp"
#include "sdk/log_host.hpp"
#include "sim_probe.hpp"
#include "test_models.hpp"

#include <flashhost/error.hpp>

#include <string>
#include <vector>

namespace flashhost::test {

inline constexpr std::uint32_t swd_speed = 4'000'000;

inline sim::SimSettings sim_settings(const std::string &part,
                                     const std::vector<std::string> &faults) {
  sim::SimSettings settings;
  settings.board = board_config(part, faults);
  settings.flash_bytes = flash_size(part);
  return settings;
}

template <class Family>
struct SimBoardOf {
  explicit SimBoardOf(const std::string &part, const std::vector<std::string> &faults = {})
      : probe(host, sim_settings(part, faults), swd_speed), chip(fake::described<Family>(part)) {
    probe.attach(AttachMode::attach);
  }

  // As the host does it.
  void prepare_after_reset() {
    static_cast<void>(cortex_m::reset_and_halt(probe));
    prepare();
  }
  void prepare() {
    cortex_m::quiesce(probe, undo);
    Family::prepare(host, probe, chip, undo);
  }
  [[nodiscard]] Chip identified() { return fake::identified<Family>(probe); }
  [[nodiscard]] Bytes read(std::uint32_t address, std::size_t size) {
    Bytes bytes(size);
    probe.read_memory(address, bytes, Width::automatic);
    return bytes;
  }

  fake::LogHost host;
  sim::SimProbe probe;
  Chip chip;
  UndoLog undo;
};

}  // namespace flashhost::test
