#include "text.hpp"

#include <nlohmann/json.hpp>

namespace flashhost::timeline {

namespace {

using nlohmann::json;

json about(const Sums &sums) {
  return {{"flash_busy", sums.flash_busy.count()},
          {"flash_only", sums.flash_only.count()},
          {"wire", sums.wire.count()},
          {"usb", sums.usb.count()},
          {"host", sums.host.count()},
          {"idle", sums.idle.count()},
          {"calls", sums.calls},
          {"bytes", sums.bytes}};
}

json about(const Step &step) {
  json object = about(step.sums);
  object["name"] = step.name;
  object["begin"] = step.begin.count();
  object["end"] = step.end.count();
  return object;
}

json about(const Intervals &lane) {
  json all = json::array();
  for (const Interval &one : lane.all) {
    all.push_back({one.begin.count(), one.end.count(), one.busy.count()});
  }
  return {{"grain", lane.grain.count()}, {"intervals", std::move(all)}};
}

}  // namespace

json to_json(const Timeline &timeline, const About &about_job) {
  json steps = json::array();
  for (const Step &step : timeline.steps) steps.push_back(about(step));
  json object{{"event", "timeline"},
              {"version", 1},
              {"unit", "ns"},
              {"flashhost", about_job.flashhost},
              {"verb", about_job.verb},
              {"exit_code", about_job.exit_code},
              {"chip", nullptr},
              {"probe", nullptr},
              {"before", about_job.before.count()},
              {"total", timeline.total.count()},
              {"flash_expected", timeline.flash_expected.count()},
              {"sums", about(timeline.sums())},
              {"complete", timeline.complete},
              {"steps", std::move(steps)}};
  if (!about_job.chip.empty()) object["chip"] = about_job.chip;
  if (!about_job.probe.empty()) {
    object["probe"] = {{"product", about_job.probe},
                       {"firmware", about_job.firmware},
                       {"swd_hz", about_job.swd_hz ? json(*about_job.swd_hz) : json(nullptr)}};
  }
  for (std::size_t i = 0; i < lane_count; ++i) {
    const LaneText text = text_of(static_cast<Lane>(i));
    json lane = about(timeline.lanes[i]);
    lane["meaning"] = text.meaning;
    object["lanes"][std::string(text.name)] = std::move(lane);
  }
  return object;
}

}  // namespace flashhost::timeline
