#include "usb_cable.hpp"

#include <flashhost/error.hpp>
#include <flashhost/types.hpp>

namespace flashhost::sim {

namespace {

using namespace std::chrono_literals;

// The same limits as in transport-stlinkv2.
constexpr Nanoseconds reply_limit = 1s;
constexpr Nanoseconds return_limit = 4s;

}  // namespace

UsbCable::UsbCable(machine::Target &target, const UsbFaults &faults)
    : target_(target), faults_(faults) {}

void UsbCable::lose(const char *what) {
  lost_ = true;
  throw Error(Errc::probe, what, "Check its cable.").see(Cause::usb);
}

void UsbCable::before_command() {
  if (lost_) throw Error(Errc::probe, "the connection to the probe was lost").see(Cause::usb);
  ++commands_;
  if (commands_ == faults_.unplug_at) {
    unplugged_at_ = target_.now();
    target_.set_nrst(1);
    lose("the probe is not on the USB bus any more");
  }
  if (commands_ == faults_.stall_at) lose("the probe refused to take a command (USB stall)");
}

void UsbCable::after_command() {
  const bool late = commands_ == faults_.late_reply_at;
  if (late && faults_.late_by < reply_limit) target_.advance(faults_.late_by);
  if (commands_ == faults_.no_reply_at || (late && faults_.late_by >= reply_limit)) {
    target_.advance(reply_limit);
    lose("the probe did not answer");
  }
  if (commands_ == faults_.short_reply_at) lose("the probe's reply is cut short");
  if (commands_ == faults_.garbage_reply_at) lose("the probe's reply is damaged");
}

void UsbCable::find_again() {
  if (unplugged_at_) {
    const Nanoseconds now = target_.now();
    const auto back =
        faults_.replug_after ? *unplugged_at_ + *faults_.replug_after : Nanoseconds::max();
    if (back > now + return_limit) {
      target_.advance(return_limit);
      throw Error(Errc::probe, "the probe went away and is not on the USB bus any more",
                  "Check its cable and plug it in.")
          .see(Cause::usb);
    }
    if (back > now) target_.advance(back - now);
  }
  unplugged_at_.reset();
  lost_ = false;
}

}  // namespace flashhost::sim
