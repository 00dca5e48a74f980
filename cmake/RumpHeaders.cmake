# SPDX-License-Identifier: BSD-2-Clause

# Finds NetBSD's rump kernel libraries and the header of the hypercall
# interface that belongs to them.  Without them the project's own declaration
# of the interface is used.

if(NOT DEFINED RUMP_PREFIX)
  if(DEFINED ENV{RUMP_PREFIX})
    set(RUMP_PREFIX $ENV{RUMP_PREFIX})
  else()
    set(RUMP_PREFIX /opt/rump)
  endif()
endif()
set(RUMP_PREFIX ${RUMP_PREFIX} CACHE PATH
  "Installed rump kernels, a folder for each architecture" FORCE)

if(RTEMS_RUMP_SIMULATOR)
  set(RUMP_ARCH ${CMAKE_SYSTEM_PROCESSOR})
else()
  set(RUMP_ARCH ${RTEMS_ARCH})
endif()

set(RUMP_HEADER ${RUMP_PREFIX}/${RUMP_ARCH}/include/rump/rumpuser.h)
if(EXISTS ${RUMP_HEADER})
  set(RUMP_FOUND ON)
else()
  set(RUMP_FOUND OFF)
endif()

# The simulator's hypercall layer serves the test guest, too, which uses the
# whole interface of both vintages.
add_library(rumpuser-header INTERFACE)
if(RUMP_FOUND AND NOT RTEMS_RUMP_SIMULATOR)
  target_include_directories(rumpuser-header SYSTEM INTERFACE
    ${RUMP_PREFIX}/${RUMP_ARCH}/include)
  file(STRINGS ${RUMP_HEADER} later REGEX "rump_evcntattach_fn")
else()
  target_include_directories(rumpuser-header INTERFACE
    ${PROJECT_SOURCE_DIR}/hypercall/include)
  set(later ON)
endif()
if(later)
  target_compile_definitions(rumpuser-header INTERFACE
    RTEMS_RUMP_DL_BOOTSTRAP_EVCNT)
endif()

# The kernel's page, which the hypercall interface does not tell: NetBSD's of
# the first vintage has 8 KiB on ARM.
if(RUMP_ARCH STREQUAL "arm" AND NOT later)
  set(page_shift 13)
else()
  set(page_shift 12)
endif()
set(RTEMS_RUMP_PAGE_SHIFT ${page_shift} CACHE STRING
  "Page size of the kernel, as a power of two")
target_compile_definitions(rumpuser-header INTERFACE
  RTEMS_RUMP_PAGE_SHIFT=${RTEMS_RUMP_PAGE_SHIFT})
