#include "memory_port.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

namespace flashhost::adiv5 {

namespace {

using namespace std::chrono_literals;

// Registers of a MEM-AP (ADIv5.2, C2.6).
constexpr std::uint8_t ap_csw = 0x00, ap_tar = 0x04, ap_drw = 0x0C, ap_idr = 0xFC;
constexpr std::uint32_t csw_increment = 1U << 4, csw_size_and_increment = 0x3F;
constexpr std::uint32_t csw_spiden = 1U << 23, csw_nonsecure = 1U << 30;
constexpr std::uint32_t csw_ahb3 = 0x23000000, csw_ahb3_cacheable = 0x2B000000,
                        csw_ahb5 = 0x0B000000;
constexpr unsigned class_memory = 8, type_ahb3 = 1, type_ahb5 = 5, type_ahb5_hprot = 8;
// C2.2.2: the increment is certain for the lowest ten bits only.
constexpr std::uint32_t tar_window = 1024;

constexpr std::size_t most_accesses = 4096;  // of one transfer
constexpr std::uint8_t most_access_ports = 16;
constexpr int most_line_errors = 8, most_stale_errors = 2;
constexpr Nanoseconds wait_first = 1ms, wait_longest = 16ms, wait_limit = 500ms;
constexpr std::uint32_t part_cortex_m7 = 0xC27;

std::uint32_t size_code(Width width) {
  return width == Width::word ? 2 : width == Width::half ? 1 : 0;
}

bool is_read(const Access &access) {
  return access.kind == Access::Kind::read;
}

bool is_write(const Operation &operation) {
  return operation.kind == Operation::Kind::write_dp || operation.kind == Operation::Kind::write_ap;
}

std::string doing(const Access &access) {
  return fmt::format("{} {}", is_read(access) ? "reading" : "writing", hex(access.address));
}

std::uint32_t csw_base(unsigned type, std::uint32_t found) {
  switch (type) {
    case type_ahb3:
      return csw_ahb3;
    case type_ahb5:
    case type_ahb5_hprot:
      return csw_ahb5 | ((found & csw_spiden) == 0 ? csw_nonsecure : 0);
    default:
      return found & ~csw_size_and_increment;
  }
}

// ARMv6-M and ARMv8-M Baseline have 0xC there, the others 0xF.
bool is_cortex_m(std::uint32_t id) {
  const std::uint32_t architecture = id >> 16 & 0xF;
  return (architecture == 0xC || architecture == 0xF) && id >> 24 != 0 && id >> 24 != 0xFF;
}

Error refusal(const Access &access) {
  return {Errc::memory_fault, fmt::format("the target refused {} (FAULT)", doing(access)),
          "Nothing may answer at this address, the flash may be read-protected, or it may not "
          "take an access of this width."};
}

// What was done before may be gone: RAM, the core's state, registers.
Error restarted(const Access &access) {
  return {
      Errc::probe,
      fmt::format("the target's debug port was reset or lost its supply, while {}", doing(access)),
      "Look at the supply of the board, and at NRST."};
}

void check(const Access &access) {
  const auto unit = static_cast<std::uint32_t>(access.width);
  if (access.width == Width::automatic || access.address % unit != 0) {
    throw Error(Errc::internal, fmt::format("access of width {} at {}", unit, hex(access.address)));
  }
}

}  // namespace

struct MemoryPort::Batch {
  std::vector<Operation> operations;
  std::vector<std::size_t> data;  // of each access: its operation on DRW
  std::size_t start = 0;          // the access from which on they are at ascending addresses
};

struct MemoryPort::Attempt {
  Outcome outcome;
  std::size_t count = 0;    // accesses that are done
  bool at_data = false;     // it ended at an operation on DRW, not at what leads to one
  bool at_write = false;    // the operation where it ended is a write
  bool after_data = false;  // the operation before that was one on DRW
  bool astray = false;      // later accesses may have been done at addresses of earlier ones
};

// How a run stands: what is done, and how patient it still is.
class MemoryPort::Progress {
 public:
  explicit Progress(Link &link) : link_(link), deadline_(link.wire().now() + wait_limit) {}

  std::size_t next = 0;  // the first access that is not done

  void advance(std::size_t count) {
    next += count;
    if (next <= most_) return;
    most_ = next;
    line_errors_ = stale_errors_ = 0;
    start_waiting();
  }
  void start_waiting() {
    pause_ = wait_first;
    deadline_ = link_.wire().now() + wait_limit;
  }
  void wait(const Access &access) {
    if (link_.wire().now() >= deadline_) {
      link_.abort_access();
      throw Error(Errc::target,
                  fmt::format("the target answers nothing but WAIT for {} while {}",
                              format_duration(wait_limit), doing(access)),
                  "Something on the chip holds the bus, most likely a flash operation that does "
                  "not end. Switch the board off and on.")
          .see(Cause::line_errors);
    }
    link_.wire().sleep(pause_);
    pause_ = std::min(2 * pause_, wait_longest);
  }
  void count_line_error(const Access &access) {
    if (++line_errors_ < most_line_errors) return;
    throw Error(Errc::probe,
                fmt::format("answers on SWD are damaged again and again, while {}", doing(access)),
                "Shorter wires, a better ground or a lower clock help (--speed 500kHz).")
        .see(Cause::line_errors);
  }
  void count_stale_error(const Access &access) {
    if (++stale_errors_ < most_stale_errors) return;
    throw Error(Errc::target,
                fmt::format("the debug port reports errors that cannot be cleared, while {}",
                            doing(access)),
                "Switch the board off and on.")
        .see(Cause::line_errors);
  }

 private:
  Link &link_;
  std::size_t most_ = 0;  // of next so far
  Nanoseconds pause_ = wait_first;
  Nanoseconds deadline_;
  int line_errors_ = 0, stale_errors_ = 0;
};

// Where the automatic increment ends at `address`, TAR goes on there or back by a power of two, at
// most this far. Later accesses may follow a write of TAR that failed if that is inside the block.
bool stays_inside(std::uint32_t block, std::uint32_t address) {
  return address != 0 && address - block >= (1U << std::countr_zero(address));
}

void MemoryPort::append(std::span<const Access> accesses, std::size_t index, Batch &batch) {
  const Access &access = accesses[index];
  std::vector<Operation> &operations = batch.operations;
  if (index > 0) {
    const Access &before = accesses[index - 1];
    // So that the write is over: its refusal is not taken for that of the read.
    if (!is_read(before) && is_read(access)) operations.push_back(Operation::read_dp(dp_rdbuff));
    const auto width = static_cast<std::uint32_t>(before.width);
    if (before.kind != access.kind || before.address + width != access.address) batch.start = index;
  }
  link_.select({access_port_, ap_csw}, operations);
  const std::uint32_t csw = csw_base_ | csw_increment | size_code(access.width);
  if (csw_ != csw) operations.push_back(Operation::write_ap(ap_csw, csw));
  csw_ = csw;
  if (tar_ != access.address) {
    operations.push_back(Operation::write_ap(ap_tar, access.address));
    operations.back().may_fail =
        !orderly_ && stays_inside(accesses[batch.start].address, access.address);
  }
  batch.data.push_back(operations.size());
  const unsigned lane = 8 * (access.address & 3);
  operations.push_back(is_read(access) ? Operation::read_ap(ap_drw)
                                       : Operation::write_ap(ap_drw, access.value << lane));
  tar_ = access.address + static_cast<std::uint32_t>(access.width);
  if (*tar_ % tar_window == 0) tar_.reset();
}

MemoryPort::Batch MemoryPort::make_batch(std::span<const Access> accesses) {
  Batch batch;
  for (std::size_t i = 0; i < accesses.size(); ++i) append(accesses, i, batch);
  return batch;
}

MemoryPort::Attempt MemoryPort::attempt(std::span<Access> accesses, Order order) {
  Attempt attempt;
  Batch batch;
  try {
    batch = make_batch(accesses);
    // All is done, but not proven: the answer comes when the last write is over.
    if (accesses.empty()) batch.operations.push_back(Operation::read_dp(dp_rdbuff));
    attempt.outcome = link_.transfer(batch.operations, order);
  } catch (...) {
    forget();
    throw;
  }
  const std::size_t done = attempt.outcome.done;
  const auto over = std::ranges::lower_bound(batch.data, done);
  attempt.count = static_cast<std::size_t>(over - batch.data.begin());
  for (std::size_t i = 0; i < attempt.count; ++i) {
    Access &access = accesses[i];
    if (!is_read(access)) continue;
    const std::uint32_t lanes = batch.operations[batch.data[i]].value >> 8 * (access.address & 3);
    const unsigned bits = 8 * static_cast<unsigned>(access.width);
    access.value = access.width == Width::word ? lanes : lanes & ((1U << bits) - 1);
  }
  attempt.at_data = over != batch.data.end() && *over == done;
  attempt.at_write = done < batch.operations.size() && is_write(batch.operations[done]);
  attempt.after_data = attempt.count != 0 && batch.data[attempt.count - 1] + 1 == done;
  if (attempt.outcome.ack != Ack::ok) {
    forget();
    const auto left = std::span(batch.operations).subspan(std::min(done, batch.operations.size()));
    attempt.astray = order == Order::loose && std::ranges::any_of(left, &Operation::may_fail);
  }
  return attempt;
}

void MemoryPort::judge(std::span<const Access> accesses, Order order, std::uint32_t flags,
                       const Attempt &attempt, Progress &progress) {
  const std::size_t next = progress.next;
  const bool write_before = next > 0 && !is_read(accesses[next - 1]);
  const Access &here = accesses[std::min(next, accesses.size() - 1)];
  if ((flags & ctrl_write_error) != 0) {
    // The data of a write were damaged, and it was not done. Usually the last one that was
    // acknowledged; where the answer to another write is missing, most likely that one. In memory
    // it does no harm to repeat both.
    const bool last_one =
        attempt.outcome.ack == Ack::fault || !attempt.at_write || order == Order::loose;
    if (write_before && attempt.after_data && last_one) --progress.next;
    progress.count_line_error(here);
  } else if ((flags & ctrl_sticky_error) == 0) {
    progress.count_line_error(here);
  } else if (attempt.at_data && is_read(here)) {
    throw refusal(here);
  } else if (write_before) {
    throw refusal(accesses[next - 1]);
  } else {
    progress.count_stale_error(here);
  }
}

void MemoryPort::run(std::span<Access> accesses, Order order) {
  for (const Access &access : accesses) check(access);
  if (accesses.empty()) return;
  Progress progress(link_);
  Attempt last;
  for (;;) {
    const auto left = accesses.subspan(progress.next);
    const bool after_data = last.after_data;
    last = attempt(left.first(std::min(left.size(), most_accesses)), order);
    // What a transfer finds at its very start was left by the one before.
    if (last.outcome.done == 0) last.after_data = after_data;
    if (last.astray) {
      // All of it is repeated, and with this line more carefully from now on.
      orderly_ = true;
      last.after_data = false;
      progress.start_waiting();
    } else {
      progress.advance(last.count);
    }
    const Ack ack = last.outcome.ack;
    if (ack == Ack::ok) {
      if (progress.next == accesses.size()) return;
      last.after_data = false;
      continue;
    }
    const Access &here = accesses[std::min(progress.next, accesses.size() - 1)];
    if (ack == Ack::wait) {
      progress.wait(here);
      continue;
    }
    std::optional<std::uint32_t> flags;
    if (ack == Ack::fault) flags = link_.clear_errors();
    constexpr std::uint32_t known = ctrl_sticky_error | ctrl_write_error;
    if (!flags || (*flags & known) == 0) {
      flags = link_.mend(ack, doing(here));
      const bool begun = progress.next > 0 || last.count > 0;
      if ((*flags & ctrl_power_request) == 0 && begun) throw restarted(here);
    }
    if (ack == Ack::fault && (*flags & ctrl_write_error) != 0) link_.count_line_error(Ack::parity);
    if (last.astray) continue;
    judge(accesses, order, *flags, last, progress);
  }
}

bool MemoryPort::use(std::uint8_t access_port, std::string &seen) {
  std::string problem;
  try {
    const std::uint32_t id = link_.read(Operation::Kind::read_ap, {access_port, ap_idr});
    if (id == 0) return false;
    if ((id >> 13 & 0xF) != class_memory) {
      problem = "no access to memory";
    } else {
      access_port_ = access_port;
      csw_base_ = csw_base(id & 0xF, link_.read(Operation::Kind::read_ap, {access_port, ap_csw}));
      csw_.reset();
      tar_.reset();
      std::array look{Access::read(cortex_m::cpuid)};
      run(look, Order::strict);
      if (is_cortex_m(look[0].value)) {
        const bool cached = (look[0].value >> 4 & 0xFFF) == part_cortex_m7;
        if (cached && csw_base_ == csw_ahb3) csw_base_ = csw_ahb3_cacheable;
        csw_.reset();
        return true;
      }
      problem = "CPUID " + hex(look[0].value);
    }
    problem = fmt::format("IDR {}, {}", hex(id), problem);
  } catch (const Error &error) {
    if (error.code() != Errc::target && error.code() != Errc::memory_fault) throw;
    problem = error.what();
  }
  seen += fmt::format("{}access port {}: {}", seen.empty() ? "" : "; ", access_port, problem);
  return false;
}

void MemoryPort::find() {
  forget();
  orderly_ = false;
  std::string seen;
  if (wanted_ ? use(*wanted_, seen) : use(access_port_, seen)) return;
  if (!wanted_) {
    const std::uint8_t known = access_port_;
    for (std::uint8_t i = 0; i < most_access_ports; ++i) {
      if (i != known && use(i, seen)) {
        host_.debug("the core is behind access port {}", i);
        return;
      }
    }
    access_port_ = known;
  }
  throw Error(
      Errc::target,
      fmt::format("the debug port answers (DPIDR {}), but no Cortex-M core behind it: {}",
                  hex(link_.debug_port_id()), seen.empty() ? "no access port" : seen),
      "The chip may keep debuggers out (read protection, a locked debug port), its core may "
      "have no power or clock, or be behind another access port (access_port in "
      "[transport]).")
      .see(Cause::out_of_reach);
}

}  // namespace flashhost::adiv5
