// What a job tells whoever watches it. Called on the job's thread.
#pragma once

#include "flash_state.hpp"

#include <flashhost/host.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace flashhost {

class Observer {
 public:
  Observer() = default;
  Observer(const Observer &) = delete;
  Observer &operator=(const Observer &) = delete;
  virtual ~Observer() = default;

  // A step begins, "programming"; total in bytes, 0 when it has no measure.
  virtual void step(std::string_view name, std::uint64_t total) = 0;
  virtual void progress(std::uint64_t done) = 0;  // of the current step, bytes
  virtual void message(Level level, const std::string &text) = 0;

  // Set before the chip is changed, and when the job is complete: the report of every end says it.
  FlashRecord flash;
};

}  // namespace flashhost
