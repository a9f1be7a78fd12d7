#include "loader.hpp"

#include "loaders/agent/agent.inc"
#include "loaders/f1/f1.inc"
#include "loaders/f4/f4.inc"
#include "loaders/unpack/unpack.inc"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

namespace loader_test {
namespace {

namespace agent_blob = flashhost::agent_blob;
namespace f1_blob = flashhost::f1_blob;
namespace f4_blob = flashhost::f4_blob;

Bytes blob(const char *variable, std::span<const std::uint8_t> committed) {
  const char *file = std::getenv(variable);
  if (file == nullptr) return {committed.begin(), committed.end()};
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error(std::string("cannot read ") + file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::uint32_t align(std::uint32_t value, std::uint32_t to) {
  return (value + to - 1) / to * to;
}

std::uint32_t size_of(const Bytes &bytes) {
  return static_cast<std::uint32_t>(bytes.size());
}

std::uint32_t offset_in_mailbox(std::size_t field) {
  return static_cast<std::uint32_t>(field);
}

// Of each value of a CRC's upper four bits; for the agent's own CRC.
void fill_crc_table(fh_parameters &parameters) {
  for (std::uint32_t nibble = 0; nibble < 16; ++nibble) {
    std::uint32_t crc = nibble << 28;
    for (int bit = 0; bit < 4; ++bit) crc = (crc << 1) ^ ((crc >> 31) != 0 ? 0x04C11DB7 : 0);
    parameters.crc_table[nibble] = crc;
  }
}

// The sum of all words, and the sum of all sums on the way there: see loader_abi.h.
std::pair<std::uint32_t, std::uint32_t> sums_of(const Bytes &ram) {
  std::uint32_t sum = 0, sums = 0;
  for (std::size_t at = ram.size(); at > 0; at -= 4) {
    for (std::size_t i = 0; i < 4; ++i) sum += std::uint32_t{ram[at - 4 + i]} << (8 * i);
    sums += sum;
  }
  return {sum, sums};
}

}  // namespace

Bytes agent_code() {
  return blob("FLASHHOST_AGENT_BLOB", agent_blob::code);
}

Functions f1_functions() {
  return {blob("FLASHHOST_F1_BLOB", f1_blob::code),
          f1_blob::init,
          f1_blob::uninit,
          f1_blob::erase_sector,
          f1_blob::erase_chip,
          f1_blob::program_page,
          f1_blob::idle,
          f1_blob::crc,
          f1_blob::clock_hz,
          f1_blob::init_slow};
}

Functions f1_functions_for_two_banks() {
  Functions functions = f1_functions();
  functions.init = f1_blob::init_xl;
  functions.uninit = f1_blob::uninit_xl;
  functions.erase_chip = f1_blob::erase_chip_xl;
  return functions;
}

Functions f4_functions(std::uint32_t width, Banks banks) {
  const std::uint32_t init = width == 1   ? f4_blob::init_x8
                             : width == 2 ? f4_blob::init_x16
                                          : f4_blob::init_x32;
  const std::uint32_t erase_sector = banks == Banks::one           ? f4_blob::erase_sector
                                     : banks == Banks::two_of_512k ? f4_blob::erase_sector_dual
                                                                   : f4_blob::erase_sector_2m;
  return {blob("FLASHHOST_F4_BLOB", f4_blob::code),
          init,
          f4_blob::uninit,
          erase_sector,
          banks == Banks::one ? f4_blob::erase_chip : f4_blob::erase_chip_dual,
          f4_blob::program_page,
          f4_blob::idle,
          f4_blob::crc,
          f4_blob::clock_hz};
}

std::uint32_t crc_of(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, &bytes[at], sizeof word);
    for (int bit = 31; bit >= 0; --bit) {
      const bool carry = ((crc >> 31) ^ (word >> bit & 1)) != 0;
      crc = (crc << 1) ^ (carry ? 0x04C11DB7 : 0);
    }
  }
  return crc;
}

Bytes bytes_of(std::span<const std::uint32_t> words) {
  Bytes bytes(words.size_bytes());
  std::memcpy(bytes.data(), words.data(), bytes.size());
  return bytes;
}

Bytes pattern(std::size_t size, std::uint32_t seed) {
  Bytes bytes(size);
  std::uint32_t state = seed * 2654435761U + 1;
  for (std::uint8_t &byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<std::uint8_t>((state >> 24) % 255);
  }
  return bytes;
}

Bytes Command::block(std::uint32_t sequence) const {
  Bytes block = payload;
  block.resize(align(size_of(block), 4), 0xFF);
  const auto append = [&](std::uint32_t word) {
    const Bytes bytes = bytes_of({&word, 1});
    block.insert(block.end(), bytes.begin(), bytes.end());
  };
  append(op);
  append(address);
  append(length);
  append(crc_of(block) ^ flip_crc);
  append(sequence);
  return block;
}

Command erase(std::uint32_t address, std::uint32_t length) {
  return {FH_OP_ERASE, address, length, {}};
}
Command erase_all(std::uint32_t length) {
  return {FH_OP_ERASE_ALL, flash_start, length, {}};
}
Command program(std::uint32_t address, Bytes data) {
  const std::uint32_t length = size_of(data);
  return {FH_OP_PROGRAM, address, length, std::move(data)};
}
Command program_packed(std::uint32_t address, const Bytes &data, const Bytes &packed) {
  const std::uint32_t crc = crc_of(data);
  Bytes payload = bytes_of({&crc, 1});
  payload.insert(payload.end(), packed.begin(), packed.end());
  return {FH_OP_PROGRAM | FH_PACKED_SIZE(payload.size()), address, size_of(data), payload};
}
Command crc(const std::vector<fh_range> &ranges) {
  Bytes payload(ranges.size() * sizeof(fh_range));
  std::memcpy(payload.data(), ranges.data(), payload.size());
  return {FH_OP_CRC, 0, size_of(payload), payload};
}
Command finish() {
  return {FH_OP_FINISH, 0, 0, {}};
}

Loader::Loader(Board &board, const Setup &setup)
    : board_(board),
      family_code_(setup.family.code),
      slot_count_(setup.slot_count),
      redirect_(setup.vectors),
      step_(setup.look_every) {
  vectors_ = setup.ram;
  mailbox_address_ = vectors_ + FH_VECTOR_TABLE_SIZE;
  agent_ = mailbox_address_ + std::uint32_t{sizeof(fh_mailbox)};
  family_ = align(agent_ + size_of(agent_code_), 8);
  // Room for a few replaced functions behind the family.
  const std::uint32_t guard = align(family_ + size_of(family_code_) + 32, 8) + 4;
  stack_top_ = guard + 4 + setup.stack_size;
  const auto entry = [&](std::uint32_t offset) { return (family_ + offset) | 1; };
  fh_parameters &p = mailbox_.parameters;
  p.init = entry(setup.family.init);
  p.uninit = entry(setup.family.uninit);
  p.erase_sector = entry(setup.family.erase_sector);
  p.erase_chip = entry(setup.family.erase_chip);
  p.program_page = entry(setup.family.program_page);
  p.idle = entry(setup.family.idle);
  p.crc = entry(setup.family.crc);
  p.static_base = 0x5BA5E000;
  p.flash_base = flash_start;
  const bool by_number = setup.clock_hz == 0 && setup.family.init_argument != 0;
  const std::uint32_t clock_hz = setup.clock_hz != 0 ? setup.clock_hz : setup.family.clock_hz;
  p.clock_hz = by_number ? setup.family.init_argument : clock_hz;
  p.tick_reload = clock_hz / 50'000 - 1;  // 20 us
  p.silence_ticks = 60 * (24'000'000 / FH_TICK_CYCLES);
  p.window_address = flash_start;
  p.window_size = board.flash_size();
  p.tick = (agent_ + agent_blob::tick) | 1;
  p.tick_control = FH_TICK_POLLED;
  p.slot_size = setup.slot_payload + std::uint32_t{sizeof(fh_trailer)};
  p.first_trailer = stack_top_ + setup.slot_payload;
  p.last_trailer = p.first_trailer + p.slot_size * (setup.slot_count - 1);
  fill_crc_table(p);
  p.stack_guard = guard;
  p.erased_word = 0xFFFFFFFF;
  end_ = stack_top_ + p.slot_size * setup.slot_count;
}

void Loader::replace(std::uint32_t fh_parameters::*function, const Bytes &code) {
  family_code_.resize(align(size_of(family_code_), 4));
  mailbox_.parameters.*function = (family_ + size_of(family_code_)) | 1;
  family_code_.insert(family_code_.end(), code.begin(), code.end());
  family_code_.resize(align(size_of(family_code_), 4));
  if (family_ + size_of(family_code_) > mailbox_.parameters.stack_guard) {
    throw std::runtime_error("no room for that function");
  }
}

void Loader::download() {
  std::vector<std::uint32_t> vectors(16, (agent_ + agent_blob::fault_entry) | 1);
  vectors.front() = stack_top_;
  vectors.back() = (agent_ + agent_blob::tick_entry) | 1;
  family_code_.resize(align(size_of(family_code_), 4));
  const std::uint32_t end = align(family_ + size_of(family_code_), 8);
  Bytes ram(end - vectors_);
  const auto put = [&](std::uint32_t address, std::span<const std::uint8_t> bytes) {
    std::ranges::copy(bytes, ram.begin() + (address - vectors_));
  };
  put(vectors_, bytes_of(vectors));
  put(mailbox_address_, {reinterpret_cast<const std::uint8_t *>(&mailbox_), sizeof mailbox_});
  put(agent_, agent_code_);
  put(family_, family_code_);
  const std::uint32_t check = agent_ + agent_blob::check;
  std::vector<std::uint32_t> words{end, mailbox_.parameters.idle, 0, 0};
  put(check, bytes_of(words));
  const auto [sum, sums] = sums_of(ram);
  words[3] = (check + 12 - vectors_) / 4 * sum - sums;
  words[2] = 0U - sum - words[3];
  put(check, bytes_of(words));
  EXPECT_EQ(sums_of(ram), std::pair(0U, 0U));
  board_.write(vectors_, ram);
  board_.set_word(mailbox_.parameters.stack_guard, FH_STACK_GUARD);
  next_ = 1;
}

void Loader::go(std::uint32_t primask) {
  if (redirect_ == Vectors::redirected) board_.set_word(vtor, vectors_);
  board_.set_core_register(13, stack_top_);
  board_.set_core_register(reg_msp, stack_top_);
  board_.set_core_register(reg_special, primask);
  board_.set_core_register(reg_xpsr, 0x01000000);
  board_.set_core_register(reg_pc, agent_ + agent_blob::entry);
  board_.set_word(dfsr, 0x1F);
  board_.run();
}

void Loader::start() {
  download();
  go();
  ASSERT_TRUE(board_.wait_for([&] { return mailbox().magic == FH_LOADER_MAGIC; }, 100ms))
      << "state " << mailbox().state << ", error " << mailbox().error << ", status "
      << mailbox().error_status;
}

std::uint32_t Loader::unpacked() const {
  const auto code = static_cast<std::uint32_t>(std::size(flashhost::unpack_blob::code));
  return align(end_, 8) + align(code, 8) + flashhost::unpack_blob::work;
}

void Loader::load_unpacker() {
  Bytes code = blob("FLASHHOST_UNPACK_BLOB", flashhost::unpack_blob::code);
  code.resize(align(size_of(code), 4));
  const std::uint32_t address = unpacked() - flashhost::unpack_blob::work - align(size_of(code), 8);
  board_.write(address, code);
  board_.set_word(mailbox_address_ + offset_in_mailbox(offsetof(fh_mailbox, unpacked)), unpacked());
  board_.set_word(mailbox_address_ + offset_in_mailbox(offsetof(fh_mailbox, unpack)),
                  (address + flashhost::unpack_blob::entry) | 1);
}

fh_mailbox Loader::mailbox() {
  fh_mailbox mailbox{};
  const Bytes bytes = board_.read(mailbox_address_, sizeof mailbox);
  std::memcpy(&mailbox, bytes.data(), sizeof mailbox);
  return mailbox;
}

std::uint32_t Loader::slot_end(std::uint32_t sequence) const {
  return stack_top_ + ((sequence - 1) % slot_count_ + 1) * mailbox_.parameters.slot_size;
}

std::uint32_t Loader::sequence_word(std::uint32_t sequence) const {
  return slot_end(sequence) - 4;
}

std::uint32_t Loader::send(const Command &command) {
  const std::uint32_t sequence = next_++;
  if (sequence > slot_count_) {
    EXPECT_TRUE(wait_done(sequence - slot_count_)) << "no free slot";
  }
  write_slot(sequence, command.block(sequence));
  return sequence;
}

void Loader::write_slot(std::uint32_t sequence, std::span<const std::uint8_t> block) {
  board_.write(slot_end(sequence) - static_cast<std::uint32_t>(block.size()), block);
}

Bytes Loader::payload(std::uint32_t sequence, std::size_t size) {
  return board_.read(slot_end(sequence) - static_cast<std::uint32_t>(sizeof(fh_trailer) + size),
                     size);
}

bool Loader::wait_done(std::uint32_t sequence, Time limit) {
  const std::uint32_t done =
      mailbox_address_ + static_cast<std::uint32_t>(offsetof(fh_mailbox, done));
  const std::uint32_t state =
      mailbox_address_ + static_cast<std::uint32_t>(offsetof(fh_mailbox, state));
  bool reached = false;
  (void)board_.wait_for(
      [&] {
        reached = board_.word(done) >= sequence;
        return reached || board_.word(state) >= FH_STATE_ERROR;
      },
      limit, step_);
  return reached || board_.word(done) >= sequence;
}

fh_mailbox Loader::fail_by_any(const Command &command) {
  const std::uint32_t sequence = send(command);
  const fh_mailbox mailbox = wait_halt();
  EXPECT_EQ(mailbox.done, sequence - 1);
  return mailbox;
}

fh_mailbox Loader::fail(const Command &command) {
  const fh_mailbox mailbox = fail_by_any(command);
  EXPECT_EQ(mailbox.state, FH_STATE_ERROR);
  return mailbox;
}

fh_mailbox Loader::wait_halt(Time limit) {
  EXPECT_TRUE(board_.wait_for([&] { return board_.halted(); }, limit, step_))
      << "the agent goes on";
  return mailbox();
}

std::vector<fh_result> Loader::results(std::uint32_t sequence, std::size_t count) {
  std::vector<fh_result> results(count);
  const Bytes bytes = payload(sequence, count * sizeof(fh_result));
  std::memcpy(results.data(), bytes.data(), bytes.size());
  return results;
}

}  // namespace loader_test
