#include "board/faults.hpp"

#include <flashhost/machine/models.hpp>

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace flashhost::machine {
namespace {

// The number of letters to change, insert or remove.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t k = 0; k < to.size(); ++k) {
      const std::size_t changed = diagonal + (from[i] == to[k] ? 0 : 1);
      diagonal = row[k + 1];
      row[k + 1] = std::min({changed, row[k] + 1, row[k + 1] + 1});
    }
  }
  return row.back();
}

std::string nearest(std::string_view wanted, const std::vector<std::string> &names) {
  if (names.empty()) return {};
  return *std::ranges::min_element(names, {},
                                   [&](const std::string &name) { return distance(wanted, name); });
}

void add_once(std::vector<std::string> &all, std::vector<std::string> more) {
  for (std::string &name : more) {
    if (std::ranges::find(all, name) == all.end()) all.push_back(std::move(name));
  }
}

}  // namespace

const Part *find_part(const Model &model, std::string_view name) {
  const std::span<const Part> parts = model.parts();
  const auto found = std::ranges::find(parts, name, &Part::name);
  return found == parts.end() ? nullptr : &*found;
}

std::vector<std::string> rule_names(const Model &model) {
  const std::vector<std::string_view> own = model.rule_names();
  const std::span<const std::string_view> core = core_rule_names();
  std::vector<std::string> names(own.begin(), own.end());
  names.insert(names.end(), core.begin(), core.end());
  return names;
}

std::vector<std::string> fault_names(const Model &model) {
  std::vector<FaultName> rows = machine_fault_names();
  const std::vector<FaultName> own = model.fault_names();
  rows.insert(rows.end(), own.begin(), own.end());
  std::vector<std::string> names;
  names.reserve(rows.size());
  for (const FaultName &row : rows) {
    const bool plain = row.value.empty() || row.value.starts_with('[');
    names.push_back(std::string(row.name) + (plain ? "" : "=") + std::string(row.value));
  }
  return names;
}

std::vector<std::string> known_rules(const Model &model, std::vector<std::string> names) {
  const std::vector<std::string> known = rule_names(model);
  std::erase_if(names, [&](const std::string &name) {
    return std::ranges::find(known, name) == known.end();
  });
  return names;
}

std::vector<std::string> Models::part_names() const {
  std::vector<std::string> names;
  for (const ModelPtr &model : models_) {
    for (const Part &part : model->parts()) names.emplace_back(part.name);
  }
  return names;
}

std::vector<std::string> Models::rule_names() const {
  std::vector<std::string> names;
  for (const ModelPtr &model : models_) add_once(names, machine::rule_names(*model));
  return names;
}

std::vector<std::string> Models::fault_names() const {
  std::vector<std::string> names;
  for (const ModelPtr &model : models_) add_once(names, machine::fault_names(*model));
  return names;
}

const ModelPtr &Models::with_part(std::string_view part) const {
  for (const ModelPtr &model : models_) {
    if (find_part(*model, part) != nullptr) return model;
  }
  std::string text = "no model has a part \"" + std::string(part) + "\"";
  if (!models_.empty()) text += "; the nearest is " + nearest(part, part_names());
  throw std::invalid_argument(text + ". " + describe());
}

std::uint32_t Models::flash_size(std::string_view part) const {
  return find_part(*with_part(part), part)->flash_size;
}

std::string Models::first_part() const {
  return models_.empty() ? std::string() : std::string(models_.front()->parts().front().name);
}

std::string Models::describe() const {
  const auto list = [](const auto &items, std::string_view between, const auto &text) {
    std::string all;
    for (const auto &item : items) all += (all.empty() ? "" : std::string(between)) + text(item);
    return all;
  };
  const auto as_it_is = [](const std::string &text) { return text; };
  std::string text = found_.empty() ? "There are no chip models"
                                    : "The models are " + list(found_, ", ", as_it_is);
  if (!folders_.empty()) {
    text +=
        "; looked for model-*.so in " +
        list(folders_, ", ", [](const std::filesystem::path &folder) { return folder.string(); });
  }
  if (!problems_.empty()) text += "; passed over: " + list(problems_, "; ", as_it_is);
  return text + ".";
}

}  // namespace flashhost::machine
