// One case of a row of the catalogue: what is wrong with the board, and what must come of it.
#pragma once

#include "bench.hpp"

namespace flashhost::testing {

enum class Boards : std::uint8_t { f1, f4, both };
enum class Ways : std::uint8_t { both, in_process, over_usb };
enum class ImageOf : std::uint8_t {
  firmware,  // covers the vectors and the first sectors: they are erased first
  data,      // beyond them: the old vector table stays as it is
};

struct Case {
  unsigned row;
  const char *name;  // of the case, for the test's name
  std::vector<std::string> faults = {};
  // What is to be seen. Exit code 0: every byte is right. Otherwise nothing outside of the plan has
  // changed, and where untouched is set, nothing at all.
  int exit_code = 0;
  std::vector<std::string> says = {};   // all of these in the messages
  std::vector<std::string> never = {};  // none of these
  bool untouched = false;
  Boards boards = Boards::both;
  Ways ways = Ways::both;
  ImageOf image = ImageOf::firmware;
  std::string flash_options = {};
  std::string family = {};
  std::string transport = {};
  std::vector<std::string> stlink = {};
  bool erases_everything = false;  // lifting read protection does
  bool answers_at_the_end = true;  // else the target cannot be looked at any more
};

// All of them, in the order of the catalogue.
[[nodiscard]] std::vector<Case> cases();

}  // namespace flashhost::testing
