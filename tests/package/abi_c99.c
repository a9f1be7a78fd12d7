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
#define MAILBOX_FIELD(field, offset) \
  FROZEN(mailbox_##field, offsetof(struct fh_mailbox, field) == (offset))
#define PARAMETER_FIELD(field, offset) \
  FROZEN(parameter_##field, offsetof(struct fh_parameters, field) == (offset))

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

FROZEN(loader_abi, FH_LOADER_ABI == 2 && FH_LOADER_MAGIC == 0x31414846u);
FROZEN(trailer, sizeof(struct fh_trailer) == 20 && offsetof(struct fh_trailer, sequence) == 16);
FROZEN(range, sizeof(struct fh_range) == 8 && sizeof(struct fh_result) == 8);
MAILBOX_FIELD(magic, 0);
MAILBOX_FIELD(state, 8);
MAILBOX_FIELD(heartbeat, 12);
MAILBOX_FIELD(current, 16);
MAILBOX_FIELD(started, 20);
MAILBOX_FIELD(done, 24);
MAILBOX_FIELD(error, 28);
MAILBOX_FIELD(function, 48);
MAILBOX_FIELD(crc, 52);
MAILBOX_FIELD(parameters, 56);
MAILBOX_FIELD(fault_exception, 212);
FROZEN(mailbox_size, sizeof(struct fh_mailbox) == 232);
PARAMETER_FIELD(uninit, 0);
PARAMETER_FIELD(static_base, 20);
PARAMETER_FIELD(tick, 24);
PARAMETER_FIELD(page_size, 36);
PARAMETER_FIELD(first_trailer, 48);
PARAMETER_FIELD(stack_guard, 60);
PARAMETER_FIELD(erased_word, 68);
PARAMETER_FIELD(init, 80);
PARAMETER_FIELD(crc, 88);
PARAMETER_FIELD(crc_table, 92);

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
