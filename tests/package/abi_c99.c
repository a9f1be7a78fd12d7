/* The layout of plugin.h and loader_abi.h, ABI 2, as C99 sees it. A change that moves a field does
 * not compile: it needs a new FLASHHOST_ABI or FH_LOADER_ABI, and a file like this for that number.
 */
#include <flashhost/loader_abi.h>
#include <flashhost/plugin.h>

#include <stddef.h>

#define FROZEN(name, condition) typedef char frozen_##name[(condition) ? 1 : -1]
#define PLUGIN_FIELD(field, offset) \
  FROZEN(plugin_##field,            \
         sizeof(void *) != 8 || offsetof(struct flashhost_plugin, field) == (offset))
#define LOADER_FIELD(type, field, offset) \
  FROZEN(type##_##field, offsetof(struct fh_##type, field) == (offset))

FROZEN(abi, FLASHHOST_ABI == 2);
FROZEN(kinds,
       FLASHHOST_KIND_TRANSPORT == 1 && FLASHHOST_KIND_FAMILY == 2 && FLASHHOST_KIND_FORMAT == 3);
PLUGIN_FIELD(struct_size, 0);
PLUGIN_FIELD(abi, 4);
PLUGIN_FIELD(kind, 8);
PLUGIN_FIELD(reserved, 12);
PLUGIN_FIELD(build_tag, 16);
PLUGIN_FIELD(id, 24);
PLUGIN_FIELD(version, 32);
PLUGIN_FIELD(summary, 40);
PLUGIN_FIELD(create, 48);
PLUGIN_FIELD(destroy, 56);
FROZEN(plugin_size, sizeof(void *) != 8 || sizeof(struct flashhost_plugin) == 64);

FROZEN(loader_abi, FH_LOADER_ABI == 4 && FH_LOADER_MAGIC == 0x31414846u);
LOADER_FIELD(range, address, 0);
LOADER_FIELD(range, length, 4);
FROZEN(range_size, sizeof(struct fh_range) == 8);
LOADER_FIELD(result, value, 0);
LOADER_FIELD(result, unreadable, 4);
FROZEN(result_size, sizeof(struct fh_result) == 8);
LOADER_FIELD(trailer, op, 0);
LOADER_FIELD(trailer, address, 4);
LOADER_FIELD(trailer, length, 8);
LOADER_FIELD(trailer, crc, 12);
LOADER_FIELD(trailer, sequence, 16);
FROZEN(trailer_size, sizeof(struct fh_trailer) == 20);
LOADER_FIELD(parameters, uninit, 0);
LOADER_FIELD(parameters, erase_sector, 4);
LOADER_FIELD(parameters, erase_chip, 8);
LOADER_FIELD(parameters, program_page, 12);
LOADER_FIELD(parameters, idle, 16);
LOADER_FIELD(parameters, static_base, 20);
LOADER_FIELD(parameters, tick, 24);
LOADER_FIELD(parameters, tick_control, 28);
LOADER_FIELD(parameters, first_function, 32);
LOADER_FIELD(parameters, page_size, 36);
LOADER_FIELD(parameters, window_address, 40);
LOADER_FIELD(parameters, window_size, 44);
LOADER_FIELD(parameters, first_trailer, 48);
LOADER_FIELD(parameters, last_trailer, 52);
LOADER_FIELD(parameters, slot_size, 56);
LOADER_FIELD(parameters, stack_guard, 60);
LOADER_FIELD(parameters, silence_ticks, 64);
LOADER_FIELD(parameters, erased_word, 68);
LOADER_FIELD(parameters, flash_base, 72);
LOADER_FIELD(parameters, clock_hz, 76);
LOADER_FIELD(parameters, init, 80);
LOADER_FIELD(parameters, tick_reload, 84);
LOADER_FIELD(parameters, crc, 88);
LOADER_FIELD(parameters, crc_table, 92);
FROZEN(parameters_size, sizeof(struct fh_parameters) == 156);
LOADER_FIELD(mailbox, magic, 0);
LOADER_FIELD(mailbox, abi, 4);
LOADER_FIELD(mailbox, state, 8);
LOADER_FIELD(mailbox, heartbeat, 12);
LOADER_FIELD(mailbox, current, 16);
LOADER_FIELD(mailbox, started, 20);
LOADER_FIELD(mailbox, done, 24);
LOADER_FIELD(mailbox, error, 28);
LOADER_FIELD(mailbox, error_address, 32);
LOADER_FIELD(mailbox, error_status, 36);
LOADER_FIELD(mailbox, error_expected, 40);
LOADER_FIELD(mailbox, error_found, 44);
LOADER_FIELD(mailbox, function, 48);
LOADER_FIELD(mailbox, crc, 52);
LOADER_FIELD(mailbox, parameters, 56);
LOADER_FIELD(mailbox, fault_exception, 212);
LOADER_FIELD(mailbox, fault_lr, 216);
LOADER_FIELD(mailbox, fault_pc, 220);
LOADER_FIELD(mailbox, fault_xpsr, 224);
LOADER_FIELD(mailbox, unreadable, 228);
FROZEN(check_size, sizeof(struct fh_check) == 16);
FROZEN(mailbox_size, sizeof(struct fh_mailbox) == 240);

/* A plugin's face can be written in C. */
static void *create(void *host) {
  return host;
}
static void destroy(void *object) {
  (void)object;
}
const struct flashhost_plugin c_descriptor = {sizeof(struct flashhost_plugin),
                                              FLASHHOST_ABI,
                                              FLASHHOST_KIND_FORMAT,
                                              0,
                                              "tag",
                                              "id",
                                              "1.0",
                                              "in C",
                                              create,
                                              destroy};
