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
