// What one family has read of a chip, for the next: they all ask for the same few words, and each
// costs a round trip to the probe.
#pragma once

#include <flashhost/error.hpp>
#include <flashhost/probe.hpp>

#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace flashhost {

// A family that reads the same twice, to be sure, gets two readings. [one thread]
class SharedReader final : public ProbeReader {
 public:
  // probe must outlive it. info: its own, where that is known already.
  explicit SharedReader(ProbeReader &probe, std::optional<ProbeInfo> info = {})
      : probe_(probe), info_(std::move(info)) {}

  // From now on everything is given again from its first reading on.
  void begin() { given_.clear(); }

  [[nodiscard]] ProbeInfo info() override;
  [[nodiscard]] CoreState state() override { return probe_.state(); }
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) override;
  [[nodiscard]] std::uint32_t read_register(CoreRegister which) override {
    return probe_.read_register(which);
  }
  [[nodiscard]] Nanoseconds now() override { return probe_.now(); }
  void sleep(Nanoseconds time) override { probe_.sleep(time); }

 private:
  using Place = std::tuple<std::uint32_t, std::size_t, Width>;  // address, size
  using Reading = std::variant<Bytes, Error>;                   // Errc::memory_fault

  [[nodiscard]] Reading read(std::uint32_t address, std::size_t size, Width width);

  ProbeReader &probe_;
  std::optional<ProbeInfo> info_;
  std::map<Place, std::vector<Reading>> readings_;
  std::map<Place, std::size_t> given_;  // how many of them
};

}  // namespace flashhost
