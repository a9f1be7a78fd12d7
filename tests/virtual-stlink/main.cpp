// virtual-stlink: any program, on ST-Link probes that do not exist.
#include "program.hpp"
#include "usb_function.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <stdexcept>
#include <string_view>

namespace {

using namespace virtual_stlink;

constexpr unsigned newest_v2 = 37;
constexpr unsigned newest_v3 = 10;
constexpr unsigned swim_v2 = 7;
constexpr unsigned msd_v2_1 = 27;
constexpr std::size_t serial_digits = 24;
constexpr std::size_t raw_serial_bytes = 12;

Hardware hardware_of(const std::string &name) {
  if (name == "v2") return Hardware::v2;
  return name == "v2-1" ? Hardware::v2_1 : Hardware::v3;
}

Mode mode_of(const std::string &name) {
  if (name == "dfu") return Mode::dfu;
  if (name == "debug") return Mode::debug;
  return name == "swim" ? Mode::swim : Mode::mass;
}

// 24 hex digits, shorter ones filled up; "raw:" and 24 hex digits for 12 bytes as they are.
std::string serial_of(const std::string &text) {
  constexpr std::string_view raw = "raw:";
  const bool is_raw = text.starts_with(raw);
  std::string digits = is_raw ? text.substr(raw.size()) : text;
  const bool hex = digits.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  if (!hex || digits.empty() || digits.size() > serial_digits) {
    throw std::invalid_argument(
        fmt::format("serial '{}': a serial number has up to {} hex digits", text, serial_digits));
  }
  digits.append(serial_digits - digits.size(), '0');
  if (!is_raw) return digits;
  std::string bytes;
  for (std::size_t i = 0; i < raw_serial_bytes; ++i) {
    bytes.push_back(static_cast<char>(std::stoul(digits.substr(2 * i, 2), nullptr, 16)));
  }
  return bytes;
}

class Stlink final : public virtual_usb::Product {
 public:
  [[nodiscard]] virtual_usb::ProgramText text() const override {
    return {
        "virtual-stlink",
        "Runs a program on a machine with ST-Link probes that do not exist: a simulated board on\n"
        "the other end, and libusb none the wiser.",
        "24 hex digits; raw:... makes 12 raw bytes of them as old clones do",
        "virtual-stlink --state chip.flash -- st-flash write firmware.bin 0x08000000"};
  }

  void declare(CLI::App &app) override {
    app.add_option("--probe", probe_, "v2 (default), v2-1 or v3")
        ->check(CLI::IsMember({"v2", "v2-1", "v3"}));
    app.add_option("--firmware-version", version_,
                   "the J number of the probe's firmware (37; V3: 10)")
        ->check(CLI::Range(1, 63));
    app.add_option("--mode", mode_, "in which the probe is found: mass (default), dfu, debug, swim")
        ->check(CLI::IsMember({"mass", "dfu", "debug", "swim"}));
    app.add_flag("--mute", mute_, "the probe answers nothing before it is reset over USB");
    app.add_option("--unreliable-above", unreliable_above_khz_,
                   "kHz: long wires, SWD has parity errors above this clock");
    app.add_option("--reported-voltage", millivolts_,
                   "mV that the probe reports; 0: it measures nothing");
  }

  [[nodiscard]] std::string default_serial(std::size_t number) const override {
    return fmt::format("0667FF{:02X}5457717867013{:03}", number, number);
  }

  void complete(virtual_usb::ProbeSettings &settings, const std::string &serial,
                std::size_t /*number*/) const override {
    FirmwareConfig config;
    config.hardware = hardware_of(probe_);
    config.jtag = config.hardware == Hardware::v3 ? newest_v3 : newest_v2;
    if (version_ != 0) config.jtag = version_;
    config.swim = config.hardware == Hardware::v2_1 ? msd_v2_1 : swim_v2;
    config.serial = serial_of(serial);
    config.start_mode = mode_of(mode_);
    config.mute_until_usb_reset = mute_;
    config.unreliable_above_khz = unreliable_above_khz_;
    config.seed = settings.seed;
    if (millivolts_ >= 0) config.reported_millivolts = millivolts_;
    settings.identity = usb_identity(config);
    settings.power_up = [config](flashhost::machine::Target &target,
                                 const flashhost::sim::SwdFaults &faults) {
      FirmwareConfig firmware = config;
      firmware.swd_faults = faults;
      return usb_function(firmware, target);
    };
  }

 private:
  std::string probe_ = "v2";
  unsigned version_ = 0;
  std::string mode_ = "mass";
  bool mute_ = false;
  unsigned unreliable_above_khz_ = 0;
  int millivolts_ = -1;
};

}  // namespace

int main(int argc, char **argv) {
  Stlink stlink;
  return virtual_usb::run_program(stlink, argc, argv);
}
