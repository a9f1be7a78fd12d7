#include "output_file.hpp"

#include "words.hpp"

#include <flashhost/error.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace flashhost::config {

namespace {

[[noreturn]] void fail(const std::filesystem::path &file, int error) {
  throw Error(Errc::usage,
              fmt::format("cannot write {}: {}", printable(file.string()),
                          std::generic_category().message(error)),
              error == EACCES || error == EROFS ? "Its folder does not let you create files."
              : error == ENOSPC                 ? "Make room, or name another folder."
                                                : "Is the path right?");
}

// What a symbolic link stands for, so that it stays one.
std::filesystem::path resolved(const std::filesystem::path &file) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(file, error);
  return error ? file : real;
}

}  // namespace

OutputFile::OutputFile(const std::filesystem::path &file)
    : file_(resolved(file)), temporary_(fmt::format("{}.{}.part", file_.string(), ::getpid())) {
  struct stat status{};
  const bool exists = ::stat(file_.c_str(), &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) {
    throw Error(Errc::usage,
                fmt::format("cannot write {}: it is {}", printable(file.string()),
                            S_ISDIR(status.st_mode) ? "a folder" : "no ordinary file"),
                "Name a file, or - for standard output.");
  }
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(file_, errno);
  if (exists) static_cast<void>(::fchmod(descriptor_, status.st_mode & 07777));
}

OutputFile::~OutputFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

void OutputFile::commit(const Bytes &content) {
  write_all(descriptor_, content, file_);
  if (::fsync(descriptor_) != 0) fail(file_, errno);
  if (::rename(temporary_.c_str(), file_.c_str()) != 0) fail(file_, errno);
  ::close(descriptor_);
  descriptor_ = -1;
}

void write_all(int descriptor, const Bytes &content, const std::filesystem::path &name) {
  for (std::size_t done = 0; done < content.size();) {
    const ssize_t count = ::write(descriptor, content.data() + done, content.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(name, errno);
    done += static_cast<std::size_t>(count);
  }
}

}  // namespace flashhost::config
