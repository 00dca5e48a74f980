/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The RTEMS configuration that a rump kernel needs.
 *
 * Include it before <rtems/confdefs.h>.  It sets what the application has not
 * set itself; an application that sets these options must leave the kernel as
 * much as stands here:
 *
 * | option | needed |
 * |---|---|
 * | CONFIGURE_MAXIMUM_TASKS | the application's own, and for each kernel 12, 8 for each virtual CPU, block_tasks + 1 if it has disks, server.tasks + 2 if it has remote clients, and 1 for each of its links; or unlimited objects |
 * | CONFIGURE_MAXIMUM_FILE_DESCRIPTORS | the application's own, and one for each disk or file that a kernel uses |
 * | CONFIGURE_MAXIMUM_USER_EXTENSIONS | the application's own, and one for each kernel that registers its file systems or sockets |
 * | CONFIGURE_MICROSECONDS_PER_TICK | at most 10,000: NetBSD's clock has 100 Hz |
 * | CONFIGURE_INIT_TASK_PRIORITY | that of a task that calls a kernel: not above the ceiling of rtems_rump_config + 2 |
 * | CONFIGURE_INIT_TASK_STACK_SIZE | stack of a task that calls a kernel: 16 KiB |
 * | CONFIGURE_UNIFIED_WORK_AREAS | task stacks and the memory of kernels come from one heap |
 * | CONFIGURE_INITIAL_EXTENSIONS | RTEMS_RUMP_INITIAL_EXTENSION first, or exceptions in a kernel end RTEMS, and tasks that end on several processors may (<rtems-rump/terminate.h>) |
 *
 * rtems_rump_start() checks at run time what it can, and names the option that
 * is too small.
 */

#ifndef RTEMS_RUMP_CONFDEFS_H
#define RTEMS_RUMP_CONFDEFS_H

#ifndef CONFIGURE_MAXIMUM_TASKS
#ifndef CONFIGURE_UNLIMITED_OBJECTS
#define CONFIGURE_UNLIMITED_OBJECTS
#define CONFIGURE_UNLIMITED_ALLOCATION_SIZE 16
#endif
#endif

#ifndef CONFIGURE_UNIFIED_WORK_AREAS
#define CONFIGURE_UNIFIED_WORK_AREAS
#endif

#ifndef CONFIGURE_MAXIMUM_FILE_DESCRIPTORS
#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 32
#endif

#ifndef CONFIGURE_MAXIMUM_USER_EXTENSIONS
#define CONFIGURE_MAXIMUM_USER_EXTENSIONS 4
#endif

#ifndef CONFIGURE_MICROSECONDS_PER_TICK
#define CONFIGURE_MICROSECONDS_PER_TICK 10000
#endif

#ifndef CONFIGURE_INIT_TASK_PRIORITY
#define CONFIGURE_INIT_TASK_PRIORITY 110
#endif

#ifndef CONFIGURE_INIT_TASK_STACK_SIZE
#define CONFIGURE_INIT_TASK_STACK_SIZE (16 * 1024)
#endif

#ifndef CONFIGURE_INIT_TASK_ATTRIBUTES
#define CONFIGURE_INIT_TASK_ATTRIBUTES RTEMS_FLOATING_POINT
#endif

/*
 * Exceptions in a kernel end the kernel and not RTEMS, and tasks end safely on
 * several processors.  An application that sets CONFIGURE_INITIAL_EXTENSIONS
 * itself puts this first in its list.
 */
#if defined(__rtems__) && defined(RTEMS_SMP)
#define RTEMS_RUMP_INITIAL_EXTENSION \
  { .fatal = rtems_rump_fatal, .thread_terminate = rtems_rump_terminate }
#else
#define RTEMS_RUMP_INITIAL_EXTENSION { .fatal = rtems_rump_fatal }
#endif

#ifndef CONFIGURE_INITIAL_EXTENSIONS
#define CONFIGURE_INITIAL_EXTENSIONS RTEMS_RUMP_INITIAL_EXTENSION
#endif

#ifdef CONFIGURE_INIT
#include <rtems.h>

#include <rtems-rump/guard.h>
#if defined(__rtems__) && defined(RTEMS_SMP)
#include <rtems-rump/terminate.h>
#endif

struct rtems_rump_guard *rtems_rump_guards;

static void __attribute__((__unused__))
rtems_rump_fatal(
  rtems_fatal_source source, bool always_false, rtems_fatal_code code)
{
  const struct rtems_rump_guard *guard;

  (void)always_false;
  if (source == RTEMS_FATAL_SOURCE_EXCEPTION) {
    guard = __atomic_load_n(&rtems_rump_guards, __ATOMIC_ACQUIRE);
    for (; guard != NULL; guard = guard->next) {
      (*guard->contain)((uintptr_t)code);
    }
  }
}
#endif

#endif /* RTEMS_RUMP_CONFDEFS_H */
