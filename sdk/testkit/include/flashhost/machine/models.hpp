// The available chip models, found by the names of their parts.
#pragma once

#include <flashhost/machine/model.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flashhost::machine {

using ModelPtr = std::shared_ptr<const Model>;

[[nodiscard]] const Part *find_part(const Model &model, std::string_view name);  // null: not there
// Of the machine and the model. Faults as "name", "name=value" or "name[=value]".
[[nodiscard]] std::vector<std::string> rule_names(const Model &model);
[[nodiscard]] std::vector<std::string> fault_names(const Model &model);
// Those of the names that the machine or this model has.
[[nodiscard]] std::vector<std::string> known_rules(const Model &model,
                                                   std::vector<std::string> names);

class Models {
 public:
  Models() = default;
  explicit Models(std::vector<ModelPtr> models) : models_(std::move(models)) {}

  // Loads every model-<id>.so of these folders. Of two with the same id the first is used, even if
  // it is refused. A file that is not a model for this build is skipped: problems() gives the
  // reason.
  [[nodiscard]] static Models load(const std::vector<std::filesystem::path> &folders);

  [[nodiscard]] const std::vector<ModelPtr> &all() const { return models_; }
  [[nodiscard]] std::vector<std::string> part_names() const;
  // Of all models together, each once.
  [[nodiscard]] std::vector<std::string> rule_names() const;
  [[nodiscard]] std::vector<std::string> fault_names() const;

  // Throws std::invalid_argument, which names the nearest part, the models and the searched
  // folders.
  [[nodiscard]] const ModelPtr &with_part(std::string_view part) const;
  [[nodiscard]] std::uint32_t flash_size(std::string_view part) const;  // bytes; throws as well
  // The default part. Empty: there are no models.
  [[nodiscard]] std::string first_part() const;

  [[nodiscard]] const std::vector<std::string> &problems() const { return problems_; }
  // The models and the searched folders, in words.
  [[nodiscard]] std::string describe() const;

 private:
  std::vector<ModelPtr> models_;
  std::vector<std::string> found_;  // "f1 (STM32F1 ...)", of those that were loaded
  std::vector<std::string> problems_;
  std::vector<std::filesystem::path> folders_;
};

// The folders to search: FLASHHOST_PLUGIN_PATH, then these folders of the program.
[[nodiscard]] std::vector<std::filesystem::path> model_folders(
    const std::vector<std::filesystem::path> &own);
// The folder of the shared object or program that this address of code or data belongs to.
[[nodiscard]] std::filesystem::path folder_of(const void *symbol);

}  // namespace flashhost::machine
