#include <flashhost/surroundings.hpp>

#include <fstream>
#include <string>
#include <system_error>

namespace flashhost {

Surroundings surroundings(const std::filesystem::path &root) {
  Surroundings result;
  std::string kernel;
  std::ifstream(root / "proc/sys/kernel/osrelease") >> kernel;
  result.wsl = kernel.find("icrosoft") != std::string::npos;
  std::error_code error;
  for (const char *mark : {".dockerenv", "run/.containerenv"}) {
    result.container |= std::filesystem::exists(root / mark, error);
  }
  return result;
}

}  // namespace flashhost
