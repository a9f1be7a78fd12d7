#include "output/lost_output.hpp"

#include <flashhost/error.hpp>

#include <cerrno>
#include <system_error>

namespace flashhost {

namespace {

const char *hint_for(int error) {
  switch (error) {
    case EPIPE:
      return "The program that reads it ended too early. Only printed output is missing: let that "
             "program read to the end, or do without it.";
    case EBADF:
      return "It was closed, or not open for writing, when flashhost was started. Only printed "
             "output is missing: run again with standard output open.";
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return "Only printed output is missing: make room where standard output goes to, and run "
             "again.";
    default:
      return "Only printed output is missing: check where standard output goes to, and run again.";
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
