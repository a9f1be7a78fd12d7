// The program around virtual probes of one kind.
#pragma once

#include "options.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace virtual_usb {

struct ProgramText {
  std::string name;
  std::string purpose;  // first lines of the help
  std::string serials;  // what its serial numbers look like
  std::string example;  // of a command line
};

// A kind of probe.
class Product {
 public:
  Product() = default;
  Product(const Product &) = delete;
  Product &operator=(const Product &) = delete;
  virtual ~Product() = default;

  [[nodiscard]] virtual ProgramText text() const = 0;
  virtual void declare(CLI::App &app) = 0;  // options of its own
  [[nodiscard]] virtual std::string default_serial(std::size_t number) const = 0;  // from 1
  // Faults that only this kind of probe has: a line each, and those of the command line, which are
  // removed from the list. Throws std::invalid_argument.
  [[nodiscard]] virtual std::string fault_help() const { return {}; }
  virtual void take_faults(std::vector<std::string> & /*faults*/) {}
  // Called once the options are read: the identity and firmware of a probe, the number-th (from 1),
  // with this serial number. Throws std::invalid_argument.
  virtual void complete(ProbeSettings &settings, const std::string &serial,
                        std::size_t number) const = 0;
};

// main(): the exit code.
[[nodiscard]] int run_program(Product &product, int argc, char **argv);

}  // namespace virtual_usb
