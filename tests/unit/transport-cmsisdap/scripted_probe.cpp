#include "scripted_probe.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace flashhost::cmsisdap::test {

namespace {

using adiv5::Operation;

constexpr std::uint8_t ok = 1, fault = 4;

Operation decoded(std::uint8_t request) {
  const bool ap = (request & 1) != 0, read = (request & 2) != 0;
  const auto address = static_cast<std::uint8_t>(request & 0x0C);
  if (read) return ap ? Operation::read_ap(address) : Operation::read_dp(address);
  return ap ? Operation::write_ap(address, 0) : Operation::write_dp(address, 0);
}

bool is_read(const Operation &operation) {
  return operation.kind == Operation::Kind::read_dp || operation.kind == Operation::Kind::read_ap;
}

bool is_ap_read(const Operation &operation) {
  return operation.kind == Operation::Kind::read_ap;
}

}  // namespace

std::size_t ScriptedProbe::count(Command command) const {
  return static_cast<std::size_t>(std::ranges::count_if(sent, [&](const Bytes &request) {
    return request.front() == static_cast<std::uint8_t>(command);
  }));
}

void ScriptedProbe::receive(const Bytes &request) {
  EXPECT_LE(request.size(), padded ? usb_packet : packet_size) << "a request overruns the probe";
  if (drops && pending.size() >= packet_count) return;
  sent.push_back(request);
  if (!instead || !instead(request)) {
    Bytes response = answer(request);
    EXPECT_LE(response.size(), std::min(packet_size, most_response))
        << "a response overruns the probe";
    if (padded) response.resize(usb_packet, 0xEE);
    busy_until = std::max(busy_until, clock->time) + per_answer;
    pending.push_back({response, UsbStatus::done, busy_until});
  }
  most_pending = std::max(most_pending, pending.size());
  EXPECT_LE(pending.size(), std::max<std::size_t>(packet_count, 1)) << "too many requests";
}

Bytes ScriptedProbe::info_answer(std::uint8_t id) const {
  switch (id) {
    case 0x04:
      return {0, 6, '2', '.', '1', '.', '0', 0};
    case 0x09:
      return {0, 3, '7', '.', '1'};
    case 0xF0: {
      Bytes response = {0, static_cast<std::uint8_t>(capabilities.size())};
      response.insert(response.end(), capabilities.begin(), capabilities.end());
      return response;
    }
    case 0xFE:
      return {0, 1, packet_count};
    case 0xFF: {
      Bytes response = {0, 2};
      append_u16(response, static_cast<std::uint16_t>(packet_size));
      return response;
    }
    default:
      return {0, 0};
  }
}

Bytes ScriptedProbe::answer(const Bytes &request) {
  const std::uint8_t command = request.front();
  switch (static_cast<Command>(command)) {
    case Command::info:
      return info_answer(request.at(1));
    case Command::connect:
      port_open = true;
      return {command, request.at(1)};
    case Command::disconnect:
      port_open = false;
      return {command, 0};
    case Command::transfer:
      return transfer(request);
    case Command::transfer_block:
      if (!has_blocks) return {0xFF};
      return transfer_block(request);
    default:
      return {command, 0};
  }
}

std::uint8_t ScriptedProbe::perform(Operation &operation) {
  if (!port_open) return 0;
  if (operation.kind == Operation::Kind::write_dp && operation.address == 0) sticky_ = false;
  if (sticky_) return fault;
  if (const auto found = trouble.find(done.size()); found != trouble.end()) {
    const std::uint8_t status = found->second;
    trouble.erase(found);
    sticky_ = status == fault;
    return status;
  }
  if (is_read(operation)) operation.value = first_value + static_cast<std::uint32_t>(done.size());
  done.push_back(operation);
  return ok;
}

Bytes ScriptedProbe::transfer(const Bytes &request) {
  std::size_t at = 3;
  std::uint8_t status = ok, accepted = 0;
  Bytes data;
  std::optional<std::uint32_t> posted;
  const auto fetch = [&] {
    if (posted) append_u32(data, *posted);
    posted.reset();
  };
  for (int left = request.at(2); left > 0; --left) {
    Operation operation = decoded(request.at(at++));
    if (!is_read(operation)) {
      operation.value = word_at(request, at);
      at += 4;
    }
    if (!is_ap_read(operation)) fetch();
    status = perform(operation);
    if (status != ok) break;
    fetch();
    ++accepted;
    if (is_ap_read(operation)) {
      posted = operation.value;
    } else if (is_read(operation)) {
      append_u32(data, operation.value);
    }
  }
  if (status == ok) fetch();
  Bytes response = {request.front(), accepted, status};
  response.insert(response.end(), data.begin(), data.end());
  return response;
}

Bytes ScriptedProbe::transfer_block(const Bytes &request) {
  const std::size_t wanted = request.at(2) | static_cast<std::size_t>(request.at(3)) << 8;
  Bytes data;
  std::size_t accepted = 0;
  std::uint8_t status = ok;
  for (; accepted < wanted; ++accepted) {
    Operation operation = decoded(request.at(4));
    if (!is_read(operation)) operation.value = word_at(request, 5 + 4 * accepted);
    status = perform(operation);
    if (status != ok) break;
    if (is_read(operation)) append_u32(data, operation.value);
  }
  Bytes response = {request.front()};
  append_u16(response, static_cast<std::uint16_t>(accepted));
  response.push_back(status);
  response.insert(response.end(), data.begin(), data.end());
  return response;
}

UsbStatus ScriptedPipe::send(std::span<const std::uint8_t> request, Nanoseconds /*limit*/) {
  if (probe_->gone) return UsbStatus::gone;
  if (probe_->refuses) return UsbStatus::failed;
  probe_->receive(Bytes(request.begin(), request.end()));
  return UsbStatus::done;
}

Transfer ScriptedPipe::receive(std::span<std::uint8_t> buffer, Nanoseconds limit) {
  if (probe_->gone) return {UsbStatus::gone, 0};
  if (probe_->pending.empty() || probe_->pending.front().ready > probe_->clock->time + limit) {
    probe_->clock->time += limit;
    return {UsbStatus::timeout, 0};
  }
  probe_->clock->time = std::max(probe_->clock->time, probe_->pending.front().ready);
  const Answer answer = probe_->pending.front();
  probe_->pending.pop_front();
  if (answer.data.size() > buffer.size()) return {UsbStatus::overflow, buffer.size()};
  std::ranges::copy(answer.data, buffer.begin());
  return {answer.status, answer.data.size()};
}

}  // namespace flashhost::cmsisdap::test
