#include "job.hpp"

#include "plugin/plugin_loader.hpp"

namespace flashhost::testing {

namespace {

class Listener final : public Observer {
 public:
  void step(std::string_view, std::uint64_t) override {}
  void progress(std::uint64_t) override {}
  void message(Level level, const std::string &text) override {
    if (level >= Level::warning) messages += text + "\n";
  }

  std::string messages;
};

}  // namespace

// Loading them takes longer than a job.
const std::vector<NamedFamily> &installed_families() {
  static const PluginLoader plugins(
      {FLASHHOST_PLUGINS}, [](const std::string &) { return std::make_unique<QuietHost>(); });
  static const std::vector<NamedFamily> all = {{"f0", plugins.family("f0").object},
                                               {"f1", plugins.family("f1").object},
                                               {"f3", plugins.family("f3").object},
                                               {"f4", plugins.family("f4").object},
                                               {"l4", plugins.family("l4").object}};
  return all;
}

JobResult run(Board &board, const Job &job) {
  Listener listener;
  std::unique_ptr<Probe> probe = board.probe();
  if (job.probe) probe = job.probe(std::move(probe));
  std::vector<const FaultyProbe *> layers;
  for (const Fault &fault : job.faults) {
    auto faulty = std::make_unique<FaultyProbe>(std::move(probe), fault);
    faulty->on_attach = job.on_attach;
    layers.push_back(faulty.get());
    probe = std::move(faulty);
  }
  JobResult result;
  Target target(std::move(probe), job.families.empty() ? installed_families() : job.families,
                job.target, listener);
  try {
    target.connect();
    result.connected = true;
    result.report = job.work(target, listener);
    result.good = true;
  } catch (const Error &error) {
    result.code = error.code();
    result.what = error.what();
    result.hint = error.hint();
  }
  result.reached = true;
  for (const FaultyProbe *layer : layers) {
    result.reached = result.reached && layer->reached();
    result.calls = layer->calls();
    result.changes += layer->changes_since();
    result.in_vain += layer->calls_in_vain();
  }
  result.flash = listener.flash.get();
  result.messages = listener.messages;
  result.time = target.elapsed();
  return result;
}

}  // namespace flashhost::testing
