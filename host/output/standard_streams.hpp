// Must be the first call in main.
#pragma once

namespace flashhost {

// Afterwards descriptors 0, 1 and 2 are open, so that no file which is opened later becomes a
// standard stream. A stream that was closed reads as end of file and fails to be written, so lost
// output is noticed. Ends the program if that is not possible. From now on writing to a pipe
// without a reader, or beyond a limit on file sizes, is an error and does not end the program.
void secure_standard_streams() noexcept;

}  // namespace flashhost
