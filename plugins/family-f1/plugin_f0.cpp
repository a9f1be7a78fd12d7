#include "series_family.hpp"

namespace {

class F0Family final : public f1::SeriesFamily {
 public:
  explicit F0Family(flashhost::Host &host) : SeriesFamily(host, f1::Series::f0) {}
};

}  // namespace

FLASHHOST_PLUGIN(
    FLASHHOST_KIND_FAMILY, flashhost::Family, F0Family, "f0", "1.0",
    "STM32F0: F030, F031, F038, F042, F048, F051, F058, F070, F071, F072, F078, F091, F098")
