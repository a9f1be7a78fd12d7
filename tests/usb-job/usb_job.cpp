#include "usb_job.hpp"

#include "flash/flash_job.hpp"
#include "forwarding_probe.hpp"
#include "pattern.hpp"
#include "plugin/plugin_loader.hpp"

#include <flashhost/error.hpp>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace flashhost::testing {

namespace {

constexpr std::uint32_t flash_base = 0x08000000;
constexpr std::size_t page = 1024;

class Listener final : public Observer {
 public:
  void step(std::string_view /*name*/, std::uint64_t /*total*/) override {}
  void progress(std::uint64_t /*done*/) override {}
  void message(Level level, const std::string &text) override {
    if (level == Level::warning) warnings.push_back(text);
  }

  std::vector<std::string> warnings;
};

// As the host does it for transport.voltage.
class SuppliedProbe final : public bench::ForwardingProbe {
 public:
  SuppliedProbe(Probe &inner, std::unique_ptr<Probe> owner, int millivolts)
      : ForwardingProbe(std::move(owner)), inner_(inner), millivolts_(millivolts) {}

  ProbeInfo info() override {
    ProbeInfo info = inner_.info();
    info.target_millivolts = millivolts_;
    return info;
  }
  void run(std::span<Access> accesses) override { inner_.run(accesses); }
  void write_registers(std::span<const RegisterValue> values) override {
    inner_.write_registers(values);
  }

 private:
  Probe &inner_;
  int millivolts_;
};

// One loader for the whole program: plugins stay loaded.
std::shared_ptr<Family> family_plugin(const std::string &name) {
  static const PluginLoader plugins{
      {FLASHHOST_PLUGINS}, [](const std::string &) { return std::make_unique<QuietHost>(); }};
  return plugins.family(name).object;
}

}  // namespace

JobEnd flash(UsbRig &rig, Host &host, const std::string &family, const Image &image,
             const std::filesystem::path &journal, bool compress) {
  JobEnd end;
  const Nanoseconds start = rig.now();
  Listener observer;
  try {
    std::unique_ptr<Probe> probe = rig.open(host);
    if (rig.millivolts != 0) {
      Probe &inner = *probe;
      probe = std::make_unique<SuppliedProbe>(inner, std::move(probe), rig.millivolts);
    }
    Target target(std::move(probe), {{family, family_plugin(family)}}, {}, observer);
    target.connect();
    end.connected = true;
    FlashOptions options;
    options.journal_directory = journal;
    options.compress = compress;
    static_cast<void>(flashhost::flash(target, image, options, observer, {}));
  } catch (const Error &error) {
    end.error = error.what();
  }
  end.duration = rig.now() - start;
  end.warnings = std::move(observer.warnings);
  return end;
}

UsbJob::UsbJob(UsbRig &rig) : rig_(rig), before_(pattern(touched + page, 1)), wanted_(before_) {
  const Bytes code = pattern(600, 2), data = pattern(99, 3);
  constexpr std::uint32_t data_offset = 2345;
  image_ =
      merge({{"image", {{{flash_base, code}, {flash_base + data_offset, data}}, std::nullopt}}});
  std::ranges::copy(code, wanted_.begin());
  std::ranges::copy(data, wanted_.begin() + data_offset);
}

void UsbJob::start_anew(UsbFaultAt fault) {
  std::filesystem::remove_all(folder_.path() / "journal");
  rig_.start_anew(before_, fault);
}

bool UsbJob::run() {
  host_.lines.clear();
  end_ = testing::flash(rig_, host_, "f1", image_, folder_.path() / "journal");
  return end_.error.empty();
}

Bytes UsbJob::flash() const {
  const auto bytes = rig_.flash().first(touched + page);
  return {bytes.begin(), bytes.end()};
}

}  // namespace flashhost::testing
