// Output for machines: one JSON object per line on standard output, in ASCII. Other characters
// become \uNNNN, so the output cannot control a terminal. The schema is in docs/json.md.
#pragma once

#include "flash/flash_job.hpp"
#include "flash/observer.hpp"
#include "output/stream.hpp"

#include <flashhost/error.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace flashhost {

class JsonLines final : public Observer {
 public:
  explicit JsonLines(Stream &out);

  void step(std::string_view name, std::uint64_t total) override;
  void progress(std::uint64_t done) override;
  void message(Level level, const std::string &text) override;

  // The last line after success. When an earlier line could not be written, they throw that error
  // instead (throw_if_lost): the last line that can be read then has the program's exit code.
  void result(const FlashReport &report, const std::string &text);
  void done(const std::string &verb, const std::string &text);
  void plan(const Plan &plan, const Chip &chip);
  // A row of a list: keys and texts.
  void row(const std::string &event,
           const std::vector<std::pair<std::string, std::string>> &fields);
  void option(const std::string &field, std::uint32_t value, const std::string &meaning,
              const std::string &text);
  void error(const Error &error);
  // An error object for when memory has run out, without a text.
  void out_of_memory(int exit_code) noexcept;

 private:
  Stream &out_;
};

}  // namespace flashhost
