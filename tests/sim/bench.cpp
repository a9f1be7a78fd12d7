#include "bench.hpp"

#include "test_models.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <sstream>

namespace sim_test {

Config config(const std::string &part, std::vector<std::string> faults) {
  Config result = flashhost::test::board_config(part, std::move(faults));
  result.firmware_runs = false;
  const char *const off = std::getenv("FLASHHOST_SIM_RULES_OFF");  // NOLINT(concurrency-mt-unsafe)
  std::stringstream names(off == nullptr ? "" : off);
  for (std::string name; std::getline(names, name, ',');) result.rules_off.push_back(name);
  result.rules_off = flashhost::machine::known_rules(*result.model, std::move(result.rules_off));
  return result;
}

flashhost::machine::Target &Bench::make(const Config &config,
                                        std::initializer_list<Placed> firmware,
                                        std::uint32_t entry) {
  for (const Placed &placed : firmware) {
    std::memcpy(&flash[placed.offset], placed.code.data(), placed.code.size_bytes());
  }
  if (entry != 0) {
    const std::uint32_t vectors[] = {0x20001000, entry | 1U};
    std::memcpy(flash.data(), vectors, sizeof vectors);
  }
  storage.emplace(config, flash);
  storage->advance(5ms);  // power-on reset
  return *storage;
}

Bench::Bench(const Config &config, std::initializer_list<Placed> firmware, std::uint32_t entry)
    : flash(flashhost::machine::find_part(*config.model, config.part)->flash_size, 0xFF),
      target(make(config, firmware, entry)) {}

std::uint32_t Bench::read(std::uint32_t address) {
  std::uint32_t value = 0;
  EXPECT_EQ(target.read(address, 4, value), Ack::ok) << "reading 0x" << std::hex << address;
  return value;
}

std::uint32_t Bench::read16(std::uint32_t address) {
  std::uint32_t value = 0;
  EXPECT_EQ(target.read(address, 2, value), Ack::ok) << "reading 0x" << std::hex << address;
  return value;
}

void Bench::write(std::uint32_t address, std::uint32_t value) {
  EXPECT_EQ(target.write(address, 4, value), Ack::ok) << "writing 0x" << std::hex << address;
}

void Bench::write16(std::uint32_t address, std::uint32_t value) {
  EXPECT_EQ(target.write(address, 2, value), Ack::ok) << "writing 0x" << std::hex << address;
}

Ack Bench::try_read(std::uint32_t address, unsigned width) {
  std::uint32_t value = 0;
  return target.read(address, width, value);
}

Ack Bench::try_write(std::uint32_t address, std::uint32_t value, unsigned width) {
  return target.write(address, width, value);
}

void Bench::halt() {
  write(address::dhcsr, 0xA05F0003);
  for (int i = 0; i < 100 && !halted(); ++i) target.advance(1ms);
}

void Bench::resume() {
  write(address::dhcsr, 0xA05F0001);
}

bool Bench::halted() {
  return (read(address::dhcsr) & core::s_halt) != 0;
}

bool Bench::run_to_halt(Nanoseconds limit) {
  resume();
  const Nanoseconds end = target.now() + limit;
  while (target.now() < end) {
    target.advance(10us);
    if (halted()) return true;
  }
  return false;
}

std::uint32_t Bench::reg(unsigned number) {
  write(address::dcrsr, number);
  return read(address::dcrdr);
}

void Bench::set_reg(unsigned number, std::uint32_t value) {
  write(address::dcrdr, value);
  write(address::dcrsr, 0x10000 | number);
}

void Bench::load(std::span<const std::uint16_t> code, std::uint32_t at) {
  for (const std::uint16_t half : code) {
    write16(at, half);
    at += 2;
  }
}

void Bench::prepare(std::uint32_t pc) {
  set_reg(core::pc, pc);
  set_reg(core::xpsr, 1U << 24);
  set_reg(core::sp, address::sram + 0x1000);
  write(address::dfsr, 0x1F);
}

bool Bench::execute(std::span<const std::uint16_t> code, std::uint32_t at) {
  load(code, at);
  prepare(at);
  return run_to_halt();
}

void Bench::unlock() {
  write(address::flash_keyr, 0x45670123);
  write(address::flash_keyr, 0xCDEF89AB);
}

Nanoseconds Bench::busy_time() {
  const Nanoseconds start = target.now();
  target.advance(1us);
  while ((read(address::flash_sr) & sr::bsy) != 0 && target.now() - start < 500ms)
    target.advance(1us);
  return target.now() - start;
}

void Bench::wait_ready() {
  (void)busy_time();
}

void Bench::program(std::uint32_t at, std::uint16_t value) {
  write(address::flash_cr, cr::pg);
  write16(at, value);
  wait_ready();
  write(address::flash_cr, 0);
}

void Bench::erase_page(std::uint32_t at) {
  write(address::flash_cr, cr::per);
  write(address::flash_ar, at);
  write(address::flash_cr, cr::per | cr::strt);
  wait_ready();
  write(address::flash_cr, 0);
}

void Bench::system_reset() {
  write(address::aircr, 0x05FA0004);
  target.advance(1ms);
}

void Bench::unlock_options() {
  unlock();
  write(address::flash_optkeyr, 0x45670123);
  write(address::flash_optkeyr, 0xCDEF89AB);
}

void Bench::write_option(std::uint32_t offset, std::uint8_t value) {
  write(address::flash_cr, cr::optwre | cr::optpg);
  write16(address::option_bytes + offset, value);
  wait_ready();
  write(address::flash_cr, cr::optwre);
}

}  // namespace sim_test
