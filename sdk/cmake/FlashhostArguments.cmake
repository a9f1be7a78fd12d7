# In a function that has called cmake_parse_arguments(PARSE_ARGV n arg ...): an argument that is none of its own is an error,
# and a keyword without a value, but those named behind the call's text.
macro(flashhost_check_arguments call)
  if(arg_UNPARSED_ARGUMENTS)
    list(JOIN arg_UNPARSED_ARGUMENTS " " unknown)
    message(FATAL_ERROR "${call}: it has no argument ${unknown}")
  endif()
  set(empty ${arg_KEYWORDS_MISSING_VALUES})
  list(REMOVE_ITEM empty ${ARGN})
  if(empty)
    list(JOIN empty ", " empty)
    message(FATAL_ERROR "${call}: nothing stands behind ${empty}")
  endif()
endmacro()
