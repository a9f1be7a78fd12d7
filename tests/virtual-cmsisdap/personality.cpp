#include "personality.hpp"

#include "protocol.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace virtual_cmsisdap {

namespace {

using namespace std::chrono_literals;

constexpr unsigned high_speed = 480;

Personality daplink() {
  Personality one;
  one.name = "daplink";
  one.meaning = "DAPLink: v1 and v2, 4 packets of 64 bytes, drive and serial port beside them";
  one.vendor_id = 0x0D28;
  one.product_id = 0x0204;
  one.release = 0x1000;
  one.manufacturer = "Arm";
  one.product = "DAPLink CMSIS-DAP";
  one.bulk = {0x04, 0x84};
  one.board_functions = true;
  one.hid_overflow = Overflow::crashes;
  one.bulk_overflow = Overflow::dropped;
  one.firmware.packet_count = 4;
  one.firmware.protocol_version = "2.1.0";
  one.firmware.firmware_version = "0257";
  one.firmware.unknown_commands = {command::queue_commands};
  one.firmware.misparses_after_failure = true;
  one.firmware.transfer_overhead = 2us;
  return one;
}

Personality debugprobe() {
  Personality one;
  one.name = "debugprobe";
  one.meaning = "Raspberry Pi Debug Probe: v2, 8 packets of 64 bytes, no reset line";
  one.vendor_id = 0x2E8A;
  one.product_id = 0x000C;
  one.release = 0x0231;
  one.manufacturer = "Raspberry Pi";
  one.product = "Debug Probe (CMSIS-DAP)";
  one.pipes = Pipes::v2;
  one.bulk = {0x04, 0x85};
  one.unusable_places = 1;
  one.firmware.packet_count = 8;
  one.firmware.protocol_version = "2.0.0";
  one.firmware.firmware_version = "2.3.1";
  one.firmware.nreset_wired = false;
  one.firmware.nreset_readable = false;
  one.firmware.misparses_after_failure = true;
  return one;
}

Personality mcu_link() {
  Personality one;
  one.name = "mcu-link";
  one.meaning = "MCU-Link: v2 at high speed, 4 packets of 512 bytes";
  one.vendor_id = 0x1FC9;
  one.product_id = 0x0143;
  one.manufacturer = "NXP Semiconductors";
  one.product = "MCU-LINK CMSIS-DAP V3.140";
  one.pipes = Pipes::v2;
  one.megabits = high_speed;
  one.bulk = {0x01, 0x81};
  one.firmware.packet_size = 512;
  one.firmware.packet_count = 4;
  one.firmware.capabilities = {0x11, 0x00};
  return one;
}

Personality edbg() {
  Personality one;
  one.name = "edbg";
  one.meaning = "Atmel EDBG: v1 at high speed, 512 bytes, silent until all of them have come";
  one.vendor_id = 0x03EB;
  one.product_id = 0x2111;
  one.manufacturer = "Atmel Corp.";
  one.product = "EDBG CMSIS-DAP";
  one.pipes = Pipes::v1;
  one.megabits = high_speed;
  one.firmware.packet_size = 512;
  one.firmware.silent_until = 512;
  one.firmware.protocol_version = "03.0C.0191";
  one.firmware.unknown_commands = {command::swd_sequence, command::queue_commands,
                                   command::execute_commands};
  return one;
}

Personality old() {
  Personality one;
  one.name = "old";
  one.meaning = "a clone of 2014: v1 without an OUT endpoint, one packet of 64 bytes, no timer";
  one.vendor_id = 0xC251;
  one.product_id = 0xF001;
  one.manufacturer = "Keil Software";
  one.product = "LPC-Link-II CMSIS-DAP";
  one.pipes = Pipes::v1;
  one.hid_out = false;
  one.firmware.protocol_version = "1.10";
  one.firmware.strings_end_with_nul = false;
  one.firmware.capabilities = {0x01};
  one.firmware.unknown_commands = {command::swd_sequence, command::queue_commands,
                                   command::execute_commands};
  one.firmware.connects_to_default_port = false;
  one.firmware.timer = false;
  one.firmware.transfer_overhead = 3us;
  return one;
}

}  // namespace

std::span<const Personality> personalities() {
  static const std::vector<Personality> all{daplink(), debugprobe(), mcu_link(), edbg(), old()};
  return all;
}

const Personality *find_personality(std::string_view name) {
  const auto all = personalities();
  const auto found = std::ranges::find(all, name, &Personality::name);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace virtual_cmsisdap
