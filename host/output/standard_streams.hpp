// The first thing in main.
#pragma once

namespace flashhost {

// Afterwards descriptors 0, 1 and 2 are open, so that no file which is opened later becomes a
// standard stream. One that was closed gives the end of file when it is read and refuses to be
// written: what is lost is noticed. Ends the program when that cannot be had.
// Writing to a pipe without a reader, or beyond a limit on file sizes, is an error from now on and
// no longer the end of the program.
void secure_standard_streams() noexcept;

}  // namespace flashhost
