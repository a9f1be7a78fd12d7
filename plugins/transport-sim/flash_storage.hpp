// Where the bytes of the simulated flash live: in memory, or in a file that outlives the program.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace flashhost::sim {

// The cells of a main flash. Destroying it lets go of the file.
class FlashStorage {
 public:
  FlashStorage() = default;
  FlashStorage(const FlashStorage &) = delete;
  FlashStorage &operator=(const FlashStorage &) = delete;
  virtual ~FlashStorage() = default;
  [[nodiscard]] virtual std::span<std::uint8_t> cells() = 0;
};

// state_file: a raw image of the flash, mapped, so that every change lands in it at once, even if
// the process is killed; made when it does not exist. Empty: memory. firmware: what a new flash
// holds; empty: it is erased. Errc::config when the file has another size, is no regular one or
// cannot be made or opened, Errc::probe when another program uses it.
[[nodiscard]] std::unique_ptr<FlashStorage> open_flash(const std::string &state_file,
                                                       const std::string &firmware,
                                                       std::uint32_t bytes);

}  // namespace flashhost::sim
