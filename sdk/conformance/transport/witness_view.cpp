#include "transport/witness_view.hpp"

#include <flashhost/error.hpp>

#include <algorithm>

namespace flashhost::conformance {

namespace witness = machine::witness;

bool WitnessView::present() {
  try {
    return probe_.read_word(witness::id) == witness::id_value;
  } catch (const Error &error) {
    if (error.code() != Errc::memory_fault) throw;
    return false;
  }
}

void WitnessView::watch(MemoryRange range) {
  probe_.write_word(witness::watch_start, range.address);
  probe_.write_word(witness::watch_size, range.size);
  probe_.write_word(witness::clear, 1);
}

void WitnessView::refuse(MemoryRange range) {
  probe_.write_word(witness::fault_start, range.address);
  probe_.write_word(witness::fault_size, range.size);
}

void WitnessView::silence(std::chrono::milliseconds time) {
  probe_.write_word(witness::silence, static_cast<std::uint32_t>(time.count()));
}

std::vector<BusAccess> WitnessView::accesses() {
  std::vector<BusAccess> all;
  const std::uint32_t count = std::min(probe_.read_word(witness::recorded), witness::most_records);
  for (std::uint32_t page = 0; all.size() < count; ++page) {
    probe_.write_word(witness::page, page);
    const std::uint32_t here =
        std::min<std::uint32_t>(witness::records, count - static_cast<std::uint32_t>(all.size()));
    std::vector<std::uint8_t> bytes(std::size_t{here} * witness::record_size);
    probe_.read_memory(witness::first_record, bytes, Width::word);
    const auto word = [&](std::size_t at) {
      std::uint32_t value = 0;
      for (std::size_t i = 0; i < 4; ++i) value |= std::uint32_t{bytes[at + i]} << (8 * i);
      return value;
    };
    for (std::size_t at = 0; at < bytes.size(); at += witness::record_size) {
      const std::uint32_t how = word(at + 4);
      all.push_back({word(at), how & witness::how_width, (how & witness::how_write) != 0,
                     (how & witness::how_refused) != 0, word(at + 8)});
    }
  }
  return all;
}

}  // namespace flashhost::conformance
