// Prints the names of the model's rules, one a line, for scripts/mutants.
#include "test_models.hpp"

#include <iostream>

int main() {
  for (const auto &name : flashhost::test::models().rule_names()) std::cout << name << '\n';
}
