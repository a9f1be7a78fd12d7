#include "plugin/file_gates.hpp"

#include "files/files.hpp"

#include <flashhost/error.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <string_view>
#include <system_error>

namespace flashhost {

namespace {

std::string_view reason_of(Gate gate) {
  switch (gate) {
    case Gate::trust:
      return "its file cannot be trusted";
    case Gate::section:
      return "it is no plugin for this flashhost";
    case Gate::descriptor:
      return "it does not match this flashhost";
    case Gate::create:
      break;
  }
  return "it does not start";
}

}  // namespace

void refuse(const std::filesystem::path &file, Gate gate, const std::string &reason,
            const std::string &remedy) {
  throw Error(
      Errc::plugin,
      fmt::format("plugin {} is refused because {}: {}", file.string(), reason_of(gate), reason),
      remedy);
}

FileFacts file_facts(const std::filesystem::path &file) {
  struct stat found{};
  if (files::system().fstatat(AT_FDCWD, file.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
    throw Error(Errc::plugin,
                fmt::format("{}: {}", file.string(), std::generic_category().message(errno)));
  }
  return {found.st_uid, found.st_gid, found.st_mode};
}

std::optional<std::string> lacks_section(const std::filesystem::path &file,
                                         const MarkedSection &wanted) {
  try {
    const files::InputFile input(file, Errc::plugin);
    if (input.size() == 0) return "it is empty";
    const ReadAt read = [&](std::uint64_t offset, std::span<std::byte> buffer) {
      if (offset > input.size()) return false;
      return input.read_at(offset, {reinterpret_cast<std::uint8_t *>(buffer.data()),
                                    buffer.size()}) == buffer.size();
    };
    return lacks_section(read, wanted);
  } catch (const Error &error) {
    return error.what();
  }
}

void check_unloaded(const std::filesystem::path &file, const User &user,
                    const MarkedSection &wanted) {
  if (const auto distrust = distrusted(file, user, file_facts)) {
    refuse(file, Gate::trust, distrust->reason, distrust->remedy);
  }
  if (const auto reason = lacks_section(file, wanted)) {
    refuse(file, Gate::section, *reason,
           "Nothing of it was executed. " + std::string(rebuild_remedy));
  }
}

}  // namespace flashhost
