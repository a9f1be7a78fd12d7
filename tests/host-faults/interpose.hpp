// How a function of libc is put in front of libc's own: it does what the verdict says.
#pragma once

#include "fault.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>

#include <cerrno>
#include <cstddef>

namespace failing_calls {

template <class Function>
Function next(const char *name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

// What libc's function of this name does, behind ours.
#define REAL(name) static const auto real = next<decltype(&::name)>(#name)

template <class Result, class Call>
Result obey(const Verdict &verdict, Result failed, const Call &call) {
  if (verdict.die_before) die();
  if (verdict.error != 0) {
    errno = verdict.error;
    return failed;
  }
  const Result result = call();
  if (verdict.die_after) die();
  return result;
}

template <class Call>
auto at_path(const char *function, unsigned traits, int folder, const char *path,
             const Call &call) {
  return obey(judge(function, traits | named, path_at(folder, path)), -1, call);
}

template <class Call>
auto on_file(const char *function, unsigned traits, int descriptor, const Call &call) {
  return obey(judge(function, traits, path_of(descriptor)), -1, call);
}

// call gets the number of bytes that it shall move.
template <class Call>
ssize_t move(const char *function, unsigned traits, int descriptor, std::size_t size,
             const Call &call) {
  const unsigned can_be_short = size > 1 ? moves : 0U;
  const Verdict verdict = judge(function, traits | waits | can_be_short, path_of(descriptor));
  return obey(verdict, ssize_t{-1}, [&] { return call(verdict.half ? size / 2 : size); });
}

// Closed in any case: after an error the descriptor is gone, too.
template <class Call>
int close_in_any_case(const char *function, int descriptor, const Call &call) {
  const Verdict verdict = judge(function, waits, path_of(descriptor));
  if (verdict.die_before) die();
  const int result = call();
  if (verdict.die_after) die();
  if (verdict.error == 0) return result;
  errno = verdict.error;
  return -1;
}

}  // namespace failing_calls

#define PUBLIC extern "C" __attribute__((visibility("default")))
