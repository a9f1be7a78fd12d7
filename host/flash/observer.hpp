// What a job tells whoever watches it. Called on the job's thread.
#pragma once

#include "flash_state.hpp"

#include <flashhost/host.hpp>
#include <flashhost/types.hpp>

#include <cstddef>
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

  // For who measures. The probe's last call has given the target a command, of whose time
  // `expected` is the flash's own by the datasheet. Commands are executed one after the other.
  virtual void flash_given(Nanoseconds /*expected*/) {}
  // The last call has shown how many of them are not done. 0 also where no more will be known.
  virtual void flash_left(std::size_t /*count*/) {}

  // Set before the chip is changed, and when the job is complete: the report of every end says it.
  FlashRecord flash;
};

}  // namespace flashhost
