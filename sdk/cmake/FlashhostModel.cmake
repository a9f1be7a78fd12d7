include(${CMAKE_CURRENT_LIST_DIR}/FlashhostArguments.cmake)

# flashhost_add_model(<id> SOURCES file... [LINK library...] [NO_INSTALL])
#
# Builds model-<id>.so, a chip model for the simulator: exports flashhost_model_v1 and nothing else, has no undefined
# symbol, and lies in the build's plugins folder; `cmake --install` puts it beside the simulator's plugin, unless
# NO_INSTALL is given. The target is named model-<id>.
function(flashhost_add_model id)
  cmake_parse_arguments(PARSE_ARGV 1 arg "NO_INSTALL" "" "SOURCES;LINK")
  flashhost_check_arguments("flashhost_add_model(${id})")
  flashhost_check_id("flashhost_add_model(${id})" "${id}")
  if(NOT TARGET flashhost::model)
    message(FATAL_ERROR "flashhost_add_model(${id}): this flashhost was built without its simulator (FLASHHOST_SIM=OFF)")
  endif()
  set(map ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/model.map)
  set(target model-${id})
  add_library(${target} MODULE ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE flashhost::model ${arg_LINK})
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
    # The same folder as for flashhost_add_plugin: models are looked for beside the plugin.
    get_target_property(abi flashhost::sdk FLASHHOST_ABI)
    install(TARGETS ${target} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/flashhost/plugins-${abi})
  endif()
endfunction()
