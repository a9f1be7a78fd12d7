// The bytes of the simulated flash: in memory, or in a file that survives the program.
#pragma once

#include <flashhost/machine/flash_controller.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace flashhost::sim {

// The cells of a main flash. The destructor releases the file.
class FlashStorage {
 public:
  FlashStorage() = default;
  FlashStorage(const FlashStorage &) = delete;
  FlashStorage &operator=(const FlashStorage &) = delete;
  virtual ~FlashStorage() = default;
  [[nodiscard]] virtual std::span<std::uint8_t> cells() = 0;
};

// state_file: a raw image of the flash, mapped, so that every change is in the file at once, even
// if the process is killed. Created if it does not exist. Empty: memory only. firmware: content of
// a new flash that is at this address; empty: erased. Errc::config when the file has another size,
// is not a regular file or cannot be created or opened, Errc::probe when another program uses it.
[[nodiscard]] std::unique_ptr<FlashStorage> open_flash(const std::string &state_file,
                                                       const std::string &firmware,
                                                       std::uint32_t bytes,
                                                       std::uint32_t address = machine::flash_base);

}  // namespace flashhost::sim
