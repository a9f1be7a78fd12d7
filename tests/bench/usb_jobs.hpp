// A board on a virtual probe in this process, for usb_jobs.cpp. One program for each transport:
// their headers have the same names.
#pragma once

#include "usb_job.hpp"

#include <memory>
#include <string>

// Null: there is no such probe.
[[nodiscard]] std::unique_ptr<flashhost::testing::UsbRig> make_rig(const std::string &probe,
                                                                   const std::string &part);
