#include "series_family.hpp"

namespace {

class F3Family final : public f1::SeriesFamily {
 public:
  explicit F3Family(flashhost::Host &host) : SeriesFamily(host, f1::Series::f3) {}
};

}  // namespace

FLASHHOST_PLUGIN(FLASHHOST_KIND_FAMILY, flashhost::Family, F3Family, "f3", "1.0",
                 "STM32F3: F301, F302, F303, F318, F328, F334, F358, F373, F378, F398")
