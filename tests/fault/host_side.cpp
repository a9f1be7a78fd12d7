#include "host_side.hpp"

#include "failing_new.hpp"

#include <flashhost/error.hpp>

#include <memory>
#include <new>
#include <optional>
#include <utility>

namespace flashhost::testing {

namespace {

class BoardSide final : public Probe {
 public:
  BoardSide(std::unique_ptr<Probe> probe, const FailingFiles *files)
      : probe_(std::move(probe)), files_(files) {}

  ProbeInfo info() override {
    return call([&] { return probe_->info(); });
  }
  CoreState state() override {
    return call([&] { return probe_->state(); });
  }
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) override {
    call([&] { probe_->read_memory(address, out, width); });
  }
  std::uint32_t read_register(CoreRegister which) override {
    return call([&] { return probe_->read_register(which); });
  }
  Nanoseconds now() override {
    const NotOurMemory hardware;
    return probe_->now() + lost_time_;
  }
  void sleep(Nanoseconds time) override {
    const NotOurMemory hardware;
    if (gone()) {
      lost_time_ += time;
    } else {
      probe_->sleep(time);
    }
  }
  void attach(AttachMode mode) override {
    call([&] { probe_->attach(mode); });
  }
  void reset(ResetMode mode) override {
    call([&] { probe_->reset(mode); });
  }
  void halt() override {
    call([&] { probe_->halt(); });
  }
  void resume() override {
    call([&] { probe_->resume(); });
  }
  void write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                    Width width) override {
    call([&] { probe_->write_memory(address, data, width); });
  }
  void write_register(CoreRegister which, std::uint32_t value) override {
    call([&] { probe_->write_register(which, value); });
  }

 private:
  [[nodiscard]] bool gone() const { return files_ != nullptr && files_->crashed(); }
  template <class Call>
  auto call(const Call &body) -> decltype(body()) {
    const NotOurMemory hardware;
    if (gone()) throw Error(Errc::probe, "injected: flashhost has crashed");
    return body();
  }

  std::unique_ptr<Probe> probe_;
  const FailingFiles *files_;
  Nanoseconds lost_time_{};
};

}  // namespace

JobResult run_on_host(Board &board, const HostFaults &faults, const Work &work) {
  std::optional<files::SystemForTest> system;
  const Work on_host = [&](Target &target, Observer &observer) {
    if (faults.files != nullptr) system.emplace(*faults.files);
    std::optional<FailingNew> memory;
    if (faults.count_allocations) memory.emplace(faults.failing_allocation);
    try {
      return work(target, observer);
    } catch (const std::bad_alloc &) {
      memory.reset();
      throw Error(Errc::internal, "out of memory");
    }
  };
  Job job{on_host, {}, {}};
  job.probe = [&](std::unique_ptr<Probe> probe) -> std::unique_ptr<Probe> {
    return std::make_unique<BoardSide>(std::move(probe), faults.files);
  };
  return run(board, job);
}

}  // namespace flashhost::testing
