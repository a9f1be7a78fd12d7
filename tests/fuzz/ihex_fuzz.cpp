// What the Intel HEX parser accepts is sorted, joined, no larger than the file, and the same when
// written again.
#include "check.hpp"
#include "format-ihex/emitter.hpp"

#include <ihex.hpp>

#include <algorithm>

namespace {

using namespace flashhost;

std::string write(const ParsedFile &file) {
  std::string text;
  for (const Segment &segment : file.segments) {
    std::size_t done = 0;
    while (done < segment.data.size()) {
      const auto address = static_cast<std::uint32_t>(segment.address + done);
      const std::size_t in_page = 0x10000 - (address & 0xFFFF);
      const auto size = std::min({std::size_t{255}, segment.data.size() - done, in_page});
      text += test::word_record(4, static_cast<std::uint16_t>(address >> 16)) + "\n";
      text += test::record(0, static_cast<std::uint16_t>(address),
                           std::span(segment.data).subspan(done, size)) +
              "\n";
      done += size;
    }
  }
  return text + test::end_of_file;
}

}  // namespace

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
  const std::string again = write(file);
  const ParsedFile second =
      ihex::parse({reinterpret_cast<const std::uint8_t *>(again.data()), again.size()});
  fuzz::check(second.segments == file.segments, "written again it is the same");
  return 0;
}
