#include "family/job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace flashhost::conformance {

namespace {

// The tested family without its loader code.
class WithoutLoader final : public Family {
 public:
  explicit WithoutLoader(std::shared_ptr<Family> family) : family_(std::move(family)) {}

  [[nodiscard]] std::vector<Part> parts() const override { return family_->parts(); }
  [[nodiscard]] Identity identify(ProbeReader &probe) override { return family_->identify(probe); }
  // These two may be called again at any time.
  void settle(ProbeReader &probe, Chip &chip) override {
    family_->settle(probe, chip);
    family_->settle(probe, chip);
  }
  void finish(Probe &probe, const Chip &chip) override {
    family_->finish(probe, chip);
    family_->finish(probe, chip);
  }
  void finish_without_reset(Probe &probe, const Chip &chip) override {
    family_->finish_without_reset(probe, chip);
    family_->finish_without_reset(probe, chip);
  }
  [[nodiscard]] LoaderCode loader(const Chip & /*chip*/) const override { return {}; }
  void prepare(Probe &probe, const Chip &chip, UndoLog &undo) override {
    family_->prepare(probe, chip, undo);
  }
  [[nodiscard]] Locks *locks() override { return family_->locks(); }
  [[nodiscard]] DirectFlash *direct_flash() override { return family_->direct_flash(); }

 private:
  std::shared_ptr<Family> family_;
};

}  // namespace

Job::Job(const Chip &chip) {
  const Sector &first = chip.sectors.front();
  const std::uint32_t second = std::min<std::uint32_t>(first.size, 2048);
  segments = {{first.address + 3, random_bytes(61, 21)},
              {first.address + 128, random_bytes(chip.write_unit() + 1, 22)},
              {first.address + second - 5, random_bytes(11, 23)}};
  options.journal_directory = folder_.path() / "journal";
}

Job &Job::without_loader() {
  without_loader_ = true;
  return *this;
}

Bytes Job::wanted(const Chip &chip, Bytes before) const {
  for (const Segment &segment : segments) {
    before = with_bytes(chip, std::move(before), segment.address, segment.data);
  }
  return before;
}

JobEnd Job::run(Session &session) {
  JobEnd end;
  NamedFamily family = tested_family();
  if (without_loader_) family.family = std::make_shared<WithoutLoader>(family.family);
  TargetOptions target_options;
  target_options.reset = reset;
  try {
    Target &target = session.connect_with(family, target_options);
    const Image image = merge({{"image", {segments, std::nullopt}}});
    end.report = flash(target, image, options, session.told(), {});
    end.good = true;
  } catch (const Error &error) {
    end.code = error.code();
    end.text = std::string(error.what()) + " " + error.hint();
  }
  return end;
}

std::string in_words(const JobEnd &end) {
  if (end.good) return "the job succeeded";
  return fmt::format("the job failed with exit code {}: {}", exit_code(end.code), end.text);
}

}  // namespace flashhost::conformance
