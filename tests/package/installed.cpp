#include "installed.hpp"

namespace fs = std::filesystem;

namespace flashhost {

std::unique_ptr<TemporaryFolder> Installed::folder_;
Outcome Installed::install_;

std::string quoted(const fs::path &path) {
  return "'" + path.string() + "'";
}

void Installed::SetUpTestSuite() {
  folder_ = std::make_unique<TemporaryFolder>();
  install_ = run(std::string(CMAKE_PROGRAM) + " --install " + BUILD_DIR + " --strip --prefix " +
                 quoted(prefix()));
}

Outcome Installed::flashhost(const fs::path &where, const std::string &arguments) {
  return run("cd " + quoted(where) + " && env -u LD_LIBRARY_PATH -u FLASHHOST_PLUGIN_PATH " +
             quoted(program()) + " " + arguments);
}

void Installed::configure_and_build(const fs::path &source) {
  const std::string cmake = CMAKE_PROGRAM;
  const fs::path build = source / "build";
  const Outcome configure = run(cmake + " -G Ninja -S " + quoted(source) + " -B " + quoted(build) +
                                " -DCMAKE_CXX_COMPILER=" COMPILER
                                " -DCMAKE_CXX_FLAGS='" SANITIZE_FLAGS "' -DCMAKE_PREFIX_PATH=" +
                                quoted(prefix()));
  ASSERT_EQ(configure.exit_code, 0) << configure.output;
  const Outcome compile = run(cmake + " --build " + quoted(build));
  ASSERT_EQ(compile.exit_code, 0) << compile.output;
}

}  // namespace flashhost
