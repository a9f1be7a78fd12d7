#include "output/lost_output.hpp"

#include <flashhost/error.hpp>

#include <cerrno>
#include <system_error>

namespace flashhost {

namespace {

const char *hint_for(int error) {
  switch (error) {
    case EPIPE:
      return "The program that reads it ended before it had everything. Only what was to be "
             "printed is missing: let that program read to the end, or go without it.";
    case EBADF:
      return "It was closed, or not open for writing, when flashhost was started. Only what was "
             "to be printed is missing: run again with standard output open.";
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return "Only what was to be printed is missing: make room where standard output leads to, "
             "and run again.";
    default:
      return "Only what was to be printed is missing: look at where standard output leads to, "
             "and run again.";
  }
}

}  // namespace

void throw_if_lost(const Stream &standard_output) {
  const int error = standard_output.error();
  if (error == 0) return;
  throw Error(Errc::usage,
              "standard output could not be written: " + std::generic_category().message(error),
              hint_for(error));
}

}  // namespace flashhost
