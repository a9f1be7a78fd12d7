#include "inspect.hpp"

#include "access.hpp"
#include "read_errors.hpp"
#include "stop.hpp"
#include "survey.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace flashhost {

namespace {

constexpr std::uint32_t block = 4096;  // between two looks at the stop token

void refuse_unreadable(const Protection &protection) {
  if (!protection.read) return;
  throw Error(Errc::locked, fmt::format("the flash cannot be read: {}", protection.detail),
              "Only erasing the whole flash lifts this protection: what it holds stays secret.")
      .see(Cause::read_protection);
}

// At least one.
std::vector<std::size_t> touched_flashes(const Target &target, const Image &image) {
  const std::vector<Chip> &flashes = target.flashes();
  std::vector<std::size_t> touched;
  for (std::size_t i = 0; i < flashes.size(); ++i) {
    if (image.touches(flashes[i].flash)) touched.push_back(i);
  }
  if (touched.empty()) touched.push_back(0);
  return touched;
}

std::optional<JournalRecord> look_for_journal(Target &target, const FlashOptions &options,
                                              Observer &observer) {
  if (options.discard_journal) return std::nullopt;  // it stays: nothing is changed
  auto left = peek_journal(options.journal_directory,
                           journal_key(target.chip(), target.probe_info().serial));
  if (!left) return std::nullopt;
  const auto was_at_work = [&](const Chip &chip) {
    return chip.flash.contains(left->sectors.front().range.address);
  };
  const bool here = was_at_work(target.chip());
  if (!here && std::ranges::any_of(target.flashes(), was_at_work)) return std::nullopt;
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

void with_target(Target &target, ReadMode mode, Observer &observer, const std::stop_token &stop,
                 const std::function<void(const CrcFunction &crc)> &body) {
  AccessChoice choice(target, Use::reading, observer, stop);
  std::unique_ptr<FlashAccess> access;
  const auto crc = [&](const std::vector<MemoryRange> &ranges) {
    if (!access) access = choice.open();  // not before there is need of it
    return access->crc(ranges);
  };
  try {
    if (mode == ReadMode::non_intrusive) {
      target.halt_for_reading();
      access = make_direct_access(target.probe(), {}, target.chip(), observer, stop);
    } else {
      target.prepare();
    }
    body(crc);
    if (access) access->finish();
  } catch (...) {
    target.abandon();
    throw;
  }
  target.release();
}

JournalIdentity journal_identity(const Target &target) {
  return {target.chip().device_id, target.chip().unique_id, target.probe_info().serial};
}

Journal open_journal(const Target &target, const FlashOptions &options, Observer &observer,
                     const std::stop_token &stop) {
  const auto wait = [&, waited = 0]() mutable {
    constexpr int most = 600;
    constexpr std::chrono::milliseconds pause{100};
    throw_if_stopped(stop);
    if (waited == 0) {
      observer.message(Level::info,
                       "another flashhost is working on a chip with the same id: waiting for it");
    }
    std::this_thread::sleep_for(pause);
    return ++waited < most;
  };
  return {options.journal_directory, journal_key(target.chip(), target.probe_info().serial), wait};
}

BoardMatch board_match(const JournalRecord &journal, const Target &target,
                       const FlashOptions &options) {
  return options.use_journal ? BoardMatch::user : board_match(journal, journal_identity(target));
}

Inspection inspect(Target &target, const CrcFunction &crc, const Image &image,
                   const std::optional<JournalRecord> &journal, BoardMatch known,
                   const Protection &protection, const FlashOptions &options,
                   const Questions &questions) {
  const Chip &chip = target.chip();
  // What is programmed over other content is to be verified, whoever asks for erases gets them, and
  // a journal that is discarded may be of an erase that was cut short.
  Questions asked = questions;
  asked.bits_to_clear = asked.bits_to_clear && chip.clears_bits && !options.discard_journal &&
                        options.erase == EraseMode::automatic && options.verify != Verify::none;
  const bool is_protected = !protection.write.empty();
  const auto plan_of = [&](const DeviceState &found, EraseMode erase) {
    return make_plan(image, chip, found,
                     {erase, options.preserve, options.guard, chip.boot_address});
  };
  const auto rest_matters = [&](DeviceState found) {
    found.rest_blank = true;
    return plan_of(found, options.erase).mass_erase;
  };
  DeviceState state = survey(target.probe(), crc, chip, image, journal ? &*journal : nullptr,
                             {options.preserve, is_protected ? EraseMode::sectors : options.erase,
                              known, rest_matters, asked});
  const auto plan_by = [&](EraseMode erase) { return plan_of(state, erase); };
  const bool mass_erase = options.erase == EraseMode::mass &&
                          chip.mass_erase_typical > Nanoseconds::zero() &&
                          plan_by(EraseMode::sectors).erased_sectors > 0;
  if (mass_erase && is_protected) {
    throw Error(
        Errc::refused,
        fmt::format("erase = \"mass\" is not possible while {} is protected against writing",
                    list_of(protection.write)),
        "`flashhost unprotect` takes the protection off. Or use erase = \"auto\": it takes "
        "the mass erase whenever that is safe and faster.")
        .see(Cause::write_protection);
  }
  if (mass_erase && options.preserve && !state.rest_blank && !state.mass_erase_begun) {
    take_in_the_rest(state, target.probe(), crc, chip);
  }
  Plan plan = plan_by(options.erase);
  return {std::move(state), std::move(plan)};
}

std::vector<std::size_t> flashes_to_write(const Target &target, const Image &image,
                                          const FlashOptions &options) {
  std::vector<std::size_t> order = touched_flashes(target, image);
  const std::vector<Chip> &flashes = target.flashes();
  if (flashes.size() == 1 || options.discard_journal) return order;
  const auto left = peek_journal(options.journal_directory,
                                 journal_key(target.chip(), target.probe_info().serial));
  if (!left) return order;
  const std::uint32_t at_work = left->sectors.front().range.address;
  for (std::size_t i = 0; i < flashes.size(); ++i) {
    if (!flashes[i].flash.contains(at_work)) continue;
    std::erase(order, i);
    order.insert(order.begin(), i);
  }
  return order;
}

void refuse(const Protection &protection) {
  throw Error(Errc::locked, fmt::format("the flash is protected: {}", protection.detail),
              protection.permanent
                  ? "This protection is final: the chip cannot be written any more."
              : protection.read
                  ? "To lift it: --unlock, or flash.unlock = true in the board file; that erases "
                    "the whole flash."
                  : "To lift it: --unlock, or flash.unlock = true in the board file.")
      .see(protection.read ? Cause::read_protection : Cause::write_protection);
}

Plan plan_flash(Target &target, const Image &image, const FlashOptions &options, ReadMode mode,
                Observer &observer, const std::stop_token &stop) {
  const auto journal = look_for_journal(target, options, observer);
  Plan plan;
  with_target(target, mode, observer, stop, [&](const CrcFunction &crc) {
    const Protection protection = target.protection();
    if (protection.read) refuse(protection);
    const BoardMatch known = journal ? board_match(*journal, target, options) : BoardMatch::weak;
    plan = inspect(target, crc, image, journal, known, protection, options,
                   {.all_at_once = false,
                    .target_computes = mode != ReadMode::non_intrusive,
                    .bits_to_clear = true})
               .plan;
  });
  return plan;
}

void for_each_flash(Target &target, const Image &image, const std::vector<std::size_t> &indices,
                    const std::function<void(const Image &part)> &body) {
  if (target.flashes().size() == 1) return body(image);
  for (const std::size_t index : indices) {
    target.select_flash(index);
    body(image.part(target.chip().flash));
  }
  target.select_flash(0);
}

std::optional<Mismatch> verify_image(Target &target, const Image &image, ReadMode mode,
                                     Observer &observer, const std::stop_token &stop) {
  std::optional<Mismatch> mismatch;
  const auto advance = [&](std::uint64_t done) {
    throw_if_stopped(stop);
    observer.progress(done);
  };
  if (mode == ReadMode::non_intrusive) {
    with_target(target, mode, observer, stop, [&](const CrcFunction &) {
      refuse_unreadable(target.protection());
      mismatch = compare_image(image, target.probe(), target.chip(), advance);
    });
    return mismatch;
  }
  for_each_flash(target, image, touched_flashes(target, image), [&](const Image &part) {
    if (mismatch) return;
    with_target(target, mode, observer, stop, [&](const CrcFunction &crc) {
      refuse_unreadable(target.protection());
      mismatch = compare_image_by_crc(part, target.probe(), target.chip(), crc);
    });
  });
  return mismatch;
}

Bytes read_range(Target &target, MemoryRange range, ReadMode mode, Observer &observer,
                 const std::stop_token &stop) {
  Bytes bytes;  // grows with what is there, whatever was asked for
  with_target(target, mode, observer, stop, [&](const CrcFunction &) {
    const Chip &chip = target.chip();
    if (range.overlaps({chip.flash.address, chip.die_flash_size})) {
      refuse_unreadable(target.protection());
    }
    std::vector<MemoryRange> unreadable;
    const CrcFunction read = [&](const std::vector<MemoryRange> &ranges) {
      return crcs_by_reading(target.probe(), chip, ranges, stop);
    };
    static_cast<void>(take_read_errors(target.probe(), chip));
    while (bytes.size() < range.size) {
      throw_if_stopped(stop);
      const auto at = static_cast<std::uint32_t>(range.address + bytes.size());
      const auto size = std::min<std::size_t>(block - at % block, range.size - bytes.size());
      const std::size_t before = bytes.size();
      bytes.resize(before + size);
      target.probe().read_memory(at, std::span(bytes).subspan(before));
      if (take_read_errors(target.probe(), chip)) {
        const MemoryRange part{at, static_cast<std::uint32_t>(size)};
        for (const MemoryRange &bad : unreadable_parts_or_all(read, chip, part)) {
          add_range(unreadable, bad);
        }
      }
      observer.progress(bytes.size());
    }
    if (unreadable.empty()) return;
    observer.message(
        Level::warning,
        with_page(fmt::format("{} cannot be read without error (the error correcting code does "
                              "not fit): what was read there may be wrong",
                              list_of(unreadable)),
                  Cause::torn_words));
  });
  return bytes;
}

Protection read_protection(Target &target, ReadMode mode, Observer &observer,
                           const std::stop_token &stop) {
  Protection protection;
  with_target(target, mode, observer, stop,
              [&](const CrcFunction &) { protection = target.protection(); });
  return protection;
}

}  // namespace flashhost
