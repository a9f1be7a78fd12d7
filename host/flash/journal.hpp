// The journal: on disk, before a sector is erased, what must not be lost of it (DESIGN.md section
// 9).
#pragma once

#include <flashhost/family.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace flashhost {

// A sector that the job was going to erase.
struct JournalSector {
  MemoryRange range;
  Bytes old;     // whole content before; empty when nothing of it has to be kept
  Bytes wanted;  // whole content afterwards; empty when old is
  friend bool operator==(const JournalSector &, const JournalSector &) = default;
};

struct JournalRecord {
  std::string chip;  // for people
  std::vector<JournalSector> sectors;
  friend bool operator==(const JournalRecord &, const JournalRecord &) = default;
};

// Identifies one chip: its unique id and device id; without a plausible unique id, the probe's
// serial.
[[nodiscard]] std::string journal_key(const Chip &chip, const std::string &probe_serial);

// $XDG_STATE_HOME/flashhost, else ~/.local/state/flashhost.
[[nodiscard]] std::filesystem::path journal_directory();

// What an interrupted run left, without a lock: for looking only. Errc::target when the file is
// there but cannot be understood.
[[nodiscard]] std::optional<JournalRecord> peek_journal(const std::filesystem::path &directory,
                                                        const std::string &key);

// One chip's journal file, locked against other processes for the life of the object.
class Journal {
 public:
  // Creates the directory (0700) if needed. Errc::target when another flashhost works on the same
  // chip, Errc::internal never: whatever cannot be created is Errc::config with the path.
  Journal(const std::filesystem::path &directory, const std::string &key);
  ~Journal();
  Journal(const Journal &) = delete;
  Journal &operator=(const Journal &) = delete;

  // As peek_journal.
  [[nodiscard]] std::optional<JournalRecord> load() const;
  // On disk, with its directory entry, when this returns; 0600.
  void store(const JournalRecord &record);
  void remove();
  [[nodiscard]] const std::filesystem::path &file() const { return file_; }

 private:
  std::filesystem::path directory_;
  std::filesystem::path file_;
  int lock_ = -1;
};

}  // namespace flashhost
