#include "board.hpp"

#include "test_models.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace loader_test {
namespace {

constexpr Time access_time = 11500ns;  // 46 bits at 4 MHz
constexpr Time stall_limit = 200ms;
constexpr std::uint32_t key = 0xA05F0000, c_debugen = 1, c_halt = 2, s_regrdy = 1U << 16,
                        s_halt = 1U << 17;
constexpr std::uint32_t vc_faults_and_reset = 0x01000501;  // TRCENA, HARDERR, BUSERR, CORERESET
// DBGMCU_CR of the F1, DBGMCU_APB1_FZ of the F4.
constexpr std::uint32_t stop_watchdogs = 0x300, dbgmcu_apb1_fz = 0xE0042008, stop_f4 = 0x1800;

Bytes flash_with(const flashhost::machine::Config &config, std::span<const std::uint8_t> image) {
  Bytes flash(flashhost::machine::find_part(*config.model, config.part)->flash_size, 0xFF);
  std::ranges::copy(image, flash.begin());
  return flash;
}

flashhost::machine::Config without_firmware(flashhost::machine::Config config) {
  config.firmware_runs = false;
  return config;
}

template <class Access>
void until_done(flashhost::machine::Target &target, std::uint32_t address, const Access &access) {
  for (Time stalled{}; stalled < stall_limit; stalled += access_time) {
    target.advance(access_time);
    const flashhost::machine::Ack ack = access();
    if (ack == flashhost::machine::Ack::ok) return;
    if (ack != flashhost::machine::Ack::wait) {
      throw std::runtime_error("no access to " + std::to_string(address));
    }
  }
  throw std::runtime_error("bus stalled for ever");
}

}  // namespace

bool all(const Bytes &bytes, std::uint8_t value) {
  return std::ranges::all_of(bytes, [&](std::uint8_t byte) { return byte == value; });
}

flashhost::machine::Config part(const std::string &name) {
  return flashhost::test::board_config(name);
}

flashhost::machine::Config with_fault(std::string name) {
  return flashhost::test::board_config("STM32F103CB", {std::move(name)});
}

Board::Board(BoardConfig config)
    : part_(config.part),
      flash_(flash_with(config, {})),
      target_(without_firmware(std::move(config)), flash_) {
  pass(10ms);  // power-on reset
  if (target_.connect() != flashhost::machine::Ack::ok) throw std::runtime_error("no connection");
  halt();
  set_word(demcr, vc_faults_and_reset);
  if (part_.starts_with("STM32F4")) set_word(dbgmcu_apb1_fz, stop_f4);
  if (part_.starts_with("STM32F1")) set_word(dbgmcu_cr, stop_watchdogs);
}

Board::Board(const BoardConfig &config, std::span<const std::uint8_t> image)
    : part_(config.part), flash_(flash_with(config, image)), target_(config, flash_) {}

std::uint32_t Board::word(std::uint32_t address) {
  std::uint32_t value = 0;
  until_done(target_, address, [&] { return target_.read(address, 4, value); });
  return value;
}

void Board::set_word(std::uint32_t address, std::uint32_t value) {
  until_done(target_, address, [&] { return target_.write(address, 4, value); });
}

void Board::write(std::uint32_t address, std::span<const std::uint8_t> bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += 4) {
    std::uint32_t value = 0;
    std::memcpy(&value, &bytes[at], sizeof value);
    set_word(address + static_cast<std::uint32_t>(at), value);
  }
}

Bytes Board::read(std::uint32_t address, std::size_t size) {
  Bytes bytes(size);
  for (std::size_t at = 0; at < size; at += 4) {
    const std::uint32_t value = word(address + static_cast<std::uint32_t>(at));
    std::memcpy(&bytes[at], &value, sizeof value);
  }
  return bytes;
}

void Board::halt() {
  set_word(dhcsr, key | c_debugen | c_halt);
  if (!wait_for([&] { return halted(); })) throw std::runtime_error("core does not halt");
}

void Board::run() {
  set_word(dhcsr, key | c_debugen);
}

bool Board::halted() {
  return (word(dhcsr) & s_halt) != 0;
}

std::uint32_t Board::core_register(unsigned which) {
  set_word(dcrsr, which);
  if (!wait_for([&] { return (word(dhcsr) & s_regrdy) != 0; })) {
    throw std::runtime_error("core register not ready");
  }
  return word(dcrdr);
}

void Board::set_core_register(unsigned which, std::uint32_t value) {
  set_word(dcrdr, value);
  set_word(dcrsr, 0x10000 | which);
  if (!wait_for([&] { return (word(dhcsr) & s_regrdy) != 0; })) {
    throw std::runtime_error("core register not ready");
  }
}

bool Board::wait_for(const std::function<bool()> &condition, Time limit, Time step) {
  for (const Time end = target_.now() + limit; target_.now() < end; target_.advance(step)) {
    if (condition()) return true;
  }
  return condition();
}

}  // namespace loader_test
