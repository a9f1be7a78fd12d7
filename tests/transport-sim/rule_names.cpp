// Prints the names of the model's rules, one a line, for scripts/mutants.
#include "model/target.hpp"

#include <iostream>

int main() {
  for (const auto &name : target_model::rule_names()) std::cout << name << '\n';
}
