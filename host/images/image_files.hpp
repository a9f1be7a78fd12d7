// The files of the images: finds their formats, checks their SHA-256, merges their content.
#pragma once

#include "config/config.hpp"
#include "flash/image.hpp"
#include "flash/observer.hpp"
#include "plugin/plugin_loader.hpp"

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace flashhost {

// The files' content. It is complete only when the chip is known, if a file without addresses, such
// as a raw binary, is given none: such a file begins where the chip's flash does.
class ImageFiles {
 public:
  // Reads, checks and parses. Errc::usage when there is no file, Errc::image for a file without
  // data, Errc::interrupted soon after a stop was requested. for_report: whether sources() has the
  // SHA-256 of each file; that takes longer than all the rest.
  ImageFiles(const PluginLoader &plugins, const config::Config &config, std::stop_token stop,
             bool for_report = false);

  // Of a file that was read, for the report of the job.
  struct Source {
    std::string file;
    std::uint64_t bytes = 0;
    std::string sha256;
    std::string format;
    std::string format_version;
  };
  [[nodiscard]] const std::vector<Source> &sources() const { return sources_; }

  // The image for this chip; valid as long as this object, until the next call. observer is told,
  // once, where files without addresses go, and what lies in an alias of the flash.
  [[nodiscard]] const Image &image(const Chip &chip, Observer &observer);
  // Whether a file says which chips it is for.
  [[nodiscard]] bool names_chips() const { return !made_for_.empty(); }
  // Errc::image when a file says that it is for other chips. names: all that the chip may be
  // called.
  void check_made_for(const std::string &chip, const std::vector<std::string> &names) const;

 private:
  struct MadeFor {
    std::string file;
    std::string chips;  // the beginning of their names
  };
  struct Waiting {      // for an address
    std::size_t index;  // into files_, whose content is empty
    config::ImageConfig config;
    Bytes bytes;
    Loaded<Format> format;
  };

  void place(const MemoryRange &flash, Observer &observer);
  void load(const PluginLoader &plugins, const config::ImageConfig &config);

  bool for_report_;
  std::vector<Source> sources_;
  std::vector<ImageFile> files_;  // empty when image_ can never change
  std::vector<Waiting> waiting_;
  std::vector<MadeFor> made_for_;  // of the files that say it
  std::stop_token stop_;
  Image image_;
  std::optional<std::uint32_t> start_;  // of the flash for which image_ was made
  Image moved_;                         // image_ without the aliases of this chip
  std::vector<FlashAlias> aliases_;
};

// The format for an output file: the one with this id, otherwise by the file's extension; empty for
// a file without extension, which is written as it is read. Errc::usage for a format that can only
// be read, and for an extension that no format claims.
[[nodiscard]] std::optional<Loaded<Format>> output_format(const PluginLoader &plugins,
                                                          const std::filesystem::path &file,
                                                          const std::string &id);

}  // namespace flashhost
