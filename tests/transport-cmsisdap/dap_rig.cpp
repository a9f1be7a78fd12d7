#include "dap_rig.hpp"

#include "test_models.hpp"
#include "transport.hpp"

#include <flashhost/error.hpp>
#include <flashhost/transport.hpp>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <utility>

namespace flashhost::cmsisdap::test {

namespace {

using namespace std::chrono_literals;
using testing::UsbFault;
using virtual_cmsisdap::Personality;
using virtual_cmsisdap::Pipes;
using virtual_usb::Urb;
using virtual_usb::UsbDevice;
using virtual_usb::VirtualProbe;

constexpr Nanoseconds away = 150ms, late_by = 700ms;

bool is_hid(const Personality &personality) {
  return personality.pipes == Pipes::v1;
}

// Interface number and endpoints as the probe's descriptors have them.
Interface interface_of(const VirtualProbe &probe, const Personality &personality) {
  Interface result;
  result.protocol = is_hid(personality) ? Protocol::hid : Protocol::bulk;
  const auto kind =
      is_hid(personality) ? virtual_usb::EndpointKind::interrupt : virtual_usb::EndpointKind::bulk;
  for (const virtual_usb::Endpoint &one : probe.device()->identity().endpoints) {
    if (one.kind != kind) continue;
    (one.in() ? result.endpoint_in : result.endpoint_out) = one.address;
    result.packet_size = one.packet;
  }
  return result;
}

UsbStatus status_of(int status) {
  switch (-status) {
    case 0:
      return UsbStatus::done;
    case EPIPE:
      return UsbStatus::stall;
    case ENODEV:
    case ESHUTDOWN:
      return UsbStatus::gone;
    case EOVERFLOW:
      return UsbStatus::overflow;
    default:
      return UsbStatus::failed;
  }
}

struct Request final : Urb {
  Bytes memory;
  bool over = false;
};

// Behaves as the transport's own pipes do. Over bulk: responses are asked for one by one, and what
// becomes of a request is seen when its response is received. Over HID: the kernel always asks, and
// writing a report takes until the probe has it.
class RigPipe final : public Pipe {
 public:
  RigPipe(std::shared_ptr<VirtualProbe> probe, const Interface &interface)
      : probe_(std::move(probe)), device_(probe_->device()), interface_(interface) {
    if (padded()) ask_for_response();
  }
  RigPipe(const RigPipe &) = delete;
  RigPipe &operator=(const RigPipe &) = delete;
  ~RigPipe() override { device_->closed(this); }

  UsbStatus send(std::span<const std::uint8_t> request, Nanoseconds limit) override {
    if (!padded()) ask_for_response();
    Bytes bytes(request.begin(), request.end());
    if (padded()) bytes.resize(packet_size());
    const auto out = submit(interface_.endpoint_out, std::move(bytes));
    if (!padded()) {
      writes_.push_back(out);
      return out->over ? status_of(out->status) : UsbStatus::done;
    }
    if (!wait(*out, probe_->clock().now() + limit)) {
      static_cast<void>(device_->discard(this, out->tag));
      return UsbStatus::timeout;
    }
    // hidapi tells no reasons.
    const UsbStatus status = status_of(out->status);
    return status == UsbStatus::stall ? UsbStatus::failed : status;
  }

  Transfer receive(std::span<std::uint8_t> buffer, Nanoseconds limit) override {
    const Nanoseconds end = probe_->clock().now() + limit;
    if (responses_.empty()) ask_for_response();
    std::shared_ptr<Request> next = responses_.front();
    if (!wait(*next, end)) return {UsbStatus::timeout, 0};
    while (padded() && next->status == -EPIPE) {
      // The kernel ends such a stall itself and tells nobody.
      static_cast<void>(device_->clear_halt(interface_.endpoint_in));
      responses_.pop_front();
      ask_for_response();
      next = responses_.front();
      if (!wait(*next, end)) return {UsbStatus::timeout, 0};
    }
    if (!next->over) return {failed_write(), 0};
    responses_.pop_front();
    std::copy_n(next->memory.begin(), std::min(next->actual, buffer.size()), buffer.begin());
    return {status_of(next->status), next->actual};
  }

  void clear_stall() override {
    if (padded()) return;
    static_cast<void>(device_->clear_halt(interface_.endpoint_out));
    static_cast<void>(device_->clear_halt(interface_.endpoint_in));
  }
  std::size_t packet_size() const override { return interface_.packet_size; }
  bool padded() const override { return interface_.protocol == Protocol::hid; }

 private:
  std::shared_ptr<Request> submit(std::uint8_t endpoint, Bytes bytes) {
    auto request = std::make_shared<Request>();
    request->kind = padded() ? Urb::Kind::interrupt : Urb::Kind::bulk;
    request->endpoint = endpoint;
    request->owner = this;
    request->tag = ++tag_;
    request->memory = std::move(bytes);
    request->buffer = request->memory;
    if (const int refused = device_->submit(request)) {
      request->status = -refused;
      request->over = true;
    }
    return request;
  }

  void ask_for_response() {
    responses_.push_back(submit(interface_.endpoint_in, Bytes(packet_size())));
  }

  void reap() {
    while (const auto urb = std::static_pointer_cast<Request>(device_->reap(this))) {
      urb->over = true;
      const bool report = padded() && urb->endpoint == interface_.endpoint_in;
      if (report && urb->status == 0) ask_for_response();
    }
  }

  // done: all were taken so far. Forgets the one that failed.
  UsbStatus failed_write() {
    while (!writes_.empty() && writes_.front()->over) {
      const UsbStatus status = status_of(writes_.front()->status);
      writes_.pop_front();
      if (status != UsbStatus::done) return status;
    }
    return UsbStatus::done;
  }
  [[nodiscard]] bool a_write_failed() const {
    return std::ranges::any_of(writes_,
                               [](const auto &write) { return write->over && write->status != 0; });
  }

  // True when it is over, or a write before it has failed.
  bool wait(const Request &request, Nanoseconds end) {
    virtual_usb::ModelClock &clock = probe_->clock();
    for (;;) {
      reap();
      if (request.over || a_write_failed()) return true;
      if (clock.now() >= end) return false;
      clock.step_to(std::min(device_->next_due().value_or(end), end));
    }
  }

  std::shared_ptr<VirtualProbe> probe_;
  std::shared_ptr<UsbDevice> device_;  // that which was opened
  Interface interface_;
  std::uint64_t tag_ = 0;
  std::deque<std::shared_ptr<Request>> responses_;
  std::deque<std::shared_ptr<Request>> writes_;  // whose end was not looked at
};

class RigBus final : public Bus {
 public:
  RigBus(std::shared_ptr<VirtualProbe> probe, Personality personality)
      : probe_(std::move(probe)), personality_(std::move(personality)) {}

  std::vector<FoundProbe> find() override {
    if (probe_->due_back()) probe_->plug_in();
    if (!probe_->device()->plugged()) return {};
    return {{.vendor = personality_.vendor_id,
             .product_id = personality_.product_id,
             .release = personality_.release,
             .product = personality_.product,
             .serial = personality_.firmware.serial,
             .location = "bus 1 device 2",
             .node = {},
             .port = "1-1",
             .problem = {},
             .interface = interface_of(*probe_, personality_)}};
  }

  std::unique_ptr<Pipe> open(const FoundProbe &found) override {
    if (!probe_->device()->plugged()) throw Error(Errc::probe, "the probe has just been unplugged");
    return std::make_unique<RigPipe>(probe_, found.interface);
  }

  void reset(const FoundProbe & /*found*/) override {
    static_cast<void>(probe_->device()->reset());
  }

 private:
  std::shared_ptr<VirtualProbe> probe_;
  Personality personality_;
};

class RigClock final : public Clock {
 public:
  explicit RigClock(std::shared_ptr<VirtualProbe> probe) : probe_(std::move(probe)) {}
  Nanoseconds now() override { return probe_->clock().now(); }
  void sleep(Nanoseconds time) override { probe_->clock().step_to(now() + time); }

 private:
  std::shared_ptr<VirtualProbe> probe_;
};

virtual_cmsisdap::PipeFaults pipe_faults(testing::UsbFaultAt fault) {
  virtual_cmsisdap::PipeFaults faults;
  if (fault.kind == UsbFault::wrong_echo) faults.wrong_echo_at = fault.transfer;
  return faults;
}

virtual_usb::UsbFaults usb_faults(testing::UsbFaultAt fault) {
  virtual_usb::UsbFaults faults;
  switch (fault.kind) {
    case UsbFault::replug:
      faults.replug_after = away;
      [[fallthrough]];
    case UsbFault::unplug:
      faults.unplug_at = fault.transfer;
      break;
    case UsbFault::no_reply:
      faults.no_reply_at = fault.transfer;
      break;
    case UsbFault::late_reply:
      faults.late_reply_at = fault.transfer;
      faults.late_by = late_by;
      break;
    case UsbFault::stall:
      faults.stall_at = fault.transfer;
      break;
    case UsbFault::short_reply:
      faults.short_reply_at = fault.transfer;
      break;
    case UsbFault::garbage_reply:
      faults.garbage_reply_at = fault.transfer;
      break;
    case UsbFault::wrong_echo:
    case UsbFault::none:
      break;
  }
  return faults;
}

}  // namespace

DapRig::DapRig(Personality personality, const std::string &part)
    : personality_(std::move(personality)), part_(part) {
  personality_.firmware.serial = "RIG1";
}

DapRig::~DapRig() = default;

void DapRig::start_anew(std::span<const std::uint8_t> flash, testing::UsbFaultAt fault) {
  const virtual_cmsisdap::PipeFaults pipes = pipe_faults(fault);
  virtual_usb::ProbeSettings settings;
  settings.identity = virtual_cmsisdap::usb_identity(personality_, pipes);
  settings.power_up = [personality = personality_, pipes](machine::Target &target,
                                                          const sim::SwdFaults & /*faults*/) {
    return virtual_cmsisdap::usb_function(personality, pipes, target);
  };
  settings.faults = usb_faults(fault);
  settings.board = flashhost::test::board_config(part_, board_faults);
  settings.pace = virtual_usb::stepped_pace;
  settings.latency = latency;
  probe_ = std::make_shared<VirtualProbe>(settings);
  std::ranges::copy(flash, probe_->flash().begin());
  probe_->target().power_cycle();
  probe_->start();
}

// Without its probe the board had no power.
void DapRig::plug_in() {
  if (probe_->device()->plugged()) return;
  probe_->target().power_cycle();
  probe_->plug_in();
}

std::span<const std::uint8_t> DapRig::flash() const {
  return probe_->flash();
}

std::uint64_t DapRig::transfers() const {
  return probe_->traffic().bulk_transfers;
}

Nanoseconds DapRig::now() const {
  return std::as_const(*probe_).clock().now();
}

std::unique_ptr<Probe> DapRig::open(Host &host) {
  CmsisDapTransport transport(host, std::make_shared<RigBus>(probe_, personality_),
                              std::make_shared<RigClock>(probe_));
  transport.configure(Settings());
  OpenOptions options;
  if (speed_hz != 0) options.speed_hz = speed_hz;
  return transport.open(options);
}

}  // namespace flashhost::cmsisdap::test
