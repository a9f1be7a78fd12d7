# For use in a function that has called cmake_parse_arguments(PARSE_ARGV n arg ...): stops with an
# error for an unknown argument, and for a keyword without a value unless it is named after the
# call's text.
macro(flashhost_check_arguments call)
  if(arg_UNPARSED_ARGUMENTS)
    list(JOIN arg_UNPARSED_ARGUMENTS " " unknown)
    message(FATAL_ERROR "${call}: unknown argument ${unknown}")
  endif()
  set(empty ${arg_KEYWORDS_MISSING_VALUES})
  list(REMOVE_ITEM empty ${ARGN})
  if(empty)
    list(JOIN empty ", " empty)
    message(FATAL_ERROR "${call}: there is no value after ${empty}")
  endif()
endmacro()

# Stops with an error if a plugin, or a chip model, cannot have this id. The rule is that of sdk/gates/plugin_id.cpp.
function(flashhost_check_id call id)
  string(LENGTH "${id}" length)
  if(NOT id MATCHES "^[a-z0-9][a-z0-9_-]*$" OR length GREATER 64)
    message(FATAL_ERROR "${call}: an id is made of a-z, 0-9, '_' and '-', starts with a letter or digit, and has at most 64 "
      "characters")
  endif()
endfunction()
