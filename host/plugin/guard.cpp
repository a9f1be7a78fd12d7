#include "plugin/guard.hpp"

#include "output/harmless.hpp"

#include <cxxabi.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <exception>
#include <new>
#include <typeinfo>

namespace flashhost {

namespace {

thread_local const RunningCall *innermost = nullptr;

std::string current_type() {
  const std::type_info *type = abi::__cxa_current_exception_type();
  if (type == nullptr) return "an exception of another language";
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> readable(
      abi::__cxa_demangle(type->name(), nullptr, nullptr, &status), &std::free);
  return readable ? readable.get() : type->name();
}

}  // namespace

Failure describe_current_exception() {
  try {
    throw;
  } catch (const Error &error) {
    return {error.what(), error.hint()};
  } catch (const std::bad_alloc &) {
    return {"std::bad_alloc: out of memory", {}};
  } catch (const std::exception &error) {
    return {current_type() + ": " + error.what(), {}};
  } catch (...) {
    return {"an exception of type " + current_type(), {}};
  }
}

RunningCall::RunningCall(std::string_view plugin, std::string_view call) noexcept
    : plugin_(plugin), call_(call), outer_(innermost) {
  innermost = this;
}

RunningCall::~RunningCall() {
  innermost = outer_;
}

void end_program() noexcept {
  static std::atomic_flag entered;
  if (entered.test_and_set()) {  // called again by the code below, when memory has run out
    constexpr std::string_view last = "error: out of memory\n";
    if (write(STDERR_FILENO, last.data(), last.size()) < 0) std::abort();
    _exit(exit_code(Errc::internal));
  }
  std::string text = "error: ";
  if (innermost != nullptr) {
    text +=
        fmt::format("plugin {} ended the program in {}: ", innermost->plugin_, innermost->call_);
  }
  text +=
      std::current_exception() ? describe_current_exception().text : "std::terminate was called";
  text +=
      "\nThis is a bug in it that cannot be contained. The target may be left halted or half "
      "written; the next run completes it.\n";
  text = harmless(text, "\n");
  if (write(STDERR_FILENO, text.data(), text.size()) < 0) std::abort();
  _exit(exit_code(Errc::internal));
}

void install_terminate_handler() noexcept {
  std::set_terminate(end_program);
}

void Guard::broken(std::string_view call, const std::string &what) const {
  throw Error(Errc::internal, fmt::format("plugin {}: {}: {}", plugin_->name().id, call, what),
              fmt::format("This is a bug in the plugin, not in your board; report it to the author "
                          "of {} (version {}).",
                          plugin_->file().string(), plugin_->version()));
}

std::string Guard::section(const std::string &key) const {
  const bool own = !key.empty() && title(key).empty() && key.find('/') == std::string::npos;
  return own ? plugin_->name().id + "/" + key : key;
}

void Guard::translate(std::string_view call) const {
  if (tracing()) trace(fmt::format("{} threw {}", call, describe_current_exception().text));
  try {
    throw;
  } catch (const std::bad_alloc &) {
    throw Error(Errc::internal,
                fmt::format("plugin {}: {}: out of memory", plugin_->name().id, call),
                "Close other programs.");
  } catch (const Error &error) {
    // Throws a copy, never the object itself: a plugin may throw a class of its own derived from
    // Error.
    const Error copy = Error(error.code(), error.what(), error.hint()).see(section(error.cause()));
    throw error.code() == Errc::internal ? copy.in(plugin_->name().id) : Error(copy);
  } catch (...) {
    broken(call, describe_current_exception().text);
  }
}

}  // namespace flashhost
