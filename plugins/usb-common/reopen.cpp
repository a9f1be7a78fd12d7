#include "reopen.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>

#include <optional>

namespace flashhost::usb {

Nanoseconds reopen(Clock &clock, const std::string &name, const std::function<bool()> &attempt) {
  const Nanoseconds start = clock.now();
  std::optional<Error> last;
  for (;;) {
    try {
      if (attempt()) return clock.now() - start;
    } catch (const Error &error) {
      last = error;
    }
    if (clock.now() - start >= return_limit) break;
    clock.sleep(return_interval);
  }
  if (last) throw Error(*last);
  throw Error(Errc::probe,
              fmt::format("the probe {} went away and is not on the USB bus any more", name),
              "Check its cable and plug it in.")
      .see(Cause::usb);
}

}  // namespace flashhost::usb
