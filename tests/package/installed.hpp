// The build, installed and stripped into a folder of its own: what a user or a vendor has.
#pragma once

#include "shell.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

namespace flashhost {

[[nodiscard]] std::string quoted(const std::filesystem::path &path);

class Installed : public testing::Test {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite() { folder_.reset(); }
  void SetUp() override { ASSERT_EQ(install_.exit_code, 0) << install_.output; }

  // A folder for the tests of the suite; the prefix is in it.
  static const std::filesystem::path &folder() { return folder_->path(); }
  static std::filesystem::path prefix() { return folder() / "prefix"; }
  static std::filesystem::path plugins() { return prefix() / LIBDIR / "flashhost/plugins-2"; }
  static std::filesystem::path program() { return prefix() / "bin/flashhost"; }
  // The installed program, in this folder.
  static Outcome flashhost(const std::filesystem::path &where, const std::string &arguments);
  // Configures and builds a vendor's folder against what is installed, in its subfolder `build`.
  static void configure_and_build(const std::filesystem::path &source);

 private:
  static std::unique_ptr<TemporaryFolder> folder_;
  static Outcome install_;
};

}  // namespace flashhost
