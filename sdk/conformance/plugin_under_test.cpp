#include "plugin_under_test.hpp"

#include "files/files.hpp"

namespace flashhost::conformance {

namespace {

constexpr std::size_t largest_file = std::size_t{64} << 20;

}  // namespace

Said &said() {
  static Said said;
  return said;
}

void ListeningHost::log(Level level, std::string_view text) noexcept {
  if (text.find('\n') != std::string_view::npos) {
    ADD_FAILURE() << "flashhost/host.hpp, log: text is one line without newline; this is not: "
                  << text;
  }
  if (keep_ == Keep::nothing) return;
  if (level > Level::trace) said().all.append(text).append("\n");  // traces are calls, not messages
  if (level >= Level::warning) said().warnings.append(text).append("\n");
}

Bytes ListeningHost::read_file(const std::string &path) {
  return files::read_file(run().given.folder / path, largest_file, Errc::config);
}

HostFactory listening_hosts() {
  return [](const std::string & /*id*/) {
    return std::make_unique<ListeningHost>(ListeningHost::Keep::everything);
  };
}

PluginUnderTest::PluginUnderTest()
    : plugin_(run().file, run().name, current_user(), listening_hosts()) {}

}  // namespace flashhost::conformance
