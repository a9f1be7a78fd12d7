#include "shell.hpp"

#include "plugin/plugin_kind.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>

namespace fs = std::filesystem;

namespace flashhost {

Outcome run(const std::string &command) {
  std::FILE *pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  Outcome outcome;
  std::array<char, 4096> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    outcome.output.append(buffer.data(), count);
  }
  const int status = pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

std::vector<fs::path> shared_objects(const fs::path &folder) {
  std::vector<fs::path> files;
  for (const auto &entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".so") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

namespace {

bool is_model(const fs::path &file) {
  const auto name = parse_plugin_file(file.filename().string());
  return name && name->kind == PluginKind::model;
}

}  // namespace

std::vector<fs::path> plugin_files(const fs::path &folder) {
  std::vector<fs::path> files = shared_objects(folder);
  std::erase_if(files, is_model);
  return files;
}

std::vector<fs::path> model_files(const fs::path &folder) {
  std::vector<fs::path> files = shared_objects(folder);
  std::erase_if(files, std::not_fn(is_model));
  return files;
}

bool is_loaded(const fs::path &file) {
  void *handle = dlopen(file.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  if (handle != nullptr) dlclose(handle);
  return handle != nullptr;
}

}  // namespace flashhost
