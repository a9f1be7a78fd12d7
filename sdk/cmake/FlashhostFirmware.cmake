include(${CMAKE_CURRENT_LIST_DIR}/FlashhostArguments.cmake)

# flashhost_add_flash_target(<target> [NAME name] [CONFIG file] [FORMAT format] [ARGS argument...])
#
# Adds the target flash-<target>, or <name>, which builds the executable <target> and writes it into a board by flashhost.
# CONFIG: the board file; without it board.toml beside this CMakeLists.txt is used, where it exists. FORMAT: the id of the
# executable's format, where its content does not tell. ARGS: further arguments for flashhost, for example --probe usb:1-2.3.
function(flashhost_add_flash_target target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "NAME;CONFIG;FORMAT" "ARGS")
  flashhost_check_arguments("flashhost_add_flash_target(${target})" ARGS)
  if(NOT TARGET "${target}")
    message(FATAL_ERROR "flashhost_add_flash_target(${target}): there is no target of this name; call it after add_executable")
  endif()
  if(NOT arg_NAME)
    set(arg_NAME flash-${target})
  endif()
  set(command ${FLASHHOST_PROGRAM_DIR}/flashhost)
  if(arg_CONFIG)
    cmake_path(ABSOLUTE_PATH arg_CONFIG)
    list(APPEND command --config ${arg_CONFIG})
  endif()
  if(arg_FORMAT)
    list(APPEND command --format ${arg_FORMAT})
  endif()
  add_custom_target(${arg_NAME}
    COMMAND ${command} ${arg_ARGS} $<TARGET_FILE:${target}>
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
    COMMENT "Flashing ${target}"
    USES_TERMINAL
    VERBATIM)
endfunction()
