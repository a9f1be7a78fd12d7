#include "dap/memory_ap.hpp"

#include "dap/registers.hpp"

#include <flashhost/machine/model.hpp>

#include <cstddef>

namespace flashhost::machine::dap {
namespace {

// What the AP of a core is like.
struct Kind {
  std::uint32_t idr;
  std::uint32_t base;
  std::uint32_t csw_fixed;     // reads as one: DeviceEn, and what cannot be written
  std::uint32_t csw_writable;  // of HPROT, MasterType, AddrInc; the size is apart
  bool packed;
  bool fault_increments;  // TAR goes on after an access that was refused
};

constexpr std::uint32_t size_bits = 7;
constexpr std::uint32_t increment_bits = 3U << 4;
constexpr std::uint32_t increment_single = 1U << 4;
constexpr std::uint32_t increment_packed = 2U << 4;
constexpr std::uint32_t word_size = 2;
constexpr std::uint32_t other_lanes = 0xA5A5A5A5;  // what a narrow read has beside its own lane

constexpr Kind kinds[] = {
    {0x04770021, 0xE00FF003, 0x03000040, increment_single, false, false},            // Cortex-M0
    {0x04770031, 0xF0000003, 0x03000040, increment_single, false, false},            // Cortex-M0+
    {0x14770011, 0xE00FF003, 0x00000040, 0x23000000 | increment_bits, true, false},  // Cortex-M3
    {0x24770011, 0xE00FF003, 0x00000040, 0x23000000 | increment_bits, true, true},   // Cortex-M4
};

const Kind &kind_of(const Target &target) {
  return kinds[static_cast<std::size_t>(target.core())];
}

unsigned lane_shift(std::uint32_t address) {
  return 8 * (address & 3);
}

std::uint32_t lane_mask(unsigned width) {
  return width == 4 ? ~0U : (1U << (8 * width)) - 1;
}

bool on_the_bus(std::uint8_t address) {
  return address == drw || (address >= bd0 && address <= bd3);
}

}  // namespace

MemoryAp::MemoryAp(Target &target, std::uint32_t increment, Notes notes)
    : target_(target), notes_(notes), increment_(increment) {}

void MemoryAp::power_on(std::uint32_t undefined) {
  const Kind &kind = kind_of(target_);
  csw_ = kind.csw_fixed | (undefined & kind.csw_writable & ~increment_bits) | word_size;
  tar_ = undefined;
  tar_known_ = false;
  value_ = undefined;
  access_.reset();
}

void MemoryAp::abort(std::uint32_t undefined) {
  if (!access_) return;
  access_.reset();
  tar_ = undefined;
  tar_known_ = false;
}

unsigned MemoryAp::width() const {
  return 1U << (csw_ & size_bits);
}

void MemoryAp::read(std::uint8_t address) {
  if (on_the_bus(address)) {
    start(address, true, 0);
  } else {
    value_ = plain_register(address);
  }
}

void MemoryAp::write(std::uint8_t address, std::uint32_t value) {
  if (on_the_bus(address)) {
    start(address, false, value);
  } else if (address == csw) {
    write_csw(value);
  } else if (address == tar) {
    tar_ = value;
    tar_known_ = true;
  }
}

std::uint32_t MemoryAp::plain_register(std::uint8_t address) const {
  switch (address) {
    case csw:
      return csw_;
    case tar:
      return tar_;
    case base:
      return kind_of(target_).base;
    case idr:
      return kind_of(target_).idr;
    default:
      return 0;
  }
}

void MemoryAp::write_csw(std::uint32_t value) {
  const Kind &kind = kind_of(target_);
  std::uint32_t size = value & size_bits;
  if (size > word_size) {
    notes_.add("CSW was written with a size that the AP does not have");
    size = csw_ & size_bits;
  }
  std::uint32_t rest = value & kind.csw_writable;
  if ((rest & increment_bits) == increment_bits) {
    notes_.add("CSW was written with the reserved value of AddrInc");
    rest &= ~increment_bits;
  }
  if (!kind.packed && (value & increment_bits) == increment_packed) rest |= csw_ & increment_bits;
  csw_ = kind.csw_fixed | rest | size;
}

void MemoryAp::start(std::uint8_t address, bool read, std::uint32_t value) {
  if (!tar_known_) notes_.add("memory was accessed before TAR was written");
  Access access;
  access.read = read;
  access.data = read ? other_lanes : value;
  if (address == drw) {
    access.width = width();
    access.address = tar_ & ~(access.width - 1);
    access.increments = (csw_ & increment_bits) != 0;
    if ((csw_ & increment_bits) == increment_packed) access.count = 4 / access.width;
    if (access.address != tar_) notes_.add("DRW was accessed with a TAR that is not aligned");
  } else {
    access.address = (tar_ & ~0xFU) + address - bd0;
    if (width() != 4) notes_.add("BD0 to BD3 were accessed with a CSW.Size other than 32 bits");
  }
  access_ = access;
}

Ack MemoryAp::on_bus(Access &access) {
  const unsigned shift = access.width == 4 ? 0 : lane_shift(access.address);
  const std::uint32_t mask = lane_mask(access.width);
  if (!access.read) {
    return target_.write(access.address, access.width, access.data >> shift & mask);
  }
  std::uint32_t value = 0;
  const Ack ack = target_.read(access.address, access.width, value);
  if (ack != Ack::ok) return ack;
  access.data = (access.data & ~(mask << shift)) | (value & mask) << shift;
  return ack;
}

Ack MemoryAp::proceed() {
  while (access_) {
    const Ack ack = on_bus(*access_);
    if (ack == Ack::wait) return ack;
    if (access_->increments && (ack == Ack::ok || kind_of(target_).fault_increments)) {
      increment(access_->width);
    }
    if (ack != Ack::ok) {
      access_.reset();
      return Ack::fault;
    }
    if (--access_->count != 0) {
      access_->address = tar_;
      continue;
    }
    if (access_->read) value_ = access_->data;
    access_.reset();
  }
  return Ack::ok;
}

void MemoryAp::increment(unsigned width) {
  const std::uint32_t within = increment_ - 1;
  tar_ = (tar_ & ~within) | ((tar_ + width) & within);
}

}  // namespace flashhost::machine::dap
