#include "info.hpp"

#include "packet.hpp"
#include "protocol.hpp"

#include <string>

namespace virtual_cmsisdap {

namespace {

constexpr std::uint32_t timer_hz = 1'000'000;

Bytes text(const FirmwareConfig &config, const std::string &value) {
  Bytes bytes(value.begin(), value.end());
  if (!bytes.empty() && config.strings_end_with_nul) bytes.push_back(0);
  return bytes;
}

}  // namespace

Bytes info_of(const FirmwareConfig &config, std::uint8_t id) {
  Response data(sizeof(std::uint32_t));
  switch (id) {
    case info_id::vendor:
      return text(config, config.vendor);
    case info_id::product:
      return text(config, config.product);
    case info_id::serial:
      return text(config, config.serial);
    case info_id::protocol_version:
      return text(config, config.protocol_version);
    case info_id::firmware_version:
      return text(config, config.firmware_version);
    case info_id::capabilities:
      return config.capabilities;
    case info_id::timer:
      if (config.timer) data.u32(timer_hz);
      break;
    case info_id::packet_count:
      data.u8(config.packet_count);
      break;
    case info_id::packet_size:
      data.u16(static_cast<std::uint16_t>(config.packet_size));
      break;
    default:
      break;
  }
  return data.take();
}

}  // namespace virtual_cmsisdap
