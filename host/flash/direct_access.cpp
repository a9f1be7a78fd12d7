#include "direct_access.hpp"

#include "read_errors.hpp"
#include "stop.hpp"

#include <flashhost/error.hpp>

#include <algorithm>
#include <utility>

namespace flashhost {

namespace {

constexpr std::uint32_t least_block = 1024;  // between two looks at the stop token

class DirectAccess final : public FlashAccess {
 public:
  DirectAccess(Probe &probe, const DirectWay &way, const Chip &chip, Observer &observer,
               std::stop_token stop)
      : probe_(probe), way_(way), chip_(chip), observer_(observer), stop_(std::move(stop)) {}

  std::vector<RangeCrc> crc(const std::vector<MemoryRange> &ranges,
                            const std::function<void()> & /*meanwhile*/) override {
    return crcs_by_reading(probe_, chip_, ranges, stop_);
  }

  void erase(const Sector &sector) override {
    throw_if_stopped(stop_);
    const Work work(observer_, sector.erase_typical);
    flash().erase_sector(probe_, chip_, sector);
  }

  void erase_all() override {
    throw_if_stopped(stop_);
    const Work work(observer_, chip_.mass_erase_typical);
    flash().erase_all(probe_, chip_);
  }

  void program(std::uint32_t address, std::span<const std::uint8_t> data,
               const std::function<void(std::uint32_t)> &done) override {
    if (!way_.width) throw Error(Errc::internal, "the probe has no access that can program");
    const std::uint32_t block = std::max(least_block, chip_.write_unit());
    for (std::uint32_t at = 0; at < data.size(); at += block) {
      throw_if_stopped(stop_);
      const auto part = data.subspan(at, std::min<std::size_t>(block, data.size() - at));
      const Work work(observer_, chip_.program_typical *
                                     static_cast<std::int64_t>(part.size() / chip_.program_unit));
      flash().program(probe_, chip_, address + at, part, *way_.width);
      done(static_cast<std::uint32_t>(part.size()));
    }
  }

  void drain() override {}
  void finish() override {}

 private:
  // Tells the observer.
  class Work {
   public:
    Work(Observer &observer, Nanoseconds expected) : observer_(observer) {
      observer.flash_given(expected);
    }
    Work(const Work &) = delete;
    Work &operator=(const Work &) = delete;
    ~Work() { observer_.flash_left(0); }

   private:
    Observer &observer_;
  };

  [[nodiscard]] DirectFlash &flash() const {
    if (way_.flash == nullptr) throw Error(Errc::internal, "only a loader can write this chip");
    return *way_.flash;
  }

  Probe &probe_;
  DirectWay way_;
  const Chip &chip_;
  Observer &observer_;
  std::stop_token stop_;
};

}  // namespace

DirectWay direct_way(Family &family, const Chip &chip, const ProbeInfo &probe) {
  DirectWay way;
  way.flash = family.direct_flash();
  if (way.flash == nullptr) return way;
  for (const Width width : way.flash->widths(chip)) {
    if (width == Width::half && !probe.halfword_access) continue;
    way.width = width;
    break;
  }
  return way;
}

std::unique_ptr<FlashAccess> make_direct_access(Probe &probe, const DirectWay &way,
                                                const Chip &chip, Observer &observer,
                                                std::stop_token stop) {
  return std::make_unique<DirectAccess>(probe, way, chip, observer, std::move(stop));
}

}  // namespace flashhost
