// A description of a pack, of which each chip is asked for by its name.
#include "check.hpp"

#include <family-flm/chip_choice.hpp>
#include <family-flm/names.hpp>
#include <family-flm/pdsc.hpp>
#include <fmt/format.h>

namespace flashhost::fuzz {

namespace {

std::string text_of(const flm::Properties &properties) {
  std::string text;
  for (const flm::PackProcessor &one : properties.processors) {
    text += fmt::format("; core '{}' {} {} {} {}", one.name, one.core, one.fpu, one.mpu,
                        one.trust_zone);
  }
  for (const flm::PackMemory &one : properties.memories) {
    check(one.problem.empty() && one.range.end() <= std::uint64_t{1} << 32U, "a memory is usable");
    text += fmt::format("; memory '{}' {} {:#x}+{:#x} {}{} {} {}", one.name, one.access,
                        one.range.address, one.range.size, one.is_default ? "default" : "",
                        one.startup ? "startup" : "", one.alias, one.processor);
  }
  for (const flm::PackAlgorithm &one : properties.algorithms) {
    text += fmt::format("; algorithm '{}' {:#x}+{:#x} ram {:#x}+{:#x} {} {} {} {}", one.path,
                        one.range.value_or(MemoryRange{}).address,
                        one.range.value_or(MemoryRange{}).size, one.ram_start.value_or(0),
                        one.ram_size.value_or(0), one.is_default ? "default" : "", one.style,
                        one.processor, one.level);
  }
  for (const std::string &one : properties.sequences) text += "; sequence " + one;
  for (const std::string &one : properties.flash_infos) text += "; flashinfo " + one;
  return text;
}

// All files of the pack are missing.
std::string choice_of(const flm::PackChip &chip) {
  try {
    static_cast<void>(flm::choose_algorithms(chip, {}, [](const std::string &path) -> Bytes {
      throw Error(Errc::image, "no file " + flm::printable(path));
    }));
  } catch (const Error &error) {
    check_message(error);
    return error.what();
  }
  check(false, "without a file there is no choice");
  return {};
}

std::string chip_text(const flm::Pdsc &description, const std::string &name) {
  try {
    const flm::PackChip chip = description.chip(name);
    check(flm::same_name(chip.name, name), "the full name is the chip's");
    return chip.name + text_of(chip.properties) + " -> " + choice_of(chip);
  } catch (const Error &error) {
    check(error.code() == Errc::image || error.code() == Errc::config,
          "the error is of pack or chip");
    check_message(error);
    return error.what();
  }
}

}  // namespace

std::string outcome_of(std::span<const std::uint8_t> input) {
  try {
    const flm::Pdsc description(input);
    std::string text = description.name();
    std::size_t count = 0;
    for (const flm::PackDevice &device : description.devices()) {
      if (++count > 20) break;
      text += fmt::format(" | {} by {}, flash {:#x}, RAM {:#x}: ", device.name, device.vendor,
                          device.flash_size, device.ram_size);
      text += chip_text(description, device.name);
    }
    return text;
  } catch (const Error &error) {
    check(error.code() == Errc::image, "the error is one of the image");
    check_message(error);
    return error.what();
  }
}

}  // namespace flashhost::fuzz
