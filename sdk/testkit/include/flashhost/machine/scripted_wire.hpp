// A Wire without a target: it expects calls in an order, and answers as its script says. For tests
// of what talks through a Wire, where a chip would be in the way.
#pragma once

#include <flashhost/adiv5.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace flashhost::machine {

// Its time is virtual: it starts at 0, and only sleep lets it pass. [one thread]
class ScriptedWire final : public adiv5::Wire {
 public:
  // The script, in the order of the calls. How operations are grouped into transfers is not part
  // of it.
  void expect_connect();
  void expect_clock(std::uint32_t hertz, std::optional<std::uint32_t> used);
  void expect_sequence(std::span<const std::uint8_t> data, std::size_t bits);
  void expect_nrst(bool low);
  // A write of operation.value, or a read that gives it. Anything but ok ends the transfer, with
  // the operations before this one done.
  void expect(const adiv5::Operation &operation, adiv5::Ack ack = adiv5::Ack::ok);
  // It is acknowledged and counts as done, but the transfer ends behind it with a fault: how an
  // access shows that was refused on the target's bus.
  void expect_refused(const adiv5::Operation &operation);
  // The next call, whatever it is, loses the probe. Only a connect that is expected gets it back.
  void expect_loss();

  // The first call that was not as in the script, or else what of the script did not come; empty:
  // all was as expected. After a difference, every call throws Errc::probe.
  [[nodiscard]] std::string difference() const;

  [[nodiscard]] adiv5::WireInfo info() override { return description; }
  void connect() override;
  std::optional<std::uint32_t> set_clock(std::uint32_t hertz) override;
  void sequence(std::span<const std::uint8_t> data, std::size_t bits) override;
  void drive_nrst(bool low) override;
  [[nodiscard]] adiv5::Outcome transfer(std::span<adiv5::Operation> operations,
                                        adiv5::Order order) override;
  [[nodiscard]] Nanoseconds now() override { return now_; }
  void sleep(Nanoseconds time) override { now_ += time; }

  adiv5::WireInfo description = {"Scripted wire", "SW0001", "1.0", std::nullopt};

 private:
  // What becomes of a call.
  enum class End : std::uint8_t { good, refused, lost };
  struct Step {
    std::string call;  // as text
    adiv5::Ack ack = adiv5::Ack::ok;
    std::uint32_t value = 0;  // that was read, or the clock
    bool known = true;        // the clock is told
    End end = End::good;
  };
  // The step of this call. Throws if the script has another one.
  [[nodiscard]] const Step &take(const std::string &call);
  [[noreturn]] void lose();

  std::vector<Step> script_;
  std::size_t at_ = 0;
  std::string difference_;
  bool lost_ = false;
  Nanoseconds now_{};
};

}  // namespace flashhost::machine
