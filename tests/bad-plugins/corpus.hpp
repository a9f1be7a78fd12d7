// A folder of its own for each test, with plugins of the corpus in it.
#pragma once

#include "hosts.hpp"
#include "plugin/plugin_loader.hpp"
#include "temporary_folder.hpp"
#include "thrown.hpp"

#include <flashhost/error.hpp>

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace flashhost {

using bench::error_of;

class Corpus : public testing::Test {
 protected:
  Corpus() { setenv("FLASHHOST_TEST_MARKER", marker_.c_str(), 1); }

  // Copies file of the corpus into the test's folder, readable by all, writable by its owner.
  std::filesystem::path install(const std::string &file) const {
    const std::filesystem::path to = folder_ / file;
    std::filesystem::copy_file(std::filesystem::path(CORPUS) / file, to);
    std::filesystem::permissions(to, std::filesystem::perms(0644));
    return to;
  }
  std::filesystem::path write(const std::string &file, const std::string &content) const {
    std::ofstream(folder_ / file, std::ios::binary) << content;
    std::filesystem::permissions(folder_ / file, std::filesystem::perms(0644));
    return folder_ / file;
  }

  // The plugins' Hosts keep what they are told in lines_.
  [[nodiscard]] PluginLoader loader() const {
    return {{folder_},
            [this](const std::string &) { return std::make_unique<Recorder>(*lines_); },
            user_};
  }
  // The error that loading the format gives.
  [[nodiscard]] Error refusal(const std::string &id) const {
    return error_of([&] { (void)loader().format(id); });
  }
  [[nodiscard]] bool code_has_run() const { return std::filesystem::exists(marker_); }
  [[nodiscard]] static bool is_loaded(const std::filesystem::path &file) {
    void *handle = dlopen(file.c_str(), RTLD_LAZY | RTLD_NOLOAD);
    if (handle != nullptr) dlclose(handle);
    return handle != nullptr;
  }

  const bench::TemporaryFolder temporary_;
  const std::filesystem::path folder_ = temporary_.path(), marker_ = folder_ / "code-has-run";
  User user_{geteuid(), std::nullopt};
  std::shared_ptr<std::vector<std::string>> lines_ = std::make_shared<std::vector<std::string>>();

 private:
  // Its lines outlive it.
  class Recorder : public testing::QuietHost {
   public:
    explicit Recorder(std::vector<std::string> &lines) : lines_(lines) {}
    void log(Level level, std::string_view text) noexcept override {
      lines_.push_back((level == Level::trace ? "trace: " : "") + std::string(text));
    }
    [[nodiscard]] bool enabled(Level /*level*/) const noexcept override { return true; }

   private:
    std::vector<std::string> &lines_;
  };
};

}  // namespace flashhost
