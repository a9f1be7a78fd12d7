// What the tests of the simulated transport share: a folder of its own, settings by key and value.
#pragma once

#include "hosts.hpp"
#include "sim_transport.hpp"
#include "temporary_folder.hpp"
#include "test_models.hpp"
#include "thrown.hpp"

#include <flashhost/error.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace flashhost::sim {

// The models in this process, wherever the settings say that they are.
inline machine::Models linked(const std::string & /*model_dir*/) {
  return test::models();
}

using Pairs = std::vector<std::pair<std::string, SettingValue>>;

inline Settings make_settings(const Pairs &pairs, const std::string &folder = {}) {
  std::vector<Setting> list;
  list.reserve(pairs.size());
  for (const auto &[key, value] : pairs) {
    list.push_back({key, value, "board.toml:" + std::to_string(list.size() + 3) + ":1", folder});
  }
  return Settings(std::move(list));
}

using bench::error_of;

// Its paths as settings have them.
class TemporaryFolder {
 public:
  [[nodiscard]] std::string file(const std::string &name) const {
    return (folder_.path() / name).string();
  }
  [[nodiscard]] std::string path() const { return folder_.path().string(); }

 private:
  bench::TemporaryFolder folder_;
};

inline void write_file(const std::string &name, const std::string &content) {
  std::ofstream(name, std::ios::binary) << content;
}

inline Bytes file_bytes(const std::string &name) {
  std::ifstream stream(name, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// A board of its own per test; the probe is open, not attached.
class SimTest : public testing::Test {
 protected:
  std::unique_ptr<Probe> open(const Pairs &pairs = {}, const OpenOptions &options = {}) {
    SimTransport transport(host_, linked);
    transport.configure(make_settings(pairs, folder_.path()));
    return transport.open(options);
  }
  std::unique_ptr<Probe> attached(const Pairs &pairs = {}) {
    std::unique_ptr<Probe> probe = open(pairs);
    probe->attach(AttachMode::attach);
    return probe;
  }

  testing::RecordingHost host_;
  TemporaryFolder folder_;
};

}  // namespace flashhost::sim
