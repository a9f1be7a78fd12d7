// Every call that flashhost makes to the file system fails in turn, in every way that it can: in
// the main job, in the run that completes an interrupted one, in one with another image after it,
// and in `read` onto a file that exists. Exit 0 means that everything is right. After anything
// else nothing is lost that a run without faults does not bring back.
//
// Some of the calls, others for each kind.
#include "host_faults.hpp"
#include "sweep.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <string_view>
#include <tuple>

namespace flashhost::testing {
namespace {

constexpr std::array kinds = {"access_denied",  "not_permitted",    "io_error",      "no_space",
                              "quota",          "no_descriptors",   "missing",       "link_loop",
                              "interrupted",    "read_only",        "short",         "disk_dead",
                              "disk_full",      "descriptors_gone", "killed_before", "killed_after",
                              "killed_half_way"};

enum class Job : std::uint8_t { main, completing, other_image, read, reported };

bool kills(std::string_view kind) {
  return kind.starts_with("killed");
}

class FailingCallFromOutside : public HostFaults,
                               public ::testing::WithParamInterface<std::tuple<Job, const char *>> {
 protected:
  FailingCallFromOutside() : job_(std::get<0>(GetParam())), kind_(std::get<1>(GetParam())) {
    board_file("board", images_, fast_);
    board_file("other", other_images_, fast_);
    write("flash.bin", before_);
    if (job_ == Job::read) write("dump.bin", old_dump_);
    if (job_ == Job::reported) write("report.jsonl", Bytes(old_report_.begin(), old_report_.end()));
    if (job_ == Job::completing || job_ == Job::other_image) interrupt();
    keep_everything();
  }

  // The board loses its power in the middle of a job: bytes that are to be kept are then in no
  // other place than the journal.
  void interrupt() const {
    board_file("board", images_, R"(faults = ["flash_time=0.1x", "power_loss_at=20"])");
    const FaultedRun cut = run("board", {});
    board_file("board", images_, fast_);
    EXPECT_NE(cut.outcome.exit_code, 0) << cut.outcome.err;
    const Bytes now = flash();
    EXPECT_FALSE(std::equal(now.begin(), now.begin() + images_[0].offset, before_.begin()))
        << "nothing needs the journal";
  }

  FaultedRun job(const CallFault &fault = {}) const {
    if (job_ == Job::read) return run("board", {"read", "-o", folder() / "dump.bin"}, fault);
    if (job_ == Job::reported) return run("board", {"--report", folder() / "report.jsonl"}, fault);
    return run(job_ == Job::other_image ? "other" : "board", {}, fault);
  }

  // What is wrong after a success; empty if nothing is.
  std::string wrong() const {
    const Bytes now = flash();
    if (now.size() != before_.size()) return "the flash has another size";
    if (job_ == Job::read) {
      if (now != before_) return "the flash was changed";
      return file("dump.bin") == now ? "" : "the dump is not what the flash holds";
    }
    const std::string wrong = difference(now, job_ == Job::other_image ? other_images_ : images_);
    return wrong.empty() && job_ == Job::reported ? wrong_in_report() : wrong;
  }

  // The last line is of the job that has succeeded. Before it, only a line that a killed program
  // was writing may be torn.
  std::string wrong_in_report() const {
    const Bytes bytes = file("report.jsonl");
    const std::string all(bytes.begin(), bytes.end());
    if (!all.starts_with(old_report_)) return "the report has lost its first line";
    if (!all.ends_with('\n')) return "the report's last line has no end";
    std::istringstream lines(all);
    std::vector<nlohmann::json> jobs;  // discarded: the line is torn
    for (std::string line; std::getline(lines, line);) {
      jobs.push_back(nlohmann::json::parse(line, nullptr, false));
    }
    if (jobs.size() < 2 || jobs.back().is_discarded()) return "the job is not in the report";
    if (jobs.back().at("exit_code") != 0) return "it is reported as failed";
    const auto torn = std::ranges::count_if(jobs, &nlohmann::json::is_discarded);
    return torn > (kills(kind_) || kind_ == "disk_dead" ? 1 : 0) ? "a line of the report is torn"
                                                                 : "";
  }

  std::string difference(const Bytes &now, const std::vector<Placed> &images) const {
    for (std::uint32_t i = 0; i < now.size(); ++i) {
      if (const std::uint8_t *wanted = byte_of(images, i); wanted != nullptr) {
        if (now[i] != *wanted) return fmt::format("the image is wrong at offset {:#x}", i);
        continue;
      }
      // What only the interrupted job wrote may be half of it.
      if (job_ == Job::other_image && byte_of(images_, i) != nullptr) continue;
      if (now[i] != before_[i]) return fmt::format("the byte to keep at {:#x} is lost", i);
    }
    return "";
  }

  static const std::uint8_t *byte_of(const std::vector<Placed> &images, std::uint32_t offset) {
    for (const Placed &image : images) {
      if (offset - image.offset < image.bytes.size()) return &image.bytes[offset - image.offset];
    }
    return nullptr;
  }

  // What must not be, whatever the job's end. failed is the call that did.
  std::string improper(const FaultedRun &result, const std::string &failed) const {
    const int code = result.outcome.exit_code;
    if (code == 128 + SIGALRM) return "it hangs";
    const bool as_ordered = kills(kind_) && code == 128 + SIGKILL;
    if (code > 128 && !as_ordered) {
      return fmt::format("it died of signal {}", code - 128);
    }
    if (code == 10) return "internal error";
    if (code == 127) return "it did not start";
    if (code == 0) return wrong();
    const bool says_written =
        result.outcome.err.find("The chip is written and verified.") != std::string::npos;
    if (job_ == Job::reported && says_written) return difference(flash(), images_);
    if (kind_ == "short") return "a short read or write is no failure";
    if (job_ != Job::read) return "";
    const Bytes dump = file("dump.bin");
    if (dump != old_dump_ && dump != before_)
      return "the old dump is gone, and the new one not whole";
    const bool can_tidy = !kills(kind_) && kind_ != "disk_dead" && !failed.starts_with("unlink");
    return can_tidy && !litter().empty() ? "left behind: " + litter().front() : "";
  }

  // Once more, without a fault.
  std::string improper_afterwards() const {
    const FaultedRun second = job();
    if (second.outcome.exit_code == 0) return wrong();
    return fmt::format("the next run fails: {}", second.outcome.err);
  }

  const Job job_;
  const std::string kind_;
  const std::string fast_ = "faults = [\"flash_time=0.1x\"]";
  const Bytes before_ = random_bytes(std::size_t{128} * 1024, 1);
  const std::string old_report_ = "{\"event\": \"job\"}\n";
  const Bytes old_dump_ = Bytes(3000, 'o');
  // The first sector is the one that boots, and it is covered in part; so are two others.
  const std::vector<Placed> images_ = {{100, random_bytes(4200, 2)},
                                       {9 * 1024 + 100, random_bytes(50, 3)}};
  // Over a part of the first, beyond it, and not in its first sector.
  const std::vector<Placed> other_images_ = {{3 * 1024 + 300, random_bytes(2500, 4)}};
};

TEST_P(FailingCallFromOutside, LosesNothing) {
  ASSERT_FALSE(HasFailure());
  const auto place = std::find(kinds.begin(), kinds.end(), kind_) - kinds.begin();
  const SweepPlaces tried = sweep_places(8, static_cast<std::uint64_t>(place));
  unsigned runs = 0;
  std::size_t calls = 0;
  bool reached = true;
  for (auto call = static_cast<unsigned>(tried.first); reached;
       call += static_cast<unsigned>(tried.step)) {
    put_everything_back();
    const FaultedRun result = job({kind_, call});
    calls = result.calls.size();
    reached = call <= calls;
    ++runs;
    const std::string failed = reached ? result.calls[call - 1] : "none";
    const std::string where = fmt::format("{}, call {}: {}", kind_, call, failed);
    const std::string problem = improper(result, failed);
    EXPECT_EQ(problem, "") << where << "\n" << result.outcome.err;
    const std::string later = improper_afterwards();
    EXPECT_EQ(later, "") << "in the next run after " << where << ", which had exit code "
                         << result.outcome.exit_code << "\n"
                         << result.outcome.err;
  }
  if (kind_ == "io_error") {
    EXPECT_GT(calls, 10U) << "the library in front of libc saw hardly anything";
  }
  RecordProperty("calls", std::to_string(calls));
  RecordProperty("runs", std::to_string(runs));
}

std::string name_of(const ::testing::TestParamInfo<std::tuple<Job, const char *>> &row) {
  constexpr std::array jobs = {"main", "completing", "other_image", "read", "reported"};
  const auto [job, kind] = row.param;
  return fmt::format("{}_{}", jobs.at(static_cast<std::size_t>(job)), kind);
}

INSTANTIATE_TEST_SUITE_P(Kinds, FailingCallFromOutside,
                         ::testing::Combine(::testing::Values(Job::main, Job::completing,
                                                              Job::other_image, Job::read,
                                                              Job::reported),
                                            ::testing::ValuesIn(kinds)),
                         name_of);

}  // namespace
}  // namespace flashhost::testing
