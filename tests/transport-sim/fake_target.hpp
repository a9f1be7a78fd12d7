// A stand-in for the model: it takes the model's place at link time, answers as a test tells it and
// records when it was asked.
#pragma once

#include <flashhost/machine/target.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

namespace flashhost::sim {

struct Access {
  machine::Nanoseconds time{};
  std::uint32_t address = 0;
  unsigned width = 0;
  friend bool operator==(const Access &, const Access &) = default;
};

struct FakeTarget {
  machine::Nanoseconds now{};
  std::function<machine::Ack(std::uint32_t address)> answer = [](std::uint32_t) {
    return machine::Ack::ok;
  };
  std::map<std::uint32_t, std::uint8_t> memory;
  std::vector<Access> reads;
  std::vector<Access> writes;
  unsigned cleared = 0;
  unsigned nrst = 1;
};

// The one that every machine::Target of this program shows; a test starts with a new one.
FakeTarget &fake_target();
void reset_fake_target();

}  // namespace flashhost::sim
