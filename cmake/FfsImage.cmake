# SPDX-License-Identifier: BSD-2-Clause

# File systems made on the host, for programs that have them as their disks.

find_program(MAKEFS makefs PATHS /usr/sbin /sbin NO_CMAKE_FIND_ROOT_PATH)

# empty_image(image command...): what the command makes in its folder, maybe of
# the folder `empty` there.
function(empty_image image)
  get_filename_component(folder ${image} DIRECTORY)
  get_filename_component(name ${image} NAME)
  add_custom_command(OUTPUT ${image}
    COMMAND ${CMAKE_COMMAND} -E make_directory empty
    COMMAND ${CMAKE_COMMAND} -E rm -f ${image}
    COMMAND ${ARGN}
    WORKING_DIRECTORY ${folder}
    COMMENT "Making ${name}"
    VERBATIM)
endfunction()

# ffs_image(image size): an FFS of that size, with the file `host` in it; needs
# MAKEFS.
function(ffs_image image size)
  set(root ${image}.root)
  add_custom_command(OUTPUT ${image}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${root}
    COMMAND ${CMAKE_COMMAND} -E echo "made on the host" > ${root}/host
    COMMAND ${MAKEFS} -t ffs -s ${size} ${image} ${root}
    COMMENT "Making an FFS"
    VERBATIM)
endfunction()
