// What the Intel HEX parser accepts is sorted, joined, no larger than the file, and the same when
// written again.
#include "check.hpp"

#include <ihex.hpp>

using namespace flashhost;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  static_cast<void>(ihex::starts_with_record(bytes));
  ParsedFile file;
  try {
    file = ihex::parse(bytes);
  } catch (const Error &error) {
    fuzz::check(error.code() == Errc::image, "the error is one of the image");
    fuzz::check(std::string(error.what()).starts_with("line "), "the error names the line");
    fuzz::check_message(error);
    return 0;
  }
  std::size_t total = 0;
  std::uint64_t end = 0;
  for (const Segment &segment : file.segments) {
    fuzz::check(!segment.data.empty(), "no segment is empty");
    fuzz::check(&segment == &file.segments.front() || segment.address > end,
                "segments ascend with gaps");
    end = segment.end();
    total += segment.data.size();
  }
  fuzz::check(end <= std::uint64_t{1} << 32, "nothing lies beyond 32 bits");
  fuzz::check(2 * total <= size, "no byte comes from nowhere");
  fuzz::check(ihex::parse(ihex::write(file)) == file, "written again it is the same");
  return 0;
}
