#include "timeline.hpp"

namespace flashhost::timeline {

LaneText text_of(Lane lane) {
  switch (lane) {
    case Lane::flash:
      return {"flash",
              "the chip erases or programs its flash, beside everything else: from when a command "
              "could begin to its typical time in the datasheet, but no shorter and no longer than "
              "the looks at the loader allow"};
    case Lane::wire:
      return {"wire",
              "SWD between probe and chip, an estimate: 46 clocks for each 32-bit transfer, and 3 "
              "transfers more for each access and each KiB of a block; none where the clock is not "
              "known"};
    case Lane::usb:
      return {"usb", "the rest of each call of the probe: USB, and the probe's own time"};
    case Lane::host:
      return {"host", "between the calls: the computer"};
    case Lane::idle:
      break;
  }
  return {
      "idle",
      "waiting for anything but the flash: the chip computes checksums or comes out of reset, or "
      "the probe is to come back"};
}

Sums &Sums::operator+=(const Sums &other) {
  flash_busy += other.flash_busy;
  flash_only += other.flash_only;
  wire += other.wire;
  usb += other.usb;
  host += other.host;
  idle += other.idle;
  calls += other.calls;
  bytes += other.bytes;
  return *this;
}

Sums Timeline::sums() const {
  Sums all;
  for (const Step &step : steps) all += step.sums;
  return all;
}

}  // namespace flashhost::timeline
