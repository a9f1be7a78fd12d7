// The MEM-AP of the core: its registers, and the access to the bus that is under way.
#pragma once

#include <flashhost/machine/notes.hpp>
#include <flashhost/machine/target.hpp>

#include <cstdint>
#include <optional>

namespace flashhost::machine::dap {

class MemoryAp {
 public:
  // increment: bytes after which TAR's increment goes back to the start; a power of two.
  MemoryAp(Target &target, std::uint32_t increment, Notes notes);

  void power_on(std::uint32_t undefined);
  // Start an access to a register; an earlier one must be over.
  void read(std::uint8_t address);
  void write(std::uint8_t address, std::uint32_t value);
  // Goes on with the access to the bus. ok: none is under way any more. wait: the bus is stalled.
  // fault: it was refused, and is over.
  [[nodiscard]] Ack proceed();
  void abort(std::uint32_t undefined);  // TAR is then unknown, if an access was under way
  [[nodiscard]] std::uint32_t value() const { return value_; }  // of the last read

 private:
  struct Access {
    std::uint32_t address = 0;
    unsigned width = 4;
    unsigned count = 1;  // more than one: packed
    bool read = false;
    bool increments = false;
    std::uint32_t data = 0;
  };

  [[nodiscard]] unsigned width() const;
  [[nodiscard]] Access next_access();
  void start(std::uint8_t address, bool read, std::uint32_t value);
  [[nodiscard]] Ack on_bus(Access &access);
  void increment(unsigned width);
  void write_csw(std::uint32_t value);
  [[nodiscard]] std::uint32_t plain_register(std::uint8_t address) const;

  Target &target_;
  Notes notes_;
  std::uint32_t increment_;
  std::uint32_t csw_ = 0;
  std::uint32_t tar_ = 0;
  bool tar_known_ = false;
  std::uint32_t value_ = 0;
  std::optional<Access> access_;
};

}  // namespace flashhost::machine::dap
