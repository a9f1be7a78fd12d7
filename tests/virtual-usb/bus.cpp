#include "bus.hpp"

#include "usbfs.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <thread>

namespace virtual_stlink {

namespace {

constexpr const char *preload_library = "libumockdev-preload.so.0";
constexpr unsigned long timer_slack_ns = 1000;
constexpr auto closing_limit = std::chrono::seconds(1);
constexpr auto closing_poll = std::chrono::milliseconds(1);

void check(gboolean done, GError *error) {
  if (done != 0) return;
  const std::string why = error == nullptr ? "unknown reason" : error->message;
  g_clear_error(&error);
  throw std::runtime_error("umockdev: " + why);
}

std::string hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02X}", byte);
  return text;
}

std::string device_name(unsigned number) {
  return fmt::format("bus/usb/001/{:03}", number);
}

// A device in the format of umockdev's recordings.
std::string describe(const UsbIdentity &identity, std::size_t port, unsigned number) {
  Bytes descriptors = identity.device;
  descriptors.insert(descriptors.end(), identity.configuration.begin(),
                     identity.configuration.end());
  const std::uint32_t vendor = get_u16(identity.device, 8);
  const std::uint32_t product = get_u16(identity.device, 10);
  const std::string name = device_name(number);
  std::string text = fmt::format("P: /devices/usb1/1-{}\nN: {}={}\n", port, name, hex(descriptors));
  text += fmt::format(
      "E: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DRIVER=usb\nE: BUSNUM=001\nE: DEVNUM={:03}\n"
      "E: DEVNAME=/dev/{}\nE: MAJOR=189\nE: MINOR={}\nE: PRODUCT={:x}/{:x}/100\n",
      number, name, number - 1, vendor, product);
  text += fmt::format(
      "A: busnum=1\\n\nA: devnum={}\\n\nA: dev=189:{}\\n\nA: devpath={}\\n\nA: speed={}\\n\n"
      "A: idVendor={:04x}\\n\nA: idProduct={:04x}\\n\nA: bcdDevice=0100\\n\n"
      "A: bConfigurationValue=1\\n\nA: bNumConfigurations=1\\n\nA: bNumInterfaces= {}\\n\n"
      "A: manufacturer={}\\n\nA: product={}\\n\nA: version= 2.00\\n\n",
      number, number - 1, port, identity.megabits, vendor, product, identity.interfaces.size(),
      identity.manufacturer, identity.product);
  const std::string serial = serial_text(identity);
  text += fmt::format("H: serial={}\n",
                      hex({reinterpret_cast<const std::uint8_t *>(serial.data()), serial.size()}));
  return text + fmt::format("H: descriptors={}\n", hex(descriptors));
}

std::string inherited(const char *name) {
  const char *const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

constexpr const char *root_hub =
    "P: /devices/usb1\nN: bus/usb/001/001\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DRIVER=usb\n"
    "E: BUSNUM=001\nE: DEVNUM=001\nE: DEVNAME=/dev/bus/usb/001/001\nE: MAJOR=189\nE: MINOR=0\n"
    "A: busnum=1\\n\nA: devnum=1\\n\nA: dev=189:0\\n\nA: devpath=0\\n\nA: speed=480\\n\n"
    "A: idVendor=1d6b\\n\nA: idProduct=0002\\n\nA: bConfigurationValue=1\\n\n"
    "H: descriptors="
    "12010002090001406B1D020000010302010109021900010100E0000904000001090000000705810304000C\n";

}  // namespace

class Bus::Impl {
 public:
  explicit Impl(const std::vector<VirtualProbe *> &probes) : testbed(umockdev_testbed_new()) {
    if (umockdev_in_mock_environment() == 0) {
      throw std::runtime_error(
          fmt::format("{} cannot be loaded (package umockdev)", preload_library));
    }
    char *const root = umockdev_testbed_get_root_dir(testbed);
    folder = root;
    g_free(root);
    add(root_hub);
    for (VirtualProbe *probe : probes) {
      places.push_back({probe, places.size() + 1, {}});
      plug_in(places.back());
    }
    share();
  }
  Impl(const Impl &) = delete;
  Impl &operator=(const Impl &) = delete;
  ~Impl() {
    for (const auto &device : devices) {
      umockdev_testbed_detach_ioctl(testbed, device->node.c_str(), nullptr);
    }
    // The thread is not joined, so it must own all that it uses.
    const Wall end = std::chrono::steady_clock::now() + closing_limit;
    while (open_devices() != 0 && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(closing_poll);
    }
    const bool left_open = open_devices() != 0;
    g_object_unref(testbed);
    for (auto &device : devices) {
      g_object_unref(device->handler);
      if (left_open) left_behind().push_back(std::move(device));
    }
  }

  struct Plugged;
  // What the bus's thread may still use when the program ends.
  static std::vector<std::unique_ptr<Plugged>> &left_behind() {
    static std::vector<std::unique_ptr<Plugged>> devices;
    return devices;
  }

  struct Plugged {
    explicit Plugged(VirtualProbe &owner) : probe(owner), requests(owner.device(), owner.mutex()) {}
    VirtualProbe &probe;
    Usbfs requests;
    std::string node;
    std::string path;
    UMockdevIoctlBase *handler = nullptr;
  };
  struct Place {
    VirtualProbe *probe;
    std::size_t port;
    Plugged *plugged;
  };

  static gboolean handle_ioctl(UMockdevIoctlBase * /*handler*/, UMockdevIoctlClient *client,
                               gpointer device) {
    static_cast<Plugged *>(device)->requests.handle(client);
    return 1;
  }
  static void client_connected(UMockdevIoctlBase * /*handler*/, UMockdevIoctlClient *client,
                               gpointer device) {
    ::prctl(PR_SET_TIMERSLACK, timer_slack_ns, 0, 0, 0);  // this thread sleeps precisely
    static_cast<Plugged *>(device)->requests.opened(client);
  }
  [[nodiscard]] std::size_t open_devices() const {
    std::size_t count = 0;
    for (const auto &device : devices) {
      const std::lock_guard lock(device->probe.mutex());
      count += device->requests.sweep();
    }
    return count;
  }

  void add(const std::string &text) {
    GError *error = nullptr;
    check(umockdev_testbed_add_from_string(testbed, text.c_str(), &error), error);
  }

  void plug_in(Place &place) {
    const unsigned number = next_number++;
    auto plugged = std::make_unique<Plugged>(*place.probe);
    plugged->node = "/dev/" + device_name(number);
    plugged->path = fmt::format("/sys/devices/usb1/1-{}", place.port);
    plugged->handler = umockdev_ioctl_base_new();
    g_signal_connect(plugged->handler, "handle-ioctl", G_CALLBACK(handle_ioctl), plugged.get());
    g_signal_connect(plugged->handler, "client-connected", G_CALLBACK(client_connected),
                     plugged.get());
    GError *error = nullptr;
    check(umockdev_testbed_attach_ioctl(testbed, plugged->node.c_str(), plugged->handler, &error),
          error);
    place.plugged = plugged.get();
    devices.push_back(std::move(plugged));
    add(describe(place.probe->device()->identity(), place.port, number));
    share_node(place);
  }

  // Its requests are still answered: a program may be just opening it. No event is sent: umockdev
  // ends the whole test bed when a program stops listening meanwhile. Programs learn of it from
  // their transfers, and find a probe that is back by looking.
  void unplug(Place &place) {
    std::filesystem::remove(folder.string() + place.plugged->node);
    umockdev_testbed_remove_device(testbed, place.plugged->path.c_str());
    place.plugged = nullptr;
  }

  // Programs of other users must reach the test bed, too; what they may do decide the nodes.
  void share() const {
    namespace fs = std::filesystem;
    if (::geteuid() != 0) return;
    fs::permissions(folder, fs::perms::all | fs::perms::sticky_bit);
    for (const auto &entry : fs::recursive_directory_iterator(folder / "ioctl")) {
      fs::permissions(entry, fs::perms::all);
    }
  }

  void share_node(const Place &place) const {
    namespace fs = std::filesystem;
    using fs::perms;
    const perms all = perms::owner_read | perms::owner_write | perms::group_read |
                      perms::group_write | perms::others_read | perms::others_write;
    perms node = all;
    // Permissions do not apply to root, so the node stays root's.
    if (place.probe->settings().faults.no_permission) {
      node = ::geteuid() == 0 ? perms::owner_read | perms::owner_write : perms::none;
    }
    fs::permissions(folder.string() + place.plugged->node, node);
    const std::string socket = folder.string() + "/ioctl" + place.plugged->node;
    if (::geteuid() == 0) fs::permissions(socket, perms::all);
  }

  void tend() {
    for (Place &place : places) {
      const std::lock_guard lock(place.probe->mutex());
      if (place.plugged != nullptr) {
        if (const auto failure = place.plugged->requests.take_failure()) {
          std::rethrow_exception(failure);
        }
        place.plugged->requests.sweep();
        if (!place.probe->device()->plugged()) unplug(place);
      } else if (place.probe->due_back()) {
        place.probe->plug_in();
        plug_in(place);
      }
    }
  }

  UMockdevTestbed *testbed;
  std::filesystem::path folder;
  std::vector<std::unique_ptr<Plugged>> devices;
  std::vector<Place> places;
  unsigned next_number = 2;  // the root hub is the first
};

Bus::Bus(const std::vector<VirtualProbe *> &probes) : impl_(std::make_unique<Impl>(probes)) {}

Bus::~Bus() = default;

void Bus::tend() {
  impl_->tend();
}

void require_preload(char *const *argv) {
  // Programs built with AddressSanitizer want to be the first library otherwise.
  constexpr const char *sanitizer_variable = "ASAN_OPTIONS";
  const std::string sanitizer = inherited(sanitizer_variable);
  const std::string relaxed =
      (sanitizer.empty() ? "" : sanitizer + ":") + "verify_asan_link_order=0";
  ::setenv(sanitizer_variable, relaxed.c_str(), 1);
  constexpr const char *variable = "LD_PRELOAD";
  const std::string before = inherited(variable);
  if (before.find("libumockdev-preload") != std::string::npos) return;
  const std::string wanted = before.empty() ? preload_library : preload_library + (":" + before);
  ::setenv(variable, wanted.c_str(), 1);
  ::execv("/proc/self/exe", argv);
  throw std::runtime_error(std::string("cannot start itself again: ") + std::strerror(errno));
}

}  // namespace virtual_stlink
