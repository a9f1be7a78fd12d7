// What a board file and the command line can ask of a job.
#pragma once

#include <cstdint>
#include <filesystem>

namespace flashhost {

enum class Connect : std::uint8_t { automatic, attach, under_reset };
enum class EraseMode : std::uint8_t { automatic, sectors, mass };
enum class Verify : std::uint8_t { crc, readback, none };
enum class ResetAfter : std::uint8_t { run, halt, none };

// [flash] of the board file, but for its `reset`: see TargetOptions.
struct FlashChoices {
  EraseMode erase = EraseMode::automatic;
  bool preserve = true;
  Verify verify = Verify::crc;
  bool unlock = false;
  bool guard = true;
  bool compress = true;  // what is sent, where the link is slower than the flash
  bool strict = false;   // doubts about the image are errors, not warnings
};

struct FlashOptions : FlashChoices {
  std::filesystem::path journal_directory;
  bool discard_journal = false;
  bool use_journal = false;  // the user says that a journal is of this board
};

}  // namespace flashhost
