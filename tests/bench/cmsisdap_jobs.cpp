#include "dap_rig.hpp"
#include "usb_jobs.hpp"

std::unique_ptr<flashhost::testing::UsbRig> make_rig(const std::string &probe,
                                                     const std::string &part) {
  if (probe != "cmsisdap-v1" && probe != "cmsisdap-v2") return {};
  auto daplink = *virtual_cmsisdap::find_personality("daplink");
  const bool bulk = probe == "cmsisdap-v2";
  daplink.pipes = bulk ? virtual_cmsisdap::Pipes::v2 : virtual_cmsisdap::Pipes::v1;
  return std::make_unique<flashhost::cmsisdap::test::DapRig>(daplink, part);
}
