#pragma once

#include "temporary_folder.hpp"

#include <flashhost/error.hpp>

#include <config/config.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace flashhost::config::test {

// What the call throws, as "text"; its code must be the given one.
template <class Call>
std::string error_of(Errc code, Call call) {
  try {
    static_cast<void>(call());
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  return "no error";
}

inline std::string read_text(const std::filesystem::path &file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline Changes of_sets(const std::vector<std::string> &sets) {
  Changes changes;
  for (const std::string &set : sets) changes.overrides.push_back(parse_set(set));
  return changes;
}

class Folder : public bench::TemporaryFolder {
 public:
  [[nodiscard]] std::filesystem::path write(const std::string &name,
                                            const std::string &text) const {
    std::ofstream(path() / name, std::ios::binary) << text;
    return path() / name;
  }
};

}  // namespace flashhost::config::test
