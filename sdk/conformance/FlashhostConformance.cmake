# flashhost_add_conformance_test(<name> PLUGIN target [CASE file] [MODELS target...] [WRAPPER command...] [LABEL label])
#
# Adds a test of that name: `flashhost-conformance` on the plugin that target builds. Needs enable_testing().
# CASE: what the kit must know about the plugin; `flashhost-conformance --help` says more.
# MODELS: targets of flashhost_add_model, for a family: the chips that it is tested on, beside those that are installed.
# WRAPPER: the kit runs under this command; for a plugin that needs an environment, such as a probe.
function(flashhost_add_conformance_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "PLUGIN;CASE;LABEL" "MODELS;WRAPPER")
  flashhost_check_arguments("flashhost_add_conformance_test(${name})" LABEL MODELS WRAPPER)
  if(NOT TARGET "${arg_PLUGIN}")
    message(FATAL_ERROR "flashhost_add_conformance_test(${name}): PLUGIN is to name a target of flashhost_add_plugin")
  endif()
  if(NOT TARGET flashhost::conformance)
    message(FATAL_ERROR "flashhost_add_conformance_test: there is no flashhost-conformance. This flashhost was built "
                        "without it (FLASHHOST_CONFORMANCE=OFF or FLASHHOST_SIM=OFF; the preset release leaves it out).")
  endif()
  if(NOT arg_LABEL)
    set(arg_LABEL conformance)
  endif()
  set(command ${arg_WRAPPER} $<TARGET_FILE:flashhost::conformance> $<TARGET_FILE:${arg_PLUGIN}> --gtest_brief=1)
  if(arg_CASE)
    cmake_path(ABSOLUTE_PATH arg_CASE)
    list(APPEND command --case ${arg_CASE})
  endif()
  foreach(model IN LISTS arg_MODELS)
    list(APPEND command --model-dir $<TARGET_FILE_DIR:${model}>)
  endforeach()
  add_test(NAME ${name} COMMAND ${command})
  set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT 300)
endfunction()
