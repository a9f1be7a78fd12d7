// The format plugin that a test program is linked with.
#pragma once

#include "hosts.hpp"

#include <flashhost/format.hpp>
#include <flashhost/plugin.h>

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

extern "C" const flashhost_plugin flashhost_plugin_v2;

namespace flashhost {

class FormatPlugin : public testing::Test {
 protected:
  static std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
  }

  testing::QuietHost host_;
  std::unique_ptr<Format, void (*)(void *)> format_{
      static_cast<Format *>(flashhost_plugin_v2.create(&host_)),
      [](void *object) { flashhost_plugin_v2.destroy(object); }};
};

}  // namespace flashhost
