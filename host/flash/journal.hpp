// The journal: before a sector is erased, its bytes that must not be lost are saved on disk
// (docs/journal.md).
#pragma once

#include "files/state_folder.hpp"
#include "journal_record.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace flashhost {

// Names one chip's files: by its unique id and device id; without a unique id, by the probe's
// serial number, which several boards may share.
[[nodiscard]] std::string journal_key(const Chip &chip, const std::string &probe_serial);

// $XDG_STATE_HOME/flashhost, else ~/.local/state/flashhost. Errc::config where there is neither.
[[nodiscard]] std::filesystem::path journal_directory();

// What an interrupted run left, without a lock: for looking only. Nothing only where there is no
// journal; Errc::config where it cannot be read or understood.
[[nodiscard]] std::optional<JournalRecord> peek_journal(const std::filesystem::path &directory,
                                                        const std::string &key);

// What an interrupted change of option bytes left; as peek_journal.
[[nodiscard]] std::optional<OptionRecord> peek_options(const std::filesystem::path &directory,
                                                       const std::string &key);

// One chip's journal files, locked against other processes for the life of the object.
class Journal {
 public:
  // Creates the directory (0700) if needed. Errc::refused when another flashhost works on the same
  // chip, or on one with the same id, and try_again, called each time that this is found, is null
  // or returns false. Errc::config with the path for what cannot be created.
  Journal(const std::filesystem::path &directory, const std::string &key,
          const std::function<bool()> &try_again = {});

  // The journal that an interrupted run left; results and errors as of peek_journal.
  [[nodiscard]] std::optional<JournalRecord> load() const;
  // On disk, with its directory entry, when this returns; 0600.
  void store(const JournalRecord &record);
  void remove();
  [[nodiscard]] std::filesystem::path file() const { return folder_.path_of(name_); }

  // The same for the file of option bytes.
  [[nodiscard]] std::optional<OptionRecord> load_options() const;
  void store(const OptionRecord &record);
  void remove_options();

 private:
  files::StateFolder folder_;
  std::string name_;
  std::string option_name_;
  files::Descriptor lock_;
};

}  // namespace flashhost
