// Which call is to fail, and how: set by the environment of the program under test.
//
//   FAILING_FOLDER   only files below this folder concern us
//   FAILING_BOARD    but not this file, nor what begins with its name: it is hardware
//   FAILING_RECORDS  below this folder no existing file is said to be missing: nobody can see
//                    through that
//   FAILING_KIND     a name from fault.cpp's table; without one every call is counted
//   FAILING_CALL     the call that fails, counted from 1 among those that can fail in this way
//   FAILING_TRACE    gets a line for each call counted
//   FAILING_SECONDS  after so many seconds the process gets SIGALRM
#pragma once

#include <string>

namespace failing_calls {

// What a call does; a kind of failure befalls only calls that it can befall.
inline constexpr unsigned opens = 1U << 0;    // makes a descriptor
inline constexpr unsigned looks = 1U << 1;    // by name, at what must be there
inline constexpr unsigned changes = 1U << 2;  // writes below the folder
inline constexpr unsigned grows = 1U << 3;    // may need space
inline constexpr unsigned waits = 1U << 4;    // may be interrupted by a signal
inline constexpr unsigned moves = 1U << 5;    // bytes, perhaps fewer than asked for
inline constexpr unsigned owns = 1U << 6;     // changes owner or mode
inline constexpr unsigned named = 1U << 7;    // works on a path

struct Verdict {
  int error = 0;
  bool half = false;
  bool die_before = false;
  bool die_after = false;
};

[[nodiscard]] bool concerns(const std::string &path);

// What the fault does to this call. Leaves errno alone.
[[nodiscard]] Verdict judge(const char *function, unsigned traits, const std::string &path);

// The file's name as an absolute path without dots; relative names start at this descriptor.
[[nodiscard]] std::string path_at(int folder, const char *name);
// Of an open file; empty if it has no name.
[[nodiscard]] std::string path_of(int descriptor);

// As kill -9 would.
[[noreturn]] void die();

}  // namespace failing_calls
