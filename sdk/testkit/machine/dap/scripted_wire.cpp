#include <flashhost/error.hpp>
#include <flashhost/machine/scripted_wire.hpp>
#include <flashhost/text.hpp>

namespace flashhost::machine {

namespace {

using adiv5::Operation;

std::string text_of(const Operation &operation) {
  constexpr const char *names[] = {"read DP 0x", "write DP 0x", "read AP 0x", "write AP 0x"};
  const std::string what = names[static_cast<std::size_t>(operation.kind)] +
                           std::string(1, "0123456789ABCDEF"[operation.address & 0xF]);
  const bool writes =
      operation.kind == Operation::Kind::write_dp || operation.kind == Operation::Kind::write_ap;
  return writes ? what + " = " + hex(operation.value) : what;
}

std::string text_of_sequence(std::span<const std::uint8_t> data, std::size_t bits) {
  const auto used = data.first((bits + 7) / 8);
  return std::to_string(bits) + " bits " + hex_bytes({used.begin(), used.end()});
}

std::string text_of_clock(std::uint32_t hertz) {
  return "clock " + std::to_string(hertz) + " Hz";
}

std::string text_of_nrst(bool low) {
  return low ? "NRST low" : "NRST high";
}

const std::string connect_text = "connect";

}  // namespace

void ScriptedWire::expect_connect() {
  script_.push_back({.call = connect_text});
}

void ScriptedWire::expect_clock(std::uint32_t hertz, std::optional<std::uint32_t> used) {
  script_.push_back(
      {.call = text_of_clock(hertz), .value = used.value_or(0), .known = used.has_value()});
}

void ScriptedWire::expect_sequence(std::span<const std::uint8_t> data, std::size_t bits) {
  script_.push_back({.call = text_of_sequence(data, bits)});
}

void ScriptedWire::expect_nrst(bool low) {
  script_.push_back({.call = text_of_nrst(low)});
}

void ScriptedWire::expect(const Operation &operation, adiv5::Ack ack) {
  script_.push_back({.call = text_of(operation), .ack = ack, .value = operation.value});
}

void ScriptedWire::expect_refused(const Operation &operation) {
  script_.push_back({.call = text_of(operation), .value = operation.value, .end = End::refused});
}

void ScriptedWire::expect_loss() {
  script_.push_back({.call = "a loss of the probe", .end = End::lost});
}

std::string ScriptedWire::difference() const {
  if (!difference_.empty() || at_ == script_.size()) return difference_;
  return "call " + std::to_string(at_ + 1) + ": " + script_[at_].call + " was expected, and " +
         std::to_string(script_.size() - at_ - 1) + " more, but no call came";
}

void ScriptedWire::lose() {
  lost_ = true;
  throw Error(Errc::probe, "the scripted wire's probe is lost",
              difference_.empty() ? "its script has asked for this" : difference_);
}

const ScriptedWire::Step &ScriptedWire::take(const std::string &call) {
  if (!difference_.empty() || (lost_ && call != connect_text)) lose();
  const bool over = at_ == script_.size();
  const std::string expected = over ? "nothing" : script_[at_].call;
  const bool any = !over && script_[at_].end == End::lost;
  if (over || (!any && expected != call)) {
    difference_ = "call " + std::to_string(at_ + 1) + ": " + expected + " was expected, but " +
                  call + " came";
    lose();
  }
  const Step &step = script_[at_++];
  if (step.end == End::lost) lose();
  return step;
}

void ScriptedWire::connect() {
  static_cast<void>(take(connect_text));
  lost_ = false;
}

std::optional<std::uint32_t> ScriptedWire::set_clock(std::uint32_t hertz) {
  const Step &step = take(text_of_clock(hertz));
  return step.known ? std::optional(step.value) : std::nullopt;
}

void ScriptedWire::sequence(std::span<const std::uint8_t> data, std::size_t bits) {
  static_cast<void>(take(text_of_sequence(data, bits)));
}

void ScriptedWire::drive_nrst(bool low) {
  static_cast<void>(take(text_of_nrst(low)));
}

adiv5::Outcome ScriptedWire::transfer(std::span<Operation> operations, adiv5::Order /*order*/) {
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const Step &step = take(text_of(operations[i]));
    if (step.ack != adiv5::Ack::ok) return {step.ack, i};
    operations[i].value = step.value;
    if (step.end == End::refused) return {adiv5::Ack::fault, i + 1};
  }
  return {adiv5::Ack::ok, operations.size()};
}

}  // namespace flashhost::machine
