/* The boundary of chip models: the one symbol that a model exports. C99, so that any compiler can
 * read it.
 *
 * A model is a shared object named model-<id>.so that defines one constant object of type struct
 * flashhost_model, named flashhost_model_v1, in the ELF section flashhost_chip_v1. C++ authors use
 * FLASHHOST_MODEL from model_plugin.hpp and never write this by hand.
 */
#ifndef FLASHHOST_MODEL_PLUGIN_H
#define FLASHHOST_MODEL_PLUGIN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Grows whenever a header of the machine changes in any way. Compared for equality. */
#define FLASHHOST_MODEL_ABI 1u

#define FLASHHOST_MODEL_SECTION "flashhost_chip_v1"
#define FLASHHOST_MODEL_SYMBOL "flashhost_model_v1"

/* All strings are UTF-8, NUL-terminated, static for the life of the library. */
struct flashhost_model {
  uint32_t struct_size;  /* sizeof(struct flashhost_model) as the model was compiled */
  uint32_t abi;          /* FLASHHOST_MODEL_ABI as the model was compiled */
  const char *build_tag; /* FLASHHOST_BUILD_TAG of plugin.hpp */
  const char *id;        /* equals the <id> of the file name */
  const char *summary;   /* one line: which chips */

  /* Makes a flashhost::machine::Model*, converted to void* from exactly that type. May throw
   * standard exceptions; returning NULL is an error. */
  void *(*create)(void);
  /* Deletes what create returned. Must not throw. */
  void (*destroy)(void *object);
};

#ifdef __cplusplus
}
#endif

#endif
