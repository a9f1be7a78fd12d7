#include "system/witness.hpp"

namespace flashhost::machine {

bool Witness::Range::overlaps(std::uint32_t address, unsigned width) const {
  return size != 0 && (address - start < size || start - address < width);
}

bool Witness::refuses(std::uint32_t address, unsigned width) const {
  return refused_.overlaps(address, width);
}

void Witness::record(std::uint32_t address, std::uint32_t how, std::uint32_t value) {
  if (!watched_.overlaps(address, how & witness::how_width)) return;
  if (++recorded_ <= witness::most_records) records_.push_back({address, how, value});
}

std::uint32_t Witness::read_record(std::uint32_t offset) const {
  const std::uint32_t number = offset / witness::record_size;
  const std::size_t index = std::size_t{page_} * witness::records + number;
  if (number >= witness::records || index >= records_.size()) return 0;
  const Record &record = records_[index];
  switch (offset % witness::record_size / 4) {
    case 0:
      return record.address;
    case 1:
      return record.how;
    default:
      return record.value;
  }
}

std::uint32_t *Witness::stored_register(std::uint32_t address) {
  switch (address) {
    case witness::watch_start:
      return &watched_.start;
    case witness::watch_size:
      return &watched_.size;
    case witness::fault_start:
      return &refused_.start;
    case witness::fault_size:
      return &refused_.size;
    case witness::page:
      return &page_;
    case witness::halt_delay:
      return &halt_delay_;
    default:
      return nullptr;
  }
}

std::uint32_t Witness::read(std::uint32_t offset, Master /*master*/) {
  const std::uint32_t address = witness::base + offset;
  if (address >= witness::first_record) return read_record(address - witness::first_record);
  if (const std::uint32_t *found = stored_register(address)) return *found;
  const auto since = [&](std::uint64_t Statistics::*count) {
    return static_cast<std::uint32_t>(board_.statistics.*count - before_.*count);
  };
  switch (address) {
    case witness::id:
      return witness::id_value;
    case witness::recorded:
      return recorded_;
    case witness::resets:
      return since(&Statistics::system_resets);
    case witness::pin_resets:
      return since(&Statistics::pin_resets);
    case witness::power_ons:
      return since(&Statistics::power_ons);
    case witness::halts:
      return since(&Statistics::halts);
    default:
      return 0;
  }
}

Outcome Witness::write(std::uint32_t offset, std::uint32_t value, Master /*master*/) {
  const std::uint32_t address = witness::base + offset;
  if (std::uint32_t *found = stored_register(address)) *found = value;
  if (address == witness::silence) {
    silent_from_ = board_.timeline.now;
    silent_until_ = silent_from_ + value * ticks_per_millisecond;
  }
  if (address == witness::clear) {
    records_.clear();
    recorded_ = page_ = 0;
    before_ = board_.statistics;
  }
  return Outcome::ok;
}

}  // namespace flashhost::machine
