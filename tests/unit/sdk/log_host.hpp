// A host that keeps what a plugin warns of and what it tells.
#pragma once

#include <flashhost/host.hpp>

#include <string>
#include <vector>

namespace fake {

class LogHost final : public flashhost::Host {
 public:
  void log(flashhost::Level level, std::string_view text) noexcept override {
    if (level >= flashhost::Level::warning) warnings.emplace_back(text);
    if (level == flashhost::Level::info) infos.emplace_back(text);
  }
  [[nodiscard]] bool enabled(flashhost::Level) const noexcept override { return true; }
  [[nodiscard]] flashhost::Bytes read_file(const std::string & /*path*/) override { return {}; }
  std::vector<std::string> warnings, infos;
};

}  // namespace fake
