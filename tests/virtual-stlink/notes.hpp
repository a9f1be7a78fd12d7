// What a host did that real firmware does not take well; each once.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace virtual_stlink {

class Notes {
 public:
  explicit Notes(std::vector<std::string> &list) : list_(list) {}
  void add(const std::string &text) {
    if (std::find(list_.begin(), list_.end(), text) == list_.end()) list_.push_back(text);
  }

 private:
  std::vector<std::string> &list_;
};

}  // namespace virtual_stlink
