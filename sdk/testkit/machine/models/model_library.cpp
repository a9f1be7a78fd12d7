#include "models/model_library.hpp"

#include "gates/elf_section.hpp"
#include "gates/plugin_id.hpp"
#include "gates/trust.hpp"

#include <flashhost/machine/model_plugin.hpp>

#include <dlfcn.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace flashhost::machine {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view prefix = "model-";
constexpr std::string_view suffix = ".so";

static_assert(model_section.version == FLASHHOST_MODEL_ABI);

FileFacts facts_of(const fs::path &path) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) {
    throw std::runtime_error(path.string() + ": " + std::generic_category().message(errno));
  }
  return {found.st_uid, found.st_gid, found.st_mode};
}

// The same checks as for the host's plugins: loading a file runs code in it.
void check_unloaded(const fs::path &file) {
  static const User user = current_user();
  if (const auto distrust = distrusted(file, user, facts_of)) {
    throw std::runtime_error(distrust->reason + ". " + distrust->remedy);
  }
  std::ifstream content(file, std::ios::binary);
  const auto read = [&](std::uint64_t offset, std::span<std::byte> buffer) {
    content.clear();
    content.seekg(static_cast<std::streamoff>(offset));
    content.read(reinterpret_cast<char *>(buffer.data()),
                 static_cast<std::streamsize>(buffer.size()));
    return static_cast<bool>(content);
  };
  if (const auto reason = lacks_section(read, model_section)) throw std::runtime_error(*reason);
}

std::shared_ptr<void> open_library(const fs::path &file) {
  void *const handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char *const reason = ::dlerror();  // NOLINT(concurrency-mt-unsafe): of this thread
    throw std::runtime_error(reason == nullptr ? "it cannot be loaded" : reason);
  }
  return {handle, [](void *library) { ::dlclose(library); }};
}

void check_descriptor(const flashhost_model &found, const std::string &id) {
  if (found.struct_size != sizeof(flashhost_model) || found.abi != FLASHHOST_MODEL_ABI) {
    throw std::runtime_error("it was compiled for another version of the machine; rebuild it");
  }
  if (found.build_tag == nullptr || found.id == nullptr || found.summary == nullptr ||
      found.create == nullptr || found.destroy == nullptr) {
    throw std::runtime_error("its descriptor is incomplete (a null pointer)");
  }
  if (std::string_view(found.build_tag) != FLASHHOST_BUILD_TAG) {
    throw std::runtime_error("it was compiled for \"" + std::string(found.build_tag) +
                             "\", this program for \"" FLASHHOST_BUILD_TAG "\"");
  }
  if (found.id != id) {
    throw std::runtime_error("its id is \"" + std::string(found.id) +
                             "\", which is not that of its file name");
  }
}

}  // namespace

std::string model_id(const fs::path &file) {
  const std::string name = file.filename().string();
  const bool fits = name.size() > prefix.size() + suffix.size() && name.starts_with(prefix) &&
                    name.ends_with(suffix);
  if (!fits) return {};
  const std::string id = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
  return valid_plugin_id(id) ? id : "";
}

LoadedModel load_model(const fs::path &file) {
  check_unloaded(file);
  const std::shared_ptr<void> library = open_library(file);
  const auto *const descriptor =
      static_cast<const flashhost_model *>(::dlsym(library.get(), FLASHHOST_MODEL_SYMBOL));
  if (descriptor == nullptr) throw std::runtime_error("it has no symbol " FLASHHOST_MODEL_SYMBOL);
  const std::string id = model_id(file);
  check_descriptor(*descriptor, id);
  auto *const made = static_cast<Model *>(descriptor->create());
  if (made == nullptr) throw std::runtime_error("it made nothing");
  ModelPtr model(made, [library, descriptor](Model *object) { descriptor->destroy(object); });
  if (model->parts().empty()) throw std::runtime_error("it has no parts");
  return {std::move(model), id, descriptor->summary};
}

Models Models::load(const std::vector<fs::path> &folders) {
  Models result;
  std::vector<std::string> ids;
  for (const fs::path &named : folders) {
    std::error_code error;
    const fs::path real = fs::canonical(named, error);
    const fs::path &folder = error ? named : real;
    if (std::ranges::find(result.folders_, folder) != result.folders_.end()) continue;
    std::vector<fs::path> files;
    for (const fs::directory_entry &entry : fs::directory_iterator(folder, error)) {
      if (!model_id(entry.path()).empty()) files.push_back(entry.path());
    }
    result.folders_.push_back(folder);
    std::ranges::sort(files);
    for (const fs::path &file : files) {
      if (std::ranges::find(ids, model_id(file)) != ids.end()) continue;
      ids.push_back(model_id(file));  // also where it is refused, as with plugins
      try {
        LoadedModel loaded = load_model(file);
        result.found_.push_back(loaded.id + " (" + loaded.summary + ")");
        result.models_.push_back(std::move(loaded.model));
      } catch (const std::exception &problem) {
        result.problems_.push_back(file.string() + ": " + problem.what());
      }
    }
  }
  return result;
}

std::vector<fs::path> model_folders(const std::vector<fs::path> &own) {
  std::vector<fs::path> folders;
  const char *const path = std::getenv("FLASHHOST_PLUGIN_PATH");  // NOLINT(concurrency-mt-unsafe)
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    if (!part.empty()) folders.emplace_back(part);
  }
  folders.insert(folders.end(), own.begin(), own.end());
  return folders;
}

fs::path folder_of(const void *symbol) {
  Dl_info facts{};
  if (::dladdr(symbol, &facts) == 0 || facts.dli_fname == nullptr) return {};
  std::error_code error;
  const fs::path file = fs::canonical(facts.dli_fname, error);
  return error ? fs::path() : file.parent_path();
}

}  // namespace flashhost::machine
