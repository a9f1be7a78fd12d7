// random-jobs --seed FIRST --count N [--part TEXT]...: that many random jobs, one for each seed
// from the first on; with --part only those on chips whose names begin so. Says which seeds show a
// problem, and how to see it again.
#include "random_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace flashhost::testing;

constexpr unsigned most_problems = 10;

struct Options {
  std::uint64_t seed = 1;
  std::uint64_t count = 1;
  bool verbose = false;
  std::vector<std::string> parts;  // only those that begin so; empty: all

  [[nodiscard]] bool wants(const std::string &part) const {
    return parts.empty() || std::ranges::any_of(parts, [&](const std::string &beginning) {
             return part.starts_with(beginning);
           });
  }
};

Options parse(int count, char **words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--verbose") {
      options.verbose = true;
    } else if (word == "--seed" && i + 1 < count) {
      options.seed = std::stoull(words[++i]);
    } else if (word == "--count" && i + 1 < count) {
      options.count = std::stoull(words[++i]);
    } else if (word == "--part" && i + 1 < count) {
      options.parts.emplace_back(words[++i]);
    } else {
      fmt::print(stderr, "usage: {} [--seed FIRST] [--count N] [--part TEXT]... [--verbose]\n",
                 words[0]);
      std::exit(2);
    }
  }
  return options;
}

Verdict guarded_check(const RandomJob &job, const std::filesystem::path &journals) {
  try {
    return check(job, journals);
  } catch (const std::exception &error) {
    return {fmt::format("exception: {}", error.what()), false};
  }
}

}  // namespace

int main(int count, char **words) {
  const Options options = parse(count, words);
  const TemporaryFolder folder;
  unsigned problems = 0;
  std::uint64_t done = 0;
  std::uint64_t good = 0;
  std::uint64_t seed = options.seed;
  for (; seed < options.seed + options.count && problems < most_problems; ++seed) {
    const RandomJob job = draw_job(seed);
    if (!options.wants(job.board.part)) continue;
    ++done;
    if (options.verbose) fmt::print(stderr, "seed {}: {}\n", seed, describe(job));
    const Verdict verdict = guarded_check(job, folder.path() / "journal");
    if (verdict.good) ++good;
    if (verdict.problem.empty()) continue;
    ++problems;
    fmt::print(stderr, "seed {}: {}\n  {}\n  see it again: {} --seed {} --count 1\n\n", seed,
               verdict.problem, describe(job), words[0], seed);
  }
  fmt::print("{} jobs from seed {} on: {} succeeded at once, {} problems\n", done, options.seed,
             good, problems);
  return problems == 0 ? 0 : 1;
}
