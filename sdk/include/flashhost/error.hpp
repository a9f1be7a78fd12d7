// The one exception type of flashhost.
#pragma once

#include <flashhost/cause.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace flashhost {

// What kind of failure it is. The host maps each to one exit code (see the number); a plugin picks
// the enumerator whose words fit.
enum class Errc : std::uint8_t {
  usage,         // 2   command line
  config,        // 2   board file, settings
  plugin,        // 3   a plugin could not be loaded, or was refused
  image,         // 4   an input file is missing, malformed, overlaps, or does not fit
  probe,         // 5   no probe, or the connection was lost: attaching again may get it back
  target,        // 6   the target does not answer to attach, or could not be identified or prepared
  memory_fault,  // 6   the target refused one memory access (bus fault); the connection is fine
  timeout,       // 6   the target did not finish something in time
  refused,       // 6   going on cannot help, or could destroy what must be kept: the user decides
  locked,        // 7   the flash is protected
  flash,         // 8   erasing or programming failed
  verify,        // 9   what is in the flash is not what should be
  internal,      // 10  a bug in flashhost or in a plugin
  time_limit,    // 11  the time for the whole job is over
  interrupted,   // 130 a signal asked to stop
};

// Exit code of the program for an error.
[[nodiscard]] int exit_code(Errc code) noexcept;

// The out-of-line destructor keeps the class's type information in the SDK library, so that an
// exception outlives the plugin that threw it. Plugins throw this or standard types.
class Error : public std::runtime_error {
 public:
  // what: one sentence, what happened and where (address, file:line). hint: the likeliest cause and
  // what to do next, one or more sentences; may be empty.
  Error(Errc code, const std::string &what, std::string hint = {});
  Error(const Error &other);
  Error &operator=(const Error &other);
  ~Error() override;

  [[nodiscard]] Errc code() const noexcept { return code_; }
  [[nodiscard]] const std::string &hint() const noexcept { return hint_; }

  // The key (cause.hpp) of the section that explains it; empty: there is none.
  [[nodiscard]] const std::string &cause() const noexcept { return cause_; }

  // The same error with "context: " before its text.
  [[nodiscard]] Error in(const std::string &context) const;
  // The same error with this key; an error that already has one keeps it.
  [[nodiscard]] Error see(std::string_view key) const;

 private:
  Errc code_;
  std::string cause_;
  std::string hint_;
};

}  // namespace flashhost
