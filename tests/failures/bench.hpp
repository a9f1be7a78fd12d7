// A board on a bench, reached in one of several ways: through transport-sim, in process, or over
// USB through the virtual ST-Link or CMSIS-DAP probe. The same model, the same names of faults.
#pragma once

#include "process.hpp"

#include <flashhost/types.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

namespace flashhost::testing {

enum class Way : std::uint8_t { in_process, stlink, cmsisdap_v2, cmsisdap_v1 };

[[nodiscard]] bool over_cmsisdap(Way way);
[[nodiscard]] const char *name_of(Way way);

// Under sanitizers a virtual CMSIS-DAP probe answers later than a real one could.
#ifdef FLASHHOST_SANITIZED
inline constexpr bool cmsisdap_is_tried = false;
#else
inline constexpr bool cmsisdap_is_tried = true;
#endif

struct BenchBoard {
  const char *chip;
  std::size_t flash_size;
  std::size_t first_sector;        // its size
  const char *relative = "";       // another die of the same family
  std::uint32_t option_bytes = 0;  // their address; 0: not looked at

  friend bool operator==(const BenchBoard &a, const BenchBoard &b) {
    return std::string_view(a.chip) == b.chip;
  }
};
inline constexpr std::size_t kib = 1024;
inline constexpr BenchBoard f0_board{"STM32F051R8", 64 * kib, 1 * kib, "STM32F072RB", 0x1FFFF800};
inline constexpr BenchBoard f1_board{"STM32F103CB", 128 * kib, 1 * kib, "STM32F103RE", 0x1FFFF800};
inline constexpr BenchBoard f3_board{"STM32F303VC", 256 * kib, 2 * kib, "STM32F303K8", 0x1FFFF800};
inline constexpr BenchBoard f4_board{"STM32F411CE", 512 * kib, 16 * kib, "STM32F407VG", 0x1FFFC000};
inline constexpr BenchBoard g0_board{"STM32G071RB", 128 * kib, 2 * kib, "STM32G0B1RE", 0x1FFF7800};
// The last two have two banks.
inline constexpr BenchBoard g4_board{"STM32G474RE", 512 * kib, 2 * kib, "STM32G431KB", 0x1FFF7800};
inline constexpr BenchBoard l4_board{"STM32L476RG", 1024 * kib, 2 * kib, "STM32L432KC", 0x1FFF7800};

inline constexpr std::uint32_t flash_start = 0x08000000;

// size bytes without an erased unit, which depend on seed. Its vectors are a firmware's that does
// nothing for ever and whose handlers return at once.
[[nodiscard]] Bytes firmware(std::size_t size, std::uint32_t seed);
// The same without vectors.
[[nodiscard]] Bytes data(std::size_t size, std::uint32_t seed);

class Bench {
 public:
  Bench(const BenchBoard &board, Way way);

  // What the flash holds before the first run; the rest is erased.
  void put(std::uint32_t offset, const Bytes &bytes);
  // Adds a raw binary [[image]].
  void image(std::uint32_t offset, const Bytes &bytes);
  // Adds an [[image]] of a file with this content.
  void image_file(const std::string &name, const std::string &content);

  Outcome flashhost(const std::vector<std::string> &arguments = {});
  // Runs it and lets go of it with this signal once it says that it has programmed so many bytes.
  Outcome signalled(int signal, std::uint64_t after);

  [[nodiscard]] Bytes flash() const;
  [[nodiscard]] Bytes wanted() const;  // the content before, with the images over it
  [[nodiscard]] Bytes before() const;

  void expect_done(const Outcome &outcome) const;
  // The flash is as it was; for a refusal.
  void expect_untouched(const Outcome &outcome) const;
  // Nothing outside of the sectors that the images touch has changed.
  void expect_rest_untouched(const Outcome &outcome) const;
  // Flash locked, debug registers as they were, no interrupt masked, the core running free, or
  // halted. Of a run with -v.
  void expect_tidy(const Outcome &outcome, bool halted = false) const;

  BenchBoard board;
  Way way;
  unsigned pace;  // times as fast as real, over USB
  std::vector<std::string> faults;
  std::vector<std::string> options;  // of the virtual probe
  std::string transport;             // lines of the sections of the board file
  std::string settings;
  std::string family;
  std::string flash_options;
  TemporaryDirectory directory;
  nlohmann::json summary;  // of the first probe, over USB

 private:
  [[nodiscard]] std::string path(const std::string &name) const;
  void write_board_file() const;
  [[nodiscard]] std::vector<std::string> command(const std::vector<std::string> &arguments);
  Outcome run(const std::vector<std::string> &arguments,
              const std::function<void(const std::string &, pid_t)> &watch);
  [[nodiscard]] std::map<std::string, std::uint32_t> left_behind(const Outcome &outcome) const;

  Bytes before_;
  struct Placed {
    std::uint32_t offset;
    Bytes bytes;
  };
  std::vector<Placed> placed_;
  std::string images_;
};

}  // namespace flashhost::testing
