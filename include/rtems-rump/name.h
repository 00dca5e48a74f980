/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Choice of one kernel among several in an image.
 *
 * A kernel that the linker tool has given the name k1 offers its functions as
 * k1_rump_sys_open() and so on.  With RTEMS_RUMP_KERNEL defined as k1 the
 * declarations of this project's headers keep their plain names in C and
 * refer to that kernel's symbols.
 */

#ifndef RTEMS_RUMP_NAME_H
#define RTEMS_RUMP_NAME_H

#define RTEMS_RUMP_STRING_(x) #x
#define RTEMS_RUMP_STRING(x) RTEMS_RUMP_STRING_(x)

#ifdef RTEMS_RUMP_KERNEL
#define RTEMS_RUMP_SYMBOL(name) \
  __asm__(RTEMS_RUMP_STRING(RTEMS_RUMP_KERNEL) "_" name)
#else
#define RTEMS_RUMP_SYMBOL(name) __asm__(name)
#endif

#endif /* RTEMS_RUMP_NAME_H */
