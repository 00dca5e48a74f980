# SPDX-License-Identifier: BSD-2-Clause

# cmake --install: an archive, one each for kernels with file systems of RTEMS,
# with block devices of RTEMS, with sockets of RTEMS, for the set-up of
# interfaces and of filters and with remote clients, encrypted ones too where
# Mbed TLS is, the headers, a pkg-config file, the kernel
# linker and its CMake function, in the places where RTEMS keeps those of a BSP.
# Of the simulator's tree, what a client on this host takes.

if(RTEMS_RUMP_SIMULATOR)
  install(TARGETS remote-host rump-remote)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/rump TYPE INCLUDE)
  foreach(header name netbsd netbsd-net remote remote-call)
    install(FILES ${PROJECT_SOURCE_DIR}/include/rtems-rump/${header}.h
      DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/rtems-rump)
  endforeach()
  return()
endif()

add_library(rtems-rump STATIC
  $<TARGET_OBJECTS:hypercall> $<TARGET_OBJECTS:component>
  $<TARGET_OBJECTS:instance>)

add_library(rtems-rump-filesystem STATIC $<TARGET_OBJECTS:filesystem>)
add_library(rtems-rump-blockdev STATIC $<TARGET_OBJECTS:blockdev>)
add_library(rtems-rump-network STATIC $<TARGET_OBJECTS:network>)
add_library(rtems-rump-netconfig STATIC $<TARGET_OBJECTS:netconfig>)
add_library(rtems-rump-firewall STATIC $<TARGET_OBJECTS:firewall>)

string(REGEX REPLACE "^[^/]+/" "" bsp "${RTEMS_BSP}")
set(directory ${RTEMS_TRIPLE}/${bsp}/lib)
# What rump-link must not put into each kernel.
set_target_properties(bridge PROPERTIES OUTPUT_NAME rtems-rump-bridge)
set_target_properties(remote-client PROPERTIES
  OUTPUT_NAME rtems-rump-remote-client)
set_target_properties(sockets PROPERTIES OUTPUT_NAME rtems-rump-sockets)
set_target_properties(remote PROPERTIES OUTPUT_NAME rtems-rump-remote)
set_target_properties(link PROPERTIES OUTPUT_NAME rtems-rump-link)
install(TARGETS rtems-rump rtems-rump-filesystem rtems-rump-blockdev
    rtems-rump-network rtems-rump-netconfig rtems-rump-firewall bridge sockets link remote
    remote-client
  ARCHIVE DESTINATION ${directory})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/rtems-rump
    ${PROJECT_SOURCE_DIR}/include/rump
  DESTINATION ${directory}/include)
install(FILES
  ${PROJECT_SOURCE_DIR}/component/include/rumpcomp_userfeatures_pci.h
  DESTINATION ${directory}/include/rtems-rump)

configure_file(${PROJECT_SOURCE_DIR}/cmake/rtems-rump.pc.in
  ${CMAKE_CURRENT_BINARY_DIR}/${RTEMS_PACKAGE}-rtems-rump.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${RTEMS_PACKAGE}-rtems-rump.pc
  DESTINATION lib/pkgconfig)
install(FILES ${PROJECT_SOURCE_DIR}/cmake/RumpKernel.cmake
  DESTINATION lib/cmake/rtems-rump RENAME rtems-rump-config.cmake)
install(PROGRAMS ${PROJECT_SOURCE_DIR}/tools/rump-link DESTINATION bin)

if(MBEDTLS_FOUND)
  set_target_properties(remote-tls PROPERTIES
    OUTPUT_NAME rtems-rump-remote-tls)
  install(TARGETS remote-tls ARCHIVE DESTINATION ${directory})
endif()
