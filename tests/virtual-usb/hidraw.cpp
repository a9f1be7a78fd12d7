#include "hidraw.hpp"

#include "sysfs.hpp"

#include <fcntl.h>
#include <linux/hidraw.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace virtual_usb {

namespace {

using namespace std::chrono_literals;

constexpr int buffered_reports = 64;
constexpr int pipe_page = 4096;
constexpr unsigned long precise_sleep_ns = 1000;
constexpr auto longest_wait = 1ms;
constexpr unsigned usb_bus = 3;

std::optional<Endpoint> interrupt_endpoint(const UsbIdentity &identity, bool in) {
  for (const Endpoint &one : identity.endpoints) {
    if (one.kind == EndpointKind::interrupt && one.in() == in) return one;
  }
  return {};
}

// A FIFO that keeps the boundaries of what is written. Opened for both directions, it is open when
// programs come.
flashhost::Descriptor make_fifo(const std::filesystem::path &path) {
  if (::mkfifo(path.c_str(), S_IRUSR | S_IWUSR) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot make " + path.string());
  }
  flashhost::Descriptor fifo(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fifo || ::fcntl(fifo.number(), F_SETFL, O_DIRECT | O_NONBLOCK) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot open " + path.string());
  }
  ::fcntl(fifo.number(), F_SETPIPE_SZ, buffered_reports * pipe_page);
  return fifo;
}

long put_text(UMockdevIoctlClient *client, const std::string &text, std::size_t size) {
  const std::size_t count = std::min(size, text.size() + 1);
  const Data data = argument(client, count);
  if (!data) return -1;
  std::memcpy(data->data, text.c_str(), count);
  return static_cast<long>(count);
}

}  // namespace

struct Hidraw::ReportUrb final : Urb {
  Bytes memory;
  Client client;          // of a report that is written
  std::size_t count = 0;  // of bytes that it wrote
};

Hidraw::Hidraw(std::shared_ptr<UsbDevice> device, std::mutex &mutex, std::size_t interface,
               const std::filesystem::path &fifo)
    : device_(std::move(device)),
      mutex_(mutex),
      interface_(interface),
      in_(interrupt_endpoint(device_->identity(), true).value_or(Endpoint{})),
      out_(interrupt_endpoint(device_->identity(), false)),
      fifo_(make_fifo(fifo)),
      thread_([this](const std::stop_token &stop) { run(stop); }) {}

Hidraw::~Hidraw() {
  stop();
}

void Hidraw::stop() {
  thread_.request_stop();
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Hidraw::run(const std::stop_token &stop) {
  ::prctl(PR_SET_TIMERSLACK, precise_sleep_ns, 0, 0, 0);
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    try {
      turn();
    } catch (...) {
      failure_ = std::current_exception();
      gone_ = true;
    }
    if (clients_.empty() || gone_) {
      changed_.wait(lock, stop, [&] { return !clients_.empty() && !gone_; });
      continue;
    }
    const Wall latest = std::chrono::steady_clock::now() + longest_wait;
    changed_.wait_until(lock, std::min(device_->next_due_on_the_wall().value_or(latest), latest));
  }
}

void Hidraw::turn() {
  while (const auto urb = std::static_pointer_cast<ReportUrb>(device_->reap(this))) {
    finished(*urb);
  }
  if (!clients_.empty() && !gone_ && !fetching_) fetch();
}

// The kernel asks the device for reports as long as anybody has the node open.
void Hidraw::fetch() {
  auto urb = std::make_shared<ReportUrb>();
  urb->memory.resize(in_.packet);
  urb->kind = Urb::Kind::interrupt;
  urb->endpoint = in_.address;
  urb->owner = this;
  urb->buffer = urb->memory;
  // Where this is what unplugs the device, all that is under way ends with an error, this one, too.
  fetching_ = device_->submit(urb) == 0;
  gone_ = !fetching_;
}

void Hidraw::finished(ReportUrb &urb) {
  if (urb.client) {
    const bool done = urb.status == 0;
    umockdev_ioctl_client_complete(urb.client.get(), done ? static_cast<long>(urb.count) : -1,
                                   -urb.status);
    return;
  }
  fetching_ = false;
  if (urb.status == 0) return hand_over(urb.buffer.first(urb.actual));
  if (device_->plugged()) {
    static_cast<void>(device_->clear_halt(in_.address));  // as the kernel's driver does
    return;
  }
  gone_ = true;
  hand_over(std::array<std::uint8_t, 1>{});  // ends a poll(); the read that follows fails
}

// What nobody fetches is lost once the buffer is full.
void Hidraw::hand_over(std::span<const std::uint8_t> report) const {
  static_cast<void>(!::write(fifo_.number(), report.data(), report.size()));
}

void Hidraw::drop_reports() const {
  std::array<std::uint8_t, pipe_page> report{};
  while (::read(fifo_.number(), report.data(), report.size()) > 0) {
  }
}

void Hidraw::opened(UMockdevIoctlClient *client) {
  const std::lock_guard lock(mutex_);
  if (clients_.empty()) drop_reports();
  clients_.push_back(keep(client));
  changed_.notify_all();
}

std::size_t Hidraw::sweep() {
  std::erase_if(clients_, [](const Client &client) {
    return umockdev_ioctl_client_get_connected(client.get()) == 0;
  });
  if (clients_.empty() && fetching_) {
    device_->closed(this);
    fetching_ = false;
    drop_reports();
  }
  return clients_.size();
}

bool Hidraw::read(UMockdevIoctlClient *client) {
  const std::lock_guard lock(mutex_);
  if (!gone_) return false;
  umockdev_ioctl_client_complete(client, -1, EIO);
  return true;
}

void Hidraw::write(UMockdevIoctlClient *client) {
  const std::lock_guard lock(mutex_);
  const int error = gone_ ? ENODEV : submit(client);
  if (error != 0) umockdev_ioctl_client_complete(client, -1, error);
  changed_.notify_all();
}

// The first byte is the number of the report; number 0 is not sent.
int Hidraw::submit(UMockdevIoctlClient *client) {
  const UMockdevIoctlData *const data = umockdev_ioctl_client_get_arg(client);
  const std::span<const std::uint8_t> bytes{data->data, static_cast<std::size_t>(data->data_len)};
  if (bytes.empty() || bytes.size() > HID_MAX_DESCRIPTOR_SIZE) return EINVAL;
  const auto report = bytes.subspan(bytes[0] == 0 ? 1 : 0);
  auto urb = std::make_shared<ReportUrb>();
  urb->owner = this;
  urb->client = keep(client);
  urb->count = bytes.size();
  if (out_) {
    urb->kind = Urb::Kind::interrupt;
    urb->endpoint = out_->address;
  } else {
    urb->kind = Urb::Kind::control;
    urb->memory = {0x21, 0x09, bytes[0], 0x02, static_cast<std::uint8_t>(interface_), 0, 0, 0};
    put_u16(urb->memory, 6, static_cast<std::uint32_t>(report.size()));
  }
  urb->memory.insert(urb->memory.end(), report.begin(), report.end());
  urb->buffer = urb->memory;
  return device_->submit(std::move(urb));
}

void Hidraw::ioctl(UMockdevIoctlClient *client) {
  long result = 0;
  int error = 0;
  {
    const std::lock_guard lock(mutex_);
    error = gone_ ? ENODEV : answer(client, result);
  }
  umockdev_ioctl_client_complete(client, error == 0 ? result : -1, error);
}

int Hidraw::answer(UMockdevIoctlClient *client, long &result) const {
  const UsbIdentity &identity = device_->identity();
  const Bytes &reports = identity.interfaces[interface_].report_descriptor;
  const auto request = static_cast<unsigned>(umockdev_ioctl_client_get_request(client));
  const auto text = [&](const std::string &content) {
    result = put_text(client, content, _IOC_SIZE(request));
    return result < 0 ? EFAULT : 0;
  };
  switch (request) {
    case HIDIOCGRDESCSIZE: {
      const auto size = static_cast<int>(reports.size());
      const Data data = argument(client, sizeof size);
      if (!data) return EFAULT;
      std::memcpy(data->data, &size, sizeof size);
      return 0;
    }
    case HIDIOCGRDESC: {
      const auto wish = value<std::uint32_t>(client);
      if (!wish || *wish > HID_MAX_DESCRIPTOR_SIZE) return wish ? EINVAL : EFAULT;
      const std::size_t count = std::min<std::size_t>(*wish, reports.size());
      const Data data = argument(client, sizeof(std::uint32_t) + count);
      if (!data) return EFAULT;
      std::copy_n(reports.begin(), count, data->data + sizeof(std::uint32_t));
      return 0;
    }
    case HIDIOCGRAWINFO: {
      const hidraw_devinfo info{usb_bus, static_cast<std::int16_t>(get_u16(identity.device, 8)),
                                static_cast<std::int16_t>(get_u16(identity.device, 10))};
      const Data data = argument(client, sizeof info);
      if (!data) return EFAULT;
      std::memcpy(data->data, &info, sizeof info);
      return 0;
    }
    default:
      break;
  }
  if (_IOC_TYPE(request) != 'H') return ENOTTY;
  if (_IOC_NR(request) == _IOC_NR(HIDIOCGRAWNAME(0))) return text(kernel_hid_name(identity));
  if (_IOC_NR(request) == _IOC_NR(HIDIOCGRAWPHYS(0))) return text("usb-1/input0");
  if (_IOC_NR(request) == _IOC_NR(HIDIOCGRAWUNIQ(0))) return text(serial_text(identity));
  return EPIPE;  // feature reports: the device has none
}

}  // namespace virtual_usb
