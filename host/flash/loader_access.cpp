#include "loader_access.hpp"

#include "loader_client.hpp"

#include <algorithm>
#include <utility>

namespace flashhost {

namespace {

class AgentAccess final : public FlashAccess {
 public:
  AgentAccess(Probe &probe, Family &family, const Chip &chip, Observer &observer,
              std::stop_token stop)
      : chip_(chip), client_(probe, chip, family.loader(chip), observer, std::move(stop)) {
    client_.start();
  }

  std::vector<std::uint32_t> crc(const std::vector<MemoryRange> &ranges,
                                 const std::function<void()> &meanwhile) override {
    std::vector<std::uint32_t> crcs;
    crcs.reserve(ranges.size());
    for (const fh_result &result : client_.query(FH_OP_CRC, ranges, meanwhile))
      crcs.push_back(result.value);
    return crcs;
  }

  void erase(const Sector &sector) override {
    client_.submit(FH_OP_ERASE, sector.address, sector.size, {}, sector.erase_maximum);
  }

  void erase_all() override {
    client_.submit(FH_OP_ERASE_ALL, chip_.flash.address, chip_.flash.size, {},
                   chip_.mass_erase_maximum);
  }

  void program(std::uint32_t address, std::span<const std::uint8_t> data,
               const std::function<void(std::uint32_t)> &done) override {
    for (std::uint32_t at = 0; at < data.size(); at += client_.payload()) {
      const auto part =
          data.subspan(at, std::min<std::size_t>(client_.payload(), data.size() - at));
      const auto size = static_cast<std::uint32_t>(part.size());
      client_.submit(FH_OP_PROGRAM, address + at, size, part,
                     chip_.program_maximum * (size / chip_.program_unit),
                     [done, size] { done(size); });
    }
  }

  void drain() override { client_.drain(); }
  void finish() override { client_.finish(); }

 private:
  const Chip &chip_;
  LoaderClient client_;
};

}  // namespace

std::unique_ptr<FlashAccess> start_loader(Probe &probe, Family &family, const Chip &chip,
                                          Observer &observer, std::stop_token stop) {
  return std::make_unique<AgentAccess>(probe, family, chip, observer, std::move(stop));
}

}  // namespace flashhost
