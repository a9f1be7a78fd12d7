#include "board_file.hpp"

#include "files/files.hpp"
#include "table_reader.hpp"
#include "toml_reader.hpp"
#include "words.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace flashhost::config {

namespace {

constexpr std::size_t most_files = 32;
constexpr const char *variable = "FLASHHOST_CONFIG";
constexpr const char *include_hint = R"(Write include = ["common.toml"].)";

void merge(Table &base, Table over) {
  for (Entry &entry : over) {
    const auto known = std::find_if(base.begin(), base.end(),
                                    [&](const Entry &other) { return other.key == entry.key; });
    if (known == base.end()) {
      base.push_back(std::move(entry));
      continue;
    }
    auto *below = std::get_if<Table>(&known->value.value);
    auto *above = std::get_if<Table>(&entry.value.value);
    if (below != nullptr && above != nullptr) {
      merge(*below, std::move(*above));
    } else {
      *known = std::move(entry);
    }
  }
}

// Takes the include entry out of the tree.
std::optional<Node> take_include(Table &table) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [](const Entry &entry) { return entry.key == include_key; });
  if (found == table.end()) return {};
  Node value = std::move(found->value);
  table.erase(found);
  return value;
}

class Reader {
 public:
  Node read(const std::filesystem::path &file) {
    if (files_.size() == most_files) {
      throw Error(Errc::config,
                  fmt::format("{}: more than {} files are included", file.string(), most_files));
    }
    files_.push_back(file);
    open_.push_back(file);
    const Bytes bytes = files::read_file(file, max_board_file_size, Errc::config);
    Node root = read_toml(std::string(bytes.begin(), bytes.end()), file.string(),
                          file.parent_path().string());
    root.where = file.string();
    if (const auto include = take_include(std::get<Table>(root.value))) {
      Table merged;
      for (const std::filesystem::path &included : included_files(*include)) {
        check_not_open(included, include->where);
        try {
          merge(merged, std::get<Table>(read(included).value));
        } catch (const Error &error) {
          if (std::string_view(error.what()).starts_with(included.string() + ":")) throw;
          throw error.in(include->where);
        }
      }
      merge(merged, std::move(std::get<Table>(root.value)));
      root.value = std::move(merged);
    }
    open_.pop_back();
    return root;
  }

  [[nodiscard]] std::vector<std::filesystem::path> files() && { return std::move(files_); }

 private:
  static std::vector<std::filesystem::path> included_files(const Node &include) {
    const auto *list = std::get_if<Array>(&include.value);
    if (list == nullptr) {
      reject(include.where,
             fmt::format("include must be a list of files, this is {}", kind_of(include)),
             include_hint);
    }
    std::vector<std::filesystem::path> files;
    for (const Node &item : *list) {
      const auto *text = std::get_if<std::string>(&item.value);
      if (text == nullptr || text->empty()) {
        reject(item.where,
               text == nullptr
                   ? fmt::format("a file to include is a string, this is {}", kind_of(item))
                   : "the name of the file to include is empty",
               include_hint);
      }
      files.push_back(std::filesystem::path(item.folder) / path_in(*text, item.where));
    }
    return files;
  }

  void check_not_open(const std::filesystem::path &file, const std::string &where) const {
    for (const std::filesystem::path &open : open_) {
      if (!files::same_file(file, open)) continue;
      reject(where,
             fmt::format("{} includes itself, directly or through another file", open.string()),
             "Take the include out of one of them.");
    }
  }

  std::vector<std::filesystem::path> files_;
  std::vector<std::filesystem::path>
      open_;  // the file that is being read, after those that include it
};

}  // namespace

BoardFile read_board_file(const std::filesystem::path &file) {
  Reader reader;
  Node tree = reader.read(file);
  return {std::move(tree), std::move(reader).files()};
}

std::optional<FoundBoardFile> find_board_file() {
  const char *named = std::getenv(variable);
  if (named != nullptr && *named != '\0') {
    return FoundBoardFile{named, fmt::format("${}", variable)};
  }
  if (files::exists(default_board_file)) {
    return FoundBoardFile{default_board_file, "the current folder"};
  }
  return {};
}

}  // namespace flashhost::config
