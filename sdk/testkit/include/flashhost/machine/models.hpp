// The chip models at hand, by the names of their parts.
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
// The machine's and the model's. Faults as "name", "name=value" or "name[=value]".
[[nodiscard]] std::vector<std::string> rule_names(const Model &model);
[[nodiscard]] std::vector<std::string> fault_names(const Model &model);
// Those of the names that this model, or the machine, has.
[[nodiscard]] std::vector<std::string> known_rules(const Model &model,
                                                   std::vector<std::string> names);

class Models {
 public:
  Models() = default;
  explicit Models(std::vector<ModelPtr> models) : models_(std::move(models)) {}

  // Loads every model-<id>.so of these folders. Of two with the same id the first counts, also
  // when it is refused. A file that is no model of this build is passed over: problems() tells why.
  [[nodiscard]] static Models load(const std::vector<std::filesystem::path> &folders);

  [[nodiscard]] const std::vector<ModelPtr> &all() const { return models_; }
  [[nodiscard]] std::vector<std::string> part_names() const;
  // Of all the models together, each once.
  [[nodiscard]] std::vector<std::string> rule_names() const;
  [[nodiscard]] std::vector<std::string> fault_names() const;

  // Throws std::invalid_argument, which names the nearest part, the models that there are and where
  // they were looked for.
  [[nodiscard]] const ModelPtr &with_part(std::string_view part) const;
  [[nodiscard]] std::uint32_t flash_size(std::string_view part) const;  // bytes; throws as well
  // The part that stands for all where nobody has chosen. Empty: there are no models.
  [[nodiscard]] std::string first_part() const;

  [[nodiscard]] const std::vector<std::string> &problems() const { return problems_; }
  // Which models there are, and where they were looked for, in words.
  [[nodiscard]] std::string describe() const;

 private:
  std::vector<ModelPtr> models_;
  std::vector<std::string> found_;  // "f1 (STM32F1 ...)", of those that were loaded
  std::vector<std::string> problems_;
  std::vector<std::filesystem::path> folders_;
};

// Where models are looked for: FLASHHOST_PLUGIN_PATH, then these folders of the program's own.
[[nodiscard]] std::vector<std::filesystem::path> model_folders(
    const std::vector<std::filesystem::path> &own);
// The folder of the shared object or program that this address of code or data belongs to.
[[nodiscard]] std::filesystem::path folder_of(const void *symbol);

}  // namespace flashhost::machine
