// Opening the files that the settings name: regular files only.
#pragma once

#include <flashhost/descriptor.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace flashhost::sim {

// Opens file with these flags, through symbolic links, if it is a regular one. A folder, pipe,
// socket or device is neither opened nor waited for. setting: "firmware" or "state_file", for
// messages. Throws Errc::config naming the file and what stands there; but when nothing has this
// name, the descriptor is empty. A link to nothing is an error.
[[nodiscard]] Descriptor open_regular(const std::string &setting, const std::string &file,
                                      int flags);

// The whole content. Throws Errc::config when there is none, or more than limit bytes.
[[nodiscard]] std::vector<std::uint8_t> read_regular(const std::string &setting,
                                                     const std::string &file, std::size_t limit);

// Throws Errc::config: "transport sim: firmware app.bin cannot be opened: Permission denied", with
// what to do about this errno.
[[noreturn]] void fail(const std::string &setting, const std::string &file, const std::string &what,
                       int error);

}  // namespace flashhost::sim
