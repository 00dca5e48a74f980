# SPDX-License-Identifier: BSD-2-Clause

# Programs of this project and how they run: on the simulator as they are, for
# RTEMS under QEMU.

# rump_program(name SOURCES file... [KERNEL target...] [ONLY_TARGET])
#
# An application with the kernels named, each made by rump_kernel().
function(rump_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;KERNELS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE
    rtems-rump-options bridge ${arg_KERNELS} remote-client link)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/include)
  if(RTEMS_RUMP_SIMULATOR)
    target_link_libraries(${name} PRIVATE simulator)
  else()
    set_target_properties(${name} PROPERTIES SUFFIX .exe)
  endif()
endfunction()

# rump_test(name PROGRAM target LABELS label... [EXPECT regex] [SMP n]
#   [TIMEOUT seconds] [ARGS arg...] [ENVIRONMENT NAME=value...] [LONG])
#
# Passes if the program prints what EXPECT matches; by default the line that
# ends an RTEMS test.  LONG tests, under checkers those on fewer than four
# processors, and on the simulator without a checker of addresses those that
# fuzz, are skipped unless the environment has LONG=1 when they are run.
function(rump_test name)
  set(long)
  cmake_parse_arguments(arg "LONG" "PROGRAM;EXPECT;SMP;TIMEOUT"
    "LABELS;ARGS;ENVIRONMENT" ${ARGN})
  if(NOT arg_EXPECT)
    set(arg_EXPECT "END OF TEST")
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  # What checkers find they find best with several processors.
  if(RTEMS_RUMP_SANITIZE AND arg_SMP AND arg_SMP LESS 4)
    set(arg_LONG ON)
  endif()
  if(RTEMS_RUMP_SIMULATOR AND NOT RTEMS_RUMP_SANITIZE MATCHES "address"
      AND "fuzz" IN_LIST arg_LABELS)
    set(arg_LONG ON)
  endif()
  if(arg_LONG)
    set(long sh -c
      "test \"$LONG\" = 1 && exec \"$@\" || echo skipped: LONG=1 runs it" sh)
  endif()
  if(RTEMS_RUMP_SIMULATOR)
    add_test(NAME ${RTEMS_BSP}.${name}
      COMMAND ${long} $<TARGET_FILE:${arg_PROGRAM}> ${arg_ARGS})
    if(arg_SMP)
      list(APPEND arg_ENVIRONMENT SIM_PROCESSORS=${arg_SMP})
    endif()
  else()
    if(NOT arg_SMP)
      set(arg_SMP 1)
    endif()
    add_test(NAME ${RTEMS_BSP}.${name}
      COMMAND ${long} ${PROJECT_SOURCE_DIR}/tools/run-qemu --smp ${arg_SMP}
        ${arg_ARGS} ${RTEMS_BSP} $<TARGET_FILE:${arg_PROGRAM}>)
  endif()
  set_tests_properties(${RTEMS_BSP}.${name} PROPERTIES
    PASS_REGULAR_EXPRESSION "${arg_EXPECT}"
    FAIL_REGULAR_EXPRESSION
      "Sanitizer:;runtime error:;not ok;fatal source;SIMULATOR ERROR"
    TIMEOUT ${arg_TIMEOUT}
    LABELS "${arg_LABELS}"
    ENVIRONMENT "${arg_ENVIRONMENT}")
  if(arg_LONG)
    set_tests_properties(${RTEMS_BSP}.${name} PROPERTIES
      SKIP_REGULAR_EXPRESSION "skipped: LONG")
  endif()
  # Emulated processors that wait for each other need real ones.
  if(arg_SMP AND arg_SMP GREATER 1 AND NOT RTEMS_RUMP_SIMULATOR)
    set_tests_properties(${RTEMS_BSP}.${name} PROPERTIES RUN_SERIAL ON)
  endif()
endfunction()
