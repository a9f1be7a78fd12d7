include(${CMAKE_CURRENT_LIST_DIR}/FlashhostArguments.cmake)

# flashhost_add_plugin(<kind> <id> SOURCES file... [LINK library...] [NO_INSTALL])
#
# Builds <kind>-<id>.so: exports flashhost_plugin_v2 and nothing else, has no undefined symbol, and lies in
# the build's plugins folder; `cmake --install` puts it where an installed flashhost looks, unless NO_INSTALL
# is given. The target is named <kind>-<id>.
function(flashhost_add_plugin kind id)
  cmake_parse_arguments(PARSE_ARGV 2 arg "NO_INSTALL" "" "SOURCES;LINK")
  flashhost_check_arguments("flashhost_add_plugin(${kind} ${id})")
  if(NOT kind MATCHES "^(transport|family|format)$")
    message(FATAL_ERROR "flashhost_add_plugin(${kind} ${id}): the kind is transport, family or format")
  endif()
  flashhost_check_id("flashhost_add_plugin(${kind} ${id})" "${id}")
  set(map ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map)
  set(target ${kind}-${id})
  add_library(${target} MODULE ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE flashhost::sdk ${arg_LINK})
  set_target_properties(${target} PROPERTIES
    PREFIX "" OUTPUT_NAME ${target} SUFFIX ".so"
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins
    INSTALL_RPATH "$ORIGIN/../.."
    LINK_DEPENDS ${map})
  target_link_options(${target} PRIVATE
    -Wl,--no-undefined -Wl,--version-script=${map})
  if(NOT arg_NO_INSTALL)
    include(GNUInstallDirs)
    get_target_property(abi flashhost::sdk FLASHHOST_ABI)
    install(TARGETS ${target} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/flashhost/plugins-${abi})
  endif()
endfunction()
