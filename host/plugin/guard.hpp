// Wraps every call from the host into a plugin.
#pragma once

#include "plugin/loaded_plugin.hpp"

#include <flashhost/error.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace flashhost {

// The exception being handled, in words: a copy that refers to nothing in the library that threw
// it.
struct Failure {
  std::string text;  // "std::out_of_range: vector::at"
  std::string hint;
};
[[nodiscard]] Failure describe_current_exception();

// Marks this thread as being inside a plugin, for the message if that ends the program.
class RunningCall {
 public:
  RunningCall(std::string_view plugin, std::string_view call) noexcept;
  RunningCall(const RunningCall &) = delete;
  RunningCall &operator=(const RunningCall &) = delete;
  ~RunningCall();

 private:
  friend void end_program() noexcept;
  std::string_view plugin_, call_;
  const RunningCall *outer_;
};

// An exception that leaves a destructor or a noexcept function ends the program; the host cannot
// prevent that in C++. After this call (once, in main) the last message names the plugin and its
// function, and the exit code is that of Errc::internal.
void install_terminate_handler() noexcept;

// Keeps a plugin's library loaded and converts every exception of a call into an Error of the
// host's own. A foreign exception is destroyed before the library can be unloaded, since its object
// and type are in the library.
class Guard {
 public:
  explicit Guard(std::shared_ptr<LoadedPlugin> plugin) : plugin_(std::move(plugin)) {}

  [[nodiscard]] const LoadedPlugin &plugin() const { return *plugin_; }
  [[nodiscard]] std::shared_ptr<LoadedPlugin> share() const { return plugin_; }
  [[nodiscard]] bool tracing() const { return plugin_->host().enabled(Level::trace); }
  void trace(std::string_view text) const { plugin_->host().log(Level::trace, text); }

  // detail() returns the arguments as text; called only when tracing.
  template <class Body, class Detail>
  auto call(std::string_view name, Body &&body, Detail &&detail) const -> decltype(body()) {
    if (tracing()) trace(std::string(name) + "(" + std::forward<Detail>(detail)() + ")");
    return untraced(name, std::forward<Body>(body));
  }
  template <class Body>
  auto call(std::string_view name, Body &&body) const -> decltype(body()) {
    return call(name, std::forward<Body>(body), [] { return std::string(); });
  }

  template <class Body>
  auto untraced(std::string_view name, Body &&body) const -> decltype(body()) {
    const RunningCall running(plugin_->name().id, name);
    try {
      return std::forward<Body>(body)();
    } catch (...) {
      translate(name);
    }
  }

  // The key of a section (cause.hpp), with the plugin's id before a key of its own.
  [[nodiscard]] std::string section(const std::string &key) const;

  // Throws Errc::internal, naming the plugin: its answer violates the SDK's contract.
  [[noreturn]] void broken(std::string_view call, const std::string &what) const;

 private:
  [[noreturn]] void translate(std::string_view call) const;

  std::shared_ptr<LoadedPlugin> plugin_;
};

}  // namespace flashhost
