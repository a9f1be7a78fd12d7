#include "transfers.hpp"

#include "protocol.hpp"

namespace virtual_cmsisdap {

namespace {

constexpr std::uint8_t read_rdbuff = request_bit::read | 0x0C;

bool reads(std::uint8_t request) {
  return (request & request_bit::read) != 0;
}

bool reads_ap(std::uint8_t request) {
  return reads(request) && (request & request_bit::access_port) != 0;
}

bool matches(std::uint8_t request) {
  return (request & request_bit::match_value) != 0;
}

}  // namespace

unsigned Transfers::cut_short(unsigned count) {
  return ++commands_ == config_.short_count_at ? count / 2 : count;
}

Transfers::Item Transfers::next_item(Request &request) {
  Item item;
  item.request = request.u8();
  if (!reads(item.request) || matches(item.request)) item.value = request.u32();
  return item;
}

void Transfers::transfer(Request &request, Response &response, bool connected) {
  static_cast<void>(request.u8());  // index, of JTAG only
  const unsigned asked = request.u8();
  const unsigned count = cut_short(asked);
  const std::size_t head = response.reserve(2);
  State state;
  std::uint8_t result = 0;
  unsigned taken = 0;  // items of the request
  unsigned done = 0;
  while (connected && taken < count) {
    const Item item = next_item(request);
    ++taken;
    result = run(item, state, response);
    if (result != response_bit::ok) break;
    ++done;
  }
  const bool failed = done < taken;
  if (failed && config_.misparses_after_failure) --taken;
  for (; taken < asked; ++taken) static_cast<void>(next_item(request));
  if (result == response_bit::ok) result = finish(state, response);
  response.set(head, static_cast<std::uint8_t>(done));
  response.set(head + 1, result);
}

std::uint8_t Transfers::run(const Item &item, State &state, Response &response) {
  if ((item.request & request_bit::timestamp) != 0) {
    notes_.add("Transfer asks for time stamps, which are not in the answers of this model");
  }
  if (!reads(item.request)) return run_write(item, state, response);
  const std::uint8_t result = run_read(item, state, response);
  if (result == response_bit::ok) state.unchecked_write = false;
  return result;
}

// Reads one value and stores it.
std::uint8_t Transfers::fetch(std::uint8_t request, Response &response) {
  std::uint32_t value = 0;
  const std::uint8_t result = swd_.transfer(request, value);
  if (result == response_bit::ok) response.u32(value);
  return result;
}

std::uint8_t Transfers::run_read(const Item &item, State &state, Response &response) {
  const bool plain_ap = reads_ap(item.request) && !matches(item.request);
  if (state.posted_read) {
    const std::uint8_t result = fetch(plain_ap ? item.request : read_rdbuff, response);
    if (result != response_bit::ok || plain_ap) return result;
    state.posted_read = false;
  }
  if (matches(item.request)) return run_match(item);
  if (!plain_ap) return fetch(item.request, response);
  std::uint32_t unused = 0;
  const std::uint8_t result = swd_.transfer(item.request, unused);
  state.posted_read = result == response_bit::ok;
  return result;
}

std::uint8_t Transfers::run_match(const Item &item) {
  std::uint32_t value = 0;
  if (reads_ap(item.request)) {
    const std::uint8_t posted = swd_.transfer(item.request, value);
    if (posted != response_bit::ok) return posted;
  }
  const auto differs = [&] { return (value & swd_.settings.match_mask) != item.value; };
  std::uint32_t reads_left = swd_.settings.match_retry + 1U;
  std::uint8_t result = response_bit::ok;
  do {
    result = swd_.transfer(item.request, value);
  } while (result == response_bit::ok && differs() && --reads_left != 0);
  return differs() ? static_cast<std::uint8_t>(result | response_bit::mismatch) : result;
}

std::uint8_t Transfers::run_write(const Item &item, State &state, Response &response) {
  if (state.posted_read) {
    const std::uint8_t result = fetch(read_rdbuff, response);
    if (result != response_bit::ok) return result;
    state.posted_read = false;
  }
  if ((item.request & request_bit::match_mask) != 0) {
    swd_.settings.match_mask = item.value;
    return response_bit::ok;
  }
  std::uint32_t value = item.value;
  const std::uint8_t result = swd_.transfer(item.request, value);
  if (result == response_bit::ok) state.unchecked_write = true;
  return result;
}

std::uint8_t Transfers::check_write() {
  std::uint32_t unused = 0;
  return swd_.transfer(read_rdbuff, unused);
}

std::uint8_t Transfers::finish(const State &state, Response &response) {
  if (state.posted_read) return fetch(read_rdbuff, response);
  return state.unchecked_write ? check_write() : response_bit::ok;
}

void Transfers::transfer_block(Request &request, Response &response, bool connected) {
  static_cast<void>(request.u8());  // index
  const unsigned asked = request.u16();
  const unsigned count = cut_short(asked);
  const std::size_t head = response.reserve(3);
  const std::uint8_t how = request.u8();
  unsigned done = 0;
  std::uint8_t result = 0;
  Request data = request;
  if (!reads(how)) request.skip(std::size_t{4} * asked);
  if (connected && count != 0) {
    result =
        reads(how) ? read_block(how, count, done, response) : write_block(how, count, done, data);
  }
  response.set(head, static_cast<std::uint8_t>(done));
  response.set(head + 1, static_cast<std::uint8_t>(done >> 8));
  response.set(head + 2, result);
}

std::uint8_t Transfers::read_block(std::uint8_t request, unsigned count, unsigned &done,
                                   Response &response) {
  std::uint32_t unused = 0;
  std::uint8_t result = response_bit::ok;
  if (reads_ap(request)) result = swd_.transfer(request, unused);
  while (result == response_bit::ok && done < count) {
    const bool last = done + 1 == count && reads_ap(request);
    result = fetch(last ? read_rdbuff : request, response);
    if (result == response_bit::ok) ++done;
  }
  return result;
}

std::uint8_t Transfers::write_block(std::uint8_t request, unsigned count, unsigned &done,
                                    Request &data) {
  while (done < count) {
    std::uint32_t value = data.u32();
    const std::uint8_t result = swd_.transfer(request, value);
    if (result != response_bit::ok) return result;
    ++done;
  }
  return check_write();
}

}  // namespace virtual_cmsisdap
