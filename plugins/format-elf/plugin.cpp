#include "elf.hpp"

#include <flashhost/error.hpp>
#include <flashhost/format.hpp>
#include <flashhost/plugin.hpp>

namespace {

using namespace flashhost;

class ElfFormat final : public Format {
 public:
  explicit ElfFormat(Host & /*host*/) {}

  void configure(const Settings &settings) override { settings.reject_unknown(); }

  // Programs for other machines, too: parse then says what they are.
  [[nodiscard]] int recognises(std::string_view extension,
                               std::span<const std::uint8_t> head) const override {
    if (elf::starts_with_magic(head)) return 100;
    return extension == "elf" || extension == "axf" ? 50 : 0;
  }

  [[nodiscard]] ParsedFile parse(std::span<const std::uint8_t> file,
                                 const ParseOptions &options) const override {
    if (options.address) {
      throw Error(Errc::config, "an address is given, but ELF carries its own addresses",
                  "Remove address from this [[image]].");
    }
    return elf::parse(file, options.stop);
  }
};

}  // namespace

FLASHHOST_PLUGIN(FLASHHOST_KIND_FORMAT, flashhost::Format, ElfFormat, "elf", "1.0",
                 "ELF files, as linkers write them")
