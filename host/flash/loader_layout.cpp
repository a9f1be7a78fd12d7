#include "crc32.hpp"
#include "loader_client.hpp"
#include "loaders/unpack/unpack.inc"

#include <algorithm>
#include <cstring>

namespace flashhost {

namespace {

constexpr std::uint32_t vector_alignment = 512;
// Large enough that the round trips of a block write do not matter, small enough for several slots.
constexpr std::uint32_t largest_payload = 4096;
constexpr std::uint32_t smallest_payload = 256;
constexpr std::uint32_t wanted_slots = 6;
constexpr std::uint32_t most_slots = 16;
constexpr std::uint32_t least_worth_leaving_out = 1024;
constexpr std::uint32_t fewest_slots_to_unpack = 4;
constexpr std::uint32_t trailer = sizeof(fh_trailer);
// Slots begin half-way between two multiples of 8; their length lets payloads end at a multiple
// of 8.
constexpr std::uint32_t slot_skew = 4;
static_assert((trailer + slot_skew) % 8 == 0 && sizeof(fh_mailbox) % 8 == 0);

std::uint32_t align_up(std::uint32_t value, std::uint32_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

std::uint32_t largest_power_of_two(std::uint32_t smallest, std::uint32_t limit) {
  std::uint32_t size = smallest;
  while (size * 2 <= limit && size * 2 <= largest_payload) size *= 2;
  return size;
}

// Behind the last slot, in place of slots if there are enough. room: for slots and all of it.
void add_unpacker(LoaderLayout &layout, std::uint32_t room) {
  const std::uint32_t code = align_up(std::size(unpack_blob::code), 8);
  // Families read a word more than they program.
  constexpr std::uint32_t read_ahead = 8;
  const std::uint32_t needed = slot_skew + code + unpack_blob::work + layout.payload() + read_ahead;
  const std::uint32_t left = room - layout.slot_count * layout.slot_size;
  const std::uint32_t fewer =
      needed > left ? (needed - left + layout.slot_size - 1) / layout.slot_size : 0;
  if (layout.slot_count < fewest_slots_to_unpack + fewer) return;
  layout.slot_count -= fewer;
  layout.unpacker = layout.slots + layout.slot_count * layout.slot_size + slot_skew;
  layout.unpacked = layout.unpacker + code + unpack_blob::work;
}

}  // namespace

std::uint32_t LoaderLayout::payload() const {
  return slot_size - trailer - slot_skew;
}

std::uint32_t LoaderLayout::trailer_of(std::uint32_t sequence) const {
  return slots + ((sequence - 1) % slot_count + 1) * slot_size - trailer;
}

std::optional<LoaderLayout> lay_out(MemoryRange ram, std::size_t agent_size, const LoaderCode &code,
                                    std::uint32_t write_unit, bool unpack) {
  const std::uint64_t wanted =
      code.code.size() + std::uint64_t{code.zero_data} + code.scratch + code.stack_size;
  if (wanted > ram.size) return std::nullopt;
  const auto code_size = static_cast<std::uint32_t>(code.code.size());
  LoaderLayout layout;
  layout.vectors = align_up(ram.address, vector_alignment);
  layout.mailbox = layout.vectors + FH_VECTOR_TABLE_SIZE;
  layout.agent = layout.mailbox + std::uint32_t{sizeof(fh_mailbox)};
  layout.family = align_up(layout.agent + static_cast<std::uint32_t>(agent_size), 8);
  layout.scratch = layout.family + code_size + code.zero_data;
  layout.stack_guard = align_up(layout.scratch + code.scratch, 8) + 4;
  layout.stack_top = layout.stack_guard + 4 + align_up(code.stack_size, 8);
  layout.checked_end =
      code.scratch >= least_worth_leaving_out ? align_up(layout.scratch, 8) : layout.stack_top;
  layout.slots = layout.stack_top + slot_skew;
  if (ram.end() < layout.slots) return std::nullopt;
  const auto room = static_cast<std::uint32_t>(ram.end() - layout.slots);
  const std::uint32_t smallest = std::max({smallest_payload, code.page_size, write_unit});
  const std::uint32_t good = std::max(1024U, smallest);
  if (room / 2 < smallest + trailer + slot_skew) return std::nullopt;
  const std::uint32_t share =
      room / (room / wanted_slots >= good + trailer + slot_skew ? wanted_slots : 2);
  layout.slot_size =
      largest_power_of_two(smallest, share - trailer - slot_skew) + trailer + slot_skew;
  layout.slot_count = std::min(room / layout.slot_size, most_slots);
  if (unpack && code.stack_size >= FH_STACK_SIZE) add_unpacker(layout, room);
  return layout;
}

void balance(std::span<std::uint8_t> written, std::size_t place) {
  const auto set = [&](std::size_t at, std::uint32_t value) {
    std::memcpy(&written[at], &value, sizeof value);
  };
  set(place, 0);
  set(place + 4, 0);
  std::uint32_t sum = 0, sum_of_sums = 0;
  for (std::size_t at = written.size(); at > 0;) {
    at -= 4;
    std::uint32_t word = 0;
    std::memcpy(&word, &written[at], sizeof word);
    sum += word;
    sum_of_sums += sum;
  }
  // The first of the two counts in so many sums, the second in one more.
  const auto times = static_cast<std::uint32_t>(place / 4 + 1);
  const std::uint32_t second = times * sum - sum_of_sums;
  set(place + 4, second);
  set(place, 0U - sum - second);
}

Bytes encode_command(std::uint32_t op, std::uint32_t address, std::uint32_t length,
                     std::span<const std::uint8_t> payload, std::uint32_t sequence) {
  const auto padded = align_up(static_cast<std::uint32_t>(payload.size()), 4);
  Bytes block(padded + sizeof(fh_trailer), 0xFF);
  std::copy(payload.begin(), payload.end(), block.begin());
  const auto put = [&](std::size_t field, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) {
      block[padded + field + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
  };
  put(offsetof(fh_trailer, op), op);
  put(offsetof(fh_trailer, address), address);
  put(offsetof(fh_trailer, length), length);
  put(offsetof(fh_trailer, crc),
      loader_crc(std::span(block).first(padded + offsetof(fh_trailer, crc))));
  put(offsetof(fh_trailer, sequence), sequence);
  return block;
}

}  // namespace flashhost
