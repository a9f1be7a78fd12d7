#include <flashhost/assembler.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace flashhost {

Overlap overlap_setting(const Settings &settings) {
  const auto word = settings.choice("overlap", {"refuse", "last"});
  return word == "last" ? Overlap::last : Overlap::refuse;
}

void Assembler::add(std::uint32_t address, std::span<const std::uint8_t> data) {
  if (data.empty()) return;
  if (data.size() > (std::uint64_t{1} << 32) - address) {
    throw Error(Errc::image, fmt::format("{} bytes at {} reach beyond the 32-bit address space",
                                         data.size(), hex(address)));
  }
  const auto last = static_cast<std::uint32_t>(address + data.size() - 1);
  if (!runs_.empty() && runs_.back().end() == address) {
    runs_.back().last = last;
  } else {
    runs_.push_back({address, last, bytes_.size()});
  }
  bytes_.insert(bytes_.end(), data.begin(), data.end());
}

Assembler::Result Assembler::finish(const std::string &where) {
  Result result;
  if (runs_.size() == 1) {  // as most files are: the bytes are not copied
    result.segments.push_back({runs_.front().first, std::move(bytes_)});
    return result;
  }
  if (bytes_.capacity() / 2 > bytes_.size()) bytes_.shrink_to_fit();
  sort();
  const std::size_t count = count_segments();
  if (count > max_segments) {
    const Error error(Errc::image,
                      fmt::format("the data lies in {} separate places; more than {} are refused",
                                  count, max_segments),
                      "No firmware is so scattered. Was the file made from the right input?");
    throw where.empty() ? error : error.in(where);
  }
  result.segments.reserve(count);
  for (auto run = runs_.begin(); run != runs_.end();) {
    const auto [next, end] = after_segment(run);
    Segment &segment = result.segments.emplace_back();
    segment.address = run->first;
    const auto size = static_cast<std::size_t>(end - run->first);
    if (overlap_ == Overlap::last) {
      segment.data.resize(size);
      join_in_order_of_file(segment, run, next);
    } else {
      segment.data.reserve(size);
      for (; run != next; ++run) join_agreeing(segment, *run);
    }
    run = next;
  }
  result.contradiction = contradiction_;
  return result;
}

// By address; those of one address stay in the order of the file. Merges what ascends already, two
// stretches at a time: files that are not in order often are a few ascending parts.
void Assembler::sort() {
  const auto before = [this](const Run &a, const Run &b) {
    watch_.step();
    return a.first < b.first;
  };
  while (!std::is_sorted(runs_.begin(), runs_.end(), before)) {
    Runs merged;
    for (auto one = runs_.begin(); one != runs_.end();) {
      const auto two = std::is_sorted_until(one, runs_.end(), before);
      const auto end = std::is_sorted_until(two, runs_.end(), before);
      std::merge(one, two, two, end, std::back_inserter(merged), before);
      one = end;
    }
    runs_.swap(merged);
  }
}

// The first run behind the segment that begins with this run, and the segment's end.
std::pair<Assembler::Runs::iterator, std::uint64_t> Assembler::after_segment(Runs::iterator run) {
  std::uint64_t end = run->end();
  for (++run; run != runs_.end() && run->first <= end; ++run) {
    watch_.step();
    end = std::max(end, run->end());
  }
  watch_.step();
  return {run, end};
}

std::size_t Assembler::count_segments() {
  std::size_t count = 0;
  for (auto run = runs_.begin(); run != runs_.end(); run = after_segment(run).first) ++count;
  return count;
}

void Assembler::join_in_order_of_file(Segment &segment, Runs::iterator first,
                                      const Runs::iterator &end) {
  const auto before = [this](const Run &a, const Run &b) {
    watch_.step();
    return a.offset < b.offset;
  };
  std::sort(first, end, before);
  for (; first != end; ++first) {
    watch_.step();
    std::ranges::copy(bytes_of(*first), segment.data.begin() + (first->first - segment.address));
  }
}

// Appends what is new of the run, and compares what is not. The runs come in ascending order.
void Assembler::join_agreeing(Segment &segment, const Run &run) {
  watch_.step();
  Bytes &data = segment.data;
  const std::span<const std::uint8_t> bytes = bytes_of(run);
  const auto known = data.begin() + static_cast<std::ptrdiff_t>(run.first - segment.address);
  const auto size = std::min(std::ssize(bytes), data.end() - known);
  const auto differs = std::mismatch(known, known + size, bytes.begin()).first - known;
  if (differs < size) {
    const auto where = static_cast<std::uint32_t>(run.first + differs);
    contradiction_ = std::min(contradiction_.value_or(where), where);
  }
  data.insert(data.end(), bytes.begin() + size, bytes.end());
}

std::optional<Contradiction> ContradictionFinder::look(std::uint32_t address,
                                                       std::span<const std::uint8_t> data,
                                                       std::size_t place) {
  if (address_ < address || address_ - address >= data.size()) return {};
  const std::uint8_t byte = data[address_ - address];
  if (!found_) found_ = Contradiction{address_, byte, place, 0, 0};
  if (byte == found_->first) return {};
  found_->second = byte;
  found_->second_place = place;
  return found_;
}

Error contradiction_error(const Contradiction &contradiction, std::string_view place) {
  return {Errc::image,
          fmt::format("{0} {1}: byte 0x{2:02x} at {3} differs from 0x{4:02x} given in {0} {5}",
                      place, contradiction.second_place, contradiction.second,
                      hex(contradiction.address), contradiction.first, contradiction.first_place),
          "Two parts of the firmware overlap: check the linker script, or which files were merged. "
          "[image.settings] overlap = \"last\" takes the later one, as other tools do."};
}

}  // namespace flashhost
