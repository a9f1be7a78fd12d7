#include <flashhost/conformance.hpp>
#include <flashhost/error.hpp>
#include <flashhost/plugin.hpp>

#include <dlfcn.h>

#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace flashhost::conformance {

class PluginUnderTest::QuietHost : public Host {
 public:
  void log(Level /*level*/, std::string_view text) noexcept override {
    if (text.find('\n') != std::string_view::npos)
      ADD_FAILURE() << "a line of the log holds a newline";
  }
  // Everything is formatted, so that a wrong format string shows.
  [[nodiscard]] bool enabled(Level /*level*/) const noexcept override { return true; }
  // There is no file.
  [[nodiscard]] Bytes read_file(const std::string &path) override {
    throw Error(Errc::config, path + ": cannot be read: there are no files here");
  }
};

PluginUnderTest::PluginUnderTest(std::string file)
    : file_(std::move(file)),
      library_(dlopen(file_.c_str(), RTLD_NOW | RTLD_LOCAL)),
      host_(std::make_unique<QuietHost>()) {
  if (library_ == nullptr) throw std::runtime_error(dlerror());  // NOLINT(concurrency-mt-unsafe)
  descriptor_ = static_cast<const flashhost_plugin *>(dlsym(library_, FLASHHOST_SYMBOL));
  if (descriptor_ == nullptr) throw std::runtime_error(file_ + ": no symbol " FLASHHOST_SYMBOL);
}

PluginUnderTest::~PluginUnderTest() {
  if (object_ != nullptr) descriptor_->destroy(object_);
  dlclose(library_);
}

void *PluginUnderTest::made_object() {
  if (object_ == nullptr) object_ = descriptor_->create(host_.get());
  if (object_ == nullptr) throw std::runtime_error(file_ + ": create returned nothing");
  return object_;
}

void expect_good_descriptor(const PluginUnderTest &plugin, flashhost_kind kind) {
  const flashhost_plugin &found = plugin.descriptor();
  ASSERT_EQ(found.struct_size, sizeof(flashhost_plugin));
  ASSERT_EQ(found.abi, FLASHHOST_ABI);
  EXPECT_EQ(found.kind, static_cast<std::uint32_t>(kind));
  EXPECT_EQ(found.reserved, 0U);
  ASSERT_TRUE(found.build_tag != nullptr && found.id != nullptr && found.version != nullptr &&
              found.summary != nullptr);
  EXPECT_STREQ(found.build_tag, FLASHHOST_BUILD_TAG);
  const std::string kind_name = kind == FLASHHOST_KIND_TRANSPORT ? "transport"
                                : kind == FLASHHOST_KIND_FAMILY  ? "family"
                                                                 : "format";
  EXPECT_EQ(std::filesystem::path(plugin.file()).filename().string(),
            kind_name + "-" + found.id + ".so");
  for (const std::string_view text : {found.version, found.summary}) {
    EXPECT_FALSE(text.empty());
    EXPECT_EQ(text.find('\n'), std::string_view::npos) << text;
  }
}

}  // namespace flashhost::conformance
