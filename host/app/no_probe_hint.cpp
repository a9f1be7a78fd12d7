#include "no_probe_hint.hpp"

namespace flashhost {

std::string_view no_probe_hint(const Surroundings &where) {
  if (where.wsl) {
    return " Under WSL, Windows must hand over the probe: usbipd attach --wsl --busid BUSID, "
           "where usbipd list shows the BUSID.";
  }
  if (where.container) {
    return " This is a container, which sees only what it is given: docker run "
           "--device-cgroup-rule='c 189:* rmw' -v /dev/bus/usb:/dev/bus/usb ..., or the same "
           "with podman.";
  }
  return "";
}

}  // namespace flashhost
