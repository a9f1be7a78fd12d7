// The memory map for the core and for the debugger.
#pragma once

#include <flashhost/machine/board.hpp>
#include <flashhost/machine/flash_controller.hpp>
#include <flashhost/machine/model.hpp>

#include <array>
#include <vector>

namespace flashhost::machine {

inline constexpr std::uint32_t sram_region = 0x20000000;
inline constexpr std::uint32_t ccm_base = 0x10000000;
inline constexpr std::uint32_t peripheral_base = 0x40000000;
inline constexpr std::uint32_t peripheral_size = 0x30000;
inline constexpr std::uint32_t private_base = 0xE0000000;
inline constexpr std::uint32_t private_size = 0x100000;

class Bus {
 public:
  Bus(Board &board, FlashController &flash, const Part &part, std::span<std::uint8_t> sram,
      std::span<std::uint8_t> ccm)
      : flash_address(part.flash_address),
        sram_address(part.sram_address),
        board_(board),
        flash_(flash),
        sram_(sram),
        ccm_(ccm) {}

  // Peripherals occupy units of 1 KiB.
  void attach(std::uint32_t address, Peripheral &peripheral);
  // The core's private space; a chip's peripherals there come first.
  void attach_private(Peripheral &system_control) { system_control_ = &system_control; }
  struct Window {
    std::uint32_t address;
    Peripheral *peripheral;
  };
  // Peripherals outside of the usual range.
  [[nodiscard]] std::span<const Window> elsewhere() const { return elsewhere_; }

  [[nodiscard]] Outcome read(std::uint32_t address, unsigned width, Master master,
                             std::uint32_t &value);
  [[nodiscard]] Outcome write(std::uint32_t address, unsigned width, Master master,
                              std::uint32_t value);
  // Stores to SRAM without telling anybody.
  void store_sram(std::uint32_t address, unsigned width, std::uint32_t value);
  // For an address in the boot alias at 0, the address that it stands for; other addresses
  // unchanged.
  [[nodiscard]] std::uint32_t resolve(std::uint32_t address) const;

  const std::uint32_t flash_address, sram_address;
  bool bit_band = true;          // the core has bit-band aliases
  std::uint32_t stuck_sram = 0;  // bit 0 of this byte is stuck at 1; 0: none
  void apply_stuck_sram();

 private:
  struct Register {
    Peripheral *peripheral;
    std::uint32_t offset;
  };
  [[nodiscard]] Register find(std::uint32_t address) const;
  [[nodiscard]] std::uint8_t *ram_at(std::uint32_t address);  // null: none there
  void store(std::uint8_t *ram, unsigned width, std::uint32_t value);
  [[nodiscard]] Outcome read_bit(std::uint32_t address, Master master, std::uint32_t &value);
  [[nodiscard]] Outcome write_bit(std::uint32_t address, Master master, std::uint32_t value);

  Board &board_;
  FlashController &flash_;
  std::span<std::uint8_t> sram_;
  std::span<std::uint8_t> ccm_;
  std::array<Peripheral *, peripheral_size / 1024> peripherals_{};
  std::vector<Window> elsewhere_;
  Peripheral *system_control_ = nullptr;
};

}  // namespace flashhost::machine
