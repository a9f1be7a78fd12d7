// Output for machines: one JSON object per line on standard output, in ASCII. Other characters
// become \uNNNN, so the output cannot control a terminal. The schema is in docs/json.md.
#pragma once

#include "flash/flash_job.hpp"
#include "flash/observer.hpp"
#include "output/stream.hpp"

#include <flashhost/error.hpp>

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>

namespace flashhost {

// An object as a line without its end, in ASCII. Bytes that are not UTF-8 (possible in file names)
// are replaced, not refused.
[[nodiscard]] std::string json_text(const nlohmann::json &object);
// "crc"
[[nodiscard]] const char *verify_name(Verify verify);

// What a job was done on.
struct JobNames {
  std::string board;  // may be empty
  std::string chip, probe, serial;
};

class JsonLines : public Observer {
 public:
  explicit JsonLines(Stream &out);

  void step(std::string_view name, std::uint64_t total) override;
  void progress(std::uint64_t done) override;
  void message(Level level, const std::string &text) override;

  // The last line after success. When an earlier line could not be written, they throw that error
  // instead (throw_if_lost): the last line that can be read then has the program's exit code.
  void result(const FlashReport &report, const JobNames &names, const std::string &text);
  void done(const std::string &verb, const std::string &text);
  void plan(const Plan &plan, const Chip &chip);
  // A row of a list: an object, which gets its event.
  void row(const std::string &event, const nlohmann::json &fields);
  void option(const std::string &field, std::uint32_t value, const std::string &meaning,
              const std::string &text);
  void error(const Error &error);
  // An error object for when memory has run out, without a text.
  void out_of_memory(int exit_code) noexcept;

 private:
  Stream &out_;
};

}  // namespace flashhost
