#include "flash_state.hpp"

namespace flashhost {

std::string_view name(FlashState state) {
  switch (state) {
    case FlashState::unchanged:
      return "unchanged";
    case FlashState::partly_written:
      return "partly_written";
    case FlashState::written:
      return "written";
    case FlashState::written_and_verified:
      break;
  }
  return "written_and_verified";
}

std::string_view to_text(FlashState state) {
  switch (state) {
    case FlashState::unchanged:
      return "Nothing was changed.";
    case FlashState::partly_written:
      return "The chip is partly written. Run flashhost again to complete it.";
    case FlashState::written:
      return "The chip is written, not verified.";
    case FlashState::written_and_verified:
      break;
  }
  return "The chip is written and verified.";
}

}  // namespace flashhost
