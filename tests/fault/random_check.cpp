#include "random_check.hpp"

#include "firmware.hpp"
#include "left_behind.hpp"
#include "random_result.hpp"
#include "unreadable_words.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>
#include <string>

namespace flashhost::testing {

namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds longest_job = 5min;
constexpr std::uint8_t erased = 0xFF;

enum class Part : std::uint8_t { image, same_sector, elsewhere };

// One run of the job, and what the flash was before it.
class Check {
 public:
  Check(const RandomJob &job, const std::filesystem::path &journals)
      : job_(job),
        image_(job.image()),
        options_(job.options),
        board_(job.board, job.before),
        before_(board_.flash()),
        may_erase_all_(may_erase_all(job)),
        puts_back_(job.options.erase == EraseMode::mass && job.options.preserve),
        has_bad_cell_(has_fault(job, "bad_cell") || has_fault(job, "bad_erase")) {
    options_.journal_directory = journals;
    parts_.assign(before_.size(), Part::elsewhere);
    for (const std::string &fault : job.board.faults) {
      if (!fault.starts_with(torn_switch)) continue;
      const std::uint32_t word = word_of(std::stoul(fault.substr(torn_switch.size()), nullptr, 16));
      torn_.insert(word);
      // One bank of larger pages is read in lines of two words: what ails one, ails both.
      if (has_fault(job, "single_bank")) torn_.insert(word ^ ecc_word);
    }
    torn_now_ = torn_;
  }

  Verdict both() {
    const Registers registers = read_registers(board_.target());
    const JobResult first = run_once(job_.probe_faults, job_.target.connect);
    std::string problem = judge(first);
    if (problem.empty()) problem = judge_target(first, registers);
    if (problem.empty()) problem = first.good ? judge_words(first) : again(first);
    return {problem, first.good};
  }

 private:
  static constexpr std::string_view torn_switch = "torn_word=";
  static std::uint32_t word_of(std::uint64_t address) {
    return static_cast<std::uint32_t>(address) / ecc_word * ecc_word;
  }

  JobResult run_once(const std::vector<Fault> &faults, Connect connect) {
    start_ = board_.flash();
    Job job{[&](Target &target, Observer &observer) {
              chip_ = target.chip();
              mark(chip_);
              check_fits(image_, target.chip());
              return flash(target, image_, options_, observer, {});
            },
            faults,
            {},
            job_.target};
    job.target.connect = connect;
    return run(board_, job);
  }

  void mark(const Chip &chip) {
    const auto set = [&](MemoryRange range, Part part) {
      const std::size_t first = range.address - flash_base;
      for (std::size_t i = first; i < first + range.size && i < parts_.size(); ++i) {
        parts_[i] = part;
      }
    };
    for (const Sector &sector : chip.sectors) {
      if (!image_.in(sector.range()).empty()) set(sector.range(), Part::same_sector);
    }
    for (const Segment &segment : job_.segments) {
      set({segment.address, static_cast<std::uint32_t>(segment.data.size())}, Part::image);
    }
  }

  // May this byte be so? `kept`: what it was before the image was first to be written.
  [[nodiscard]] bool allowed(const JobResult &result, std::size_t at, std::uint8_t now,
                             std::uint8_t kept, std::uint8_t wanted) const {
    // Nobody asked to be told of a cell that does not take its bits.
    const bool unseen = options_.verify == Verify::none && has_bad_cell_;
    if (result.good && parts_[at] == Part::image) return now == wanted || unseen;
    if (may_erase_all_) return !result.good || now == erased || now == kept || now == start_[at];
    if (parts_[at] == Part::elsewhere && !puts_back_) return now == kept;
    if (!result.good) return true;
    // Nobody can read what was there.
    const bool torn = torn_.contains(word_of(flash_base + at));
    return now == kept || (torn && now == erased) ||
           (!options_.preserve && parts_[at] != Part::elsewhere &&
            (now == erased || now == start_[at]));
  }

  [[nodiscard]] std::string judge_flash(const JobResult &result) const {
    Bytes wanted = before_;
    for (const Segment &segment : job_.segments) {
      std::ranges::copy(segment.data, wanted.begin() + (segment.address - flash_base));
    }
    const Bytes now = board_.flash();
    for (std::size_t at = 0; at < now.size(); ++at) {
      if (allowed(result, at, now[at], before_[at], wanted[at])) continue;
      return fmt::format("{} holds {:#04x}, {} {:#04x} before and shall be {:#04x}",
                         hex(flash_base + static_cast<std::uint32_t>(at)), now[at],
                         parts_[at] == Part::elsewhere ? "outside of the plan; it was" : "it was",
                         before_[at], wanted[at]);
    }
    return {};
  }

  [[nodiscard]] std::string judge(const JobResult &result) const {
    std::string problem = judge_flash(result);
    if (problem.empty() && !result.good) problem = judge_text(job_, result);
    if (problem.empty() && result.time > longest_job) {
      problem = "it took " + format_duration(result.time);
    }
    if (problem.empty() && result.good && journal_is_there())
      problem = "the journal is still there";
    return problem.empty() ? problem : problem + "\n  " + outcome(result);
  }

  [[nodiscard]] std::string judge_target(const JobResult &result, const Registers &before) {
    if (before.empty() || !board_.target().powered() || may_be_left(job_, result)) return {};
    std::string left = left_behind(board_.target(), before, job_.target.reset);
    // What was never prepared is left alone, and after a reset at the last moment the core runs.
    const bool was_reset = has_fault(job_, FaultKind::target_reset);
    if (!result.good && !left.empty()) left = left_behind(board_.target(), before, ResetAfter::run);
    if (!result.good && !left.empty()) left = untouched(before);
    if (was_reset && !left.empty()) left = left_behind(board_.target(), before, ResetAfter::run);
    if (left.empty() && starts_firmware(board_.flash()) && is_running()) {
      left = interrupt_masks(board_.target());
    }
    return left.empty() ? left : "left behind: " + left + "\n  " + outcome(result);
  }

  [[nodiscard]] std::string untouched(const Registers &before) {
    std::string text;
    for (const auto &[name, value] : read_registers(board_.target())) {
      if (name == "DHCSR" || value == before.at(name)) continue;
      text += fmt::format("{} is {}, was {}; ", name, hex(value), hex(before.at(name)));
    }
    return text;
  }

  [[nodiscard]] bool is_running() {
    constexpr std::uint32_t halted = 1U << 17;
    const Registers now = read_registers(board_.target());
    return now.contains("DHCSR") && (now.at("DHCSR") & halted) == 0;
  }

  // In the sectors of the image, and where something was torn at first.
  [[nodiscard]] std::set<std::uint32_t> unreadable_words() {
    std::set<std::uint32_t> words;
    if (chip_.read_errors.empty() || board_.target().connect() != machine::Ack::ok) return words;
    for (const Sector &sector : chip_.sectors) {
      if (sector.address - flash_base >= parts_.size()) break;  // its size register lies
      const auto torn = torn_.lower_bound(sector.address);
      const bool any = torn != torn_.end() && sector.range().contains(*torn);
      if (!any && parts_[sector.address - flash_base] == Part::elsewhere) continue;
      words.merge(testing::unreadable_words(board_.target(), chip_, sector.range()));
    }
    return words;
  }

  // After a success. What was torn at first is named and, outside of the image's sectors, left
  // alone; nothing else is torn.
  [[nodiscard]] std::string judge_words(const JobResult &result) {
    if (chip_.read_errors.empty()) return {};
    constexpr std::string_view cannot = "cannot be read without error";
    constexpr std::string_view alone = "it is outside the image and left alone";
    bool torn_elsewhere = false;
    for (const std::uint32_t word : torn_now_) {
      const bool elsewhere = parts_[word - flash_base] == Part::elsewhere;
      torn_elsewhere = torn_elsewhere || elsewhere;
      const bool named = result.messages.find(cannot) != std::string::npos;
      if (elsewhere || named || result.report.passes != 1 || may_erase_all_) continue;
      return hex(word) + " could not be read, and nobody said so\n  " + outcome(result);
    }
    if (!torn_elsewhere && result.messages.find(alone) != std::string::npos) {
      return "good words are called bad\n  " + outcome(result);
    }
    for (const std::uint32_t word : unreadable_words()) {
      if (parts_[word - flash_base] == Part::elsewhere && torn_.contains(word)) continue;
      return hex(word) + " cannot be read without error\n  " + outcome(result);
    }
    return {};
  }

  // The causes are removed.
  std::string again(const JobResult &first) {
    const bool sound = std::ranges::all_of(job_.board.faults, [](const std::string &fault) {
      return is_of_the_chip(fault) || is_in_the_flash(fault);
    });
    const auto wants_reset = [](const JobResult &result) {
      return result.hint.find("Reset the chip") != std::string::npos;
    };
    if (!board_.target().powered() || wants_reset(first)) board_.target().power_cycle();
    if (!chip_.read_errors.empty()) torn_now_ = unreadable_words();
    if (!job_.same_board || !sound) replace_board();
    // Which way the next run erases makes no difference to what was to be put back. But a mass
    // erase is refused where not all can be.
    const bool as_before = puts_back_ && !has_fault(job_, "secure_from") && job_.same_board;
    if (options_.erase == EraseMode::mass && !as_before) options_.erase = EraseMode::automatic;
    JobResult second = run_once({}, Connect::automatic);
    // A run that was killed between the two keys leaves the controller locked until a reset.
    if (!second.good && wants_reset(second)) {
      board_.target().power_cycle();
      second = run_once({}, Connect::automatic);
    }
    // Part of the flash belongs to the second core for good.
    const bool never_fits = first.code == Errc::image && has_fault(job_, "secure_from");
    const bool expected = never_fits ? second.code == Errc::image : second.good;
    std::string problem = expected ? judge(second) : "the next run failed\n  " + outcome(second);
    if (problem.empty() && second.good) problem = judge_words(second);
    return problem.empty() ? problem : problem + "\n  after: " + outcome(first);
  }

  // What cannot be read without error holds anything else on the new board.
  void replace_board() {
    BoardSpec sound;
    sound.part = job_.board.part;
    sound.seed = job_.board.seed;
    std::ranges::copy_if(job_.board.faults, std::back_inserter(sound.faults), is_of_the_chip);
    for (const std::uint32_t word : torn_now_) {
      sound.faults.push_back(fmt::format("{}{:x}", torn_switch, word));
    }
    board_.replace(sound);
    const Bytes now = board_.flash();
    for (const std::uint32_t word : torn_now_) {
      if (!torn_.contains(word)) continue;
      const auto at = static_cast<std::ptrdiff_t>(word - flash_base);
      std::copy_n(now.begin() + at, ecc_word, before_.begin() + at);
    }
  }

  [[nodiscard]] bool journal_is_there() const {
    std::error_code error;
    for (const auto &entry :
         std::filesystem::directory_iterator(options_.journal_directory, error)) {
      if (entry.path().extension() == ".journal") return true;
    }
    return false;
  }

  [[nodiscard]] static std::string outcome(const JobResult &result) {
    if (result.good) return "success\n  " + result.messages;
    return fmt::format("error {}: {}\n  hint: {}\n  {}", static_cast<int>(result.code), result.what,
                       result.hint, result.messages);
  }

  const RandomJob &job_;
  Image image_;
  FlashOptions options_;
  Board board_;
  Bytes before_;                      // of the first run
  Chip chip_;                         // once it is known
  std::set<std::uint32_t> torn_;      // addresses of words that were so before the first run
  std::set<std::uint32_t> torn_now_;  // before the run at hand
  bool may_erase_all_;
  bool puts_back_;  // what is elsewhere, after a mass erase
  bool has_bad_cell_;
  std::vector<Part> parts_;
  Bytes start_;  // of the run at hand
};

}  // namespace

Verdict check(const RandomJob &job, const std::filesystem::path &journals) {
  std::filesystem::remove_all(journals);
  return Check(job, journals).both();
}

}  // namespace flashhost::testing
