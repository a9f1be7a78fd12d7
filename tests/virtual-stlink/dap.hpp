// Raw debug port and access port registers, as READ_DAP_REG and WRITE_DAP_REG reach them.
#pragma once

#include "swd.hpp"

#include <flashhost/machine/notes.hpp>

#include <cstdint>
#include <set>

namespace virtual_stlink {

using flashhost::machine::Notes;

inline constexpr std::uint32_t debug_port = 0xFFFF;

class Dap {
 public:
  enum class Opening : std::uint8_t { needed, automatic };  // from J28 an AP must be opened first
  Dap(Swd &swd, Notes notes, Opening opening) : swd_(swd), notes_(notes), opening_(opening) {}

  [[nodiscard]] Status open(std::uint32_t access_port);
  [[nodiscard]] Status close(std::uint32_t access_port);
  void close_all() { open_.clear(); }

  [[nodiscard]] Status read(std::uint32_t port, std::uint32_t address, std::uint32_t &value);
  [[nodiscard]] Status write(std::uint32_t port, std::uint32_t address, std::uint32_t value);
  // A memory command has used the AP's CSW and TAR for itself.
  void memory_command(unsigned width, std::uint32_t end);

 private:
  [[nodiscard]] Status read_dp(std::uint32_t address, std::uint32_t &value);
  [[nodiscard]] Status write_dp(std::uint32_t address, std::uint32_t value);
  [[nodiscard]] Status read_ap(std::uint32_t address, std::uint32_t &value);
  [[nodiscard]] Status write_ap(std::uint32_t address, std::uint32_t value);
  [[nodiscard]] Status read_data(std::uint32_t &value);
  [[nodiscard]] Status write_data(std::uint32_t value);
  [[nodiscard]] unsigned width() const;
  void increment();

  Swd &swd_;
  Notes notes_;
  Opening opening_;
  std::set<std::uint32_t> open_;
  std::uint32_t csw_ = 0x23000052;
  std::uint32_t tar_ = 0;
  std::uint32_t control_ = 0x50000000;
  std::uint32_t last_read_ = 0;
};

}  // namespace virtual_stlink
