# flashhost_add_conformance_test(<name> PLUGIN target SOURCES file... [LINK library...] [LABEL label]
#                                [WRAPPER command...])
#
# A GoogleTest program that holds the plugin that target builds against the SDK's contracts. One of the
# sources says what to expect of it: see flashhost/conformance.hpp. Needs GoogleTest and enable_testing().
# WRAPPER: the program runs under this command, as one test; for a plugin that needs an environment, such as a probe.
function(flashhost_add_conformance_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "PLUGIN;LABEL" "SOURCES;LINK;WRAPPER")
  if(NOT arg_LABEL)
    set(arg_LABEL conformance)
  endif()
  find_package(GTest REQUIRED)
  include(GoogleTest)
  set(kit ${CMAKE_CURRENT_FUNCTION_LIST_DIR})
  string(REGEX REPLACE "-.*" "" kind ${arg_PLUGIN})
  add_executable(${name} ${arg_SOURCES} ${kit}/src/plugin_under_test.cpp ${kit}/src/${kind}_conformance.cpp)
  target_include_directories(${name} PRIVATE ${kit}/include)
  target_compile_definitions(${name} PRIVATE FLASHHOST_PLUGIN_FILE="$<TARGET_FILE:${arg_PLUGIN}>")
  target_link_libraries(${name} PRIVATE
    flashhost::sdk GTest::gmock GTest::gtest_main ${CMAKE_DL_LIBS} ${arg_LINK})
  add_dependencies(${name} ${arg_PLUGIN})
  if(arg_WRAPPER)
    add_test(NAME ${arg_PLUGIN}.conformance COMMAND ${arg_WRAPPER} $<TARGET_FILE:${name}>)
    set_tests_properties(${arg_PLUGIN}.conformance PROPERTIES LABELS ${arg_LABEL} TIMEOUT 300)
    return()
  endif()
  gtest_discover_tests(${name} TEST_PREFIX ${arg_PLUGIN}. DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${arg_LABEL} TIMEOUT 300)
endfunction()
