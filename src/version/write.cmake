# Writes what is being built as a source file; nothing is written where it is there already, so that nothing is built.
#
# A source that was unpacked inside of somebody else's checkout is none of git's own.
set(AIGW_COMMIT "")
if(AIGW_GIT)
  execute_process(COMMAND "${AIGW_GIT}" rev-parse --show-toplevel WORKING_DIRECTORY "${AIGW_SOURCE}"
    OUTPUT_VARIABLE top OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  file(REAL_PATH "${AIGW_SOURCE}" source)
  if(top STREQUAL source)
    execute_process(COMMAND "${AIGW_GIT}" describe --always --dirty WORKING_DIRECTORY "${AIGW_SOURCE}"
      OUTPUT_VARIABLE AIGW_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
endif()
configure_file("${AIGW_IN}" "${AIGW_OUT}" @ONLY)
