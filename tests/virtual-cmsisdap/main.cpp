// virtual-cmsisdap: any program, on CMSIS-DAP probes that do not exist.
#include "program.hpp"
#include "usb_function.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <charconv>
#include <stdexcept>
#include <string_view>

namespace {

using namespace virtual_cmsisdap;

constexpr std::size_t longest_serial = 64;

std::string personality_help() {
  std::string text = "what the probe is:";
  for (const Personality &one : personalities()) {
    text += fmt::format("\n{} ({})", one.name, one.meaning);
  }
  return text;
}

std::vector<std::string> personality_names() {
  std::vector<std::string> names;
  for (const Personality &one : personalities()) names.push_back(one.name);
  return names;
}

class CmsisDap final : public virtual_usb::Product {
 public:
  [[nodiscard]] virtual_usb::ProgramText text() const override {
    return {"virtual-cmsisdap",
            "Runs a program on a machine with CMSIS-DAP probes that do not exist: a simulated\n"
            "board on the other end, and libusb and hidapi none the wiser.",
            "up to 64 characters",
            "virtual-cmsisdap --state chip.flash -- openocd -f interface/cmsis-dap.cfg -f "
            "target/stm32f1x.cfg -c \"program firmware.hex verify exit\""};
  }

  void declare(CLI::App &app) override {
    app.add_option("--personality", personality_, personality_help())
        ->check(CLI::IsMember(personality_names()));
    app.add_option("--interface", interface_, "v1 (HID), v2 (bulk) or both; else the personality's")
        ->check(CLI::IsMember({"v1", "v2", "both"}));
    app.add_option("--packet-size", packet_size_,
                   "bytes of a request, instead of the personality's")
        ->check(CLI::IsMember({64, 512, 1024}));
    app.add_option("--packet-count", packet_count_,
                   "requests that the probe holds, instead of the personality's")
        ->check(CLI::Range(1, 255));
    app.add_option("--unreliable-above", unreliable_above_khz_,
                   "kHz: long wires, SWD has parity errors above this clock");
    app.add_flag("--tar-window-1k", small_window_,
                 "the access port's automatic increment ends at 1 KiB, not at 4 KiB");
  }

  [[nodiscard]] std::string default_serial(std::size_t number) const override {
    return fmt::format("VCD{:05}", number);
  }

  [[nodiscard]] std::string fault_help() const override {
    return "  zlp_missing                  bulk responses that fill their packets do not end\n"
           "  stale_response               a response is still there from an earlier session\n"
           "  wrong_echo_at=N              the response to the N-th request names another command\n"
           "  short_count_at=N             the N-th transfer command says ok for a part\n"
           "  swd_silent_at=N              the N-th SWD transfer is not answered\n";
  }

  void take_faults(std::vector<std::string> &faults) override {
    std::erase_if(faults, [&](const std::string &text) { return take_fault(text); });
  }

  void complete(virtual_usb::ProbeSettings &settings, const std::string &serial,
                std::size_t number) const override {
    if (serial.empty() || serial.size() > longest_serial) {
      throw std::invalid_argument(
          fmt::format("serial '{}': write 1 to {} characters", serial, longest_serial));
    }
    Personality probe = *find_personality(personality_);
    adapt(probe);
    FirmwareConfig &firmware = probe.firmware;
    firmware.serial = serial;
    firmware.vendor = probe.manufacturer;
    firmware.product = probe.product;
    firmware.port.seed = settings.seed;
    firmware.port.faults.unreliable_above_hz = unreliable_above_khz_ * 1000;
    if (small_window_) firmware.port.increment = 0x400;
    const PipeFaults pipes = number == 1 ? pipe_faults_ : PipeFaults{};
    if (number == 1) {
      firmware.short_count_at = short_count_at_;
      firmware.port.faults.silent_at = silent_at_;
    }
    settings.identity = usb_identity(probe, pipes);
    settings.power_up = [probe, pipes](flashhost::machine::Target &target,
                                       const flashhost::sim::SwdFaults &faults) {
      Personality powered = probe;
      powered.firmware.port.faults.wait_at = faults.wait_at;
      powered.firmware.port.faults.waits = faults.waits;
      powered.firmware.port.faults.parity_at = faults.parity_at;
      return usb_function(powered, pipes, target);
    };
  }

 private:
  void adapt(Personality &probe) const {
    if (!interface_.empty()) {
      const bool both = interface_ == "both";
      probe.pipes = both ? Pipes::both : (interface_ == "v1" ? Pipes::v1 : Pipes::v2);
      if (probe.pipes != Pipes::v1 && probe.bulk.in == 0) probe.bulk = {0x04, 0x84};
    }
    if (packet_size_ != 0) probe.firmware.packet_size = packet_size_;
    if (packet_count_ != 0) probe.firmware.packet_count = packet_count_;
    if (probe.unusable_places >= probe.firmware.packet_count) probe.unusable_places = 0;
    if (probe.firmware.silent_until != 0) probe.firmware.silent_until = probe.firmware.packet_size;
    const bool hid = probe.pipes != Pipes::v2;
    if (hid && probe.megabits == 12 && probe.firmware.packet_size > 64) {
      throw std::invalid_argument(
          fmt::format("packet size {}: a HID report of a full-speed probe has 64 bytes; take "
                      "--interface v2 or a high-speed personality",
                      probe.firmware.packet_size));
    }
  }

  // Whether it is one of this probe's own.
  [[nodiscard]] bool take_fault(std::string_view text) {
    const std::size_t equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    if (name == "zlp_missing") return flag(text, equals, pipe_faults_.zero_packet_missing);
    if (name == "stale_response") return flag(text, equals, pipe_faults_.stale_response);
    if (name == "wrong_echo_at") return count(text, equals, pipe_faults_.wrong_echo_at);
    if (name == "short_count_at") return count(text, equals, short_count_at_);
    if (name == "swd_silent_at") return count(text, equals, silent_at_);
    return false;
  }
  static bool flag(std::string_view text, std::size_t equals, bool &value) {
    if (equals != std::string_view::npos) {
      throw std::invalid_argument(fmt::format("fault '{}' takes no value", text));
    }
    return value = true;
  }
  static bool count(std::string_view text, std::size_t equals, std::uint64_t &value) {
    const std::string_view digits =
        equals == std::string_view::npos ? std::string_view{} : text.substr(equals + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size() || value == 0) {
      throw std::invalid_argument(fmt::format("fault '{}' takes a number from 1 on", text));
    }
    return true;
  }

  std::string personality_ = "daplink";
  std::string interface_;
  std::size_t packet_size_ = 0;
  std::uint8_t packet_count_ = 0;
  std::uint32_t unreliable_above_khz_ = 0;
  bool small_window_ = false;
  PipeFaults pipe_faults_;
  std::uint64_t short_count_at_ = 0;
  std::uint64_t silent_at_ = 0;
};

}  // namespace

int main(int argc, char **argv) {
  CmsisDap probe;
  return virtual_usb::run_program(probe, argc, argv);
}
