# SPDX-License-Identifier: BSD-2-Clause

# Mbed TLS, which the user has installed: the target mbedtls, if MBEDTLS_FOUND.
# It is below MBEDTLS_PREFIX, or else for a host where its compiler looks; one
# for RTEMS is not there by chance.

set(MBEDTLS_PREFIX "" CACHE STRING
  "Where Mbed TLS 2.28 or 3.x is installed; OFF: nowhere")
set(MBEDTLS_FOUND OFF)
if(MBEDTLS_PREFIX STREQUAL "OFF"
    OR (MBEDTLS_PREFIX STREQUAL "" AND NOT RTEMS_RUMP_SIMULATOR))
  return()
endif()

find_path(MBEDTLS_INCLUDE mbedtls/ssl.h HINTS ${MBEDTLS_PREFIX}/include)
set(MBEDTLS_LIBRARIES)
foreach(library mbedtls mbedx509 mbedcrypto)
  find_library(MBEDTLS_LIBRARY_${library} ${library}
    HINTS ${MBEDTLS_PREFIX}/lib)
  list(APPEND MBEDTLS_LIBRARIES ${MBEDTLS_LIBRARY_${library}})
endforeach()
if(MBEDTLS_INCLUDE AND NOT "${MBEDTLS_LIBRARIES}" MATCHES "NOTFOUND")
  set(MBEDTLS_FOUND ON)
  add_library(mbedtls INTERFACE)
  target_include_directories(mbedtls SYSTEM INTERFACE ${MBEDTLS_INCLUDE})
  target_link_libraries(mbedtls INTERFACE ${MBEDTLS_LIBRARIES})
elseif(MBEDTLS_PREFIX)
  message(FATAL_ERROR "There is no Mbed TLS in ${MBEDTLS_PREFIX}")
endif()
