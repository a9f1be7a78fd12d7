// The Family that each of the plugins is, for its own series.
#pragma once

#include "f1.hpp"

#include <flashhost/plugin.hpp>

#include <utility>
#include <vector>

namespace f1 {

using namespace flashhost;

class SeriesFamily : public Family, private Locks, private DirectFlash, private OptionBytes {
 public:
  SeriesFamily(Host &host, Series series) : host_(host), series_(series) {}

  [[nodiscard]] std::vector<Part> parts() const override { return f1::parts(series_); }
  [[nodiscard]] Identity identify(ProbeReader &probe) override {
    return f1::identify(series_, probe);
  }
  void settle(ProbeReader &probe, Chip &chip) override { f1::settle(probe, chip); }
  [[nodiscard]] LoaderCode loader(const Chip &chip) const override { return f1::loader(chip); }
  void prepare(Probe &probe, const Chip &chip, UndoLog &undo) override {
    f1::prepare(host_, probe, chip, undo);
  }
  void finish(Probe &probe, const Chip &chip) override { f1::finish(host_, probe, chip); }
  void finish_without_reset(Probe &probe, const Chip &chip) override {
    f1::finish_without_reset(host_, probe, chip);
  }
  [[nodiscard]] Locks *locks() override { return this; }
  [[nodiscard]] DirectFlash *direct_flash() override { return this; }
  [[nodiscard]] OptionBytes *option_bytes() override { return this; }

 private:
  [[nodiscard]] Protection protection(Probe &probe, const Chip &chip) override {
    return f1::protection(probe, chip);
  }
  void unprotect(Probe &probe, const Chip &chip, const Protection &found) override {
    f1::unprotect(host_, probe, chip, found);
  }
  [[nodiscard]] std::vector<Width> widths(const Chip & /*chip*/) const override {
    return {Width::half};
  }
  void erase_sector(Probe &probe, const Chip &chip, const Sector &sector) override {
    f1::erase_sector(host_, probe, chip, sector);
  }
  void erase_all(Probe &probe, const Chip &chip) override { f1::erase_all(host_, probe, chip); }
  void program(Probe &probe, const Chip &chip, std::uint32_t address,
               std::span<const std::uint8_t> data, Width /*width*/) override {
    f1::program(host_, probe, chip, address, data);
  }
  [[nodiscard]] std::vector<OptionField> fields(const Chip &chip) const override {
    return f1::option_fields(chip);
  }
  [[nodiscard]] OptionWords read(Probe &probe, const Chip & /*chip*/) override {
    return f1::read_options(probe);
  }
  [[nodiscard]] std::vector<OptionEffect> effects(const Chip &chip, const OptionWords &from,
                                                  const OptionWords &to) const override {
    return f1::option_effects(chip, from, to);
  }
  void write(Probe &probe, const Chip &chip, const OptionWords &words) override {
    f1::write_options(host_, probe, chip, words);
  }
  [[nodiscard]] OptionWords with_read_protection(const Chip &chip,
                                                 OptionWords words) const override {
    return f1::with_read_protection(chip, std::move(words));
  }
  [[nodiscard]] OptionWords with_write_protection(const Chip &chip, OptionWords words,
                                                  MemoryRange range) const override {
    return f1::with_write_protection(chip, std::move(words), range);
  }
  [[nodiscard]] OptionWords without_protection(const Chip &chip, OptionWords words) const override {
    return f1::without_protection(chip, std::move(words));
  }
  [[nodiscard]] std::vector<MemoryRange> write_protected(const Chip &chip,
                                                         const OptionWords &words) const override {
    return f1::write_protected(chip, words);
  }

  Host &host_;
  Series series_;
};

}  // namespace f1
