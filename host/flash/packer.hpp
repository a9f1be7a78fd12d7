// Makes the bytes smaller that are sent to a loader which can unpack them (loader_abi.h).
#pragma once

#include <flashhost/types.hpp>

#include <cstdint>
#include <memory>
#include <span>

struct z_stream_s;

namespace flashhost {

// One thread.
class Packer {
 public:
  Packer();
  Packer(const Packer &) = delete;
  Packer &operator=(const Packer &) = delete;
  ~Packer();

  // The payload of a packed command for these bytes, a multiple of 4, which are programmed at
  // address next. Empty: it would not be smaller, or there is no memory for that.
  [[nodiscard]] Bytes pack(std::uint32_t address, std::span<const std::uint8_t> data);
  // The flash holds these bytes when the next command is executed, so that may refer to them.
  void programmed(std::uint32_t address, std::span<const std::uint8_t> data);
  // This is not as it was programmed any more.
  void erased(MemoryRange range);

 private:
  [[nodiscard]] bool begin(std::uint32_t address);

  std::unique_ptr<z_stream_s, void (*)(z_stream_s *)> stream_;  // made for the first block
  Bytes known_;               // of the flash, as much as a reference can lead back
  std::uint32_t behind_ = 0;  // the address behind it
};

}  // namespace flashhost
