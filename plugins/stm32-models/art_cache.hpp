// Instruction cache, data cache and prefetch between the main flash of an STM32 and its buses. As
// on the chip, they deliver old content until they are reset (docs/reference/stm32f4-flash.md
// section 8, docs/reference/stm32-l4-type-flash.md section 8).
#pragma once

#include <flashhost/machine/board.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace flashhost::machine::stm32 {

class ArtCache {
 public:
  struct Parts {
    bool instructions, data, prefetch;
    bool reset_only_when_off;
  };
  ArtCache(Board &board, Parts parts, std::span<const std::uint8_t> array);

  void power_on();
  void set_control(std::uint32_t value);  // ACR
  [[nodiscard]] std::uint32_t control() const { return control_; }
  void fill_up();  // as firmware may leave it: all on, filled from the start of the array

  // All offsets below are offsets into the array.
  [[nodiscard]] std::span<std::uint8_t> fetched() {
    return view_;
  }  // as instruction fetches see it
  void fetch(std::uint32_t offset);  // the core executes there: fills the caches of instructions
  [[nodiscard]] bool before_load(std::uint32_t offset, unsigned width);  // fills the data cache
  void loaded();
  [[nodiscard]] std::uint32_t load(std::uint32_t offset, unsigned width) const;
  // The array has changed; whether the data cache takes it over.
  void changed(std::uint32_t offset, std::uint32_t length);
  void changed_with_data(std::uint32_t offset, std::uint32_t length);

 private:
  static constexpr std::uint32_t line_size = 16;
  struct Line {
    std::uint32_t number = 0;
    bool valid = false;
    std::uint64_t used = 0;
    std::array<std::uint8_t, line_size> bytes{};
  };
  [[nodiscard]] bool instructions_cached() const;
  [[nodiscard]] bool data_cached() const;
  [[nodiscard]] bool prefetching() const;
  [[nodiscard]] static Line *find(std::span<Line> lines, std::uint32_t number);
  [[nodiscard]] Line &oldest(std::span<Line> lines);
  void fill(Line &line, std::uint32_t number, std::span<const std::uint8_t> bytes);
  [[nodiscard]] std::span<const std::uint8_t> in_array(std::uint32_t number) const;
  void show(std::uint32_t number);  // makes fetched() show what a fetch of that line gets now
  void show_all_held();
  void leave_running();
  [[nodiscard]] std::uint8_t data_byte(std::uint32_t offset) const;

  Board &board_;
  Parts parts_;
  std::span<const std::uint8_t> array_;
  std::vector<std::uint8_t> view_;
  std::uint32_t control_ = 0;
  std::array<Line, 64> instructions_;
  std::array<Line, 8> data_;
  Line prefetched_;
  std::uint32_t last_line_ = ~0U;
  std::optional<std::uint32_t> running_;  // a line that came from the prefetch buffer only
  std::uint64_t clock_ = 0;
  struct Patch {
    std::uint32_t offset;
    std::uint8_t code;
  };
  std::vector<Patch> patches_;
};

}  // namespace flashhost::machine::stm32
