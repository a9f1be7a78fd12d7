#include "usb_job.hpp"

#include "flash/flash_job.hpp"
#include "plugin/plugin_loader.hpp"
#include "stlink_transport.hpp"
#include "test_models.hpp"

#include <flashhost/error.hpp>

#include <algorithm>
#include <filesystem>

namespace flashhost::stlink::test {

namespace {

constexpr std::uint32_t flash_base = 0x08000000;
constexpr std::size_t page = 1024;

class NullObserver final : public Observer {
 public:
  void step(std::string_view /*name*/, std::uint64_t /*total*/) override {}
  void progress(std::uint64_t /*done*/) override {}
  void message(Level /*level*/, const std::string & /*text*/) override {}
};

Bytes pattern(std::size_t size, std::uint32_t seed) {
  Bytes bytes(size);
  for (std::uint8_t &byte : bytes) {
    seed = seed * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(seed >> 25);
  }
  return bytes;
}

}  // namespace

struct UsbJob::Image {
  PluginLoader plugins{{FLASHHOST_PLUGINS},
                       [](const std::string &) { return std::make_unique<testing::QuietHost>(); }};
  std::shared_ptr<Family> family = plugins.family("f1").object;
  flashhost::Image image;
};

UsbJob::UsbJob() : image_(std::make_unique<Image>()) {
  const Bytes code = pattern(600, 2), data = pattern(99, 3);
  constexpr std::uint32_t data_offset = 2345;
  image_->image =
      merge({{"image", {{{flash_base, code}, {flash_base + data_offset, data}}, std::nullopt}}});
  before_ = pattern(touched + page, 1);
  wanted_ = before_;
  std::ranges::copy(code, wanted_.begin());
  std::ranges::copy(data, wanted_.begin() + data_offset);
}

UsbJob::~UsbJob() = default;

void UsbJob::start_anew(const virtual_stlink::FirmwareConfig &firmware) {
  std::filesystem::remove_all(folder_.path() / "journal");
  board_ = std::make_shared<ModelBoard>(firmware, flashhost::test::board_config("STM32F103C4"));
  std::ranges::copy(before_, board_->flash.begin());
  board_->target.power_cycle();
}

bool UsbJob::run(UsbFaultAt fault) {
  connected_ = false;
  host_.lines.clear();
  board_->fault = fault;
  board_->transfers = 0;
  board_->plug_in();
  const Nanoseconds start = board_->now();
  NullObserver observer;
  StlinkTransport transport(host_, std::make_shared<ModelBus>(board_),
                            std::make_shared<ModelClock>(board_));
  bool good = false;
  try {
    transport.configure(Settings());
    Target target(transport.open({}), {{"f1", image_->family}}, {}, observer);
    target.connect();
    connected_ = true;
    FlashOptions options;
    options.journal_directory = folder_.path() / "journal";
    static_cast<void>(flashhost::flash(target, image_->image, options, observer, {}));
    good = true;
  } catch (const Error &error) {
    last_error_ = error.what();
  }
  duration_ = board_->now() - start;
  return good;
}

Bytes UsbJob::flash() const {
  return {board_->flash.begin(),
          board_->flash.begin() + static_cast<std::ptrdiff_t>(touched + page)};
}

}  // namespace flashhost::stlink::test
