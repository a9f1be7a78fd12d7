#include "levels.hpp"

#include "names.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace flashhost::flm {

namespace {

void check_count(std::size_t count, std::string_view what) {
  if (count <= max_properties) return;
  throw Error(
      Errc::image,
      fmt::format("a chip has more than {} {}, which is refused", max_properties, what),
      "No chip has so many: the description (.pdsc) is damaged or made by a faulty program.");
}

template <class T, class Same>
void replace_or_add(std::vector<T> &all, const std::vector<T> &closer, std::string_view what,
                    const Same &same) {
  check_count(closer.size(), what);
  // Those of one level stand side by side, also where they are alike.
  const std::size_t inherited = all.size();
  std::vector<bool> replaced(inherited);
  for (const T &one : closer) {
    for (std::size_t i = 0; i < inherited; ++i) replaced[i] = replaced[i] || same(all[i], one);
  }
  std::size_t index = 0;
  all.erase(std::remove_if(all.begin(), all.end(), [&](const T &) { return replaced[index++]; }),
            all.end());
  all.insert(all.end(), closer.begin(), closer.end());
  check_count(all.size(), what);
}

void merge(std::string &to, const std::string &closer) {
  if (!closer.empty()) to = closer;
}

void merge(std::vector<PackProcessor> &processors, const PackProcessor &closer) {
  const auto known = std::find_if(processors.begin(), processors.end(),
                                  [&](const PackProcessor &p) { return p.name == closer.name; });
  if (known == processors.end()) {
    processors.push_back(closer);
    check_count(processors.size(), "processors");
    return;
  }
  merge(known->core, closer.core);
  merge(known->fpu, closer.fpu);
  merge(known->mpu, closer.mpu);
  merge(known->trust_zone, closer.trust_zone);
}

}  // namespace

bool PackAlgorithm::is_flm() const {
  return style.empty() || same_name(style, "Keil");
}

void inherit(Properties &properties, const Properties &closer) {
  for (const PackProcessor &processor : closer.processors) merge(properties.processors, processor);
  replace_or_add(properties.memories, closer.memories, "memories",
                 [](const PackMemory &a, const PackMemory &b) {
                   return a.name == b.name && a.processor == b.processor;
                 });
  replace_or_add(properties.algorithms, closer.algorithms, "flash algorithms",
                 [](const PackAlgorithm &a, const PackAlgorithm &b) {
                   return a.range && a.range == b.range && a.is_flm() == b.is_flm() &&
                          (a.is_flm() || same_name(a.style, b.style)) && a.processor == b.processor;
                 });
  replace_or_add(properties.sequences, closer.sequences, "debug sequences",
                 [](const std::string &a, const std::string &b) { return a == b; });
  replace_or_add(properties.flash_infos, closer.flash_infos, "flashinfo elements",
                 [](const std::string &a, const std::string &b) { return a == b; });
}

}  // namespace flashhost::flm
