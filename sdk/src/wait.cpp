#include <flashhost/wait.hpp>

namespace flashhost {

bool wait_until(ProbeReader &probe, Nanoseconds limit, Nanoseconds interval,
                const std::function<bool()> &done) {
  const Nanoseconds deadline = probe.now() + limit;
  for (;;) {
    const bool last = probe.now() >= deadline;
    if (done()) return true;
    if (last) return false;
    probe.sleep(interval);
  }
}

}  // namespace flashhost
