// A flash that takes longer than its data sheet allows, on a rig. The host hears of it only if it
// looks while an operation is under way: in the model's time it always does, whatever else the
// computer is doing.
#pragma once

#include "usb_job.hpp"

#include <string>
#include <vector>

namespace flashhost::testing {

struct SlowBoard {
  const char *part;
  const char *family;
};
inline constexpr SlowBoard slow_boards[] = {{"STM32F103CB", "f1"}, {"STM32F411CE", "f4"}};

// The rig's boards have that family's part. A job writes all; it warns at four times the maximum,
// and not at the maximum. As a part of a test.
void expect_slow_flash_is_told(UsbRig &rig, const std::string &family);

}  // namespace flashhost::testing
