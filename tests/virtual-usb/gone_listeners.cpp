// umockdev tells programs of a new device by their sockets, and ends the whole test bed when such a
// socket has gone since it looked. When it connects, only a refused connection counts as gone for
// it: so that is what it gets to see. When it sends, nothing does: so the message counts as sent.
#include <dlfcn.h>
#include <sys/socket.h>

#include <cerrno>

namespace {

template <class Function>
Function next(const char *name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));  // NOLINT
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int connect(int socket, const sockaddr *address,
                                                              socklen_t size) {
  static const auto real = next<int (*)(int, const sockaddr *, socklen_t)>("connect");
  const int result = real(socket, address, size);
  if (result != 0 && errno == ENOENT) errno = ECONNREFUSED;
  return result;
}

extern "C" __attribute__((visibility("default"))) ssize_t sendmsg(int socket, const msghdr *message,
                                                                  int flags) {
  static const auto real = next<ssize_t (*)(int, const msghdr *, int)>("sendmsg");
  const ssize_t result = real(socket, message, flags);
  if (result >= 0 || errno != ECONNREFUSED) return result;
  ssize_t size = 0;
  for (std::size_t i = 0; i < message->msg_iovlen; ++i) {
    size += static_cast<ssize_t>(message->msg_iov[i].iov_len);
  }
  return size;
}
