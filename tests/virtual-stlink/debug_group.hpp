// The commands that begin with F2: all that has to do with the target.
#pragma once

#include "dap.hpp"
#include "firmware.hpp"
#include "protocol.hpp"
#include "swd.hpp"

#include <flashhost/machine/notes.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace virtual_stlink {

using flashhost::machine::Notes;

using Command = std::span<const std::uint8_t, command_size>;

class DebugGroup {
 public:
  DebugGroup(const FirmwareConfig &config, flashhost::machine::Target &target, Notes notes);

  struct Answer {
    Bytes reply;                  // empty: none
    std::size_t data_wanted = 0;  // bytes that the host sends next
  };
  // mode may change. An unknown command is answered with 42.
  [[nodiscard]] Answer command(Command command, Mode &mode);
  // The data that the last command wanted.
  [[nodiscard]] Bytes data(std::span<const std::uint8_t> data);
  void leave();  // debug mode

 private:
  enum class Needs : std::uint8_t { nothing, debug_mode };
  struct Row {
    std::uint8_t code;
    unsigned from_v2;  // the J number that brought it; a V3 has its own
    unsigned from_v3;
    Needs needs;
    std::size_t reply;  // 0: none, or as long as the command says
    Answer (DebugGroup::*run)(const Row &);
  };
  static std::span<const Row> rows();
  [[nodiscard]] bool has(unsigned from_v2, unsigned from_v3) const;
  [[nodiscard]] Answer refuse(const Row &row) const;
  // After a fault of its own accesses the firmware clears the sticky error; OpenOCD relies on it.
  [[nodiscard]] Status finish(Status status);
  [[nodiscard]] Answer value_reply(Status status, std::uint32_t value) const;

  [[nodiscard]] Answer enter(const Row &row);
  [[nodiscard]] Answer exit(const Row &row);
  [[nodiscard]] Answer read_ids(const Row &row);
  [[nodiscard]] Answer read_core_id(const Row &row);
  [[nodiscard]] Answer get_status(const Row &row);
  [[nodiscard]] Answer control_core(const Row &row);
  [[nodiscard]] Answer reset_system(const Row &row);
  [[nodiscard]] Answer drive_nrst(const Row &row);
  [[nodiscard]] Answer read_register(const Row &row);
  [[nodiscard]] Answer write_register(const Row &row);
  [[nodiscard]] Answer read_all_registers(const Row &row);
  [[nodiscard]] Answer debug_register(const Row &row);
  [[nodiscard]] Answer set_speed(const Row &row);
  [[nodiscard]] Answer com_speed(const Row &row);
  [[nodiscard]] Answer dap_register(const Row &row);
  [[nodiscard]] Answer access_port(const Row &row);
  [[nodiscard]] Answer trace(const Row &row);
  [[nodiscard]] Answer board_identifiers(const Row &row);

  // memory_commands.cpp
  [[nodiscard]] Answer read_memory(const Row &row);
  [[nodiscard]] Answer write_memory(const Row &row);
  [[nodiscard]] Answer last_status(const Row &row);
  [[nodiscard]] Answer misc(const Row &row);
  [[nodiscard]] Swd::Block block_of() const;
  [[nodiscard]] std::size_t check_length(const Swd::Block &block);  // how much is really moved
  void run_misc(std::span<const std::uint8_t> data);

  [[nodiscard]] Status read_core_register(std::uint32_t selector, std::uint32_t &value);
  [[nodiscard]] Status wait_for_register();
  [[nodiscard]] std::uint32_t core_id();
  void apply_speed();

  const FirmwareConfig &config_;
  Notes notes_;
  Swd swd_;
  Dap dap_;
  Mode *mode_ = nullptr;
  std::array<std::uint8_t, command_size> command_{};
  Swd::Outcome last_access_;
  Bytes misc_results_;
  std::uint32_t swd_hertz_;
  std::uint32_t jtag_hertz_;
  bool jtag_ = false;
};

}  // namespace virtual_stlink
