// Prints the names of the model's rules, one a line, for scripts/mutants.
#include <flashhost/machine/target.hpp>

#include <iostream>

int main() {
  for (const auto &name : flashhost::machine::rule_names()) std::cout << name << '\n';
}
