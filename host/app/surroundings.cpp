#include "surroundings.hpp"

#include <fstream>
#include <string>
#include <system_error>

namespace flashhost {

Surroundings surroundings(const std::filesystem::path &root) {
  std::string kernel;
  std::ifstream(root / "proc/sys/kernel/osrelease") >> kernel;
  if (kernel.find("icrosoft") != std::string::npos) return Surroundings::wsl;
  std::error_code error;
  for (const char *mark : {".dockerenv", "run/.containerenv"}) {
    if (std::filesystem::exists(root / mark, error)) return Surroundings::container;
  }
  return Surroundings::computer;
}

std::string_view hint_of(Surroundings surroundings) {
  switch (surroundings) {
    case Surroundings::wsl:
      return " Under WSL, Windows must hand over the probe: usbipd attach --wsl --busid BUSID, "
             "where usbipd list shows the BUSID.";
    case Surroundings::container:
      return " This is a container, which sees only what it is given: docker run "
             "--device-cgroup-rule='c 189:* rmw' -v /dev/bus/usb:/dev/bus/usb ..., or the same "
             "with podman.";
    case Surroundings::computer:
      break;
  }
  return "";
}

}  // namespace flashhost
