// A CMSIS pack (.pack): a zip archive with the description of its chips and their algorithms.
#pragma once

#include <flashhost/types.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct zip;

namespace flashhost::flm {

// [one thread at a time]
class Pack {
 public:
  // More files are in no pack.
  static constexpr std::size_t max_entries = 500'000;

  // bytes must live as long as this object. Throws Errc::image: no zip archive, or not exactly one
  // description (.pdsc): the one in the root counts, else the only one in a folder.
  explicit Pack(std::span<const std::uint8_t> bytes);

  [[nodiscard]] const std::string &pdsc_path() const { return names_[pdsc_]; }
  [[nodiscard]] Bytes pdsc() const;

  // A file by its path in the description: from the folder of the .pdsc, with / or backslashes; in
  // other upper or lower case if there is no such file otherwise. Throws Errc::image: not there,
  // there twice, outside of the pack, larger than max_size, encrypted, damaged.
  [[nodiscard]] Bytes read(std::string_view path, std::size_t max_size) const;

 private:
  struct End {
    void operator()(zip *archive) const noexcept;
  };

  [[nodiscard]] std::size_t find_pdsc() const;
  [[nodiscard]] std::size_t find(std::string_view path) const;
  [[nodiscard]] Bytes read_entry(std::size_t index, std::size_t max_size) const;

  std::unique_ptr<zip, End> archive_;
  std::vector<std::string> names_;  // by index; without . and .., with /; empty: not to be used
  std::size_t pdsc_ = 0;
};

// A path in a zip archive without ".", ".." and empty parts, with / only; empty: it leads outside.
[[nodiscard]] std::optional<std::string> clean_path(std::string_view path);

}  // namespace flashhost::flm
