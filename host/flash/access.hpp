// Which way to the flash works: by the loader, or through the probe alone.
#pragma once

#include "direct_access.hpp"
#include "observer.hpp"
#include "plan.hpp"
#include "target.hpp"

#include <memory>
#include <stop_token>
#include <string>

namespace flashhost {

enum class Use : std::uint8_t { reading, writing };

// One thread. References outlive the object and what it gives.
class AccessChoice {
 public:
  AccessChoice(Target &target, Use use, Observer &observer, std::stop_token stop,
               bool compress = false);

  [[nodiscard]] bool tries_loader() const;
  // After Target::prepare. A loader that does not start is tried once more, on the target prepared
  // again; after its second failure, or the first where that is Errc::refused, the way is through
  // the probe alone, and the observer is told why.
  [[nodiscard]] std::unique_ptr<FlashAccess> open();
  // Call when the work with open's result ended with this error. Errc::target while the loader was
  // running counts as a failure of the loader.
  void close(const Error &error);
  // Errc::refused, saying why, where the access that open gave cannot do what plan asks.
  void require_a_way(const Plan &plan) const;

 private:
  void note_failure(const Error &error);

  Target &target_;
  Use use_;
  Observer &observer_;
  std::stop_token stop_;
  bool compress_;
  int failures_ = 0;      // of the loader
  bool refused_ = false;  // the loader cannot run on this chip: no second attempt
  std::string reason_;    // why no loader runs
  bool loader_runs_ = false;
  DirectWay way_;  // where no loader runs
};

}  // namespace flashhost
