// umockdev tells programs of a new device by connecting to their sockets, and ends the whole test
// bed when such a socket has gone since it looked. Only a refused connection counts as gone for it:
// so that is what it gets to see.
#include <dlfcn.h>
#include <sys/socket.h>

#include <cerrno>

extern "C" __attribute__((visibility("default"))) int connect(int socket, const sockaddr *address,
                                                              socklen_t size) {
  using Connect = int (*)(int, const sockaddr *, socklen_t);
  static const auto next = reinterpret_cast<Connect>(::dlsym(RTLD_NEXT, "connect"));  // NOLINT
  const int result = next(socket, address, size);
  if (result != 0 && errno == ENOENT) errno = ECONNREFUSED;
  return result;
}
