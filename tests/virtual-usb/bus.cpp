#include "bus.hpp"

#include "hidraw.hpp"
#include "sysfs.hpp"
#include "usbfs.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <thread>

namespace virtual_usb {

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

std::string inherited(const char *name) {
  const char *const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::optional<std::size_t> hid_interface(const UsbIdentity &identity) {
  const auto found = std::ranges::find_if(
      identity.interfaces, [](const Interface &one) { return !one.report_descriptor.empty(); });
  if (found == identity.interfaces.end()) return {};
  return static_cast<std::size_t>(found - identity.interfaces.begin());
}

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
      for (const Node &node : device->nodes) {
        umockdev_testbed_detach_ioctl(testbed, node.name.c_str(), nullptr);
      }
    }
    // The thread is not joined, so it must own all that it uses.
    const Wall end = std::chrono::steady_clock::now() + closing_limit;
    while (open_devices() != 0 && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(closing_poll);
    }
    const bool left_open = open_devices() != 0;
    for (const auto &device : devices) {
      if (device->hidraw) device->hidraw->stop();
    }
    g_object_unref(testbed);
    for (auto &device : devices) {
      for (const Node &node : device->nodes) g_object_unref(node.handler);
      if (left_open) left_behind().push_back(std::move(device));
    }
  }

  struct Plugged;
  // What the bus's thread may still use when the program ends.
  static std::vector<std::unique_ptr<Plugged>> &left_behind() {
    static std::vector<std::unique_ptr<Plugged>> devices;
    return devices;
  }

  struct Node {
    std::string name;
    UMockdevIoctlBase *handler = nullptr;
  };
  struct Plugged {
    explicit Plugged(VirtualProbe &owner) : probe(owner), requests(owner.device(), owner.mutex()) {}
    VirtualProbe &probe;
    Usbfs requests;
    std::unique_ptr<Hidraw> hidraw;
    std::vector<Node> nodes;
    std::vector<std::string> paths;  // in sysfs, parents first
    std::size_t sweep() { return requests.sweep() + (hidraw ? hidraw->sweep() : 0); }
    std::exception_ptr take_failure() {
      const std::exception_ptr failure = requests.take_failure();
      return failure || !hidraw ? failure : hidraw->take_failure();
    }
  };
  struct Place {
    VirtualProbe *probe;
    std::size_t port;
    Plugged *plugged;
  };

  static void sleep_precisely() { ::prctl(PR_SET_TIMERSLACK, timer_slack_ns, 0, 0, 0); }
  static gboolean usbfs_ioctl(UMockdevIoctlBase * /*handler*/, UMockdevIoctlClient *client,
                              gpointer device) {
    static_cast<Plugged *>(device)->requests.handle(client);
    return 1;
  }
  static void usbfs_opened(UMockdevIoctlBase * /*handler*/, UMockdevIoctlClient *client,
                           gpointer device) {
    sleep_precisely();
    static_cast<Plugged *>(device)->requests.opened(client);
  }
  static gboolean hidraw_ioctl(UMockdevIoctlBase * /*handler*/, UMockdevIoctlClient *client,
                               gpointer device) {
    static_cast<Plugged *>(device)->hidraw->ioctl(client);
    return 1;
  }
  static gboolean hidraw_read(UMockdevIoctlBase * /*handler*/, UMockdevIoctlClient *client,
                              gpointer device) {
    return static_cast<Plugged *>(device)->hidraw->read(client) ? 1 : 0;
  }
  static gboolean hidraw_write(UMockdevIoctlBase * /*handler*/, UMockdevIoctlClient *client,
                               gpointer device) {
    static_cast<Plugged *>(device)->hidraw->write(client);
    return 1;
  }
  static void hidraw_opened(UMockdevIoctlBase * /*handler*/, UMockdevIoctlClient *client,
                            gpointer device) {
    sleep_precisely();
    static_cast<Plugged *>(device)->hidraw->opened(client);
  }
  [[nodiscard]] std::size_t open_devices() const {
    std::size_t count = 0;
    for (const auto &device : devices) {
      const std::lock_guard lock(device->probe.mutex());
      count += device->sweep();
    }
    return count;
  }

  void add(const std::string &text) {
    GError *error = nullptr;
    check(umockdev_testbed_add_from_string(testbed, text.c_str(), &error), error);
  }

  // The handler of requests on a node that is about to be added.
  UMockdevIoctlBase *attach(Plugged &plugged, const std::string &name) {
    const std::string node = "/dev/" + name;
    UMockdevIoctlBase *const handler = umockdev_ioctl_base_new();
    plugged.nodes.push_back({node, handler});
    GError *error = nullptr;
    check(umockdev_testbed_attach_ioctl(testbed, node.c_str(), handler, &error), error);
    return handler;
  }

  void plug_in(Place &place) {
    const unsigned number = next_number++;
    const std::shared_ptr<UsbDevice> &device = place.probe->device();
    devices.push_back(std::make_unique<Plugged>(*place.probe));
    Plugged &plugged = *devices.back();
    place.plugged = &plugged;
    UMockdevIoctlBase *const usbfs = attach(plugged, device_name(number));
    g_signal_connect(usbfs, "handle-ioctl", G_CALLBACK(usbfs_ioctl), &plugged);
    g_signal_connect(usbfs, "client-connected", G_CALLBACK(usbfs_opened), &plugged);
    std::vector<HidPlace> hids;
    if (const auto interface = hid_interface(device->identity())) {
      hids.push_back({*interface, next_hidraw++});
      start_hidraw(plugged, hids.front());
    }
    for (const SysfsDevice &one : describe(device->identity(), place.port, number, hids)) {
      add(one.text);
      plugged.paths.push_back("/sys" + one.path);
    }
    share_nodes(place);
  }

  // A program may open the node as soon as it is there: it is put there when all else is ready.
  void start_hidraw(Plugged &plugged, const HidPlace &place) {
    const std::string name = hidraw_name(place.hidraw);
    UMockdevIoctlBase *const handler = attach(plugged, name);
    const std::filesystem::path fifo = folder / name;
    plugged.hidraw = std::make_unique<Hidraw>(plugged.probe.device(), plugged.probe.mutex(),
                                              place.interface, fifo);
    g_signal_connect(handler, "handle-ioctl", G_CALLBACK(hidraw_ioctl), &plugged);
    g_signal_connect(handler, "handle-read", G_CALLBACK(hidraw_read), &plugged);
    g_signal_connect(handler, "handle-write", G_CALLBACK(hidraw_write), &plugged);
    g_signal_connect(handler, "client-connected", G_CALLBACK(hidraw_opened), &plugged);
    std::filesystem::rename(fifo, folder / "dev" / name);
  }

  // Its requests are still answered: a program may be just opening it. No event is sent: umockdev
  // ends the whole test bed when a program stops listening meanwhile. Programs learn of it from
  // their transfers, and find a probe that is back by looking.
  void unplug(Place &place) {
    for (const Node &node : place.plugged->nodes) {
      std::filesystem::remove(folder.string() + node.name);
    }
    const std::vector<std::string> &paths = place.plugged->paths;
    for (auto path = paths.rbegin(); path != paths.rend(); ++path) {
      umockdev_testbed_remove_device(testbed, path->c_str());
    }
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

  void share_nodes(const Place &place) const {
    namespace fs = std::filesystem;
    using fs::perms;
    const perms all = perms::owner_read | perms::owner_write | perms::group_read |
                      perms::group_write | perms::others_read | perms::others_write;
    perms node = all;
    // Permissions do not apply to root, so the node stays root's.
    if (place.probe->settings().faults.no_permission) {
      node = ::geteuid() == 0 ? perms::owner_read | perms::owner_write : perms::none;
    }
    for (const Node &one : place.plugged->nodes) {
      fs::permissions(folder.string() + one.name, node);
      const std::string socket = folder.string() + "/ioctl" + one.name;
      if (::geteuid() == 0) fs::permissions(socket, perms::all);
    }
  }

  void tend() {
    for (Place &place : places) {
      const std::lock_guard lock(place.probe->mutex());
      if (place.plugged != nullptr) {
        if (const auto failure = place.plugged->take_failure()) std::rethrow_exception(failure);
        place.plugged->sweep();
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
  unsigned next_hidraw = 0;
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

}  // namespace virtual_usb
