// The host's own means fail: the 1st, 2nd, ... n-th file call, or allocation, of a whole job, until
// the job no longer reaches it. After each: a success means that every byte of the image and every
// byte around it is right; after anything else a run without faults by the same user makes it so.
#include "failing_files.hpp"
#include "failing_new.hpp"
#include "files/output_file.hpp"
#include "flash/inspect.hpp"
#include "host_side.hpp"
#include "job_on_board.hpp"
#include "sweep.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>

namespace flashhost::testing {
namespace {

// What is done while a call fails, on what board.
enum class Task : std::uint8_t {
  job,         // over an old firmware
  completion,  // of a job that was killed with a sector erased that keeps bytes
  other,       // the same, but with another image
  put_back,    // as job, by a mass erase after which the rest is put back
};

constexpr std::array task_names = {"job", "completion", "other", "put_back"};
constexpr std::array fault_names = {"eacces", "eio",   "enospc", "emfile",       "enoent",
                                    "eloop",  "eintr", "half",   "crash_before", "crash_after"};

class HostFault : public JobOnBoard {
 protected:
  void set_up(Task task) {
    start_anew();
    if (task == Task::put_back) scenario_ = putting_back(std::move(scenario_));
    if (task == Task::job || task == Task::put_back) return;
    static_cast<void>(job({FaultKind::killed, killed_at()}));
    board().replace(scenario_.board);  // its power was off: the loader did not go on by itself
    ASSERT_TRUE(kept_bytes_are_gone());
  }

  JobResult do_task(Task task, const HostFaults &faults = {}) {
    const Image &image = task == Task::other ? other_ : image_;
    return run_with(faults, [&](Target &target, Observer &observer) {
      return flash(target, image, scenario_.options, observer, {});
    });
  }

  // Every byte is what it must be, or may be where an interrupted image wanted something else.
  ::testing::AssertionResult right(Task task) const {
    const Bytes found = now();
    const Bytes wanted = overlaid(before_, (task == Task::other ? other_ : image_).segments);
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (found[i] == wanted[i]) continue;
      const auto address = static_cast<std::uint32_t>(flash_base + i);
      const bool asked = task == Task::other ? other_.covers({address, 1}) : true;
      if (!asked && found[i] == wanted_[i]) continue;
      return ::testing::AssertionFailure() << "offset " << i << " holds " << int{found[i]};
    }
    return ::testing::AssertionSuccess();
  }

  void check(Task task, const JobResult &result) {
    if (result.good) {
      ASSERT_TRUE(right(task)) << "a false success";
      return;
    }
    ASSERT_TRUE(outside_is_untouched()) << result.what;
    if (task == Task::put_back && now() != before_ && now() != wanted_) {
      ASSERT_TRUE(journal_is_there()) << "erased without a journal: " << result.what;
    }
    const JobResult second = do_task(task);
    ASSERT_TRUE(second.good) << "the second run failed: " << second.what << "\nafter "
                             << result.what;
    ASSERT_TRUE(right(task)) << "after the second run; the first said: " << result.what;
  }

  JobResult run_with(const HostFaults &faults, const Work &work) {
    return run_on_host(board(), faults, work);
  }

 private:
  [[nodiscard]] bool journal_is_there() const {
    std::error_code none;
    const std::filesystem::directory_iterator entries(journals(), none);
    return std::any_of(begin(entries), end(entries),
                       [](const auto &entry) { return entry.path().extension() == ".journal"; });
  }

  // Of the last page that the image touches, which it covers in part.
  bool kept_bytes_are_gone() {
    const Bytes found = now();
    return found[3071] == 0xFF && before_[2990] != 0xFF && found[2990] == 0xFF;
  }

  // The first call after which that page is erased, and not programmed yet.
  std::uint64_t killed_at() {
    while (!found_) {
      start_anew();
      EXPECT_TRUE(job({FaultKind::killed, ++killed_at_}).reached);
      found_ = kept_bytes_are_gone();
    }
    start_anew();
    return killed_at_;
  }

  Image other_ =
      merge({{"other",
              {{{flash_base, firmware(1100, 7, new_marker)}, {flash_base + 2200, pattern(50, 9)}},
               std::nullopt}}});
  std::uint64_t killed_at_ = 0;
  bool found_ = false;
};

class FailingCall : public HostFault,
                    public ::testing::WithParamInterface<std::tuple<Task, FileFault>> {};

TEST_P(FailingCall, LosesNothing) {
  const auto [task, fault] = GetParam();
  const SweepPlaces tried = sweep_places(2, static_cast<std::uint64_t>(fault));
  std::uint64_t call = tried.first;
  for (bool reached = true; reached; call += tried.step) {
    SCOPED_TRACE(call);
    ASSERT_NO_FATAL_FAILURE(set_up(task));
    FailingFiles files(fault, call);
    const JobResult result = do_task(task, {.files = &files});
    reached = files.reached();
    ASSERT_NO_FATAL_FAILURE(check(task, result));
    if (!files.crashed()) {
      ASSERT_NE(result.code == Errc::internal && !result.good, true) << result.what;
    }
  }
  EXPECT_GT(call, 15U) << "the sweep ended before the job did anything";
  RecordProperty("calls", std::to_string(call));
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, FailingCall,
    ::testing::Combine(::testing::Values(Task::job, Task::completion, Task::other, Task::put_back),
                       ::testing::Values(FileFault::eacces, FileFault::eio, FileFault::enospc,
                                         FileFault::emfile, FileFault::enoent, FileFault::eloop,
                                         FileFault::eintr, FileFault::half, FileFault::crash_before,
                                         FileFault::crash_after)),
    [](const auto &row) {
      return std::string(task_names.at(static_cast<std::size_t>(std::get<0>(row.param)))) + "_" +
             fault_names.at(static_cast<std::size_t>(std::get<1>(row.param)));
    });

class FailingAllocation : public HostFault, public ::testing::WithParamInterface<Task> {};

TEST_P(FailingAllocation, LosesNothing) {
  const Task task = GetParam();
  ASSERT_NO_FATAL_FAILURE(set_up(task));
  HostFaults faults{.count_allocations = true};
  ASSERT_TRUE(do_task(task, faults).good);
  const std::uint64_t all = FailingNew::counted();
  ASSERT_GT(all, 150U);
  std::uint64_t runs = 0;
  const SweepPlaces tried = sweep_places(3, static_cast<std::uint64_t>(task));
  for (std::uint64_t number = tried.first; number <= all; number += tried.step) {
    SCOPED_TRACE(number);
    ++runs;
    ASSERT_NO_FATAL_FAILURE(set_up(task));
    faults.failing_allocation = number;
    const JobResult result = do_task(task, faults);
    ASSERT_EQ(left_behind(), "") << result.what;
    ASSERT_NO_FATAL_FAILURE(check(task, result));
  }
  EXPECT_GE((runs + 1) * tried.step, all);
  RecordProperty("allocations", std::to_string(all));
  RecordProperty("runs", std::to_string(runs));
}

INSTANTIATE_TEST_SUITE_P(Tasks, FailingAllocation,
                         ::testing::Values(Task::job, Task::completion, Task::other,
                                           Task::put_back),
                         [](const auto &row) {
                           return std::string(task_names.at(static_cast<std::size_t>(row.param)));
                         });

// `read` over a file that is there: the old one or the new one, whole, and nothing beside it.
class FailingCallOfRead : public HostFault, public ::testing::WithParamInterface<FileFault> {};

std::string content_of(const std::filesystem::path &file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST_P(FailingCallOfRead, LosesNothing) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "dump.bin";
  const std::string wanted(before_.begin(), before_.end());
  const SweepPlaces tried = sweep_places(2, static_cast<std::uint64_t>(GetParam()));
  std::uint64_t call = tried.first;
  for (bool reached = true; reached; call += tried.step) {
    SCOPED_TRACE(call);
    start_anew();
    std::ofstream(file, std::ios::trunc) << "old";
    FailingFiles files(GetParam(), call);
    const JobResult result = run_with({.files = &files}, [&](Target &target, Observer &observer) {
      files::OutputFile output(file);
      output.commit(read_range(target, target.chip().flash, {}, observer, {}));
      return FlashReport{};
    });
    reached = files.reached();
    const std::string found = content_of(file);
    ASSERT_TRUE(found == wanted || (!result.good && found == "old")) << result.what;
    const auto beside = std::distance(std::filesystem::directory_iterator(folder.path()), {});
    ASSERT_TRUE(files.crashed() || beside == 1) << "something was left beside the file";
    ASSERT_TRUE(now() == before_);
    for (const auto &entry : std::filesystem::directory_iterator(folder.path())) {
      if (entry.path() != file) std::filesystem::remove(entry.path());
    }
  }
  EXPECT_GT(call, 8U) << "the sweep ended before anything was written";
}

INSTANTIATE_TEST_SUITE_P(Kinds, FailingCallOfRead,
                         ::testing::Values(FileFault::eacces, FileFault::eio, FileFault::enospc,
                                           FileFault::emfile, FileFault::enoent, FileFault::eloop,
                                           FileFault::eintr, FileFault::half,
                                           FileFault::crash_before, FileFault::crash_after),
                         [](const auto &row) {
                           return std::string(fault_names.at(static_cast<std::size_t>(row.param)));
                         });

}  // namespace
}  // namespace flashhost::testing
