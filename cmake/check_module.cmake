# Checks a library made by aigw_module; run with -DMODULE= -DNM= -DREADELF= -DENVOY_EXPORTS=, and
# -DSANITIZE=ON for one that may need the sanitizers' libraries.
cmake_policy(VERSION 3.25)

set(mandatory
  program_init http_filter_config_new http_filter_config_destroy http_filter_new http_filter_destroy
  http_filter_request_headers http_filter_request_body http_filter_request_trailers
  http_filter_response_headers http_filter_response_body http_filter_response_trailers
  http_filter_stream_complete http_filter_scheduled http_filter_http_callout_done
  http_filter_http_stream_headers http_filter_http_stream_data http_filter_http_stream_trailers
  http_filter_http_stream_complete http_filter_http_stream_reset
  http_filter_downstream_above_write_buffer_high_watermark
  http_filter_downstream_below_write_buffer_low_watermark)

function(lines_of out)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE text RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGN}: ${result}")
  endif()
  string(REPLACE ";" "," text "${text}")
  string(REPLACE "\n" ";" text "${text}")
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

# Exported: the hooks, all mandatory ones, and nothing else.
set(exported "")
lines_of(symbols "${NM}" -D --defined-only "${MODULE}")
foreach(line IN LISTS symbols)
  if(line MATCHES "^[0-9a-f]+ ([A-Za-z]) ([^ ]+)$")
    set(kind "${CMAKE_MATCH_1}")
    set(name "${CMAKE_MATCH_2}")
    if(kind STREQUAL "u")
      message(SEND_ERROR "${name} is a unique symbol: the loader would never unmap the library")
    elseif(NOT name MATCHES "^envoy_dynamic_module_on_")
      message(SEND_ERROR "${name} is exported")
    endif()
    list(APPEND exported "${name}")
  endif()
endforeach()
foreach(hook IN LISTS mandatory)
  if(NOT "envoy_dynamic_module_on_${hook}" IN_LIST exported)
    message(SEND_ERROR "envoy_dynamic_module_on_${hook} is missing: Envoy would reject the library")
  endif()
endforeach()

# Imported: a strong callback has to exist in the oldest Envoy that we support; weak ones (`w`) may
# be missing there.
file(STRINGS "${ENVOY_EXPORTS}" envoy REGEX "^envoy_dynamic_module_callback_")
lines_of(symbols "${NM}" -D --undefined-only "${MODULE}")
foreach(line IN LISTS symbols)
  if(line MATCHES "^ +U (envoy_dynamic_module_[^ ]+)$" AND NOT CMAKE_MATCH_1 IN_LIST envoy)
    message(SEND_ERROR "${CMAKE_MATCH_1} is not in Envoy 1.38 and has to be weak")
  endif()
endforeach()

# Needed at run time: glibc only, bound at load.
lines_of(dynamic "${READELF}" -d -W "${MODULE}")
set(bound_at_load FALSE)
foreach(line IN LISTS dynamic)
  if(line MATCHES "NEEDED.*\\[(.*)\\]" AND NOT SANITIZE)
    set(library "${CMAKE_MATCH_1}")
    if(NOT library MATCHES "^(libc|libm|libpthread|libdl|librt|ld-linux[^.]*)\\.so")
      message(SEND_ERROR "${library} is needed at run time")
    endif()
  elseif(line MATCHES "BIND_NOW" OR line MATCHES "FLAGS.*NOW")
    set(bound_at_load TRUE)
  endif()
endforeach()
if(NOT bound_at_load)
  message(SEND_ERROR "not linked with -z now")
endif()
