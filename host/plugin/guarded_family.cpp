#include "plugin/guard.hpp"
#include "plugin/guarded.hpp"

#include <flashhost/loader_abi.h>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace flashhost {

namespace {

constexpr std::uint32_t word = 4;

// Where the sectors leave a gap in the range or do not fill it; empty: they tile it.
std::optional<std::string> untiled(const std::vector<Sector> &sectors, MemoryRange range) {
  std::uint64_t next = range.address;
  for (const Sector &sector : sectors) {
    if (sector.size == 0 || sector.address != next) return "at " + hex(sector.address);
    next = sector.range().end();
  }
  if (range.size == 0 || next != range.end()) return format_range(range);
  return std::nullopt;
}

class GuardedFamily final : public Family, private Locks, private DirectFlash, private OptionBytes {
 public:
  explicit GuardedFamily(std::shared_ptr<LoadedPlugin> plugin) : guard_(std::move(plugin)) {}

  void configure(const Settings &settings) override {
    guard_.call("configure", [&] { family().configure(settings); });
  }
  void ask_for(const std::string &part) override {
    guard_.call("ask_for", [&] { family().ask_for(part); }, [&] { return part; });
  }
  std::vector<Part> parts() const override {
    std::vector<Part> parts = guard_.call("parts", [&] { return family().parts(); });
    for (const Part &part : parts) check("parts", violation(part));
    return parts;
  }
  Identity identify(ProbeReader &probe) override {
    Identity identity = guard_.call("identify", [&] { return family().identify(probe); });
    if (!identity.chip) return identity;
    check("identify", violation(*identity.chip));
    name_sections(*identity.chip);
    for (Chip &further : identity.chip->further_flash) name_sections(further);
    return identity;
  }
  LoaderCode loader(const Chip &chip) const override {
    const LoaderCode code = guard_.call("loader", [&] { return family().loader(chip); });
    check("loader", violation(code));
    return code;
  }
  void prepare(Probe &probe, const Chip &chip, UndoLog &undo) override {
    guard_.call("prepare", [&] { family().prepare(probe, chip, undo); });
  }
  void settle(ProbeReader &probe, Chip &chip) override {
    guard_.call("settle", [&] { family().settle(probe, chip); });
    check("settle", violation(chip));
  }
  void finish(Probe &probe, const Chip &chip) override {
    guard_.call("finish", [&] { family().finish(probe, chip); });
  }
  void finish_without_reset(Probe &probe, const Chip &chip) override {
    guard_.call("finish_without_reset", [&] { family().finish_without_reset(probe, chip); });
  }
  Locks *locks() override { return plugins_locks() == nullptr ? nullptr : this; }
  DirectFlash *direct_flash() override { return plugins_flash() == nullptr ? nullptr : this; }
  OptionBytes *option_bytes() override { return plugins_options() == nullptr ? nullptr : this; }

 private:
  Protection protection(Probe &probe, const Chip &chip) override {
    Locks &locks = there("locks", plugins_locks());
    return guard_.call("protection", [&] { return locks.protection(probe, chip); });
  }
  void unprotect(Probe &probe, const Chip &chip, const Protection &found) override {
    Locks &locks = there("locks", plugins_locks());
    guard_.call("unprotect", [&] { locks.unprotect(probe, chip, found); });
  }
  std::vector<Width> widths(const Chip &chip) const override {
    const DirectFlash &flash = there("direct_flash", plugins_flash());
    const auto widths = guard_.call("widths", [&] { return flash.widths(chip); });
    if (widths.empty() || std::ranges::find(widths, Width::automatic) != widths.end()) {
      guard_.broken("widths", "it named no width of access, or the automatic one");
    }
    return widths;
  }
  void erase_sector(Probe &probe, const Chip &chip, const Sector &sector) override {
    DirectFlash &flash = there("direct_flash", plugins_flash());
    guard_.call(
        "erase_sector", [&] { flash.erase_sector(probe, chip, sector); },
        [&] { return hex(sector.address); });
  }
  void erase_all(Probe &probe, const Chip &chip) override {
    DirectFlash &flash = there("direct_flash", plugins_flash());
    guard_.call("erase_all", [&] { flash.erase_all(probe, chip); });
  }
  void program(Probe &probe, const Chip &chip, std::uint32_t address,
               std::span<const std::uint8_t> data, Width width) override {
    DirectFlash &flash = there("direct_flash", plugins_flash());
    guard_.call(
        "program", [&] { flash.program(probe, chip, address, data, width); },
        [&] {
          return fmt::format("{}, {}, width {}", hex(address), format_size(data.size()),
                             static_cast<int>(width));
        });
  }

  std::vector<OptionField> fields(const Chip &chip) const override {
    const OptionBytes &options = there("option_bytes", plugins_options());
    std::vector<OptionField> fields = guard_.call("fields", [&] { return options.fields(chip); });
    check("fields", violation(fields));
    return fields;
  }
  OptionWords read(Probe &probe, const Chip &chip) override {
    OptionBytes &options = there("option_bytes", plugins_options());
    OptionWords words = guard_.call("read", [&] { return options.read(probe, chip); });
    check_words("read", chip, words);
    return words;
  }
  std::vector<OptionEffect> effects(const Chip &chip, const OptionWords &from,
                                    const OptionWords &to) const override {
    const OptionBytes &options = there("option_bytes", plugins_options());
    return guard_.call("effects", [&] { return options.effects(chip, from, to); });
  }
  void write(Probe &probe, const Chip &chip, const OptionWords &words) override {
    OptionBytes &options = there("option_bytes", plugins_options());
    guard_.call(
        "write", [&] { options.write(probe, chip, words); },
        [&] {
          std::string text;
          for (const std::uint32_t one : words) text += (text.empty() ? "" : " ") + hex(one);
          return text;
        });
  }
  OptionWords with_read_protection(const Chip &chip, OptionWords words) const override {
    const OptionBytes &options = there("option_bytes", plugins_options());
    OptionWords result = guard_.call("with_read_protection", [&] {
      return options.with_read_protection(chip, std::move(words));
    });
    check_words("with_read_protection", chip, result);
    return result;
  }
  OptionWords with_write_protection(const Chip &chip, OptionWords words,
                                    MemoryRange range) const override {
    const OptionBytes &options = there("option_bytes", plugins_options());
    OptionWords result = guard_.call("with_write_protection", [&] {
      return options.with_write_protection(chip, std::move(words), range);
    });
    check_words("with_write_protection", chip, result);
    return result;
  }
  OptionWords without_protection(const Chip &chip, OptionWords words) const override {
    const OptionBytes &options = there("option_bytes", plugins_options());
    OptionWords result = guard_.call(
        "without_protection", [&] { return options.without_protection(chip, std::move(words)); });
    check_words("without_protection", chip, result);
    return result;
  }
  std::vector<MemoryRange> write_protected(const Chip &chip,
                                           const OptionWords &words) const override {
    const OptionBytes &options = there("option_bytes", plugins_options());
    return guard_.call("write_protected", [&] { return options.write_protected(chip, words); });
  }

  [[nodiscard]] Family &family() const { return guard_.plugin().object<Family>(); }
  [[nodiscard]] Locks *plugins_locks() const {
    return guard_.call("locks", [&] { return family().locks(); });
  }
  [[nodiscard]] DirectFlash *plugins_flash() const {
    return guard_.call("direct_flash", [&] { return family().direct_flash(); });
  }
  [[nodiscard]] OptionBytes *plugins_options() const {
    return guard_.call("option_bytes", [&] { return family().option_bytes(); });
  }
  // Words with every field of the chip.
  void check_words(std::string_view call, const Chip &chip, const OptionWords &words) const {
    for (const OptionField &field : fields(chip)) {
      if (field.word < words.size()) continue;
      guard_.broken(call, fmt::format("there are {} words, but the option {} is in word {}",
                                      words.size(), field.name, field.word));
    }
  }
  template <class Ability>
  [[nodiscard]] Ability &there(std::string_view accessor, Ability *ability) const {
    if (ability == nullptr)
      guard_.broken(accessor, "it returned null, but had returned an object before");
    return *ability;
  }
  void check(std::string_view call, const std::optional<std::string> &what) const {
    if (what) guard_.broken(call, *what);
  }
  void name_sections(Chip &chip) const {
    for (StatusBit &bit : chip.status.bits) bit.page = guard_.section(bit.page);
  }

  Guard guard_;
};

}  // namespace

std::shared_ptr<Family> guarded_family(std::shared_ptr<LoadedPlugin> plugin) {
  return std::make_shared<GuardedFamily>(std::move(plugin));
}

namespace {

// What else the chip says of its memory.
std::optional<std::string> violation_beside(const Chip &chip) {
  std::vector<MemoryRange> ranges{chip.flash};
  for (Chip further : chip.further_flash) {
    if (!further.further_flash.empty()) return chip.name + ": further flash has further flash";
    ranges.push_back(further.flash);
    further.name = fmt::format("{}, further flash", chip.name);
    further.boot_address = further.flash.address;
    if (auto wrong = violation(further)) return wrong;
  }
  for (const FlashAlias &alias : chip.aliases) {
    const auto holds = [&](const MemoryRange &flash) {
      return flash.contains(alias.address, alias.range.size);
    };
    if (std::ranges::none_of(ranges, holds)) {
      return fmt::format("{}: the alias {} is not one of its flash", chip.name,
                         format_range(alias.range));
    }
  }
  for (const FlashAlias &alias : chip.aliases) ranges.push_back(alias.range);
  std::ranges::sort(ranges, {}, &MemoryRange::address);
  const auto both = std::ranges::adjacent_find(
      ranges, [](const MemoryRange &a, const MemoryRange &b) { return a.overlaps(b); });
  if (both == ranges.end()) return std::nullopt;
  return fmt::format("{}: its flash or alias {} overlaps the next", chip.name, format_range(*both));
}

}  // namespace

std::optional<std::string> violation(const Part &part) {
  const std::size_t opened = static_cast<std::size_t>(std::ranges::count(part.pattern, '['));
  const std::size_t closed = static_cast<std::size_t>(std::ranges::count(part.pattern, ']'));
  if (part.pattern.empty() || opened != closed) {
    return fmt::format("\"{}\" is no pattern of a part's name", part.pattern);
  }
  Chip chip = part.chip;
  chip.name = common_name(part.pattern);
  return violation(chip);
}

std::optional<std::string> violation(const Chip &chip) {
  if (chip.name.empty()) return "the chip has no name";
  const auto wrong = [&](const std::string &what) { return chip.name + ": " + what; };
  const bool whole_flash = chip.sectors.size() == 1 && chip.program_unit == chip.flash.size;
  if (!std::has_single_bit(chip.program_unit) && !whole_flash) {
    return wrong(
        fmt::format("the programming unit of {} bytes is no power of two", chip.program_unit));
  }
  if (chip.ecc_unit != 0 &&
      (!std::has_single_bit(chip.ecc_unit) || chip.ecc_unit < chip.program_unit)) {
    return wrong(fmt::format("the ECC unit of {} bytes is no multiple of the programming unit",
                             chip.ecc_unit));
  }
  if (chip.die_flash_size < chip.flash.size) {
    return wrong(fmt::format("the die holds {}, less than the flash of {}",
                             format_size(chip.die_flash_size), format_size(chip.flash.size)));
  }
  if (const auto gap = untiled(chip.sectors, chip.flash)) {
    return wrong("its sectors do not tile its flash " + *gap);
  }
  const std::uint64_t most = std::uint64_t{chip.flash.address} + chip.die_flash_size;
  if (!chip.die_sectors.empty()) {
    const std::uint64_t end = chip.die_sectors.back().range().end();
    const MemoryRange die{chip.flash.address, static_cast<std::uint32_t>(end - chip.flash.address)};
    const auto gap = untiled(chip.die_sectors, die);
    if (gap || end > most) return wrong("the sectors of its die do not tile the die");
  }
  if (!chip.flash.contains(chip.boot_address)) {
    return wrong(fmt::format("it boots from {}, outside its flash", hex(chip.boot_address)));
  }
  if (!chip.status.registers.empty() && status_mask(chip, StatusBit::Meaning::busy) == 0) {
    return wrong("its flash status register has no busy bit");
  }
  if (chip.clears_bits && (chip.ecc_unit != 0 || chip.erased_value != 0xFF)) {
    return wrong(
        "it claims to clear bits of what is programmed, which no flash can with an error "
        "correcting code, or with an erased value other than 0xff");
  }
  const auto timed = [](Nanoseconds typical, Nanoseconds maximum) {
    return maximum > Nanoseconds::zero() && typical <= maximum;
  };
  if (!timed(chip.program_typical, chip.program_maximum)) {
    return wrong("there is no limit to the time that programming takes");
  }
  if (chip.mass_erase_typical > Nanoseconds::zero() &&
      !timed(chip.mass_erase_typical, chip.mass_erase_maximum)) {
    return wrong("there is no limit to the time that a mass erase takes");
  }
  for (const Sector &sector : chip.sectors) {
    if (!timed(sector.erase_typical, sector.erase_maximum)) {
      return wrong("there is no limit to the time that erasing takes at " + hex(sector.address));
    }
    if (sector.size % chip.write_unit() != 0 || sector.size % word != 0) {
      return wrong(fmt::format("the sector at {} is no multiple of what is programmed at a time",
                               hex(sector.address)));
    }
  }
  return violation_beside(chip);
}

std::optional<std::string> violation(const std::vector<OptionField> &fields) {
  constexpr std::uint32_t word_bits = 32, most_words = 64;
  if (fields.empty()) return "it names no field of the option bytes";
  for (auto field = fields.begin(); field != fields.end(); ++field) {
    const std::string name = fmt::format("the option \"{}\"", field->name);
    if (field->name.empty()) return "an option has no name";
    if (field->bits == 0 || field->bits > word_bits || field->shift > word_bits - field->bits ||
        field->word >= most_words) {
      return name + " does not fit into a word";
    }
    for (const OptionValue &value : field->values) {
      if (value.value > largest_option_value(*field))
        return name + " has a value that is too large";
    }
    for (auto other = fields.begin(); other != field; ++other) {
      if (other->name == field->name) return name + " is named twice";
      const bool apart = other->word != field->word || other->shift + other->bits <= field->shift ||
                         field->shift + field->bits <= other->shift;
      if (!apart) return fmt::format("{} and \"{}\" share bits", name, other->name);
    }
  }
  return std::nullopt;
}

std::optional<std::string> violation(const LoaderCode &loader) {
  const auto outside = [&](std::uint32_t entry) {
    return entry != LoaderCode::none && entry >= loader.code.size();
  };
  for (const std::uint32_t entry : loader.entries()) {
    if (outside(entry)) {
      return fmt::format("the entry point at offset {} lies outside the code of {}", hex(entry),
                         format_size(loader.code.size()));
    }
  }
  if (loader.code.empty()) return std::nullopt;
  constexpr std::uint32_t most = 1U << 24;  // more than the RAM of any chip
  const std::uint64_t data = std::uint64_t{loader.zero_data} + loader.scratch;
  if (loader.stack_size < FH_AGENT_STACK || loader.stack_size > most || data > most) {
    return fmt::format(
        "a stack of {} and data of {} are not possible: the agent alone needs a stack of {}",
        format_size(loader.stack_size), format_size(data), format_size(FH_AGENT_STACK));
  }
  const std::uint64_t all = loader.code.size() + std::uint64_t{loader.zero_data};
  if (loader.static_base != LoaderCode::none && loader.static_base > all) {
    return fmt::format("its static base at offset {} lies outside its code and data",
                       hex(loader.static_base));
  }
  if (loader.page_size != 0 && !std::has_single_bit(loader.page_size)) {
    return fmt::format("pages of {} bytes are no power of two", loader.page_size);
  }
  const CallLimits &limits = loader.limits;
  if (!loader.ticks &&
      std::ranges::any_of(std::array{limits.init, limits.erase_sector, limits.program_page},
                          [](Nanoseconds limit) { return limit <= Nanoseconds::zero(); })) {
    return "it does not tick, and does not say how long its calls may take";
  }
  return std::nullopt;
}

}  // namespace flashhost
