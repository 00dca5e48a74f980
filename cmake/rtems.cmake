# SPDX-License-Identifier: BSD-2-Clause

# Tool chain file for RTEMS: everything comes from the BSP's pkg-config file.
#
#   cmake -DCMAKE_TOOLCHAIN_FILE=cmake/rtems.cmake \
#     -DRTEMS_PREFIX=/opt/rtems/6 -DRTEMS_BSP=arm/xilinx_zynq_a9_qemu

list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES
  RTEMS_PREFIX RTEMS_BSP RTEMS_VERSION)

if(NOT RTEMS_PREFIX)
  if(DEFINED ENV{RTEMS_PREFIX})
    set(RTEMS_PREFIX $ENV{RTEMS_PREFIX})
  else()
    set(RTEMS_PREFIX /opt/rtems/6)
  endif()
endif()
if(NOT RTEMS_VERSION)
  set(RTEMS_VERSION 6)
endif()
if(NOT RTEMS_BSP MATCHES "^([^/]+)/([^/]+)$")
  message(FATAL_ERROR
    "RTEMS_BSP must name architecture and BSP, as arm/xilinx_zynq_a9_qemu")
endif()
set(RTEMS_ARCH ${CMAKE_MATCH_1})
set(RTEMS_TRIPLE ${RTEMS_ARCH}-rtems${RTEMS_VERSION})
set(RTEMS_PACKAGE ${RTEMS_TRIPLE}-${CMAKE_MATCH_2})

set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR ${RTEMS_ARCH})
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
foreach(tool gcc ar ranlib ld nm objcopy objdump size)
  string(TOUPPER ${tool} name)
  set(RTEMS_${name} ${RTEMS_PREFIX}/bin/${RTEMS_TRIPLE}-${tool})
endforeach()
set(CMAKE_C_COMPILER ${RTEMS_GCC})
set(CMAKE_AR ${RTEMS_AR} CACHE FILEPATH "")
set(CMAKE_RANLIB ${RTEMS_RANLIB} CACHE FILEPATH "")

set(ENV{PKG_CONFIG_PATH} ${RTEMS_PREFIX}/lib/pkgconfig)
foreach(kind cflags libs)
  execute_process(
    COMMAND pkg-config --${kind} ${RTEMS_PACKAGE}
    OUTPUT_VARIABLE flags_${kind}
    OUTPUT_STRIP_TRAILING_WHITESPACE
    RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR
      "${RTEMS_PREFIX}/lib/pkgconfig has no ${RTEMS_PACKAGE}.pc: "
      "install the BSP ${RTEMS_BSP} there, or name another RTEMS_PREFIX")
  endif()
endforeach()
set(CMAKE_C_FLAGS_INIT "${flags_cflags}")
set(CMAKE_EXE_LINKER_FLAGS_INIT
  "${flags_libs} -Wl,--no-warn-rwx-segments -z noexecstack")
