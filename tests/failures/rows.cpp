#include "rows.hpp"

namespace flashhost::testing {

namespace {

const std::string by_hand = "reset = \"none\"\n";
const std::string unlock = "unlock = true\n";

const Boards on_f1{f1_board}, on_f4{f4_board};
const Boards with_cortex_m3_or_m4{f1_board, f3_board, f4_board, g4_board, l4_board};

// A case that must be recovered from: with a reset, and by hand alone. The latter in process only:
// it is no matter of the transport.
void either_way(std::vector<Case> &all, const Case &one) {
  all.push_back(one);
  // The user does not notice, nor is it the next best way that does it.
  for (const char *text : {"trying again", "the loader failed", "without a reset;", "no loader"}) {
    all.back().never.emplace_back(text);
  }
  all.push_back(all.back());
  all.back().flash_options += by_hand;
  all.back().ways = Ways::in_process;
}

std::string joined(const char *name, const char *value) {
  return std::string(name) + "=" + value;
}

void what_ran_before(std::vector<Case> &all) {
  for (const ImageOf image : {ImageOf::firmware, ImageOf::data}) {
    either_way(all, {.row = 1, .name = "systick", .faults = {"systick=50"}, .image = image});
    either_way(all, {.row = 1, .name = "interrupt", .faults = {"interrupt=6"}, .image = image});
  }
  for (const char *state : {"thumb_clear", "primask"}) {
    either_way(all, {.row = 2, .name = state, .faults = {joined("left_halted", state)}});
  }
  for (const char *state :
       {"handler", "it_block", "multi_load", "unprivileged", "faultmask", "basepri"}) {
    either_way(all, {.row = 2,
                     .name = state,
                     .faults = {joined("left_halted", state)},
                     .boards = with_cortex_m3_or_m4});
  }
  either_way(all, {.row = 2,
                   .name = "unprivileged",
                   .faults = {"left_halted=unprivileged"},
                   .boards = {g0_board}});
  either_way(all, {.row = 3, .name = "writes_to_ram", .faults = {"dma_writes"}});
  either_way(all, {.row = 3, .name = "writes_to_the_loader", .faults = {"dma_writes=20000100"}});
  for (const char *time : {"0.1", "1", "400", "32800"}) {
    either_way(all, {.row = 4, .name = "by_software", .faults = {joined("iwdg", time)}});
  }
  all.push_back({.row = 4, .name = "by_option_byte", .faults = {"hardware_iwdg"}});
  // Over USB time goes on, and the watchdog ends the halt once flashhost has put DBGMCU back.
  all.push_back({.row = 4,
                 .name = "by_option_byte",
                 .faults = {"hardware_iwdg"},
                 .ways = Ways::in_process,
                 .flash_options = by_hand});
  all.push_back({.row = 4, .name = "shortened", .faults = {"hardware_iwdg", "iwdg=0.1"}});
  either_way(all, {.row = 5, .name = "window", .faults = {"wwdg=100"}});
  either_way(all, {.row = 6, .name = "errors", .faults = {"stale_errors"}});
  either_way(all, {.row = 7, .name = "control_bits", .faults = {"stale_control_bits"}});
  all.push_back({.row = 8,
                 .name = "locked",
                 .faults = {"fpec_locked_until_reset"},
                 .never = {"trying again"}});
  all.push_back(
      {.row = 8,
       .name = "locked_and_no_reset",
       .faults = {"fpec_locked_until_reset"},
       .exit_code = 6,
       .says = {"does not unlock", "until the next reset", "A flash controller locked until reset"},
       .untouched = true,
       .flash_options = by_hand});
  either_way(all, {.row = 9, .name = "hsi_off", .faults = {"hsi_off"}});
}

void what_the_chip_says(std::vector<Case> &all) {
  for (const char *size : {"0", "FFFF", "2D28"}) {
    all.push_back(
        {.row = 10,
         .name = "found_out",
         .faults = {joined("flash_size_register", size)},
         .says = {"the flash size register reads 0x", "A flash size register that lies"}});
    all.push_back({.row = 10,
                   .name = "known",
                   .faults = {joined("flash_size_register", size)},
                   .says = {"because @chip is asked for"},
                   .family = "chip = \"@chip\""});
    all.push_back({.row = 10,
                   .name = "overridden",
                   .faults = {joined("flash_size_register", size)},
                   .never = {"warning"},
                   .family = "flash_size = \"@size\""});
  }
  all.push_back({.row = 11, .name = "nrst", .faults = {"nrst_not_wired"}, .never = {"warning"}});
  all.push_back({.row = 12,
                 .name = "debug_port",
                 .faults = {"dpidr=2BA01477"},
                 .says = {"this may be a clone of the medium density STM32F1",
                          "0x2ba01477 instead of 0x1ba01477"},
                 .boards = on_f1});
  all.push_back(
      {.row = 12,
       .name = "debug_port",
       .faults = {"dpidr=0BC11477"},
       .says = {"this may be a clone of the STM32F05x", "0x0bc11477 instead of 0x0bb11477"},
       .boards = {f0_board}});
  all.push_back({.row = 12,
                 .name = "revision",
                 .faults = {"revision=9999"},
                 .says = {"this may be a clone", "revision id 0x9999"},
                 .boards = {f1_board, f4_board}});  // of the others the revisions are not listed
}

void what_is_locked(std::vector<Case> &all) {
  all.push_back({.row = 13,
                 .name = "named",
                 .faults = {"write_protected=1"},
                 .exit_code = 7,
                 .says = {"write protection is on", "flash.unlock = true", "\"Write protection\""},
                 .untouched = true,
                 .boards = on_f1});
  all.push_back({.row = 13,
                 .name = "named",
                 .faults = {"write_protected=0"},
                 .exit_code = 7,
                 .says = {"write protection is on", "flash.unlock = true", "\"Write protection\""},
                 .untouched = true});
  all.push_back({.row = 13, .name = "elsewhere", .faults = {"write_protected=7"}});
  all.push_back({.row = 13,
                 .name = "lifted",
                 .faults = {"write_protected=0"},
                 .says = {"lifting the protection"},
                 .flash_options = unlock});
  all.push_back(
      {.row = 14,
       .name = "named",
       .faults = {"read_protected"},
       .exit_code = 7,
       .says = {"read protection is on", "that erases the whole flash", "\"Read protection\""},
       .untouched = true});
  all.push_back({.row = 14,
                 .name = "lifted",
                 .faults = {"read_protected"},
                 .says = {"taking the read protection off erases the whole flash"},
                 .boards = {f0_board, f1_board, f3_board, g0_board, g4_board, l4_board},
                 .flash_options = unlock,
                 .erases_everything = true});
  all.push_back({.row = 14,
                 .name = "lifted_but_shut",
                 .faults = {"read_protected"},
                 .exit_code = 7,
                 .says = {"taking the read protection off erases the whole flash",
                          "stays shut until the board is power-cycled", "Take the supply off"},
                 .boards = on_f4,
                 .flash_options = unlock,
                 .erases_everything = true});
  all.push_back({.row = 14,
                 .name = "for_ever",
                 .faults = {"read_protected_for_ever"},
                 .exit_code = 6,
                 .says = {"does not answer on SWD", "read protection level 2", "final"},
                 .untouched = true,
                 .boards = {f0_board, f3_board, f4_board, g0_board, g4_board, l4_board},
                 .answers_at_the_end = false});
}

void what_the_wires_do(std::vector<Case> &all) {
  for (const char *moment : {"20:3", "60:5", "95:3"}) {
    all.push_back({.row = 15,
                   .name = "wait",
                   .faults = {joined("swd_wait_at", moment)},
                   .never = {"warning"}});
  }
  for (const char *moment : {"20", "60", "95"}) {
    all.push_back({.row = 15,
                   .name = "parity",
                   .faults = {joined("swd_parity_at", moment)},
                   .never = {"warning"}});
  }
  for (const char *moment : {"30", "70", "95"}) {
    for (const char *fault : {"usb_stall_at", "usb_short_reply_at", "usb_no_reply_at"}) {
      all.push_back({.row = 16, .name = fault, .faults = {joined(fault, moment)}});
    }
    all.push_back({.row = 16,
                   .name = "unplugged_and_back",
                   .faults = {joined("usb_unplug_at", moment) + ":300"}});
    all.push_back({.row = 16,
                   .name = "unplugged_for_good",
                   .faults = {joined("usb_unplug_at", moment)},
                   .exit_code = 5,
                   .says = {"\"Trouble on USB\""},
                   .answers_at_the_end = false});
  }
  all.push_back({.row = 16, .name = "late", .faults = {"usb_late_reply_at=90:1500"}});
  all.push_back({.row = 17, .name = "asleep", .faults = {"asleep=wfi"}});
  for (const char *fault : {"asleep=stop", "asleep=standby", "swd_pins_off"}) {
    all.push_back({.row = 17, .name = "wired", .faults = {fault}});
    all.push_back(
        {.row = 17,
         .name = "not_wired",
         .faults = {fault, "nrst_not_wired"},
         .exit_code = 6,
         .says = {"does not answer on SWD", "uses the SWD pins", "\"A target out of reach\""},
         .untouched = true,
         .answers_at_the_end = false});
  }
  either_way(all, {.row = 18, .name = "lockup", .faults = {"lockup"}});
  all.push_back({.row = 18,
                 .name = "reset_loop",
                 .faults = {"reset_loop=100"},
                 .never = {"without a reset"}});
  all.push_back({.row = 18,
                 .name = "reset_loop",
                 .faults = {"reset_loop=100", "nrst_not_wired"},
                 .never = {"without a reset"}});
}

void what_the_silicon_does(std::vector<Case> &all) {
  for (const char *voltage : {"1900", "2400", "3300"}) {
    all.push_back({.row = 19,
                   .name = "measured",
                   .faults = {joined("voltage", voltage)},
                   .never = {"undefined on hardware", "warning"},
                   .ways = Ways::measuring});
  }
  all.push_back({.row = 19,
                 .name = "unknown",
                 .faults = {"vapp_not_wired", "voltage=1900"},
                 .says = {"the supply of the target is not known", "\"Supply voltage\""},
                 .never = {"undefined on hardware"},
                 .boards = on_f4,
                 .ways = Ways::measuring});
  all.push_back({.row = 19,
                 .name = "not_measured",
                 .faults = {"voltage=1900"},
                 .says = {"the supply of the target is not known", "\"Supply voltage\""},
                 .boards = on_f4,
                 .ways = Ways::cmsisdap});
  either_way(all, {.row = 20,
                   .name = "mpu",
                   .faults = {"mpu"},
                   .boards = {f3_board, f4_board, g0_board, g4_board, l4_board}});
  all.push_back({.row = 21,
                 .name = "direct_path",
                 .faults = {"bad_sram=20000044"},
                 .says = {"no loader can run on this target", "0x20000044"}});
  all.push_back({.row = 21,
                 .name = "no_path",
                 .faults = {"bad_sram=20000044"},
                 .exit_code = 6,
                 .says = {"no loader can run", "16-bit accesses", "with firmware",
                          "Update the probe's firmware", "\"Bad RAM\""},
                 .untouched = true,
                 .boards = {f0_board, f1_board, f3_board},
                 .ways = Ways::stlink,
                 .options = {"--firmware-version", "17"}});
  all.push_back(
      {.row = 22,
       .name = "program",
       .faults = {"bad_cell=08000404"},
       .exit_code = 8,
       .says = {"0x08000404", "instead of", "\"A flash cell that cannot be programmed\""}});
  all.push_back({.row = 22,
                 .name = "erase",
                 .faults = {"bad_erase=08000400"},
                 .exit_code = 8,
                 .says = {"0x08000400", "instead of 0xffffffff",
                          "\"A flash cell that cannot be programmed\""}});
  all.push_back({.row = 23,
                 .name = "maximum",
                 .faults = {"flash_time=maximum"},
                 .never = {"takes longer than"},
                 .ways = Ways::in_process});
  // On a busy machine the board's clock may stand still for a while, and flashhost's does not.
  all.push_back(
      {.row = 23, .name = "maximum", .faults = {"flash_time=maximum"}, .ways = Ways::over_usb});
  // And flashhost may look too rarely to see how long it takes: over USB
  // tests/usb-job/slow_flash.hpp tries that, in the model's time.
  all.push_back({.row = 23,
                 .name = "four_times",
                 .faults = {"flash_time=4x"},
                 .says = {"takes longer than the datasheet's maximum", "\"Slow flash\""},
                 .ways = Ways::in_process});
  all.push_back(
      {.row = 23, .name = "four_times", .faults = {"flash_time=4x"}, .ways = Ways::over_usb});
  all.push_back({.row = 24,
                 .name = "busy",
                 .faults = {"stuck_busy"},
                 .exit_code = 8,
                 .says = {"still busy after", "\"A controller that stays busy\""}});
  either_way(all, {.row = 25,
                   .name = "caches",
                   .faults = {"caches_on"},
                   .boards = {f4_board, g4_board, l4_board}});
}

// Version 1 is tried where the probe itself is the trouble.
bool is_about_the_probe(const Case &one) {
  constexpr unsigned swd_errors = 15, usb_trouble = 16;
  return one.row == swd_errors || one.row == usb_trouble;
}

}  // namespace

bool is_tried(const Case &one, Way way) {
  switch (one.ways) {
    case Ways::in_process:
      return way == Way::in_process;
    case Ways::stlink:
      return way == Way::stlink;
    case Ways::measuring:
      return !over_cmsisdap(way);
    case Ways::cmsisdap:
      return cmsisdap_is_tried && way == Way::cmsisdap_v2;
    case Ways::over_usb:
      if (way == Way::in_process) return false;
      break;
    case Ways::each:
      break;
  }
  if (!over_cmsisdap(way)) return true;
  return cmsisdap_is_tried && (way == Way::cmsisdap_v2 || is_about_the_probe(one));
}

std::vector<Case> cases() {
  std::vector<Case> all;
  what_ran_before(all);
  what_the_chip_says(all);
  what_is_locked(all);
  what_the_wires_do(all);
  what_the_silicon_does(all);
  return all;
}

}  // namespace flashhost::testing
