// The conformance kit: does a plugin keep the contracts of the SDK's headers?
//
// Build it with flashhost_add_conformance_test. One source file says what is particular to the
// plugin, and which suite it is for:
//
//   flashhost::conformance::FormatQuirks quirks() { ... }
//   INSTANTIATE_TEST_SUITE_P(Plugin, FormatConformance, testing::Values(quirks()));
//
// in namespace flashhost::conformance. Several Values test several set-ups of one plugin.
#pragma once

#include <flashhost/family.hpp>
#include <flashhost/format.hpp>
#include <flashhost/host.hpp>
#include <flashhost/plugin.h>
#include <flashhost/transport.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace flashhost::conformance {

// Loads the plugin's file and makes its object, as the host does but without its judgements.
class PluginUnderTest {
 public:
  explicit PluginUnderTest(std::string file = FLASHHOST_PLUGIN_FILE);
  PluginUnderTest(const PluginUnderTest &) = delete;
  PluginUnderTest &operator=(const PluginUnderTest &) = delete;
  ~PluginUnderTest();

  [[nodiscard]] const std::string &file() const { return file_; }
  [[nodiscard]] const flashhost_plugin &descriptor() const { return *descriptor_; }
  template <class Interface>
  [[nodiscard]] Interface &object() {
    return *static_cast<Interface *>(made_object());
  }

 private:
  class QuietHost;

  [[nodiscard]] void *made_object();

  std::string file_;
  void *library_ = nullptr;
  const flashhost_plugin *descriptor_ = nullptr;
  std::unique_ptr<QuietHost> host_;
  void *object_ = nullptr;
};

// The descriptor's facts, for a plugin of that kind.
void expect_good_descriptor(const PluginUnderTest &plugin, flashhost_kind kind);

struct FormatQuirks {
  std::string name;               // of this set-up, for messages
  std::vector<Setting> settings;  // for configure
  std::string extension;          // "hex"
  std::optional<std::uint32_t>
      address;                   // set: the format carries no addresses, this is to be given
  Bytes sample;                  // a file of at most a few KiB
  ParsedFile expected;           // what it means
  std::vector<Bytes> malformed;  // each must be refused; may be empty where all bytes are good
};

struct FamilyQuirks {
  std::string name;
  std::vector<Setting> settings;
  struct OrderCode {
    std::string code, chip;  // "ACME32CBT6" is described as "ACME32CB"
  };
  std::vector<OrderCode> order_codes;
  std::vector<std::uint32_t>
      statuses;  // raw flash statuses beyond single bits, all to be explained
};

struct TransportQuirks {
  std::string name;
  std::vector<Setting> settings;
  OpenOptions open;     // the probe to use
  MemoryRange scratch;  // RAM that may be overwritten, aligned to 1 KiB, at least 4 KiB
  // An address where nothing answers; empty: the bus answers everywhere.
  std::optional<std::uint32_t> unmapped;
};

class FormatConformance : public testing::TestWithParam<FormatQuirks> {
 protected:
  void SetUp() override;
  [[nodiscard]] const Format &format() { return plugin_.object<Format>(); }
  [[nodiscard]] ParseOptions options() const { return {GetParam().address}; }

  PluginUnderTest plugin_;
};

class FamilyConformance : public testing::TestWithParam<FamilyQuirks> {
 protected:
  void SetUp() override;
  [[nodiscard]] Family &family() { return plugin_.object<Family>(); }
  [[nodiscard]] std::vector<Chip> all_chips();

  PluginUnderTest plugin_;
};

class TransportConformance : public testing::TestWithParam<TransportQuirks> {
 protected:
  void SetUp() override;
  [[nodiscard]] Transport &transport() { return plugin_.object<Transport>(); }
  // Opened and attached without reset; halted when asked for.
  [[nodiscard]] std::unique_ptr<Probe> attached();
  [[nodiscard]] std::unique_ptr<Probe> halted();

  PluginUnderTest plugin_;
};

inline void PrintTo(const FormatQuirks &quirks, std::ostream *out) {
  *out << quirks.name;
}
inline void PrintTo(const FamilyQuirks &quirks, std::ostream *out) {
  *out << quirks.name;
}
inline void PrintTo(const TransportQuirks &quirks, std::ostream *out) {
  *out << quirks.name;
}

}  // namespace flashhost::conformance
