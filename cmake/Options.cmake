# SPDX-License-Identifier: BSD-2-Clause

# What every target of this project is compiled with.

if(CMAKE_SYSTEM_NAME STREQUAL "Generic" AND DEFINED RTEMS_BSP)
  set(RTEMS_RUMP_SIMULATOR OFF)
else()
  set(RTEMS_RUMP_SIMULATOR ON)
  set(RTEMS_BSP simulator)
endif()

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")

set(RTEMS_RUMP_SANITIZE "" CACHE STRING
  "Sanitizers of the simulator build: address,undefined or thread, or with \
Clang address,fuzzer-no-link")
if(RTEMS_RUMP_SANITIZE MATCHES "address")
  set(RTEMS_BSP simulator-asan)
elseif(RTEMS_RUMP_SANITIZE)
  set(RTEMS_BSP simulator-tsan)
endif()

add_library(rtems-rump-options INTERFACE)
target_compile_features(rtems-rump-options INTERFACE c_std_11)
target_compile_options(rtems-rump-options INTERFACE
  -Wall -Wextra -Werror -fno-common)

if(RTEMS_RUMP_SIMULATOR)
  target_compile_definitions(rtems-rump-options INTERFACE _GNU_SOURCE)
  target_include_directories(rtems-rump-options INTERFACE
    ${PROJECT_SOURCE_DIR}/simulator/include)
  if(RTEMS_RUMP_SANITIZE)
    add_compile_options(-fsanitize=${RTEMS_RUMP_SANITIZE}
      -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${RTEMS_RUMP_SANITIZE})
    if(CMAKE_C_COMPILER_ID STREQUAL "Clang")
      # It has not all that GCC has.
      add_compile_options(-Wno-unknown-attributes
        -Wno-gnu-variable-sized-type-not-at-end)
      if(RTEMS_RUMP_SANITIZE MATCHES "address")
        add_compile_definitions(__SANITIZE_ADDRESS__)
      endif()
    endif()
  endif()
else()
  # Sections, so that what an application does not call is left out; no
  # unwind tables, which nothing in a kernel reads.
  target_compile_options(rtems-rump-options INTERFACE
    -ffunction-sections -fdata-sections -ftls-model=local-exec
    -fno-unwind-tables -fno-asynchronous-unwind-tables)
endif()
