#include "packets.hpp"

#include <algorithm>

namespace flashhost::cmsisdap {

namespace {

using adiv5::Ack;
using adiv5::Operation;

// Bytes of a request or response without items.
constexpr std::size_t transfer_request = 3, transfer_response = 3;
constexpr std::size_t block_request = 5, block_response = 4;
constexpr std::size_t word_size = 4, most_items = 255, most_block_items = 65535;

bool is_ap(const Operation &operation) {
  return operation.kind == Operation::Kind::read_ap || operation.kind == Operation::Kind::write_ap;
}

bool is_read(const Operation &operation) {
  return operation.kind == Operation::Kind::read_dp || operation.kind == Operation::Kind::read_ap;
}

std::uint8_t request_byte(const Operation &operation) {
  constexpr std::uint8_t access_port = 0x01, read = 0x02, register_mask = 0x0C;
  return static_cast<std::uint8_t>((is_ap(operation) ? access_port : 0) |
                                   (is_read(operation) ? read : 0) |
                                   (operation.address & register_mask));
}

// How many of the operations one DAP_Transfer takes.
std::size_t fits_in_transfer(std::span<const Operation> operations, std::size_t size) {
  std::size_t request = transfer_request, response = transfer_response, count = 0;
  for (const Operation &operation : operations) {
    request += is_read(operation) ? 1 : 1 + word_size;
    response += is_read(operation) ? word_size : 0;
    if (request > size || response > size || count == most_items) break;
    ++count;
  }
  return count;
}

std::size_t fits_in_block(std::span<const Operation> operations, std::size_t size) {
  const Operation &first = operations.front();
  const auto other = std::ranges::find_if(operations, [&](const Operation &operation) {
    return operation.kind != first.kind || operation.address != first.address;
  });
  const auto run = static_cast<std::size_t>(other - operations.begin());
  const std::size_t overhead = is_read(first) ? block_response : block_request;
  return std::min({run, (size - overhead) / word_size, most_block_items});
}

Ack ack_of(std::uint8_t response) {
  constexpr std::uint8_t parity = 0x08, mask = 0x07, ok = 1, wait = 2, fault = 4;
  if ((response & parity) != 0) return Ack::parity;
  switch (response & mask) {
    case ok:
      return Ack::ok;
    case wait:
      return Ack::wait;
    case fault:
      return Ack::fault;
    default:
      // Nobody drives the line, or its level is not the target's doing.
      return Ack::none;
  }
}

// The words that the response has for the accepted operations, if it fits them at all.
std::optional<std::size_t> words_in(const Packet &packet, std::span<const Operation> accepted,
                                    std::size_t bytes, bool padded, bool complete) {
  const auto reads = static_cast<std::size_t>(std::ranges::count_if(accepted, is_read));
  // A read of an AP is accepted before its word is there: DAP_Transfer counts it then, and the word
  // may be missing if what follows fails.
  const bool may_miss = packet.command == Command::transfer && !complete && !accepted.empty() &&
                        accepted.back().kind == Operation::Kind::read_ap;
  const std::size_t least = may_miss ? reads - 1 : reads;
  if (padded) return bytes >= least * word_size ? std::optional(least) : std::nullopt;
  const std::size_t words = bytes / word_size;
  if (bytes % word_size != 0 || words < least || words > reads) return {};
  return words;
}

}  // namespace

Packet next_packet(std::span<const Operation> all, std::size_t first, std::size_t size,
                   bool blocks) {
  const auto rest = all.subspan(first);
  const std::size_t items = fits_in_transfer(rest, size);
  // A block has the longer head, so it is shorter from four operations on.
  constexpr std::size_t worthwhile = 4;
  const std::size_t in_block = blocks ? fits_in_block(rest, size) : 0;
  if (in_block >= worthwhile && in_block >= items) {
    return {Command::transfer_block, first, in_block};
  }
  return {Command::transfer, first, items};
}

Bytes encode(const Packet &packet, std::span<const Operation> all) {
  const auto operations = all.subspan(packet.first, packet.count);
  constexpr std::uint8_t swd_index = 0;
  Bytes request;
  request.reserve(block_request + packet.count * (1 + word_size));
  request.push_back(static_cast<std::uint8_t>(packet.command));
  request.push_back(swd_index);
  if (packet.command == Command::transfer_block) {
    append_u16(request, static_cast<std::uint16_t>(packet.count));
    request.push_back(request_byte(operations.front()));
    if (is_read(operations.front())) return request;
    for (const Operation &operation : operations) append_u32(request, operation.value);
    return request;
  }
  request.push_back(static_cast<std::uint8_t>(packet.count));
  for (const Operation &operation : operations) {
    request.push_back(request_byte(operation));
    if (!is_read(operation)) append_u32(request, operation.value);
  }
  return request;
}

Result decode(const Packet &packet, std::span<const std::uint8_t> response, bool padded,
              std::span<Operation> all) {
  const bool block = packet.command == Command::transfer_block;
  const std::size_t head = block ? block_response : transfer_response;
  const auto start = response.first(std::min(head, response.size()));
  const Misfit misfit = check(static_cast<std::uint8_t>(packet.command), start, head, padded);
  if (misfit != Misfit::none) return {.misfit = misfit};
  const std::size_t count =
      response[1] + (block ? static_cast<std::size_t>(response[2]) << 8 : std::size_t{0});
  const std::uint8_t status = response[head - 1];
  const Ack ack = ack_of(status);
  // The bits above are for what is never asked for; some probes set the lowest of them with FAULT.
  const unsigned unused_bits = ack == Ack::ok ? 0xF0 : 0xE0;
  if ((status & unused_bits) != 0 || count > packet.count ||
      (ack == Ack::ok && count != packet.count)) {
    return {.misfit = Misfit::content};
  }
  const auto accepted = all.subspan(packet.first, count);
  const auto data = response.subspan(head);
  const auto words = words_in(packet, accepted, data.size(), padded, ack == Ack::ok);
  if (!words) return {.misfit = Misfit::length};
  Result result{.ack = ack, .done = count, .port_closed = status == 0 && count == 0};
  std::size_t used = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_read(accepted[i])) continue;
    if (used == *words) {
      result.done = i;
      break;
    }
    accepted[i].value = word_at(data, used++ * word_size);
  }
  return result;
}

bool leaves_write_open(std::span<const Operation> all) {
  constexpr std::uint8_t rdbuff = 0x0C;
  bool open = false;
  for (const Operation &operation : all) {
    if (operation.kind == Operation::Kind::write_ap) open = true;
    const bool is_rdbuff =
        operation.kind == Operation::Kind::read_dp && operation.address == rdbuff;
    if (operation.kind == Operation::Kind::read_ap || is_rdbuff) open = false;
  }
  return open && is_read(all.back());
}

}  // namespace flashhost::cmsisdap
