#include <flashhost/conformance.hpp>

#include <string_view>

namespace flashhost::conformance {
namespace {

Bytes bytes(std::string_view text) {
  return {text.begin(), text.end()};
}

FormatQuirks quirks() {
  FormatQuirks quirks;
  quirks.name = "ihex";
  quirks.extension = "hex";
  quirks.sample = bytes(
      ":020000040800F2\n"
      ":0400000001020304F2\n"
      ":0400100005060708D2\n"
      ":0400000508000131BD\n"
      ":00000001FF\n");
  quirks.expected = {{{0x08000000, {1, 2, 3, 4}}, {0x08000010, {5, 6, 7, 8}}}, 0x08000131};
  for (const std::string_view bad :
       {"", ":00000001FE\n", ":0400000001020304F2\n", ":04000000010203\n:00000001FF\n",
        ":0100000600F9\n:00000001FF\n", "hello\n", ":00000001FF\n:0100000000FF\n",
        ":0100000001FE\n:0100000002FD\n:00000001FF\n"}) {
    quirks.malformed.push_back(bytes(bad));
  }
  return quirks;
}

INSTANTIATE_TEST_SUITE_P(Plugin, FormatConformance, testing::Values(quirks()));

}  // namespace
}  // namespace flashhost::conformance
