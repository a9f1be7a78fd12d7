#include "model_bus.hpp"
#include "usb_jobs.hpp"

std::unique_ptr<flashhost::testing::UsbRig> make_rig(const std::string &probe,
                                                     const std::string &part) {
  virtual_stlink::FirmwareConfig firmware;
  if (probe == "stlink-v3") {
    firmware.hardware = virtual_stlink::Hardware::v3;
    firmware.jtag = 10;
  } else if (probe != "stlink") {
    return {};
  }
  return std::make_unique<flashhost::stlink::test::StlinkRig>(firmware, part);
}
