// The C++ side of plugin.h: FLASHHOST_PLUGIN defines the descriptor of a plugin.
#pragma once

#include <flashhost/host.hpp>
#include <flashhost/plugin.h>

#include <version>

#define FLASHHOST_TEXT_(x) #x
#define FLASHHOST_TEXT(x) FLASHHOST_TEXT_(x)

// What must be equal in host and plugin for C++ objects to cross the boundary.
#if defined(_LIBCPP_VERSION)
#define FLASHHOST_BUILD_TAG "libc++ abi=" FLASHHOST_TEXT(_LIBCPP_ABI_VERSION)
#else
#if defined(_GLIBCXX_DEBUG)
#define FLASHHOST_DEBUG_TAG " debug=1"
#else
#define FLASHHOST_DEBUG_TAG " debug=0"
#endif
#define FLASHHOST_BUILD_TAG                                                     \
  "libstdc++ cxx11=" FLASHHOST_TEXT(_GLIBCXX_USE_CXX11_ABI) FLASHHOST_DEBUG_TAG \
      " pointer=" FLASHHOST_TEXT(__SIZEOF_POINTER__)
#endif

// clang-format off
//   FLASHHOST_PLUGIN(FLASHHOST_KIND_FORMAT, flashhost::Format, AcmeFormat, "acme", "1.0", "ACME files")
// clang-format on
// The class needs a constructor taking flashhost::Host&. Once per plugin, at namespace scope.
// NOLINTBEGIN(bugprone-macro-parentheses): interface_ and class_ are types
#define FLASHHOST_PLUGIN(kind_, interface_, class_, id_, version_, summary_)                \
  extern "C" {                                                                              \
  __attribute__((section(FLASHHOST_SECTION),                                                \
                 visibility("default"))) extern const flashhost_plugin flashhost_plugin_v2; \
  __attribute__((used)) const flashhost_plugin flashhost_plugin_v2 = {                      \
      sizeof(flashhost_plugin),                                                             \
      FLASHHOST_ABI,                                                                        \
      kind_,                                                                                \
      0,                                                                                    \
      FLASHHOST_BUILD_TAG,                                                                  \
      id_,                                                                                  \
      version_,                                                                             \
      summary_,                                                                             \
      [](void *host) -> void * {                                                            \
        interface_ *object = new class_(*static_cast<flashhost::Host *>(host));             \
        return object;                                                                      \
      },                                                                                    \
      [](void *object) { delete static_cast<interface_ *>(object); }};                      \
  }
// NOLINTEND(bugprone-macro-parentheses)
