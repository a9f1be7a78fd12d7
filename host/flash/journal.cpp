#include "journal.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace flashhost {

namespace {

constexpr int format_version = 1;

[[noreturn]] void fail(const std::string &doing, const std::filesystem::path &path) {
  throw Error(Errc::config, fmt::format("{} {}: {}", doing, path.string(), std::strerror(errno)),
              "flashhost keeps what must not be lost there before it erases anything. Make the "
              "folder writable, or set XDG_STATE_HOME to one that is.");
}

// A descriptor that closes itself.
class File {
 public:
  File(const std::filesystem::path &path, int flags, mode_t mode = 0600)
      : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, mode)), path_(path) {
    if (descriptor_ < 0) fail("cannot open", path);
  }
  ~File() { ::close(descriptor_); }
  File(const File &) = delete;
  File &operator=(const File &) = delete;

  void write(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t written = ::write(descriptor_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail("cannot write", path_);
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  void sync() const {
    if (::fsync(descriptor_) != 0) fail("cannot sync", path_);
  }

 private:
  int descriptor_;
  std::filesystem::path path_;
};

Bytes from_hex(const std::string &text) {
  if (text.size() % 2 != 0) throw std::invalid_argument("odd number of hex digits");
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    std::size_t used = 0;
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), &used, 16)));
    if (used != 2) throw std::invalid_argument("not a hex digit");
  }
  return bytes;
}

nlohmann::json to_json(const JournalRecord &record) {
  nlohmann::json sectors = nlohmann::json::array();
  for (const JournalSector &sector : record.sectors) {
    sectors.push_back({{"address", sector.range.address},
                       {"size", sector.range.size},
                       {"old", hex_bytes(sector.old)},
                       {"wanted", hex_bytes(sector.wanted)}});
  }
  return {{"version", format_version}, {"chip", record.chip}, {"sectors", sectors}};
}

JournalRecord from_json(const nlohmann::json &json) {
  if (json.at("version") != format_version) throw std::invalid_argument("another version");
  JournalRecord record{json.at("chip"), {}};
  for (const nlohmann::json &entry : json.at("sectors")) {
    JournalSector sector{{entry.at("address"), entry.at("size")},
                         from_hex(entry.at("old")),
                         from_hex(entry.at("wanted"))};
    const auto fits = [&](const Bytes &bytes) {
      return bytes.empty() || bytes.size() == sector.range.size;
    };
    if (!fits(sector.old) || !fits(sector.wanted) || sector.old.empty() != sector.wanted.empty()) {
      throw std::invalid_argument("a sector's bytes have another length than the sector");
    }
    record.sectors.push_back(std::move(sector));
  }
  return record;
}

std::string file_name_safe(std::string text) {
  for (char &c : text) {
    const bool fine = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!fine) c = '-';
  }
  return text;
}

std::filesystem::path file_of(const std::filesystem::path &directory, const std::string &key) {
  return directory / (key + ".journal");
}

std::optional<JournalRecord> read_journal(const std::filesystem::path &file) {
  std::ifstream stream(file);
  if (!stream) return std::nullopt;
  try {
    return from_json(nlohmann::json::parse(stream));
  } catch (const std::exception &error) {
    throw Error(Errc::target,
                fmt::format("the journal of an interrupted run, {}, cannot be read: {}",
                            file.string(), error.what()),
                "It may hold the only copy of bytes that the interrupted run was to keep. Look at "
                "it, then run again with --discard-journal.")
        .see(Cause::interrupted);
  }
}

}  // namespace

std::string journal_key(const Chip &chip, const std::string &probe_serial) {
  const std::string who = chip.unique_id.empty() ? "probe-" + file_name_safe(probe_serial)
                                                 : "uid-" + hex_bytes(chip.unique_id);
  return fmt::format("{:03x}-{}", chip.device_id, who);
}

std::filesystem::path journal_directory() {
  const char *state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && *state == '/') return std::filesystem::path(state) / "flashhost";
  const char *home = std::getenv("HOME");
  if (home != nullptr && *home != '\0') {
    return std::filesystem::path(home) / ".local" / "state" / "flashhost";
  }
  throw Error(Errc::config, "neither XDG_STATE_HOME nor HOME is set",
              "flashhost keeps a journal of what it erases there: set one of them.");
}

Journal::Journal(const std::filesystem::path &directory, const std::string &key)
    : directory_(directory), file_(file_of(directory, key)) {
  std::error_code error;
  const bool created = std::filesystem::create_directories(directory, error);
  if (error) {
    errno = error.value();
    fail("cannot create", directory);
  }
  if (created) {
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
  }
  const std::filesystem::path lock = directory / (key + ".lock");
  lock_ = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) fail("cannot open", lock);
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock_);
    throw Error(Errc::target, "another flashhost is working on this very chip",
                "Wait until it has finished.");
  }
}

Journal::~Journal() {
  ::close(lock_);
}

std::optional<JournalRecord> Journal::load() const {
  return read_journal(file_);
}

std::optional<JournalRecord> peek_journal(const std::filesystem::path &directory,
                                          const std::string &key) {
  return read_journal(file_of(directory, key));
}
void Journal::store(const JournalRecord &record) {
  const std::filesystem::path fresh = file_.string() + ".new";
  {
    const File file(fresh, O_WRONLY | O_CREAT | O_TRUNC);
    file.write(to_json(record).dump());
    file.sync();
  }
  if (::rename(fresh.c_str(), file_.c_str()) != 0) fail("cannot rename", fresh);
  File(directory_, O_RDONLY | O_DIRECTORY).sync();
}

void Journal::remove() {
  if (::unlink(file_.c_str()) != 0 && errno != ENOENT) fail("cannot remove", file_);
}

}  // namespace flashhost
