// A plugin that does wrong where it is told to: settings `call` (which one) and `how`.
#pragma once

#include <flashhost/error.hpp>
#include <flashhost/settings.hpp>

#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

namespace misbehaving {

struct Foreign {
  int value = 42;
};
// Its type information lies in the plugin.
class Derived : public flashhost::Error {
 public:
  Derived() : Error(flashhost::Errc::target, "thrown as a class of the plugin's own", "No idea.") {}
};

class Orders {
 public:
  void configure(const flashhost::Settings &settings) {
    call_ = settings.text("call").value_or("");
    how_ = settings.text("how").value_or("");
    settings.reject_unknown();
    at("configure");
  }
  // Throws when this is the call.
  void at(std::string_view call) const {
    if (call != call_) return;
    if (how_ == "foreign") throw Foreign{};
    if (how_ == "std") throw std::length_error("too long");
    if (how_ == "memory") throw std::bad_alloc();
    if (how_ == "error")
      throw flashhost::Error(flashhost::Errc::probe, "the wire is cut", "Mend it.");
    if (how_ == "own section") {
      throw flashhost::Error(flashhost::Errc::flash, "a fuse is blown")
          .see(std::string("fuse bits"));
    }
    if (how_ == "internal") throw flashhost::Error(flashhost::Errc::internal, "a bug");
    if (how_ == "derived") throw Derived();
  }
  [[nodiscard]] bool told(std::string_view call, std::string_view how) const {
    return call == call_ && how == how_;
  }

 private:
  std::string call_, how_;
};

}  // namespace misbehaving
