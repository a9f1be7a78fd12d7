// The transport's USB and clock on a virtual CMSIS-DAP probe in the same process: no libusb, no
// hidapi, and time is the model's.
#pragma once

#include "bus.hpp"
#include "personality.hpp"
#include "usb_function.hpp"
#include "usb_job.hpp"
#include "virtual_probe.hpp"

namespace flashhost::cmsisdap::test {

class DapRig : public testing::UsbRig {
 public:
  // personality: with one of the two interfaces.
  explicit DapRig(virtual_cmsisdap::Personality personality,
                  const std::string &part = testing::UsbJob::part);
  DapRig(const DapRig &) = delete;
  DapRig &operator=(const DapRig &) = delete;
  ~DapRig() override;

  void start_anew(std::span<const std::uint8_t> flash, testing::UsbFaultAt fault) override;
  void plug_in() override;
  [[nodiscard]] std::span<const std::uint8_t> flash() const override;
  [[nodiscard]] std::uint64_t transfers() const override;
  [[nodiscard]] Nanoseconds now() const override;
  [[nodiscard]] std::unique_ptr<Probe> open(Host &host) override;
  [[nodiscard]] virtual_usb::VirtualProbe &probe() { return *probe_; }

 private:
  virtual_cmsisdap::Personality personality_;
  std::string part_;
  std::shared_ptr<virtual_usb::VirtualProbe> probe_;
};

}  // namespace flashhost::cmsisdap::test
