// FlashAccess: erase, program and check the flash of a prepared target, by whichever way works.
#pragma once

#include <flashhost/family.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace flashhost {

// The CRC of a range (crc32.hpp) as the target computes it. Equal to no number where a word of the
// range cannot be read without error: such a word may read as anything, also as what it should be.
struct RangeCrc {
  std::uint32_t value = 0;
  bool readable = true;

  friend bool operator==(const RangeCrc &a, std::uint32_t crc) {
    return a.readable && a.value == crc;
  }
};

// FlashAccess::crc.
using CrcFunction = std::function<std::vector<RangeCrc>(const std::vector<MemoryRange> &)>;

// What the CRCs of flash cost, and what they are asked for.
struct Questions {
  // Those of the rest are asked for together with the first ones, needed or not: a question costs
  // more than its answer.
  bool all_at_once = false;
  bool target_computes = false;  // so they cost less than reading
  // Whether it is to be found out which sectors have only bits to clear, where the chip can do
  // that. Never after an interrupted run: an erase may have been cut short.
  bool bits_to_clear = false;
};

// Bytes of small sectors that are erased together, with one command, before they are programmed:
// the flash does not wait for a command for each, yet progress is seen and time limits mean
// something.
inline constexpr std::uint32_t most_erased_together = 8192;

// One thread. erase, erase_all and program may return before they are done; they happen in order.
// Every call may throw the error of an earlier one.
class FlashAccess {
 public:
  FlashAccess() = default;
  FlashAccess(const FlashAccess &) = delete;
  FlashAccess &operator=(const FlashAccess &) = delete;
  virtual ~FlashAccess() = default;

  // CRC of each range (see crc32.hpp); address and size multiples of 4. Waits for what was asked
  // before. meanwhile, if any: called on this thread, perhaps often, while the target computes.
  [[nodiscard]] virtual std::vector<RangeCrc> crc(const std::vector<MemoryRange> &ranges,
                                                  const std::function<void()> &meanwhile) = 0;
  [[nodiscard]] std::vector<RangeCrc> crc(const std::vector<MemoryRange> &ranges) {
    return crc(ranges, {});
  }
  // Says that nothing is asked for any more but the crc of just these ranges, then finish: the
  // target does both as soon as it has done what was asked before, where that is possible. drain
  // then throws what finish would; Errc::internal for anything else that is asked for.
  virtual void expect_crc_and_finish(const std::vector<MemoryRange> & /*ranges*/) {}
  virtual void erase(const Sector &sector) = 0;
  virtual void erase_all() = 0;
  // Says how many bytes are going to be programmed from now on, all in all: what makes them faster
  // has its price.
  virtual void expect_bytes(std::uint64_t /*bytes*/) {}
  // done: called on the calling thread, now or from a later call, with the number of bytes
  // programmed since its last call.
  virtual void program(std::uint32_t address, std::span<const std::uint8_t> data,
                       const std::function<void(std::uint32_t)> &done) = 0;
  // Returns when everything asked for has been done.
  virtual void drain() = 0;
  // Drains, then ends the code that runs on the core and halts the core.
  virtual void finish() = 0;
  // Whether the target computes CRCs, so that one costs less than reading.
  [[nodiscard]] virtual bool computes_crcs() const { return false; }
  // How long it takes to read a few words of the target; zero: not known.
  [[nodiscard]] virtual Nanoseconds reading_time() const { return {}; }
};

}  // namespace flashhost
