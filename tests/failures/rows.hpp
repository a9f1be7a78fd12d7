// One case of a row of the catalogue: what is wrong with the board, and what must come of it.
#pragma once

#include "bench.hpp"

namespace flashhost::testing {

// Their chips, by series. A case is tried on some of them.
using Boards = std::vector<BenchBoard>;
inline const Boards every_board{f0_board, f1_board, f3_board, f4_board,
                                g0_board, g4_board, l4_board};

enum class Ways : std::uint8_t {
  each,
  in_process,
  over_usb,
  stlink,     // its firmware is the trouble
  measuring,  // the supply's voltage: CMSIS-DAP probes do not
  cmsisdap,
};
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
  std::vector<std::string> says = {};   // all of these in the messages; @chip: the board's
  std::vector<std::string> never = {};  // none of these
  bool untouched = false;
  Boards boards = every_board;
  Ways ways = Ways::each;
  ImageOf image = ImageOf::firmware;
  std::string flash_options = {};
  std::string family = {};  // @chip: the board's
  std::string transport = {};
  std::vector<std::string> options = {};  // of the virtual probe
  bool erases_everything = false;         // lifting read protection does
  bool answers_at_the_end = true;         // else the target cannot be looked at any more
};

// Whether it can be seen this way, and is tried. Not tried over CMSIS-DAP:
// - row 19 where the probe measures the supply: these probes do not; they have a case of their own
// - row 21 with an old firmware of the ST-Link
// - rows 26 and 32: the files are refused before a probe is opened
// - row 31 over version 1 with another program: the kernel lets several open a HID device
// - row 38: files are no matter of the probe
[[nodiscard]] bool is_tried(const Case &one, Way way);

// All of them, in the order of the catalogue.
[[nodiscard]] std::vector<Case> cases();

}  // namespace flashhost::testing
