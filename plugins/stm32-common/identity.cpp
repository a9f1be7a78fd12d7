#include "identity.hpp"

#include "size_probe.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace stm32 {

namespace {

using flashhost::Cause;
using flashhost::Chip;
using flashhost::Errc;
using flashhost::Error;
using flashhost::format_size;
using flashhost::hex;

void check_override(const LineSizes &line, std::uint32_t size) {
  if (size == 0 || size > line.maximum || !line.whole_sectors(size)) {
    throw Error(
        Errc::target,
        fmt::format("flash_size = {} cannot be right: the {} holds at most {}, {}",
                    format_size(size), line.name, format_size(line.maximum), line.sector_text),
        "Correct or remove flash_size in [family] of the board file.")
        .see(Cause::size_register);
  }
}

void check_size(const Chip &expected, std::uint32_t found) {
  if (found >= expected.flash.size) return;
  throw Error(Errc::target,
              fmt::format("the board file names {} with {} of flash, but the chip reports {}",
                          expected.name, format_size(expected.flash.size), format_size(found)),
              fmt::format("It is another part of the line. If it is known to hold more than it "
                          "reports, set flash_size = \"{}K\" in [family] of the board file.",
                          expected.flash.size / kib))
      .see(Cause::wrong_chip);
}

bool believable(const LineSizes &line, std::uint32_t size) {
  if (std::ranges::find(line.sold, size) != line.sold.end()) return true;
  const bool power_of_two = (size & (size - 1)) == 0;
  return size >= 4 * kib && size < line.sold.front() && power_of_two && line.whole_sectors(size);
}

}  // namespace

std::optional<std::uint32_t> read_if_there(flashhost::ProbeReader &probe, std::uint32_t address) {
  try {
    return probe.read_word(address);
  } catch (const Error &error) {
    if (error.code() != Errc::memory_fault) throw;
    return {};
  }
}

flashhost::Bytes read_unique_id(flashhost::ProbeReader &probe, std::uint32_t address) {
  constexpr std::size_t length = 12, word = 4;
  flashhost::Bytes id(length);
  // A chip without an id is another one to the journal of an interrupted run. So one refused access
  // is not believed: a flash that still works may be the reason.
  constexpr int most_attempts = 3;
  for (int attempt = 1;; ++attempt) {
    try {
      probe.read_memory(address, id, flashhost::Width::word);
      break;
    } catch (const Error &error) {
      if (error.code() != Errc::memory_fault) throw;
      if (attempt == most_attempts) return {};
      probe.sleep(std::chrono::milliseconds(20));
    }
  }
  const bool repeated = std::equal(id.begin() + word, id.end(), id.begin());
  return repeated ? flashhost::Bytes{} : id;
}

void check_expected(const Identity &identity, const Chip &expected) {
  if (identity.ours && identity.device_id == expected.device_id) return;
  const std::string found = identity.ours ? identity.found
                            : identity.idcode != 0
                                ? fmt::format("no {}", identity.family)
                                : std::string("without an answer to that question");
  throw Error(Errc::target,
              fmt::format("the board file names {} (device id 0x{:03x}), but the chip is {} "
                          "(DBGMCU_IDCODE {})",
                          expected.name, expected.device_id, found, hex(identity.idcode)),
              "Look whether the right board is connected, or correct chip in [family] of the board "
              "file. Nothing was changed.")
      .see(Cause::wrong_chip);
}

std::string clone_remark(const flashhost::ProbeInfo &info, const CloneSigns &signs) {
  std::string words;
  if (info.debug_port_id && *info.debug_port_id != signs.debug_port) {
    words = fmt::format("its debug port id is {} instead of {}", hex(*info.debug_port_id),
                        hex(signs.debug_port));
  }
  if (!signs.known_revision) {
    words += fmt::format("{}its revision id 0x{:04x} is not one of ST's for the {}",
                         words.empty() ? "" : " and ", signs.revision, signs.line);
  }
  if (words.empty()) return words;
  return with_page(fmt::format("this may be a clone of an {}: {}", signs.family, words),
                   Cause::clone);
}

std::uint32_t find_flash_size(flashhost::ProbeReader &probe, const LineSizes &line,
                              const flashhost::IdentifyOptions &options,
                              std::vector<std::string> &remarks) {
  if (options.flash_size) {
    check_override(line, *options.flash_size);
    return *options.flash_size;
  }
  const std::uint32_t raw = line.size_register;
  if (believable(line, raw * kib)) {
    if (options.expected) {
      check_size(*options.expected, raw * kib);
      return options.expected->flash.size;
    }
    return raw * kib;
  }
  const std::string unusable = fmt::format(
      "the flash size register reads 0x{:04x}, which is no size of a {}", raw, line.name);
  if (options.expected) {
    remarks.push_back(
        with_page(fmt::format("{}; taken as {} because the board file names {}", unusable,
                              format_size(options.expected->flash.size), options.expected->name),
                  Cause::size_register));
    return options.expected->flash.size;
  }
  const std::uint32_t shown = largest_shown(probe, line.sold);
  remarks.push_back(with_page(
      fmt::format(
          "{}; taken as {}, the {}; chip or flash_size in [family] of the board file say it for "
          "sure",
          unusable, format_size(shown),
          shown == line.sold.front() ? "smallest of the line"
                                     : "largest that was seen to answer with content of its own"),
      Cause::size_register));
  return shown;
}

}  // namespace stm32
