// A Config in one line.
#pragma once

#include "check.hpp"

#include <config/config.hpp>
#include <fmt/format.h>

#include <type_traits>
#include <variant>

namespace flashhost::fuzz {

template <class T>
std::string to_text(const std::optional<T> &value) {
  return value ? fmt::format("{}", *value) : "-";
}

inline std::string to_text(const Settings &settings) {
  std::string text;
  for (const Setting &setting : settings.all()) {
    const std::string value = std::visit(
        [](const auto &held) {
          if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::vector<std::string>>) {
            return fmt::format("[{}]", fmt::join(held, ","));
          } else {
            return fmt::format("{}", held);
          }
        },
        setting.value);
    text += fmt::format(" {}={}", setting.key, value);
  }
  return text;
}

inline std::string to_text(const config::Config &config) {
  const auto &[board, transport, family, images, flash, reset, files] = config;
  std::string text = fmt::format(
      "board \"{}\"; transport {} {} {} {} {} {}{}; family {} {} {}{}; flash {} {} {} {} {} {} {}",
      board, to_text(transport.plugin), to_text(transport.serial), to_text(transport.usb),
      to_text(transport.speed_hz), static_cast<int>(transport.connect),
      to_text(transport.millivolts), to_text(transport.settings), to_text(family.plugin),
      to_text(family.chip), to_text(family.flash_size), to_text(family.settings),
      static_cast<int>(flash.erase), flash.preserve, static_cast<int>(flash.verify),
      static_cast<int>(reset), flash.unlock, flash.guard, flash.strict);
  for (const config::ImageConfig &image : images) {
    text += fmt::format("; image {} {} {} {}{} ({})", image.file.string(), to_text(image.format),
                        to_text(image.address), to_text(image.sha256), to_text(image.settings),
                        image.where);
  }
  return text;
}

}  // namespace flashhost::fuzz
