include(${CMAKE_CURRENT_LIST_DIR}/FlashhostArguments.cmake)

set(FLASHHOST_CROSS_PREFIX arm-none-eabi- CACHE STRING
  "What the names of the target's compiler and binutils begin with; may hold a folder")

# flashhost_add_loader(<name> SOURCES file... [CPU cpu] [LIMIT bytes])
#
# Builds the family's part of the flash loader from C (.c) and assembler (.S). A target that links
# <name> gets it as the header <name>.hpp. The sources include "loader.h" and define some of the
# functions declared there.
#   #include "<name>.hpp"
#   flashhost::LoaderCode loader = <name>::loader_code();
# CPU: as for gcc's -mcpu; the default is cortex-m0, which runs on every Cortex-M. LIMIT: the most
# bytes that these functions and flashhost's own agent may take together: 1696 where the smallest
# part has 4 KiB of RAM.
function(flashhost_add_loader name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "CPU;LIMIT" "SOURCES")
  flashhost_check_arguments("flashhost_add_loader(${name})")
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "flashhost_add_loader(${name}): it has no SOURCES")
  endif()
  string(MAKE_C_IDENTIFIER "${name}" identifier)
  if(NOT identifier STREQUAL name)
    message(FATAL_ERROR "flashhost_add_loader(${name}): the name becomes that of a C++ namespace, which it cannot be; "
      "for example: ${identifier}")
  endif()
  # Cleared first: find_program would keep a variable of the caller with this name.
  unset(flashhost_cross_compiler)
  unset(flashhost_cross_compiler CACHE)
  find_program(flashhost_cross_compiler ${FLASHHOST_CROSS_PREFIX}gcc NO_CACHE)
  if(NOT flashhost_cross_compiler)
    message(FATAL_ERROR "flashhost_add_loader(${name}): there is no ${FLASHHOST_CROSS_PREFIX}gcc, which builds code for "
      "the target. Debian: apt-get install --no-install-recommends gcc-arm-none-eabi. Where it is not in PATH: "
      "-DFLASHHOST_CROSS_PREFIX=/opt/arm/bin/arm-none-eabi-")
  endif()
  string(REGEX REPLACE "gcc$" "" prefix ${flashhost_cross_compiler})
  set(options --prefix ${prefix} --include ${FLASHHOST_INCLUDE_DIR})
  if(arg_CPU)
    list(APPEND options --cpu ${arg_CPU})
  endif()
  if(arg_LIMIT)
    list(APPEND options --limit ${arg_LIMIT})
  endif()
  list(TRANSFORM arg_SOURCES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ REGEX "^[^/]")
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/flashhost-loaders/${name})
  set(header ${folder}/${name}.hpp)
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(OUTPUT ${header}
    COMMAND ${FLASHHOST_LOADERS_DIR}/add-loader --name ${name} --header ${header} --depfile ${header}.d ${options}
      ${arg_SOURCES}
    DEPENDS ${arg_SOURCES} ${FLASHHOST_LOADERS_DIR}/add-loader ${FLASHHOST_LOADERS_DIR}/blob.sh
      ${FLASHHOST_LOADERS_DIR}/loader.ld ${FLASHHOST_LOADERS_DIR}/agent/agent.inc
    DEPFILE ${header}.d
    COMMENT "Building the loader ${name}"
    VERBATIM)
  add_custom_target(${name}-header ALL DEPENDS ${header})
  add_library(${name} INTERFACE)
  add_dependencies(${name} ${name}-header)
  target_include_directories(${name} INTERFACE ${folder})
endfunction()
