#include "journal.hpp"

#include "files/sha256.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace flashhost {

namespace {

// A chip of 16 MiB, every byte of it kept, as old, wanted and found, in hexadecimal digits.
constexpr std::size_t largest_file = std::size_t{128} * 1024 * 1024;

// Letters and digits stay; whatever else a serial number has is told apart by a checksum.
std::string file_name_safe(const std::string &text) {
  constexpr std::size_t longest = 48, digits = 16;
  std::string safe = text.substr(0, longest);
  for (char &c : safe) {
    const bool fine = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!fine) c = '-';
  }
  if (safe == text) return safe;
  const std::string digest =
      files::sha256({reinterpret_cast<const std::uint8_t *>(text.data()), text.size()});
  return safe + "-" + digest.substr(0, digits);
}

std::string file_name(const std::string &key) {
  return key + ".journal";
}

std::string option_file_name(const std::string &key) {
  return key + ".options";
}

template <class Record>
std::optional<Record> read_record(const files::StateFolder &folder, const std::string &name,
                                  Record (*parse)(std::string_view text)) {
  const auto unreadable = [](const Error &error) {
    return Error(error.code(),
                 "the journal of an interrupted run on this chip cannot be used: " +
                     std::string(error.what()),
                 error.hint() +
                     " It may hold the only copy of what the interrupted run was to keep; "
                     "--discard-journal gives that up.")
        .see(error.cause());
  };
  try {
    const auto content = folder.read(name, largest_file);
    if (!content) return std::nullopt;
    return parse({reinterpret_cast<const char *>(content->data()), content->size()});
  } catch (const std::invalid_argument &error) {
    throw unreadable(
        Error(Errc::config, fmt::format("{}: {}", folder.path_of(name).string(), error.what()),
              "Where another version of flashhost wrote it, complete the run with that one.")
            .see(Cause::interrupted));
  } catch (const Error &error) {
    throw unreadable(error);
  }
}

}  // namespace

std::string journal_key(const Chip &chip, const std::string &probe_serial) {
  const std::string who = chip.unique_id.empty() ? "probe-" + file_name_safe(probe_serial)
                                                 : "uid-" + hex_bytes(chip.unique_id);
  return fmt::format("{:03x}-{}", chip.device_id, who);
}

std::filesystem::path journal_directory() {
  // A relative path would mean another folder for each current one.
  const char *state = std::getenv("XDG_STATE_HOME");  // NOLINT(concurrency-mt-unsafe)
  if (state != nullptr && *state == '/') return std::filesystem::path(state) / "flashhost";
  const char *home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe)
  if (home != nullptr && *home == '/') {
    return std::filesystem::path(home) / ".local" / "state" / "flashhost";
  }
  throw Error(Errc::config,
              home == nullptr || *home == '\0'
                  ? std::string("neither XDG_STATE_HOME nor HOME is set")
                  : fmt::format("HOME is \"{}\", which is no absolute path", home),
              "flashhost keeps a journal of what it erases there: set XDG_STATE_HOME or HOME to "
              "the absolute path of a folder.");
}

std::optional<JournalRecord> peek_journal(const std::filesystem::path &directory,
                                          const std::string &key) {
  const auto folder = files::StateFolder::open_if_there(directory);
  if (!folder) return std::nullopt;
  return read_record(*folder, file_name(key), parse_journal);
}

std::optional<OptionRecord> peek_options(const std::filesystem::path &directory,
                                         const std::string &key) {
  const auto folder = files::StateFolder::open_if_there(directory);
  if (!folder) return std::nullopt;
  return read_record(*folder, option_file_name(key), parse_option_record);
}

Journal::Journal(const std::filesystem::path &directory, const std::string &key,
                 const std::function<bool()> &try_again)
    : folder_(directory),
      name_(file_name(key)),
      option_name_(option_file_name(key)),
      lock_(folder_.lock(key + ".lock")) {
  while (!lock_) {
    if (!try_again || !try_again()) {
      throw Error(Errc::refused,
                  "another flashhost is working on this very chip, or on one with the same id",
                  "Wait until it has finished.");
    }
    lock_ = folder_.lock(key + ".lock");
  }
}

std::optional<JournalRecord> Journal::load() const {
  return read_record(folder_, name_, parse_journal);
}

void Journal::store(const JournalRecord &record) {
  const std::string text = journal_text(record);
  folder_.replace(name_, Bytes(text.begin(), text.end()));
}

void Journal::remove() {
  folder_.remove(name_);
}

std::optional<OptionRecord> Journal::load_options() const {
  return read_record(folder_, option_name_, parse_option_record);
}

void Journal::store(const OptionRecord &record) {
  const std::string text = option_record_text(record);
  folder_.replace(option_name_, Bytes(text.begin(), text.end()));
}

void Journal::remove_options() {
  folder_.remove(option_name_);
}

}  // namespace flashhost
