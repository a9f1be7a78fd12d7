// Which chip, algorithm and RAM the board file names: from a flash algorithm alone, or from a pack.
#pragma once

#include "algorithm.hpp"

#include <flashhost/host.hpp>
#include <flashhost/settings.hpp>

#include <optional>
#include <string>
#include <vector>

namespace flashhost::flm {

struct Selection {
  // For ranges of flash that do not overlap. The first is that in which the firmware starts.
  std::vector<Algorithm> algorithms;
  std::string name;                  // of the chip
  std::string core;                  // "Cortex-M4"; empty: not known
  std::vector<MemoryRange> all_ram;  // where firmware may have its stack
  std::vector<FlashAlias> aliases;
  std::vector<std::string> remarks;
};

// [one thread] Reads the files when they are needed.
class Source {
 public:
  explicit Source(Host &host) : host_(host) {}

  void configure(const Settings &settings);
  void ask_for(const std::string &part);

  // Whether the board file names an algorithm or a pack at all.
  [[nodiscard]] bool is_set() const { return !algorithm_files_.empty() || !pack_file_.empty(); }
  // The file that it goes by, for messages.
  [[nodiscard]] std::string file() const {
    return pack_file_.empty() ? algorithm_files_.front() : pack_file_;
  }
  // Empty where a pack is named, but no chip.
  [[nodiscard]] const std::optional<Selection> &selection();
  // The chips of the pack.
  [[nodiscard]] std::vector<PackDevice> devices();

 private:
  [[nodiscard]] Selection from_files();
  [[nodiscard]] Selection from_pack(const std::string &part);
  [[nodiscard]] Algorithm with_settings(FlmFile file, MemoryRange flash, MemoryRange ram,
                                        MemoryRange agent_ram) const;

  Host &host_;
  std::vector<std::string> algorithm_files_;
  std::string pack_file_;  // empty: none
  std::optional<std::string> part_;
  Wish wish_;
  std::uint32_t clock_hz_ = 0;
  std::optional<Watchdog> watchdog_;
  bool trusts_erase_chip_ = false;
  std::optional<std::uint32_t> stack_size_;
  std::optional<Selection> selection_;
  bool selected_ = false;
};

}  // namespace flashhost::flm
