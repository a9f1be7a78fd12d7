#include "model_bus.hpp"
#include "usb_jobs.hpp"

std::unique_ptr<flashhost::testing::UsbRig> make_rig(const std::string &probe,
                                                     const std::string &part) {
  if (probe != "stlink") return {};
  return std::make_unique<flashhost::stlink::test::StlinkRig>(virtual_stlink::FirmwareConfig{},
                                                              part);
}
