#include "look.hpp"

#include "direct_access.hpp"
#include "journal.hpp"
#include "loader_access.hpp"
#include "stop.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace flashhost {

namespace {

constexpr std::uint32_t block = 4096;  // between two looks at the stop token

CrcFunction crc_by_reading(Target &target, const std::stop_token &stop) {
  return [&target, stop](const std::vector<MemoryRange> &ranges) {
    std::vector<std::uint32_t> crcs;
    crcs.reserve(ranges.size());
    for (const MemoryRange &range : ranges) {
      throw_if_stopped(stop);
      crcs.push_back(read_crcs(target.probe(), {range}).front());
    }
    return crcs;
  };
}

// Starts the loader when it is first needed; where none can run, it is done without.
class LoaderCrc {
 public:
  LoaderCrc(Target &target, Observer &observer, std::stop_token stop)
      : target_(target), observer_(observer), stop_(std::move(stop)) {}

  std::vector<std::uint32_t> crc(const std::vector<MemoryRange> &ranges) {
    if (!tried_) start();
    return loader_ ? loader_->crc(ranges) : crc_by_reading(target_, stop_)(ranges);
  }
  void finish() {
    if (loader_) loader_->finish();
  }

 private:
  void start() {
    tried_ = true;
    if (target_.family().loader(target_.chip()).code.empty()) return;
    try {
      loader_ = start_loader(target_.probe(), target_.family(), target_.chip(), observer_, stop_);
    } catch (const Error &error) {
      if (error.code() != Errc::target && error.code() != Errc::memory_fault) throw;
      observer_.message(Level::warning,
                        fmt::format("no loader can run on this target ({}): reading through the "
                                    "probe alone, which is slower",
                                    error.what()));
      target_.prepare();
    }
  }

  Target &target_;
  Observer &observer_;
  std::stop_token stop_;
  std::unique_ptr<FlashAccess> loader_;
  bool tried_ = false;
};

void refuse_unreadable(const Protection &protection) {
  if (!protection.read) return;
  throw Error(Errc::locked, fmt::format("the flash cannot be read: {}", protection.detail),
              "Only erasing the whole flash lifts this protection: what it holds stays secret.")
      .see(Cause::read_protection);
}

std::optional<JournalRecord> look_for_journal(Target &target, const FlashOptions &options,
                                              Observer &observer) {
  if (options.discard_journal) return std::nullopt;  // it stays: nothing is changed
  auto left = peek_journal(options.journal_directory,
                           journal_key(target.chip(), target.probe_info().serial));
  if (!left) return left;
  const auto kept = std::count_if(left->sectors.begin(), left->sectors.end(),
                                  [](const JournalSector &sector) { return !sector.old.empty(); });
  observer.message(
      Level::warning,
      fmt::format("an earlier run on this chip was interrupted while it was at {} sector{}: "
                  "the next run completes it{}",
                  left->sectors.size(), left->sectors.size() == 1 ? "" : "s",
                  kept == 0 ? "" : ", with the bytes that it was to keep from the journal"));
  return left;
}

}  // namespace

void look(Target &target, Look how, Observer &observer, const std::stop_token &stop,
          const std::function<void(const CrcFunction &crc)> &body) {
  try {
    if (how == Look::gently) {
      target.halt_for_reading();
      body(crc_by_reading(target, stop));
    } else {
      target.prepare();
      LoaderCrc loader(target, observer, stop);
      body([&](const std::vector<MemoryRange> &ranges) { return loader.crc(ranges); });
      loader.finish();
    }
  } catch (...) {
    target.abandon();
    throw;
  }
  target.release();
}

Plan plan_flash(Target &target, const Image &image, const FlashOptions &options, Look how,
                Observer &observer, const std::stop_token &stop) {
  const auto journal = look_for_journal(target, options, observer);
  Plan plan;
  look(target, how, observer, stop, [&](const CrcFunction &crc) {
    const Protection protection = target.protection();
    if (protection.read) refuse(protection);
    Acquaintance known = Acquaintance::user;
    if (journal && !options.use_journal) {
      known = acquaintance(*journal, journal_identity(target));
    }
    const DeviceState state =
        survey(target.probe(), crc, target.chip(), image, journal ? &*journal : nullptr,
               {options.preserve, options.erase != EraseMode::sectors, known});
    plan = make_plan(image, target.chip(), state, plan_options(target, options));
  });
  return plan;
}

std::optional<Mismatch> verify_image(Target &target, const Image &image, Look how,
                                     Observer &observer, const std::stop_token &stop) {
  std::optional<Mismatch> mismatch;
  look(target, how, observer, stop, [&](const CrcFunction &crc) {
    refuse_unreadable(target.protection());
    const auto advance = [&](std::uint64_t done) {
      throw_if_stopped(stop);
      observer.progress(done);
    };
    mismatch = how == Look::fast ? compare_image_by_crc(image, target.probe(), crc)
                                 : compare_image(image, target.probe(), advance);
  });
  return mismatch;
}

Bytes read_range(Target &target, MemoryRange range, Look how, Observer &observer,
                 const std::stop_token &stop) {
  Bytes bytes;  // grows with what is there, whatever was asked for
  look(target, how, observer, stop, [&](const CrcFunction &) {
    const Chip &chip = target.chip();
    if (range.overlaps({chip.flash.address, chip.die_flash_size})) {
      refuse_unreadable(target.protection());
    }
    while (bytes.size() < range.size) {
      throw_if_stopped(stop);
      const auto at = static_cast<std::uint32_t>(range.address + bytes.size());
      const auto size = std::min<std::size_t>(block - at % block, range.size - bytes.size());
      const std::size_t before = bytes.size();
      bytes.resize(before + size);
      target.probe().read_memory(at, std::span(bytes).subspan(before));
      observer.progress(bytes.size());
    }
  });
  return bytes;
}

Protection read_protection(Target &target, Look how, Observer &observer,
                           const std::stop_token &stop) {
  Protection protection;
  look(target, how, observer, stop, [&](const CrcFunction &) { protection = target.protection(); });
  return protection;
}

}  // namespace flashhost
