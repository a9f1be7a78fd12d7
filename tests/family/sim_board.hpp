// A simulated board with a probe on it, attached, halted after a reset unless a test says
// otherwise.
#pragma once

#include "sim_probe.hpp"
#include "test_models.hpp"

#include <flashhost/error.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace flashhost::test {

class QuietHost final : public Host {
 public:
  void log(Level level, std::string_view text) noexcept override {
    if (level >= Level::warning) warnings.emplace_back(text);
  }
  [[nodiscard]] bool enabled(Level) const noexcept override { return true; }
  [[nodiscard]] Bytes read_file(const std::string & /*path*/) override { return {}; }
  std::vector<std::string> warnings;
};

inline constexpr std::uint32_t swd_speed = 4'000'000;

inline sim::SimSettings sim_settings(const std::string &part,
                                     const std::vector<std::string> &faults) {
  sim::SimSettings settings;
  settings.board = board_config(part, faults);
  settings.flash_bytes = flash_size(part);
  return settings;
}

// Functions: what a family calls parts, identify and prepare.
template <class Functions>
struct SimBoardOf {
  explicit SimBoardOf(const std::string &part, const std::vector<std::string> &faults = {})
      : probe(host, sim_settings(part, faults), swd_speed), chip(described(part)) {
    probe.attach(AttachMode::attach);
  }

  // As the host does it.
  void prepare_after_reset() {
    static_cast<void>(cortex_m::reset_and_halt(probe));
    prepare();
  }
  void prepare() {
    cortex_m::quiesce(probe, undo);
    Functions::prepare(host, probe, chip, undo);
  }
  // Where a test cannot go on without the chip.
  static Chip described(std::string_view part) {
    const auto chip = find_chip(Functions::parts(), part);
    if (!chip) throw std::invalid_argument("no such part: " + std::string(part));
    return *chip;
  }
  static Chip identified(ProbeReader &reader) {
    Identity identity = Functions::identify(reader);
    if (!identity.chip) throw std::runtime_error("not identified");
    Functions::settle(reader, *identity.chip);
    return *identity.chip;
  }
  [[nodiscard]] Bytes read(std::uint32_t address, std::size_t size) {
    Bytes bytes(size);
    probe.read_memory(address, bytes, Width::automatic);
    return bytes;
  }

  QuietHost host;
  sim::SimProbe probe;
  Chip chip;
  UndoLog undo;
};

}  // namespace flashhost::test
