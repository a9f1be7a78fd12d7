// An observer that tells a recorder, too.
#pragma once

#include "timeline/recorder.hpp"

#include <utility>

namespace flashhost {

// Base: a class of Observer. The recorder must outlive it.
template <class Base>
class Recorded final : public Base {
 public:
  template <class... Arguments>
  explicit Recorded(timeline::Recorder &recorder, Arguments &&...arguments)
      : Base(std::forward<Arguments>(arguments)...), recorder_(recorder) {}

  void step(std::string_view name, std::uint64_t total) override {
    recorder_.step(name);
    Base::step(name, total);
  }
  void flash_given(Nanoseconds expected) override { recorder_.flash_given(expected); }
  void flash_left(std::size_t count) override { recorder_.flash_left(count); }

 private:
  timeline::Recorder &recorder_;
};

}  // namespace flashhost
