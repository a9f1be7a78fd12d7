#include "job_on_board.hpp"

#include "sim_probe.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace flashhost::testing {

namespace {

constexpr std::uint32_t flash_base = 0x08000000;
constexpr std::uint32_t swd_speed = 4'000'000;
constexpr std::size_t flash_size = 0x4000;
constexpr const char *part = "STM32F103C4";

class NullHost final : public Host {
 public:
  void log(Level, std::string_view) noexcept override {}
  [[nodiscard]] bool enabled(Level) const noexcept override { return false; }
};

class Listener final : public Observer {
 public:
  void step(std::string_view, std::uint64_t) override {}
  void progress(std::uint64_t) override {}
  void message(Level level, const std::string &text) override {
    if (level >= Level::warning) messages += text + "\n";
  }

  std::string messages;
};

Bytes pattern(std::size_t size, std::uint32_t seed) {
  Bytes bytes(size);
  for (std::uint8_t &byte : bytes) {
    seed = seed * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(seed >> 25);
  }
  return bytes;
}

// The same with a program at its beginning that does nothing for ever.
Bytes firmware(std::size_t size, std::uint32_t seed) {
  constexpr std::uint8_t vectors[] = {0x00, 0x10, 0x00, 0x20, 0x01, 0x01, 0x00, 0x08};
  constexpr std::uint8_t loop[] = {0xFE, 0xE7};  // b .
  Bytes bytes = pattern(size, seed);
  std::copy(std::begin(vectors), std::end(vectors), bytes.begin());
  std::copy(std::begin(loop), std::end(loop), bytes.begin() + 0x100);
  return bytes;
}

// Flash locked, nothing caught, no debugger, the core running.
void expect_tidy(Probe &probe) {
  constexpr std::uint32_t flash_cr = 0x40022010, dbgmcu_cr = 0xE0042004;
  EXPECT_EQ(probe.read_word(flash_cr), 0x80U);
  EXPECT_EQ(probe.read_word(dbgmcu_cr), 0U);
  EXPECT_EQ(probe.read_word(cortex_m::demcr) & 0x7F1U, 0U);
  EXPECT_EQ(probe.read_word(cortex_m::dhcsr) & (cortex_m::dhcsr_debugen | cortex_m::dhcsr_s_halt),
            0U);
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "flashhost-sweep-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

JobOnBoard::JobOnBoard()
    : plugins_({FLASHHOST_PLUGINS},
               [](const std::string &) { return std::make_unique<NullHost>(); }),
      family_(plugins_.family("f1").object) {
  before_ = firmware(3000, 1);
  before_.resize(flash_size, 0xFF);
  const Bytes code = firmware(1500, 2);
  const Bytes data = pattern(99, 3);
  image_ = merge({{"image", {{{flash_base, code}, {flash_base + 2345, data}}, std::nullopt}}});
  wanted_ = before_;
  std::copy(code.begin(), code.end(), wanted_.begin());
  std::copy(data.begin(), data.end(), wanted_.begin() + 2345);
}

JobResult JobOnBoard::run(Fault fault, const Work &work) {
  sim::SimSettings settings;
  settings.model.part = part;
  settings.flash_bytes = flash_size;
  settings.state_file = folder_.path() / "flash.bin";
  NullHost host;
  Listener listener;
  auto probe = std::make_unique<FaultyProbe>(
      std::make_unique<sim::SimProbe>(host, settings, swd_speed), fault);
  FaultyProbe &faulty = *probe;
  faulty.on_attach = on_attach_;
  JobResult result;
  Target target(std::move(probe), {{"f1", family_}}, {}, listener);
  try {
    target.connect();
    result.connected = true;
    work(target, listener);
    result.good = true;
    // A lie of the probe may go unnoticed; a loss may not.
    const bool lost = fault.kind == FaultKind::vanishes || fault.kind == FaultKind::cut_off;
    if (lost) expect_tidy(faulty.real());
  } catch (const Error &error) {
    result.code = error.code();
    result.what = error.what();
    result.hint = error.hint();
  }
  result.reached = faulty.reached();
  result.calls = faulty.calls();
  result.messages = listener.messages;
  result.time = target.elapsed();
  result.changes = faulty.changes_since();
  result.in_vain = faulty.calls_in_vain();
  return result;
}

JobResult JobOnBoard::job(Fault fault) {
  return run(fault, [&](Target &target, Observer &observer) {
    FlashOptions options;
    options.journal_directory = journals();
    static_cast<void>(flash(target, image_, options, observer, stop_.get_token()));
  });
}

void JobOnBoard::start_anew() {
  std::filesystem::remove_all(journals());
  std::ofstream(folder_.path() / "flash.bin", std::ios::binary)
      .write(reinterpret_cast<const char *>(before_.data()), flash_size);
}

Bytes JobOnBoard::now() const {
  std::ifstream stream(folder_.path() / "flash.bin", std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace flashhost::testing
