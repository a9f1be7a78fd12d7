// Room for the content of large files.
#pragma once

#include <flashhost/types.hpp>

#include <cstddef>

namespace flashhost {

// bytes.reserve(size), in large pages where the system has them: without them, a parser of a large
// file waits for page faults most of the time. Throws std::bad_alloc and std::length_error.
// [any thread]
void make_room(Bytes &bytes, std::size_t size);

}  // namespace flashhost
