// The commands that make SWD transfers: Transfer and TransferBlock.
#pragma once

#include "packet.hpp"
#include "swd.hpp"

#include <flashhost/machine/notes.hpp>

#include <cstdint>
#include <optional>

namespace virtual_cmsisdap {

using flashhost::machine::Notes;

class Transfers {
 public:
  Transfers(const FirmwareConfig &config, Swd &swd, Notes notes)
      : config_(config), swd_(swd), notes_(notes) {}

  // The answers have their first byte already. Without a port, the request is only skipped.
  void transfer(Request &request, Response &response, bool connected);
  void transfer_block(Request &request, Response &response, bool connected);

 private:
  struct Item {
    std::uint8_t request = 0;
    std::uint32_t value = 0;  // what to write, or to compare with
  };
  // What is to be seen to before the answer is complete.
  struct State {
    bool posted_read = false;
    bool unchecked_write = false;
  };
  [[nodiscard]] static Item next_item(Request &request);
  [[nodiscard]] std::uint8_t run(const Item &item, State &state, Response &response);
  [[nodiscard]] std::uint8_t run_read(const Item &item, State &state, Response &response);
  [[nodiscard]] std::uint8_t run_match(const Item &item);
  [[nodiscard]] std::uint8_t run_write(const Item &item, State &state, Response &response);
  [[nodiscard]] std::uint8_t finish(const State &state, Response &response);
  [[nodiscard]] std::uint8_t fetch(std::uint8_t request, Response &response);
  [[nodiscard]] std::uint8_t check_write();
  [[nodiscard]] std::uint8_t read_block(std::uint8_t request, unsigned count, unsigned &done,
                                        Response &response);
  [[nodiscard]] std::uint8_t write_block(std::uint8_t request, unsigned count, unsigned &done,
                                         Request &data);
  [[nodiscard]] unsigned cut_short(unsigned count);

  const FirmwareConfig &config_;
  Swd &swd_;
  Notes notes_;
  std::uint64_t commands_ = 0;
};

}  // namespace virtual_cmsisdap
