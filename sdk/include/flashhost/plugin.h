/* The plugin boundary: the one symbol that a plugin exports. C99, so that any compiler can read it.
 *
 * A plugin is a shared object named <kind>-<id>.so that defines one constant object of type
 * struct flashhost_plugin, named flashhost_plugin_v2, in the ELF section flashhost_v2. The host
 * reads the section table before it loads the file, so nothing of a foreign or mismatched file is
 * executed. C++ authors use FLASHHOST_PLUGIN from plugin.hpp and never write this by hand.
 */
#ifndef FLASHHOST_PLUGIN_H
#define FLASHHOST_PLUGIN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Grows whenever an interface of the SDK changes in any way. Compared for equality until 1.0. */
#define FLASHHOST_ABI 2u

#define FLASHHOST_SECTION "flashhost_v2"
#define FLASHHOST_SYMBOL "flashhost_plugin_v2"

enum flashhost_kind { /* NOLINT(performance-enum-size): C99 cannot say which type */
                      FLASHHOST_KIND_TRANSPORT = 1,
                      FLASHHOST_KIND_FAMILY = 2,
                      FLASHHOST_KIND_FORMAT = 3
};

/* All strings are UTF-8, NUL-terminated, static for the life of the library. */
struct flashhost_plugin {
  uint32_t struct_size; /* sizeof(struct flashhost_plugin) as the plugin was compiled */
  uint32_t abi;         /* FLASHHOST_ABI as the plugin was compiled */
  uint32_t kind;        /* enum flashhost_kind */
  uint32_t reserved;    /* 0 */
  const char
      *build_tag; /* standard library and its ABI switches: FLASHHOST_BUILD_TAG of plugin.hpp */
  const char *id; /* equals the <id> of the file name */
  const char *version; /* of the plugin, for people */
  const char *summary; /* one line for `flashhost list plugins` */

  /* Makes the plugin's object: a flashhost::Transport*, Family* or Format* according to kind,
   * converted to void* from exactly that type. host is a flashhost::Host*, owned by the host, valid
   * until destroy returns. May throw flashhost::Error or a standard exception; returning NULL is an
   * error. */
  void *(*create)(void *host);
  /* Deletes what create returned. Called once, on the thread that called create. Must not throw. */
  void (*destroy)(void *object);
};

#ifdef __cplusplus
}
#endif

#endif
