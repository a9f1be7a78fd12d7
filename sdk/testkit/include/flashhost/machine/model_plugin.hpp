// The C++ side of model_plugin.h: FLASHHOST_MODEL defines the descriptor of a model.
#pragma once

#include <flashhost/machine/model.hpp>
#include <flashhost/machine/model_plugin.h>
#include <flashhost/plugin.hpp>

// FLASHHOST_MODEL(MyModel, "acme", "ACME A1 and A2") - MyModel derives from
// flashhost::machine::Model and has a constructor without arguments. Use once per model, at
// namespace scope.
// NOLINTBEGIN(bugprone-macro-parentheses): class_ is a type
#define FLASHHOST_MODEL(class_, id_, summary_)                                            \
  extern "C" {                                                                            \
  __attribute__((section(FLASHHOST_MODEL_SECTION),                                        \
                 visibility("default"))) extern const flashhost_model flashhost_model_v1; \
  __attribute__((used)) const flashhost_model flashhost_model_v1 = {                      \
      sizeof(flashhost_model),                                                            \
      FLASHHOST_MODEL_ABI,                                                                \
      FLASHHOST_BUILD_TAG,                                                                \
      id_,                                                                                \
      summary_,                                                                           \
      []() -> void * {                                                                    \
        flashhost::machine::Model *model = new class_;                                    \
        return model;                                                                     \
      },                                                                                  \
      [](void *model) { delete static_cast<flashhost::machine::Model *>(model); }};       \
  }
// NOLINTEND(bugprone-macro-parentheses)
