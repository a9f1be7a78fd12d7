#include "pack.hpp"

#include "names.hpp"
#include "pdsc.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <array>

namespace flashhost::flm {

namespace {

constexpr const char *get_it_again = "The pack is damaged, or no CMSIS pack: get it again.";

[[noreturn]] void fail(const std::string &reason, const char *hint = get_it_again) {
  throw Error(Errc::image, reason, hint);
}

class ZipError {
 public:
  ZipError() { zip_error_init(&error_); }
  ZipError(const ZipError &) = delete;
  ZipError &operator=(const ZipError &) = delete;
  ~ZipError() { zip_error_fini(&error_); }

  [[nodiscard]] zip_error_t *get() { return &error_; }
  [[nodiscard]] std::string text() { return zip_error_strerror(&error_); }

 private:
  zip_error_t error_{};
};

zip *open(std::span<const std::uint8_t> bytes) {
  ZipError error;
  zip_source_t *source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, error.get());
  if (source == nullptr) throw Error(Errc::internal, "libzip: " + error.text());
  zip *archive = zip_open_from_source(source, ZIP_RDONLY, error.get());
  if (archive != nullptr) return archive;
  zip_source_free(source);
  fail("it is no zip archive: " + error.text());
}

struct CloseFile {
  void operator()(zip_file_t *file) const noexcept { zip_fclose(file); }
};

bool is_pdsc(std::string_view name) {
  return name.size() > 5 && same_name(name.substr(name.size() - 5), ".pdsc");
}

std::string folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return std::string(path.substr(0, slash == std::string_view::npos ? 0 : slash + 1));
}

}  // namespace

void Pack::End::operator()(zip *archive) const noexcept {
  zip_discard(archive);
}

Pack::Pack(std::span<const std::uint8_t> bytes) : archive_(open(bytes)) {
  const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
  if (count < 0 || static_cast<std::uint64_t>(count) > max_entries) {
    fail(fmt::format("it has {} files; more than {} are refused", count, max_entries));
  }
  for (zip_int64_t i = 0; i < count; ++i) {
    const char *name = zip_get_name(archive_.get(), static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
    names_.push_back(name == nullptr ? std::string() : clean_path(name).value_or(""));
  }
  pdsc_ = find_pdsc();
}

std::size_t Pack::find_pdsc() const {
  std::vector<std::size_t> in_root;
  std::vector<std::size_t> in_folders;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    // What macOS puts beside each file.
    if (!is_pdsc(names_[i]) || names_[i].starts_with("__MACOSX/")) continue;
    (names_[i].find('/') == std::string::npos ? in_root : in_folders).push_back(i);
  }
  const std::vector<std::size_t> &found = in_root.empty() ? in_folders : in_root;
  if (found.empty()) fail("it has no description of its chips (.pdsc)");
  if (found.size() > 1) {
    std::vector<std::string> names;
    names.reserve(found.size());
    for (const std::size_t index : found) names.push_back(names_[index]);
    fail("it has several descriptions of its chips: " + list_of(names));
  }
  return found.front();
}

Bytes Pack::pdsc() const {
  return read_entry(pdsc_, Pdsc::max_size);
}

Bytes Pack::read(std::string_view path, std::size_t max_size) const {
  return read_entry(find(path), max_size);
}

std::size_t Pack::find(std::string_view path) const {
  const auto wanted = clean_path(folder_of(pdsc_path()) + std::string(path));
  if (!wanted) {
    fail(fmt::format("the path '{}' leads out of the pack", printable(path)),
         "No vendor's pack does so. Do not use this one.");
  }
  std::vector<std::size_t> exact;
  std::vector<std::size_t> similar;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (names_[i].empty() || !same_name(names_[i], *wanted)) continue;
    (names_[i] == *wanted ? exact : similar).push_back(i);
  }
  const std::vector<std::size_t> &found = exact.empty() ? similar : exact;
  if (found.empty()) fail(fmt::format("it has no file '{}'", printable(*wanted)));
  if (found.size() > 1) {
    fail(fmt::format("it has {} files '{}'", found.size(), printable(*wanted)));
  }
  return found.front();
}

Bytes Pack::read_entry(std::size_t index, std::size_t max_size) const {
  const auto bad = [&](const std::string &what) {
    fail(fmt::format("its file '{}' {}", printable(names_[index]), what));
  };
  zip_stat_t stat{};
  if (zip_stat_index(archive_.get(), index, 0, &stat) != 0) bad("cannot be found in it");
  if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE) {
    bad("is encrypted");
  }
  if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE) {
    bad(fmt::format("is compressed by method {}, not by deflate", stat.comp_method));
  }
  const std::unique_ptr<zip_file_t, CloseFile> file(zip_fopen_index(archive_.get(), index, 0));
  if (!file) bad(fmt::format("cannot be read: {}", zip_strerror(archive_.get())));
  Bytes data;
  std::array<std::uint8_t, 65536> chunk;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  while (true) {
    const zip_int64_t got = zip_fread(file.get(), chunk.data(), chunk.size());
    if (got < 0) {
      bad(fmt::format("cannot be read: {}", zip_error_strerror(zip_file_get_error(file.get()))));
    }
    if (got == 0) return data;
    // Counted here: what the archive says of sizes need not be true.
    if (data.size() + static_cast<std::size_t>(got) > max_size) {
      bad(fmt::format("is larger than {}, which is refused", format_size(max_size)));
    }
    data.insert(data.end(), chunk.begin(), chunk.begin() + got);
  }
}

std::optional<std::string> clean_path(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find_first_of("/\\"), path.size());
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (parts.empty()) {
      return {};
    } else {
      parts.pop_back();
    }
  }
  std::string clean;
  for (const std::string_view part : parts) {
    if (!clean.empty()) clean += '/';
    clean += part;
  }
  return clean;
}

}  // namespace flashhost::flm
