// Whole jobs of the host with the family under test.
#pragma once

#include "family/on_board.hpp"
#include "flash/flash_job.hpp"
#include "temporary_folder.hpp"

#include <flashhost/error.hpp>

#include <string>
#include <vector>

namespace flashhost::conformance {

struct JobEnd {
  bool good = false;
  Errc code = Errc::internal;  // of the error, when not good
  std::string text;
  FlashReport report;
};

class Job {
 public:
  // Content of the board and an image for it. The image's segments begin and end anywhere, over old
  // content that must be kept.
  explicit Job(const Chip &chip);

  // Writes without the loader.
  Job &without_loader();

  FlashOptions options;
  ResetAfter reset = ResetAfter::run;  // none: there is none before the job, either
  std::vector<Segment> segments;

  // Runs on the board as it is.
  JobEnd run(Session &session);
  [[nodiscard]] Bytes wanted(const Chip &chip, Bytes before) const;

 private:
  bench::QuickFolder folder_;
  bool without_loader_ = false;
};

[[nodiscard]] std::string in_words(const JobEnd &end);

}  // namespace flashhost::conformance
