// What a probe promises about memory: every byte at its address, the requested width, and the exact
// address that the target refused.
#include "transport/transport_suite.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

namespace flashhost::conformance {

namespace {

constexpr Width all_widths[] = {Width::automatic, Width::byte, Width::half, Width::word};

std::uint32_t unit_of(Width width) {
  return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(width));
}

bool possible(Probe &probe, Width width) {
  return width != Width::half || probe.info().halfword_access;
}

// The scratch RAM, and the content that it should have.
class Memory {
 public:
  Memory(Probe &probe, MemoryRange range)
      : probe_(probe), range_(range), content_(random_bytes(range.size, 1)) {
    probe_.write_memory(range_.address, content_, Width::word);
  }
  [[nodiscard]] std::uint32_t at(std::uint32_t offset) const { return range_.address + offset; }

  // Writes new bytes there and compares them, and the bytes before and behind, by word reads; then
  // reads them back with the width used for writing.
  void check(std::uint32_t offset, std::uint32_t size, Width width) {
    const Bytes data = random_bytes(size, ++seed_);
    probe_.write_memory(at(offset), data, width);
    std::copy(data.begin(), data.end(), content_.begin() + offset);
    const std::string what = std::to_string(size) + " bytes at " + hex(at(offset)) + ", width " +
                             std::to_string(static_cast<int>(width));
    constexpr std::uint32_t margin = 16;
    const std::uint32_t from = offset - std::min(offset, margin);
    const std::uint32_t end = std::min(offset + size + margin, range_.size);
    expect_content(from / 4 * 4, end / 4 * 4, "written: " + what);
    ASSERT_EQ(read_bytes(probe_, at(offset), size, width), data) << "read: " << what;
  }
  void expect_everything() { expect_content(0, range_.size, "in the end"); }

 private:
  void expect_content(std::uint32_t from, std::uint32_t end, const std::string &what) {
    const Bytes expected(content_.begin() + from, content_.begin() + end);
    ASSERT_EQ(read_bytes(probe_, at(from), end - from, Width::word), expected) << what;
  }

  Probe &probe_;
  MemoryRange range_;
  Bytes content_;
  unsigned seed_ = 1;
};

// The first multiple of size after the start of the range.
std::uint32_t border_in(MemoryRange range, std::uint32_t size) {
  return size - range.address % size;
}

// Whether one access takes more than a millisecond of real time. Then not every length is tested.
bool slow(Probe &probe, std::uint32_t address) {
  constexpr int accesses = 20;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < accesses; ++i) (void)probe.read_word(address);
  return std::chrono::steady_clock::now() - begin > accesses * std::chrono::milliseconds(1);
}

}  // namespace

TEST_P(TransportConformance, ShortAccessesOfEveryWidthAndAlignmentTouchNothingElse) {
  const auto probe = halted();
  Memory memory(*probe, given().scratch);
  const std::uint32_t step = slow(*probe, scratch()) ? 4 : 1;
  for (const Width width : all_widths) {
    if (!possible(*probe, width)) continue;
    const std::uint32_t unit = unit_of(width);
    for (std::uint32_t offset = 64; offset < 72; offset += unit) {
      for (std::uint32_t units = 1; units <= 17; units += step) {
        ASSERT_NO_FATAL_FAILURE(memory.check(offset, units * unit, width));
      }
    }
  }
  memory.expect_everything();
}

TEST_P(TransportConformance, BlocksOfLengthsUpTo1100CrossTheBordersOf1And4KibUnharmed) {
  const auto probe = halted();
  const MemoryRange scratch = given().scratch;
  Memory memory(*probe, scratch);
  std::array<std::uint32_t, 2> borders{border_in(scratch, 1024), border_in(scratch, 4096)};
  if (borders[1] + 1104 > scratch.size || borders[1] < 1104) borders[1] = borders[0] + 1024;
  const std::uint32_t step = slow(*probe, scratch.address) ? 13 : 1;
  for (std::uint32_t length = 1; length <= 1100; length += length < 20 ? 1 : step) {
    const std::uint32_t border = borders.at(length / 2 % 2);
    // Varies the alignment of the start and the position of the border within the block.
    const std::uint32_t before = std::min(length * 7 % 1100 % (length + 1), border);
    ASSERT_NO_FATAL_FAILURE(memory.check(border - before, length, Width::automatic));
  }
  memory.expect_everything();
}

TEST_P(TransportConformance, BlocksOfAFixedWidthCrossTheBordersOf1KibUnharmed) {
  const auto probe = halted();
  const MemoryRange scratch = given().scratch;
  Memory memory(*probe, scratch);
  const std::uint32_t border = border_in(scratch, 1024);
  const std::uint32_t step = slow(*probe, scratch.address) ? 101 : 13;
  for (const Width width : {Width::byte, Width::half, Width::word}) {
    if (!possible(*probe, width)) continue;
    const std::uint32_t unit = unit_of(width);
    for (std::uint32_t length = unit; length <= 1100; length += unit * step) {
      const std::uint32_t before = std::min(length / 3, border) / unit * unit;
      ASSERT_NO_FATAL_FAILURE(memory.check(border - before, length, width));
    }
    for (const std::uint32_t length : {64U, 68U, 1020U, 1024U, 1028U, 2048U}) {
      ASSERT_NO_FATAL_FAILURE(memory.check(unit, length, width));
    }
  }
  memory.expect_everything();
}

TEST_P(TransportConformance, TheWholeScratchIsOneBlock) {
  const auto probe = halted();
  const MemoryRange scratch = given().scratch;
  Memory memory(*probe, scratch);
  memory.check(0, scratch.size, Width::automatic);
  memory.check(1, scratch.size - 2, Width::automatic);
  memory.check(0, scratch.size, Width::word);
}

TEST_P(TransportConformance, TheWidthThatWasAskedForReachesTheBusInAscendingOrder) {
  FLASHHOST_PROMISE("probe.hpp, Width: access width on the target's bus");
  const auto probe = halted();
  WitnessView witness(*probe);
  if (!witness.present()) return not_tried("which accesses reach the bus");
  for (const Width width : all_widths) {
    if (!possible(*probe, width)) continue;
    const std::uint32_t unit = unit_of(width);
    for (const std::uint32_t offset : {0U, 4U, unit, 1024 - unit}) {
      for (const std::uint32_t size : {unit, 7 * unit, 68U, 1028U}) {
        for (const bool write : {true, false}) {
          witness.watch(given().scratch);
          Bytes data = random_bytes(size, size);
          if (write) probe->write_memory(scratch() + offset, data, width);
          if (!write) probe->read_memory(scratch() + offset, data, width);
          const std::string what = std::string(write ? "writing " : "reading ") +
                                   std::to_string(size) + " bytes at offset " +
                                   std::to_string(offset) + ", width " +
                                   std::to_string(static_cast<int>(width));
          std::uint32_t next = scratch() + offset;
          std::uint32_t narrow = 0;
          for (const BusAccess &access : witness.accesses()) {
            ASSERT_EQ(access.write, write) << what;
            ASSERT_EQ(hex(access.address), hex(next)) << what << ": order, or an access too many";
            if (width != Width::automatic) {
              ASSERT_EQ(access.width, unit) << what;
            }
            if (access.width < 4) ++narrow;
            next += access.width;
          }
          ASSERT_EQ(next, scratch() + offset + size) << what;
          if (width == Width::automatic) {
            EXPECT_LE(narrow, 6U) << what << ": not words";
          }
        }
      }
    }
  }
}

TEST_P(TransportConformance, NothingReadOrWrittenIsFine) {
  const auto probe = halted();
  for (const Width width : all_widths) {
    EXPECT_NO_THROW(probe->write_memory(scratch(), {}, width));
    EXPECT_NO_THROW(probe->read_memory(scratch(), {}, width));
  }
}

TEST_P(TransportConformance, UnalignedAccessOfAFixedWidthIsTheCallersError) {
  FLASHHOST_PROMISE("probe.hpp, Width: Errc::internal for what is no multiple of the width");
  const auto probe = halted();
  const auto expect_refused = [&](std::uint32_t address, std::size_t size, Width width) {
    Bytes bytes(size);
    expect_error(Errc::internal, [&] { probe->read_memory(address, bytes, width); });
    expect_error(Errc::internal, [&] { probe->write_memory(address, bytes, width); });
  };
  const auto expect_run_refused = [&](Access access) {
    expect_error(Errc::internal, [&] { probe->run({&access, 1}); });
  };
  expect_refused(scratch() + 2, 4, Width::word);
  expect_refused(scratch(), 6, Width::word);
  expect_run_refused(Access::read(scratch() + 1));
  expect_run_refused(Access::write(scratch() + 2, 0));
  if (!probe->info().halfword_access) return;
  expect_refused(scratch() + 1, 2, Width::half);
  expect_refused(scratch(), 3, Width::half);
  expect_run_refused(Access::write(scratch() + 1, 0, Width::half));
}

TEST_P(TransportConformance, ARefusedAccessIsAMemoryFaultThatNamesItsAddress) {
  FLASHHOST_PROMISE("probe.hpp, Errc::memory_fault: the target refused one access");
  if (!given().unmapped) return not_tried("refused accesses: `unmapped` is not in the case file");
  const auto probe = halted();
  const std::uint32_t address = *given().unmapped;
  for (const Width width : {Width::byte, Width::half, Width::word, Width::automatic}) {
    if (!possible(*probe, width)) continue;
    Bytes bytes(8, 1);
    expect_error(
        Errc::memory_fault, [&] { probe->read_memory(address, bytes, width); }, hex(address));
    expect_error(
        Errc::memory_fault, [&] { probe->write_memory(address, bytes, width); }, hex(address));
    probe->write_word(scratch(), 0x12345678);
    EXPECT_EQ(probe->read_word(scratch()), 0x12345678U) << "after a fault";
  }
}

TEST_P(TransportConformance, TheFirstRefusedAddressInTheMiddleOfABlockIsExact) {
  FLASHHOST_PROMISE(
      "probe.hpp, write_memory: Errc::memory_fault naming the first address that the "
      "target refused; everything below that address was written, nothing above it");
  const auto probe = halted();
  WitnessView witness(*probe);
  if (!witness.present()) return not_tried("a fault in the middle of a block");
  constexpr std::uint32_t size = 2048;
  for (const Width width : all_widths) {
    if (!possible(*probe, width)) continue;
    const std::uint32_t unit = width == Width::automatic ? 4 : unit_of(width);
    for (const std::uint32_t at : {0U, unit, 32U, 64U, 1020U + 4 - unit, 1024U, size - unit}) {
      const Bytes old = random_bytes(size, at + 1);
      probe->write_memory(scratch(), old);
      witness.refuse({scratch() + at, unit});
      Bytes data = random_bytes(size, at + 2);
      const std::string fault = hex(scratch() + at);
      expect_error(Errc::memory_fault, [&] { probe->write_memory(scratch(), data, width); }, fault);
      Bytes seen(size);
      expect_error(Errc::memory_fault, [&] { probe->read_memory(scratch(), seen, width); }, fault);
      witness.refuse({});
      std::copy(old.begin() + at, old.end(), data.begin() + at);
      ASSERT_EQ(read_bytes(*probe, scratch(), size), data)
          << "refused at " << fault << ", width " << static_cast<int>(width);
    }
  }
}

}  // namespace flashhost::conformance
