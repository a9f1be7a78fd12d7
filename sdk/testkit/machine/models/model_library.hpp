// A model-<id>.so, loaded.
#pragma once

#include <flashhost/machine/models.hpp>

#include <filesystem>
#include <string>

namespace flashhost::machine {

struct LoadedModel {
  ModelPtr model;  // keeps the library loaded
  std::string id;
  std::string summary;
};

// "f1" for "model-f1.so"; empty: not the name of a model.
[[nodiscard]] std::string model_id(const std::filesystem::path &file);
// Throws std::runtime_error that says why the file is no model of this build.
[[nodiscard]] LoadedModel load_model(const std::filesystem::path &file);

}  // namespace flashhost::machine
