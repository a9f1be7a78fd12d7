// Memory behind one MEM-AP (ADIv5.2, C2): single accesses of any width, as many as possible in one
// transfer.
#pragma once

#include "link.hpp"

#include <optional>
#include <span>

namespace flashhost::adiv5 {

// Finds the MEM-AP through which the core's registers are reached, and remembers it.
class MemoryPort {
 public:
  // host and link must outlive it. access_port: empty: it is looked for.
  MemoryPort(Host &host, Link &link, std::optional<std::uint8_t> access_port)
      : host_(host), link_(link), wanted_(access_port) {}

  // To be called when the link is connected. Errc::target when there is no Cortex-M behind the
  // debug port.
  void find();

  // As Probe::run. loose: for memory, where it does no harm that later accesses are done before an
  // earlier one is repeated.
  void run(std::span<Access> accesses, Order order);

  // What the access port's registers hold is not known any more: after a reset, or after somebody
  // else's accesses.
  void forget() {
    csw_.reset();
    tar_.reset();
    link_.forget_selection();
  }

 private:
  struct Batch;
  struct Attempt;
  class Progress;

  [[nodiscard]] bool use(std::uint8_t access_port, std::string &seen);
  void append(std::span<const Access> accesses, std::size_t index, Batch &batch);
  [[nodiscard]] Batch make_batch(std::span<const Access> accesses);
  // One transfer.
  [[nodiscard]] Attempt attempt(std::span<Access> accesses, Order order);
  // By the flags of CTRL/STAT: which access failed. Throws if the target refused it; else the run
  // goes on at progress.next.
  void judge(std::span<const Access> accesses, Order order, std::uint32_t flags,
             const Attempt &attempt, Progress &progress);

  Host &host_;
  Link &link_;
  std::optional<std::uint8_t> wanted_;
  std::uint8_t access_port_ = 0;
  std::uint32_t csw_base_ = 0;  // without size and increment
  std::optional<std::uint32_t> csw_;
  std::optional<std::uint32_t> tar_;
  bool orderly_ = false;  // nothing follows a write of TAR before that is acknowledged
};

}  // namespace flashhost::adiv5
