// PROBE CHIP FAMILY STATE IMAGE LATENCY_MS SPEED_HZ MILLIVOLTS COMPRESS: flashes the image (raw
// binary, at the start of the flash) over the content of the state file, which it then writes anew,
// through a transport and a virtual probe in this process. PROBE is one of make_rig's. Prints one
// line of JSON; time is the model's, the same in each run.
#include "usb_jobs.hpp"

#include "temporary_folder.hpp"

#include <nlohmann/json.hpp>

#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

namespace flashhost {
namespace {

struct Wish {
  std::string probe, part, family, state, image;
  Nanoseconds latency{};
  std::uint32_t speed_hz = 0;  // 0: the transport's choice
  int millivolts = 0;          // as the board file says; 0: nothing
  bool compress = true;
};

Bytes read_file(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void run(const Wish &wish) {
  constexpr std::uint32_t flash_base = 0x08000000;
  const std::unique_ptr<testing::UsbRig> rig = make_rig(wish.probe, wish.part);
  if (!rig) throw std::runtime_error("no such probe: " + wish.probe);
  rig->latency = wish.latency;
  rig->speed_hz = wish.speed_hz;
  rig->millivolts = wish.millivolts;
  rig->start_anew(read_file(wish.state), {});
  const Image image = merge({{"image", {{{flash_base, read_file(wish.image)}}, std::nullopt}}});
  const bench::QuickFolder folder;
  testing::RecordingHost host(Level::info);
  const testing::JobEnd end =
      testing::flash(*rig, host, wish.family, image, folder.path() / "journal", wish.compress);
  if (!end.error.empty()) throw std::runtime_error(end.error);
  const std::span<const std::uint8_t> flash = rig->flash();
  std::ofstream(wish.state, std::ios::binary)
      .write(reinterpret_cast<const char *>(flash.data()),
             static_cast<std::streamsize>(flash.size()));
  const double seconds = std::chrono::duration<double>(end.duration).count();
  std::cout << nlohmann::json{{"seconds", seconds}, {"transfers", rig->transfers()}} << "\n";
}

}  // namespace
}  // namespace flashhost

int main(int argc, char **argv) {
  try {
    const std::vector<std::string> words(argv + 1, argv + argc);
    constexpr std::size_t count = 9;
    if (words.size() != count) {
      throw std::runtime_error(
          "usage: PROBE CHIP FAMILY STATE IMAGE LATENCY_MS SPEED_HZ MILLIVOLTS COMPRESS");
    }
    flashhost::run({words[0], words[1], words[2], words[3], words[4],
                    std::chrono::milliseconds(std::stoi(words[5])),
                    static_cast<std::uint32_t>(std::stoul(words[6])), std::stoi(words[7]),
                    words[8] == "1"});
    return 0;
  } catch (const std::exception &problem) {
    std::cerr << problem.what() << "\n";
    return 1;
  }
}
