# SPDX-License-Identifier: BSD-2-Clause

# Makes rump kernels with tools/rump-link.
#
# rump_kernel(target COMPONENTS component... [NAME name]
#   [HOST_LIBRARIES library...] [OPTIONS option...])
#
# Makes one kernel of these components and of all they depend on, and gives it
# to what links the target:
#
#   rump_kernel(disk-kernel COMPONENTS vfs ffs)
#   target_link_libraries(app PRIVATE disk-kernel)
#
# NAME            Several kernels in one image have names: the kernel k1 has
#                 the function k1_rump_init() for rump_init() and so on.
# HOST_LIBRARIES  Targets or files with the hypercalls; each kernel gets its
#                 own copy of what it needs.  Default: RUMP_HOST_LIBRARIES, by
#                 default this project's.
# OPTIONS         More options of rump-link.
#
# The target's property RUMP_KERNEL_OBJECT is the path of the object file.
# Read here: RUMP_PREFIX, where the components are installed, and RUMP_ARCH,
# the folder in it, by default the one for which the compiler makes code;
# RUMP_KERNEL_DEBUG, whether NetBSD's debugging information is linked.

find_program(RUMP_LINK rump-link
  HINTS
    ${CMAKE_CURRENT_LIST_DIR}/../tools
    ${CMAKE_CURRENT_LIST_DIR}/../../../bin
  NO_CMAKE_FIND_ROOT_PATH
  DOC "The tool that links rump kernels")

option(RUMP_KERNEL_DEBUG "Link NetBSD's debugging information" ON)

# Stores in `result` the command and in `depends` what it runs on.
function(rump_kernel_command result depends object)
  cmake_parse_arguments(arg "" "NAME"
    "COMPONENTS;HOST_LIBRARIES;OPTIONS" ${ARGN})
  if(NOT Python3_EXECUTABLE)
    find_package(Python3 REQUIRED COMPONENTS Interpreter)
  endif()
  if(NOT RUMP_LINK)
    message(FATAL_ERROR "rump-link is not found: set RUMP_LINK to its path")
  endif()
  set(command ${Python3_EXECUTABLE} ${RUMP_LINK} -o ${object}
    --depfile ${object}.d --cc ${CMAKE_C_COMPILER})
  if(RUMP_PREFIX)
    list(APPEND command --prefix ${RUMP_PREFIX})
  endif()
  if(RUMP_ARCH)
    list(APPEND command --arch ${RUMP_ARCH})
  endif()
  if(arg_NAME)
    list(APPEND command --name ${arg_NAME})
  endif()
  if(NOT RUMP_KERNEL_DEBUG)
    list(APPEND command --strip-debug)
  endif()

  # The ABI; what else a program is compiled with is not for a pre-link.
  string(REGEX MATCHALL "(^| )-m[^ ]+" flags "${CMAKE_C_FLAGS}")
  string(REPLACE ";" "" flags "${flags}")
  string(STRIP "${flags}" flags)
  if(flags)
    list(APPEND command "--cflags=${flags}")
  endif()

  set(libraries ${arg_HOST_LIBRARIES})
  foreach(library ${libraries})
    if(TARGET ${library})
      set(library $<TARGET_FILE:${library}>)
    endif()
    list(APPEND command --host-lib ${library})
  endforeach()

  set(${result} ${command} ${arg_OPTIONS} ${arg_COMPONENTS} PARENT_SCOPE)
  set(${depends} ${RUMP_LINK} ${libraries} PARENT_SCOPE)
endfunction()

function(rump_kernel target)
  cmake_parse_arguments(arg "" "NAME"
    "COMPONENTS;HOST_LIBRARIES;OPTIONS" ${ARGN})
  if(NOT arg_COMPONENTS OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "rump_kernel(${target} COMPONENTS component... "
      "[NAME name] [HOST_LIBRARIES library...] [OPTIONS option...])")
  endif()
  if(NOT arg_HOST_LIBRARIES)
    set(arg_HOST_LIBRARIES ${RUMP_HOST_LIBRARIES})
  endif()
  if(NOT arg_HOST_LIBRARIES)
    # The server of remote clients first: where the component kern_sysproxy
    # wants one, what refuses them is left out.
    foreach(library remote hypercall component instance)
      if(TARGET ${library})
        list(APPEND arg_HOST_LIBRARIES ${library})
      endif()
    endforeach()
  endif()

  set(object ${CMAKE_CURRENT_BINARY_DIR}/${target}.o)
  rump_kernel_command(command depends ${object}
    NAME ${arg_NAME} COMPONENTS ${arg_COMPONENTS}
    HOST_LIBRARIES ${arg_HOST_LIBRARIES} OPTIONS ${arg_OPTIONS})
  add_custom_command(OUTPUT ${object}
    COMMAND ${command}
    DEPENDS ${depends}
    DEPFILE ${object}.d
    COMMENT "Linking rump kernel ${target}.o"
    VERBATIM)
  add_custom_target(${target}-object DEPENDS ${object})

  add_library(${target} INTERFACE)
  add_dependencies(${target} ${target}-object)
  target_link_libraries(${target} INTERFACE ${object})
  if(NOT CMAKE_CROSSCOMPILING)
    # NetBSD's components are not position-independent.
    target_link_options(${target} INTERFACE -no-pie)
  endif()
  set_target_properties(${target} PROPERTIES RUMP_KERNEL_OBJECT ${object})
endfunction()
