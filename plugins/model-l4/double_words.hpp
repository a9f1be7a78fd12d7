// Double words of flash with their ECC: what their bytes alone do not tell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace flashhost::machine::stm32 {

class DoubleWords {
 public:
  enum class Mark : std::uint8_t {
    none,    // virgin where all bytes are 0xFF, otherwise programmed
    ones,    // programmed with all ones
    single,  // one bit is wrong
    torn     // its programming or erase was cut short, its ECC is wrong
  };
  static constexpr std::uint32_t size = 8;

  explicit DoubleWords(std::span<const std::uint8_t> bytes)
      : bytes_(bytes), marks_(bytes.size() / size) {}

  // offset: into the bytes.
  [[nodiscard]] Mark mark(std::uint32_t offset) const { return marks_[offset / size]; }
  [[nodiscard]] bool virgin(std::uint32_t offset) const;
  void set(std::uint32_t offset, Mark mark);
  void erased(std::uint32_t offset, std::uint32_t length);
  [[nodiscard]] bool all_sound() const { return unsound_ == 0; }  // none is torn or single
  void swap_halves();

 private:
  std::span<const std::uint8_t> bytes_;
  std::vector<Mark> marks_;
  std::size_t unsound_ = 0;
};

}  // namespace flashhost::machine::stm32
