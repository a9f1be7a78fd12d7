#include "summary.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace virtual_usb {

namespace {

using flashhost::format_duration;
using flashhost::format_size;
using flashhost::hex;

double milliseconds(Nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

std::string serial(const VirtualProbe &probe) {
  std::string text;
  for (const char unit : probe.settings().identity.serial) {
    const auto byte = static_cast<std::uint8_t>(unit);
    if (byte >= 0x20 && byte < 0x7F) {
      text.push_back(unit);
    } else {
      text += fmt::format("\\x{:02X}", byte);
    }
  }
  return text;
}

Nanoseconds spent_on(const UsbTraffic &usb) {
  return usb.first ? std::max(usb.last - *usb.first, Nanoseconds::zero()) : Nanoseconds::zero();
}

}  // namespace

std::string summary_text(const std::string &program, VirtualProbe &probe) {
  const UsbTraffic &usb = probe.traffic();
  const flashhost::machine::Statistics &board = probe.target().statistics();
  const Statistics firmware = probe.firmware_statistics();
  const ModelClock &clock = probe.clock();
  std::string text =
      fmt::format("{}: probe {}, {}\n", program, serial(probe), probe.settings().board.part);
  text += fmt::format(
      "  USB: {} bulk transfers, {} out, {} in; {} control transfers, {} resets, {} times "
      "unplugged\n",
      usb.bulk_transfers, format_size(usb.bytes_out), format_size(usb.bytes_in),
      usb.control_transfers, usb.resets, usb.unplugged);
  text += fmt::format("  probe: {} commands, {} of them unknown to its firmware", firmware.commands,
                      firmware.unknown_commands);
  if (firmware.transfers) text += fmt::format("; {} SWD transfers", *firmware.transfers);
  text += "\n";
  text += fmt::format("  flash: {} page erases, {} mass erases, {} units programmed, busy for {}\n",
                      board.page_erases, board.mass_erases, board.programmed_units,
                      format_duration(board.busy));
  for (const FlashChange &change : probe.flash_changes()) {
    text += fmt::format("  changed: {}..{} ({})\n", hex(change.address),
                        hex(change.address + change.size - 1), format_size(change.size));
  }
  text +=
      fmt::format("  board: {} resets, {} instructions\n", board.system_resets, board.instructions);
  text += fmt::format("  time: {} on the board, {} from the first transfer to the last",
                      format_duration(probe.powered()), format_duration(spent_on(usb)));
  if (clock.factor() > 1) text += fmt::format(", {:.0f} times as fast as real", clock.factor());
  text += fmt::format("; {} more on the clock, because computing took longer\n",
                      format_duration(clock.lag()));
  for (const std::string &note : firmware.notes) {
    text += fmt::format("  note: the program sent {}\n", note);
  }
  for (const std::string &note : board.notes) {
    text += fmt::format("  note: undefined on hardware: {}\n", note);
  }
  return text;
}

std::string summary_json(const std::vector<VirtualProbe *> &probes, int exit_code) {
  nlohmann::ordered_json all{{"exit_code", exit_code}, {"probes", nlohmann::json::array()}};
  for (VirtualProbe *probe : probes) {
    const UsbTraffic &usb = probe->traffic();
    const flashhost::machine::Statistics &board = probe->target().statistics();
    const Statistics firmware = probe->firmware_statistics();
    nlohmann::ordered_json changes = nlohmann::json::array();
    for (const FlashChange &change : probe->flash_changes()) {
      changes.push_back({{"address", change.address}, {"size", change.size}});
    }
    nlohmann::ordered_json left = nlohmann::json::object();
    for (const auto &[name, value] : probe->target().left_behind()) {
      if (value) left[name] = *value;
    }
    all["probes"].push_back({{"serial", serial(*probe)},
                             {"chip", probe->settings().board.part},
                             {"bulk_transfers", usb.bulk_transfers},
                             {"control_transfers", usb.control_transfers},
                             {"bytes_out", usb.bytes_out},
                             {"bytes_in", usb.bytes_in},
                             {"usb_resets", usb.resets},
                             {"unplugged", usb.unplugged},
                             {"commands", firmware.commands},
                             {"unknown_commands", firmware.unknown_commands},
                             {"page_erases", board.page_erases},
                             {"mass_erases", board.mass_erases},
                             {"programmed_units", board.programmed_units},
                             {"flash_busy_ms", milliseconds(board.busy)},
                             {"changes", changes},
                             {"system_resets", board.system_resets},
                             {"instructions", board.instructions},
                             {"board_time_ms", milliseconds(probe->powered())},
                             {"usb_time_ms", milliseconds(spent_on(usb))},
                             {"pace", probe->clock().factor()},
                             {"lag_ms", milliseconds(probe->clock().lag())},
                             {"left_behind", left},
                             {"probe_notes", firmware.notes},
                             {"board_notes", board.notes}});
    if (firmware.transfers) all["probes"].back()["swd_transfers"] = *firmware.transfers;
  }
  return all.dump() + "\n";
}

}  // namespace virtual_usb
