// A plugin whose descriptor is written by hand, so that each part of it can be made wrong.
#include <flashhost/error.hpp>
#include <flashhost/format.hpp>
#include <flashhost/plugin.hpp>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#ifndef BAD_STRUCT_SIZE
#define BAD_STRUCT_SIZE sizeof(flashhost_plugin)
#endif
#ifndef BAD_ABI
#define BAD_ABI FLASHHOST_ABI
#endif
#ifndef BAD_KIND
#define BAD_KIND FLASHHOST_KIND_FORMAT
#endif
#ifndef BAD_BUILD_TAG
#define BAD_BUILD_TAG FLASHHOST_BUILD_TAG
#endif
#ifndef BAD_SECTION
#define BAD_SECTION FLASHHOST_SECTION
#endif
#ifndef BAD_SYMBOL
#define BAD_SYMBOL flashhost_plugin_v2
#endif
#ifndef BAD_SUMMARY
#define BAD_SUMMARY "of the corpus"
#endif
#ifndef BAD_CREATE
#define BAD_CREATE create
#endif
#ifndef BAD_DESTROY
#define BAD_DESTROY destroy
#endif

#ifdef BAD_UNRESOLVED
extern "C" void defined_nowhere();
#endif

namespace {

using namespace flashhost;

// Tells that code of this file has run: the test names the marker's file.
struct Marker {
  Marker() {
    const char *name = std::getenv("FLASHHOST_TEST_MARKER");
    if (name == nullptr) return;
    if (std::FILE *file = std::fopen(name, "w")) std::fclose(file);
#ifdef BAD_UNRESOLVED
    defined_nowhere();
#endif
  }
};
const Marker marker;

[[maybe_unused, gnu::noinline]] void fail() {
  throw std::runtime_error("thrown by a destructor");
}

class Plain final : public Format {
 public:
#ifdef BAD_DESTRUCTOR_THROWS
  ~Plain() override { fail(); }
#endif
  void configure(const Settings & /*settings*/) override {}
  [[nodiscard]] int recognises(std::string_view /*extension*/,
                               std::span<const std::uint8_t> /*head*/) const override {
    return 0;
  }
  [[nodiscard]] ParsedFile parse(std::span<const std::uint8_t> /*file*/,
                                 const ParseOptions & /*options*/) const override {
    return {};
  }
};

class Foreign {};

[[maybe_unused]] void *create(void * /*host*/) {
  Format *format = new Plain;
  return format;
}
[[maybe_unused]] void *create_null(void * /*host*/) {
  return nullptr;
}
[[maybe_unused]] void *create_std(void * /*host*/) {
  throw std::out_of_range("no such board");
}
[[maybe_unused]] void *create_error(void * /*host*/) {
  throw Error(Errc::probe, "the driver is missing", "Install it.");
}
[[maybe_unused]] void *create_foreign(void * /*host*/) {
  throw Foreign();
}
[[maybe_unused]] void destroy(void *object) {
  delete static_cast<Format *>(object);
}
[[maybe_unused]] void destroy_throws(void *object) {
  destroy(object);
  throw Foreign();
}

}  // namespace

extern "C" {
__attribute__((section(BAD_SECTION),
               visibility("default"))) extern const flashhost_plugin BAD_SYMBOL;
__attribute__((used)) const flashhost_plugin BAD_SYMBOL = {
    BAD_STRUCT_SIZE, BAD_ABI, BAD_KIND,    0,          BAD_BUILD_TAG,
    BAD_ID,          "1.0",   BAD_SUMMARY, BAD_CREATE, BAD_DESTROY};
}
