#include "series_family.hpp"

namespace {

class F1Family final : public f1::SeriesFamily {
 public:
  explicit F1Family(flashhost::Host &host) : SeriesFamily(host, f1::Series::f1) {}
};

}  // namespace

FLASHHOST_PLUGIN(FLASHHOST_KIND_FAMILY, flashhost::Family, F1Family, "f1", "1.0",
                 "STM32F1: F100, F101, F102, F103, F105, F107")
