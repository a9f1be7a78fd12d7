// Of the debug group: blocks of memory, and what became of the last one.
#include "debug_group.hpp"
#include "wire_cost.hpp"

#include <algorithm>

namespace virtual_stlink {

namespace {

enum Opcode : std::uint8_t {
  read_32 = 0x07,
  write_32 = 0x08,
  read_8 = 0x0C,
  write_8 = 0x0D,
  read_16 = 0x47,
  write_16 = 0x48,
  write_32_fixed = 0x50,
  misc_out = 0x51,
  misc_in = 0x52,
  misc_max = 0x53,
  read_32_fixed = 0x54,
};

constexpr unsigned j_ap_number = 28;
constexpr unsigned j_big_byte_blocks_v3 = 6;
constexpr std::uint32_t big_byte_block = 512;
constexpr std::uint8_t garbage = 0xA5;  // of a buffer that was never filled
constexpr std::uint32_t misc_max_v2 = 64;
constexpr std::uint32_t misc_max_v3 = 1227;

enum class MiscItem : std::uint8_t { address = 1, write = 2, read = 3, access_port = 5 };

}  // namespace

Swd::Block DebugGroup::block_of() const {
  Swd::Block block{get_u32(command_, 2), get_u16(command_, 6), 4, 4};
  switch (command_[1]) {
    case read_8:
    case write_8:
      block.width = 1;
      break;
    case read_16:
    case write_16:
      block.width = 2;
      break;
    default:
      break;
  }
  const bool fixed = command_[1] == write_32_fixed || command_[1] == read_32_fixed;
  block.step = fixed ? 0 : block.width;
  return block;
}

std::size_t DebugGroup::check_length(const Swd::Block &block) {
  const bool reads = command_[1] == read_32 || command_[1] == read_16 || command_[1] == read_8 ||
                     command_[1] == read_32_fixed;
  std::uint32_t limit = flashhost::sim::block_limit;
  if (block.width == 1) {
    const bool big = config_.hardware == Hardware::v3 && config_.jtag >= j_big_byte_blocks_v3;
    limit = big ? big_byte_block : flashhost::sim::byte_block_limit;
  } else if (!reads) {
    limit = block.size;  // words are passed on as they come
  }
  if (block.size > limit) notes_.add("a memory block that is longer than the probe's buffer");
  if (block.address % block.width != 0 || block.size % block.width != 0) {
    notes_.add("a memory block whose address or length is no multiple of its width");
  }
  return std::size_t{std::min(block.size, limit) / block.width} * block.width;
}

DebugGroup::Answer DebugGroup::read_memory(const Row & /*row*/) {
  Swd::Block block = block_of();
  // One byte comes with a second one.
  const std::uint32_t wanted = block.width == 1 ? std::max(block.size, 2U) : block.size;
  Bytes reply(wanted, garbage);
  block.size = static_cast<std::uint32_t>(check_length(block));
  block.address -= block.address % block.width;
  if (command_[8] != 0 && has(j_ap_number, 0)) {
    last_access_ = {Status::bad_ap, block.address};
    return {reply, 0};
  }
  last_access_ = swd_.read_block(block, reply);
  static_cast<void>(finish(last_access_.status));
  dap_.memory_command(block.width, block.address + block.size);
  return {reply, 0};
}

DebugGroup::Answer DebugGroup::write_memory(const Row & /*row*/) {
  return {{}, get_u16(command_, 6)};
}

Bytes DebugGroup::data(std::span<const std::uint8_t> data) {
  if (command_[1] == misc_out) {
    run_misc(data);
    return {};
  }
  Swd::Block block = block_of();
  block.size = static_cast<std::uint32_t>(check_length(block));
  block.address -= block.address % block.width;
  if (*mode_ != Mode::debug) {
    last_access_ = {Status::command_error, block.address};
  } else if (command_[8] != 0 && has(j_ap_number, 0)) {
    last_access_ = {Status::bad_ap, block.address};
  } else {
    last_access_ = swd_.write_block(block, data);
    static_cast<void>(finish(last_access_.status));
    dap_.memory_command(block.width, block.address + block.size);
  }
  return {};
}

DebugGroup::Answer DebugGroup::last_status(const Row &row) {
  Bytes reply = status_reply(last_access_.status, row.reply);
  if (row.reply > 2) put_u32(reply, 4, last_access_.address);
  return {reply, 0};
}

DebugGroup::Answer DebugGroup::misc(const Row &row) {
  const std::uint32_t most = config_.hardware == Hardware::v3 ? misc_max_v3 : misc_max_v2;
  if (row.code == misc_max) {
    Bytes reply(row.reply);
    put_u32(reply, 0, most);
    return {reply, 0};
  }
  if (row.code == misc_in) return {misc_results_.empty() ? Bytes(2) : misc_results_, 0};
  const std::uint32_t items = get_u32(command_, 2);
  if (items > most) notes_.add("more RW_MISC items than the probe takes");
  const std::uint32_t taken = std::min(items, most);
  return {{}, (std::size_t{taken} + 3) / 4 * 4 + std::size_t{4} * taken};
}

// Item codes, padded to a multiple of four, then a word for each. The results are a word for each,
// then a status for each.
void DebugGroup::run_misc(std::span<const std::uint8_t> data) {
  const auto items = static_cast<std::uint32_t>(data.size() / 5);
  const std::size_t values = (std::size_t{items} + 3) / 4 * 4;
  misc_results_.assign(std::size_t{8} * items, 0);
  std::uint32_t access_port = 0;
  std::uint32_t address = 0;
  for (std::uint32_t i = 0; i < items; ++i) {
    std::uint32_t value = get_u32(data, values + std::size_t{4} * i);
    Status status = access_port == 0 ? Status::ok : Status::bad_ap;
    switch (MiscItem{data[i]}) {
      case MiscItem::access_port:
        access_port = value;
        status = access_port == 0 ? Status::ok : Status::bad_ap;
        break;
      case MiscItem::address:
        address = value;
        break;
      case MiscItem::write:
        if (status == Status::ok) status = swd_.write_word(address & ~3U, value);
        break;
      case MiscItem::read:
        address = value;
        value = 0;
        if (status == Status::ok) status = swd_.read_word(address & ~3U, value);
        put_u32(misc_results_, std::size_t{4} * i, value);
        break;
      default:
        status = Status::command_error;
        break;
    }
    put_u32(misc_results_, std::size_t{4} * (items + i), static_cast<std::uint32_t>(status));
  }
  dap_.memory_command(4, address);
}

}  // namespace virtual_stlink
