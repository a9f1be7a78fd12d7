// What a host or debugger did that real firmware or hardware does not take well: bugs of it.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace flashhost::machine {

// Adds to a list, each text once. The list must outlive it.
class Notes {
 public:
  explicit Notes(std::vector<std::string> &list) : list_(list) {}
  void add(const std::string &text) {
    if (std::find(list_.begin(), list_.end(), text) == list_.end()) list_.push_back(text);
  }

 private:
  std::vector<std::string> &list_;
};

}  // namespace flashhost::machine
