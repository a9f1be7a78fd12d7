// Operations on the target's registers, cut into packets: DAP_Transfer (0x05) takes any of them,
// DAP_TransferBlock (0x06) only those to one register, in fewer bytes. Pure.
#pragma once

#include "protocol.hpp"

#include <flashhost/adiv5.hpp>

#include <cstddef>
#include <span>

namespace flashhost::cmsisdap {

struct Packet {
  Command command = Command::transfer;  // or transfer_block
  std::size_t first = 0;                // of all operations
  std::size_t count = 0;
  friend bool operator==(const Packet &, const Packet &) = default;
};

// What the packet that begins with operation `first` does. size: the most bytes of request and of
// response. With blocks, a DAP_TransferBlock where that is shorter.
[[nodiscard]] Packet next_packet(std::span<const adiv5::Operation> all, std::size_t first,
                                 std::size_t size, bool blocks);

[[nodiscard]] Bytes encode(const Packet &packet, std::span<const adiv5::Operation> all);

struct Result {
  Misfit misfit = Misfit::none;  // none: the rest is valid
  adiv5::Ack ack = adiv5::Ack::ok;
  std::size_t done = 0;  // operations of the packet, all their values are known
  // The probe did none of them, for it drives no wires: it was told so by another program, or has
  // started anew. A target without supply may look the same.
  bool port_closed = false;
  friend bool operator==(const Result &, const Result &) = default;
};

// Writes the values that were read into the operations.
[[nodiscard]] Result decode(const Packet &packet, std::span<const std::uint8_t> response,
                            bool padded, std::span<adiv5::Operation> all);

// Whether an AP write may still be under way when the last operation has been done. The probe
// itself waits for it unless the last operation is a read.
[[nodiscard]] bool leaves_write_open(std::span<const adiv5::Operation> all);

}  // namespace flashhost::cmsisdap
