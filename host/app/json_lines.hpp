// For machines: one JSON object per line on standard output. The schema is in docs/json.md.
#pragma once

#include "flash/flash_job.hpp"
#include "flash/observer.hpp"

#include <flashhost/error.hpp>

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace flashhost {

class JsonLines final : public Observer {
 public:
  explicit JsonLines(std::FILE *out);

  void step(std::string_view name, std::uint64_t total) override;
  void progress(std::uint64_t done) override;
  void message(Level level, const std::string &text) override;

  void result(const FlashReport &report, const std::string &text);
  void done(const std::string &verb, const std::string &text);
  void plan(const Plan &plan, const Chip &chip);
  // A row of a list, keys and texts.
  void row(const std::string &event,
           const std::vector<std::pair<std::string, std::string>> &fields);
  void error(const Error &error);

 private:
  std::FILE *out_;
};

}  // namespace flashhost
