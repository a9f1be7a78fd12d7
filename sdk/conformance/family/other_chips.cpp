// Level 2 of families: chips that resemble those of the family but are different.
#include "family/on_board.hpp"
#include "forwarding_probe.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <array>
#include <set>

namespace flashhost::conformance {

namespace {

// Makes one word read as another value.
class LyingProbe final : public bench::ForwardingProbe {
 public:
  LyingProbe(std::unique_ptr<Probe> probe, std::uint32_t address, std::uint32_t value)
      : ForwardingProbe(std::move(probe)), address_(address), value_(value) {}
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) override {
    ForwardingProbe::read_memory(address, out, width);
    for (std::uint32_t i = 0; i < 4; ++i) {
      const std::uint32_t at = address_ + i - address;
      if (at < out.size()) out[at] = static_cast<std::uint8_t>(value_ >> (8 * i));
    }
  }

 private:
  std::uint32_t address_, value_;
};

class FamilyMeets : public FamilyOnBoard {
 protected:
  struct Field {  // of a word that holds the device id
    std::uint32_t address, word;
    unsigned shift;
  };
  // The words that identify reads and that hold this device id in their lower or upper bits.
  static std::vector<Field> id_fields(std::uint32_t device_id) {
    Session session(board_with(part()), {});
    const auto probe = session.fresh_probe();
    probe->attach(AttachMode::attach);
    std::set<std::uint32_t> read;
    const bench::WatchingProbe::HookScope scope(session.hooks());
    session.hooks().after_read = [&](std::uint32_t address, auto data, Width) {
      for (std::uint32_t at = address & ~3U; at < address + data.size(); at += 4) read.insert(at);
    };
    static_cast<void>(family().identify(*probe));
    session.hooks() = {};
    std::vector<Field> fields;
    for (const std::uint32_t address : read) {
      if (address == cortex_m::cpuid || described(part()).flash.contains(address)) continue;
      const std::uint32_t word = session.word(address).value_or(0);
      for (const unsigned shift : {0U, 16U}) {
        if (((word >> shift) & mask(device_id)) == device_id) {
          fields.push_back({address, word, shift});
        }
      }
    }
    return fields;
  }
  // The width of an id of that size: 12, 16 or all bits.
  static std::uint32_t mask(std::uint32_t device_id) {
    return device_id < 0x1000 ? 0xFFF : device_id < 0x10000 ? 0xFFFF : 0xFFFFFFFF;
  }
  static Identity identify_with(std::uint32_t address, std::uint32_t value) {
    Session session(board_with(part()), {});
    LyingProbe probe(session.fresh_probe(), address, value);
    probe.attach(AttachMode::attach);
    return family().identify(probe);
  }
};
FLASHHOST_PER_PART_SUITE(FamilyMeets);

TEST_P(FamilyMeets, ChipsWithAnUnknownDeviceIdAndLeavesThemAlone) {
  FLASHHOST_PROMISE("family.hpp, Identity::chip: nothing for a chip that is none of this family's");
  const std::uint32_t device_id = described(part()).device_id;
  const std::vector<Field> fields = id_fields(device_id);
  if (fields.empty()) return not_tried("another device id: identify reads no word that holds it");
  for (const Field &field : fields) {
    for (const std::uint32_t other : {0U, ~0U, device_id ^ 0x555U}) {
      const std::uint32_t bits = mask(device_id) << field.shift;
      const std::uint32_t value = (field.word & ~bits) | ((other << field.shift) & bits);
      SCOPED_TRACE(hex(field.address) + " reads " + hex(value) + " in place of " + hex(field.word));
      try {
        const Identity identity = identify_with(field.address, value);
        if (!identity.chip) continue;
        EXPECT_NE(identity.chip->device_id, device_id)
            << "a chip with another device id is taken for a " << identity.chip->name;
      } catch (const Error &error) {
        ADD_FAILURE() << "identify must return no chip here, not throw: " << error.what();
      }
    }
  }
}

TEST_P(FamilyMeets, AnotherCoreAndAsksItNothingElse) {
  FLASHHOST_PROMISE("family.hpp, identify: reads may disturb chips of other families");
  Session session(board_with(part()), {});
  LyingProbe probe(session.fresh_probe(), cortex_m::cpuid, 0x410FD210);
  probe.attach(AttachMode::attach);
  session.hooks().after_read = [](std::uint32_t address, auto, Width) {
    EXPECT_GE(address, 0xE0000000U) << hex(address)
                                    << " is read although the core is none of "
                                       "the family's: look at CPUID first";
  };
  const Identity identity = family().identify(probe);
  session.hooks() = {};
  EXPECT_FALSE(identity.chip.has_value())
      << "a Cortex-M33 is taken for a " << identity.chip.value_or(Chip{}).name;
}

TEST_P(FamilyMeets, WhatItsTableSaysIsSpecial) {
  FLASHHOST_PROMISE("chip.hpp, special: what an image may not cover, by name");
  Session session(board_with(part()), random_bytes(model_part(part()).flash_size, 5));
  session.connect();
  for (const NamedRange &special : session.chip().special) {
    EXPECT_TRUE(session.word(special.range.address))
        << special.name << " at " << format_range(special.range) << ": nothing answers there";
  }
}

}  // namespace

}  // namespace flashhost::conformance
