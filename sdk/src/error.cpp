#include <flashhost/error.hpp>

#include <utility>

namespace flashhost {

int exit_code(Errc code) noexcept {
  switch (code) {
    case Errc::usage:
    case Errc::config:
      return 2;
    case Errc::plugin:
      return 3;
    case Errc::image:
      return 4;
    case Errc::probe:
      return 5;
    case Errc::target:
    case Errc::memory_fault:
    case Errc::timeout:
    case Errc::refused:
      return 6;
    case Errc::locked:
      return 7;
    case Errc::flash:
      return 8;
    case Errc::verify:
      return 9;
    case Errc::time_limit:
      return 11;
    case Errc::interrupted:
      return 130;
    case Errc::internal:
      break;
  }
  return 10;
}

Error::Error(Errc code, const std::string &what, std::string hint)
    : std::runtime_error(what), code_(code), hint_(std::move(hint)) {}
Error::Error(const Error &other) = default;
Error &Error::operator=(const Error &other) = default;
Error::~Error() = default;

Error Error::in(const std::string &context) const {
  return Error(code_, context + ": " + what(), hint_).see(cause_);
}

Error Error::see(std::string_view key) const {
  Error copy(*this);
  if (copy.cause_.empty()) copy.cause_ = key;
  return copy;
}

}  // namespace flashhost
