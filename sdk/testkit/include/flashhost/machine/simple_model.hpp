// A base for simple models: a table of parts, own faults besides those of any flash, one class for
// the die.
#pragma once

#include <flashhost/machine/model.hpp>

#include <concepts>
#include <memory>
#include <utility>
#include <vector>

namespace flashhost::machine {

// Faults that make a die report something wrong about itself. The real size of the flash stays the
// part's.
inline constexpr FaultRow<Part> reported_fault_rows[] = {
    {{"flash_size_register", "hex16", "the die is made as one of a part with so many KiB of flash"},
     [](Part &part, std::string_view name, std::string_view value) {
       part.flash_size = (fault_number(name, value, 16) & 0xFFFF) * 1024;
     }},
};

// Faults: what the rows of own_faults set. DieType is constructed from a part, its wiring and the
// faults, which do not live longer than the constructor. It must report what `part` says; the real
// size of the flash is that of wiring.main_flash.
template <class DieType, std::derived_from<FlashFaults> Faults>
class SimpleModel : public Model {
 public:
  SimpleModel(std::vector<Part> parts, std::span<const FaultRow<Faults>> own_faults,
              std::vector<NamedRegister> tidy_registers)
      : parts_(std::move(parts)),
        own_faults_(own_faults),
        tidy_registers_(std::move(tidy_registers)) {}

  [[nodiscard]] std::span<const Part> parts() const override { return parts_; }
  [[nodiscard]] std::span<const NamedRegister> tidy_registers() const override {
    return tidy_registers_;
  }
  [[nodiscard]] std::vector<FaultName> fault_names() const override {
    std::vector<FaultName> names;
    add_names(names, own_faults_);
    add_names(names, any_flash_);
    add_names(names, any_part_);
    return names;
  }
  [[nodiscard]] std::unique_ptr<Die> make_die(const Part &part,
                                              const Wiring &wiring) const override {
    Faults faults;
    Part reported = part;
    for (const std::string &fault : wiring.faults) {
      if (!apply_fault(own_faults_, faults, fault) && !apply_fault(any_flash_, faults, fault) &&
          !apply_fault(any_part_, reported, fault)) {
        refuse_fault(fault, "the chip has no such fault");
      }
    }
    return std::make_unique<DieType>(reported, wiring, faults);
  }

 private:
  std::vector<Part> parts_;
  std::span<const FaultRow<Faults>> own_faults_;
  std::span<const FaultRow<Faults>> any_flash_ = flash_fault_rows<Faults>;
  std::span<const FaultRow<Part>> any_part_ = reported_fault_rows;
  std::vector<NamedRegister> tidy_registers_;
};

}  // namespace flashhost::machine
