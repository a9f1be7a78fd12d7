#include "sha256.hpp"

#include <flashhost/text.hpp>

#include <sha2.h>
#include <sys/types.h>

namespace flashhost::files {

std::string sha256(std::span<const std::uint8_t> bytes) {
  SHA2_CTX context{};
  SHA256Init(&context);
  SHA256Update(&context, bytes.data(), bytes.size());
  Bytes digest(SHA256_DIGEST_LENGTH);
  SHA256Final(digest.data(), &context);
  return hex_bytes(digest);
}

}  // namespace flashhost::files
