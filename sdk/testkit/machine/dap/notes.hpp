// What a debugger did that hardware leaves undefined; each once.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace flashhost::machine::dap {

class Notes {
 public:
  void add(const std::string &text) {
    if (std::find(list_.begin(), list_.end(), text) == list_.end()) list_.push_back(text);
  }
  [[nodiscard]] const std::vector<std::string> &list() const { return list_; }

 private:
  std::vector<std::string> list_;
};

}  // namespace flashhost::machine::dap
