// The committed algorithms and packs of tests/family-flm; FLASHHOST_FLM_FOLDER: those that another
// compiler made.
#pragma once

#include <family-flm/flm_file.hpp>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace flashhost::test {

[[nodiscard]] inline Bytes content_of(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream) << path;
  return {std::istreambuf_iterator<char>(stream), {}};
}

[[nodiscard]] inline std::string other_folder() {
  const char *folder = std::getenv("FLASHHOST_FLM_FOLDER");
  return folder == nullptr ? std::string() : folder;
}

// By its file name without the extension.
[[nodiscard]] inline flm::FlmFile algorithm(const std::string &name) {
  const std::string folder =
      other_folder().empty() ? std::string(FLM_TEST_FOLDER) + "/algorithms" : other_folder();
  return flm::parse_flm(content_of(folder + "/" + name + ".FLM"));
}

[[nodiscard]] inline Bytes pack_bytes(const std::string &name) {
  return content_of((other_folder().empty() ? FLM_TEST_FOLDER : other_folder()) + "/" + name +
                    ".1.0.0.pack");
}

}  // namespace flashhost::test
