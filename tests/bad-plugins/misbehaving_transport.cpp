#include "misbehave.hpp"

#include <flashhost/plugin.hpp>
#include <flashhost/transport.hpp>

#include <algorithm>

namespace {

using namespace flashhost;

class MisbehavingProbe final : public Probe {
 public:
  MisbehavingProbe(misbehaving::Orders orders, Host &host)
      : orders_(std::move(orders)), host_(host) {}
  ~MisbehavingProbe() override {
    host_.debug("probe closed");
    orders_.at("close");
  }

  ProbeInfo info() override {
    orders_.at("info");
    ProbeInfo info;
    info.target_millivolts = 1900;
    return info;
  }
  CoreState state() override {
    orders_.at("state");
    return CoreState::running;
  }
  void read_memory(std::uint32_t /*address*/, std::span<std::uint8_t> out,
                   Width /*width*/) override {
    orders_.at("read_memory");
    std::fill(out.begin(), out.end(), std::uint8_t{0xA5});
  }
  std::uint32_t read_register(CoreRegister /*which*/) override {
    orders_.at("read_register");
    return 1;
  }
  Nanoseconds now() override {
    orders_.at("now");
    return {};
  }
  void sleep(Nanoseconds /*time*/) override { orders_.at("sleep"); }
  void attach(AttachMode /*mode*/) override { orders_.at("attach"); }
  void reset(ResetMode /*mode*/) override { orders_.at("reset"); }
  void halt() override { orders_.at("halt"); }
  void resume() override { orders_.at("resume"); }
  void write_memory(std::uint32_t /*address*/, std::span<const std::uint8_t> /*data*/,
                    Width /*width*/) override {
    orders_.at("write_memory");
  }
  void write_register(CoreRegister /*which*/, std::uint32_t /*value*/) override {
    orders_.at("write_register");
  }
  void run(std::span<Access> accesses) override {
    orders_.at("run");
    Probe::run(accesses);
  }

 private:
  misbehaving::Orders orders_;
  Host &host_;
};

class MisbehavingTransport final : public Transport {
 public:
  explicit MisbehavingTransport(Host &host) : host_(host) {}
  ~MisbehavingTransport() override { host_.debug("transport destroyed"); }

  void configure(const Settings &settings) override { orders_.configure(settings); }
  std::vector<ProbeDescription> list() override {
    orders_.at("list");
    return {};
  }
  std::unique_ptr<Probe> open(const OpenOptions & /*options*/) override {
    orders_.at("open");
    if (orders_.told("open", "null")) return nullptr;
    return std::make_unique<MisbehavingProbe>(orders_, host_);
  }

 private:
  Host &host_;
  misbehaving::Orders orders_;
};

}  // namespace

FLASHHOST_PLUGIN(FLASHHOST_KIND_TRANSPORT, flashhost::Transport, MisbehavingTransport,
                 "misbehaving", "1.0", "throws where it is told to")
