#include <flashhost/room.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <memory>

namespace flashhost {

void make_room(Bytes &bytes, std::size_t size) {
  constexpr std::size_t large_page = std::size_t{2} << 20;
  bytes.reserve(size);
  void *start = bytes.data();
  std::size_t rest = bytes.capacity();
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  if (std::align(page, large_page, start, rest) == nullptr) return;
  // Where the system has no large pages, small ones do.
  static_cast<void>(madvise(start, rest, MADV_HUGEPAGE));
}

}  // namespace flashhost
