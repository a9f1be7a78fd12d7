// Opens the files that the settings name: regular files only.
#pragma once

#include <flashhost/descriptor.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace flashhost::sim {

// Opens file with these flags if it is a regular file; symbolic links are followed. Folders, pipes,
// sockets and devices are neither opened nor waited for. setting: "firmware" or "state_file", for
// messages. The descriptor is empty when there is no such file. Throws Errc::config, naming the
// file and the reason, for all else, also for a link to nothing.
[[nodiscard]] Descriptor open_regular(const std::string &setting, const std::string &file,
                                      int flags);

// The whole content. Throws Errc::config when the file is missing, is empty, or has more than limit
// bytes.
[[nodiscard]] std::vector<std::uint8_t> read_regular(const std::string &setting,
                                                     const std::string &file, std::size_t limit);

// Throws Errc::config: "transport sim: firmware app.bin cannot be opened: Permission denied", with
// a hint for this errno.
[[noreturn]] void fail(const std::string &setting, const std::string &file, const std::string &what,
                       int error);

}  // namespace flashhost::sim
