// The line to one debug port: connecting, clocks, sticky errors, what is selected.
#pragma once

#include <flashhost/dap_probe.hpp>

#include <memory>
#include <vector>

namespace flashhost::adiv5 {

// Registers of the debug port (ADIv5.2, B2.2) and bits of them.
inline constexpr std::uint8_t dp_id = 0x0, dp_abort = 0x0, dp_ctrl = 0x4, dp_select = 0x8,
                              dp_rdbuff = 0xC;
inline constexpr std::uint32_t abort_all = 0x1F, abort_flags = 0x1E;
inline constexpr std::uint32_t ctrl_sticky_error = 1U << 5, ctrl_write_error = 1U << 7,
                               ctrl_power_request = 1U << 28;

// Where an access goes: its AP and the register's bank there. Of the debug port, the bank is in the
// upper four bits of the address (DPBANKSEL).
struct Selection {
  std::uint8_t access_port = 0;
  std::uint8_t address = 0;
};

class Link {
 public:
  // host must outlive it.
  Link(Host &host, std::unique_ptr<Wire> wire, const DapSettings &settings);

  [[nodiscard]] Wire &wire() { return *wire_; }
  [[nodiscard]] std::uint32_t debug_port_id() const { return debug_port_id_; }
  [[nodiscard]] std::optional<std::uint32_t> speed_hz() const { return actual_hz_; }

  // From any state of the line to a debug port that is powered up, without errors. Tries slower
  // clocks. Errc::target when nothing answers.
  void connect(AttachMode mode);
  // After a damaged or missing answer: gets in step again, with a slower clock if this happens
  // often. Returns the flags of CTRL/STAT as they were. Errc::probe when the target does not answer
  // any more.
  [[nodiscard]] std::uint32_t mend(Ack ack, const std::string &doing);
  // One of those that are taken back without mend: a write whose data were damaged.
  void count_line_error(Ack ack);
  // Returns the flags of CTRL/STAT as they were, or nothing when it could not be read.
  [[nodiscard]] std::optional<std::uint32_t> clear_errors();
  // After a bus access that never ends: takes it back.
  void abort_access();

  // Appends what selects this register's bank, if another one may be selected.
  void select(Selection wanted, std::vector<Operation> &operations);
  // What was selected is not known any more.
  void forget_selection() { selected_.reset(); }
  [[nodiscard]] Outcome transfer(std::span<Operation> operations, Order order);
  // Accesses on their own, for what needs no speed. Errc::target when the AP refuses it.
  [[nodiscard]] std::uint32_t read(Operation::Kind kind, Selection where);
  void write(Operation::Kind kind, Selection where, std::uint32_t value);

 private:
  enum class Purpose : std::uint8_t { connect, mend };
  // Empty: connected. Else why not.
  [[nodiscard]] std::string enter(int attempt, Purpose purpose);
  [[nodiscard]] std::string power_up();
  [[nodiscard]] bool take_slower_clock();
  void return_to_bank_0();
  [[nodiscard]] std::uint32_t single(Operation operation, Selection where);

  Host &host_;
  std::unique_ptr<Wire> wire_;
  std::uint32_t hertz_;
  std::optional<std::uint32_t> actual_hz_;
  int line_errors_ = 0;                 // at this clock
  std::uint64_t since_line_error_ = 0;  // operations
  std::uint32_t debug_port_id_ = 0;
  std::uint32_t seen_flags_ = 0;           // of CTRL/STAT, before enter cleared them
  std::optional<std::uint32_t> selected_;  // SELECT
};

[[nodiscard]] std::string describe(Ack ack);

}  // namespace flashhost::adiv5
