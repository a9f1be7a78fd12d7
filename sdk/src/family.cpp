#include <flashhost/family.hpp>

namespace flashhost {

void Family::configure(const Settings &settings) {
  settings.reject_unknown();
}

void Family::ask_for(const std::string & /*part*/) {}

void Family::prepare(Probe & /*probe*/, const Chip & /*chip*/, UndoLog & /*undo*/) {}

void Family::settle(ProbeReader & /*probe*/, Chip & /*chip*/) {}
void Family::finish(Probe & /*probe*/, const Chip & /*chip*/) {}
void Family::finish_without_reset(Probe &probe, const Chip &chip) {
  finish(probe, chip);
}

Locks *Family::locks() {
  return nullptr;
}

DirectFlash *Family::direct_flash() {
  return nullptr;
}

OptionBytes *Family::option_bytes() {
  return nullptr;
}

}  // namespace flashhost
