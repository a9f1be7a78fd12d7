#include "loader_access.hpp"

#include "loader_client.hpp"
#include "read_errors.hpp"

#include <algorithm>
#include <utility>

namespace flashhost {

namespace {

// From the first to the last of them.
MemoryRange spanned(const std::vector<MemoryRange> &ranges) {
  const auto [first, last] = std::ranges::minmax(ranges, {}, &MemoryRange::address);
  return {first.address, static_cast<std::uint32_t>(last.end() - first.address)};
}

class AgentAccess final : public FlashAccess {
 public:
  AgentAccess(Probe &probe, Family &family, const Chip &chip, Observer &observer,
              std::stop_token stop, const std::optional<cortex_m::Core> &core, bool compress)
      : chip_(chip),
        client_(probe, chip, family.loader(chip), observer, std::move(stop), core, compress) {
    client_.start();
    unreadable_ = client_.unreadable();
  }

  // The loader counts the words that it could not read without error, and says the number after
  // each range. Numbers that do not rise to the last one arrived damaged: by them good words could
  // be taken for bad ones.
  std::vector<RangeCrc> crc(const std::vector<MemoryRange> &ranges,
                            const std::function<void()> &meanwhile) override {
    if (ranges.empty()) return {};
    send_erases();
    for (int attempt = 0; attempt < 3; ++attempt) {
      // What was counted since, as by a blank check, is of other words.
      if (chip_.ecc_unit != 0) unreadable_ = client_.unreadable();
      const std::vector<fh_result> results = client_.query(FH_OP_CRC, ranges, meanwhile);
      std::uint32_t before = std::exchange(unreadable_, client_.unreadable());
      bool rising = true;
      std::vector<RangeCrc> crcs;
      crcs.reserve(results.size());
      for (const fh_result &result : results) {
        crcs.push_back({result.value, result.unreadable == before});
        rising = rising && result.unreadable >= before;
        before = result.unreadable;
      }
      if (rising && before == unreadable_) return crcs;
    }
    throw_unsteady(spanned(ranges));
  }

  // Where words may be unreadable, their number counts that was known just before.
  void expect_crc_and_finish(const std::vector<MemoryRange> &ranges) override {
    if (ranges.empty() || chip_.ecc_unit != 0) return;
    send_erases();
    client_.expect_query_and_finish(FH_OP_CRC, ranges);
  }

  void erase(const Sector &sector) override {
    to_erase_.push_back(sector);
    size_to_erase_ += sector.size;
    // One by one, the first can be looked at before the second.
    if (chip_.check_others || size_to_erase_ >= most_erased_together) send_erases();
  }

  void erase_all() override {
    send_erases();
    client_.submit(FH_OP_ERASE_ALL, chip_.flash.address, chip_.flash.size, {},
                   chip_.mass_erase_maximum);
  }

  void expect_bytes(std::uint64_t bytes) override { to_program_ = bytes; }

  void program(std::uint32_t address, std::span<const std::uint8_t> data,
               const std::function<void(std::uint32_t)> &done) override {
    send_erases();
    for (std::uint32_t at = 0; at < data.size(); at += client_.payload()) {
      const auto part =
          data.subspan(at, std::min<std::size_t>(client_.payload(), data.size() - at));
      const auto size = static_cast<std::uint32_t>(part.size());
      const std::uint64_t coming = std::max<std::uint64_t>(to_program_, size);
      to_program_ = coming - size;
      client_.program(address + at, part, coming, [done, size] { done(size); });
    }
  }

  void drain() override {
    send_erases();
    client_.drain();
  }
  void finish() override {
    send_erases();
    client_.finish();
  }
  [[nodiscard]] bool computes_crcs() const override { return true; }
  [[nodiscard]] Nanoseconds reading_time() const override { return client_.reading_time(); }

 private:
  void send_erases() {
    for (auto first = to_erase_.begin(); first != to_erase_.end();) {
      auto next = first + 1;
      while (next != to_erase_.end() && next->size == first->size &&
             next->address == (next - 1)->range().end()) {
        ++next;
      }
      client_.erase(*first, static_cast<std::uint32_t>(next - first));
      first = next;
    }
    to_erase_.clear();
    size_to_erase_ = 0;
  }

  const Chip &chip_;
  LoaderClient client_;
  std::uint32_t unreadable_ = 0;  // words, so far
  std::vector<Sector> to_erase_;  // the loader has not been told yet
  std::uint32_t size_to_erase_ = 0;
  std::uint64_t to_program_ = 0;  // bytes
};

}  // namespace

std::unique_ptr<FlashAccess> start_loader(Probe &probe, Family &family, const Chip &chip,
                                          Observer &observer, std::stop_token stop,
                                          const std::optional<cortex_m::Core> &core,
                                          bool compress) {
  return std::make_unique<AgentAccess>(probe, family, chip, observer, std::move(stop), core,
                                       compress);
}

}  // namespace flashhost
