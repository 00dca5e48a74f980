/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What keeps the machine busy while bench/latency.c measures.
 *
 * A load is a set of tasks, all less urgent than the one that is measured.
 */

#ifndef RTEMS_RUMP_BENCH_LOAD_H
#define RTEMS_RUMP_BENCH_LOAD_H

#include <stdatomic.h>
#include <stdbool.h>

#include <rtems.h>

/** The priority of tasks that call a kernel and have no other. */
#define LOAD_PRIORITY 110

/** The tasks of the load end soon. */
extern atomic_bool load_ends;

/** Starts one task of a load, which returns when the load ends. */
void load_task(
  rtems_task_priority priority, void (*function)(unsigned number),
  unsigned number);

/** Waits until the load is on its way. */
void load_settle(void);

/** Tells how much of it a task of the load has done. */
void load_did(unsigned count);

/** Ends all tasks of the load; returns what they have done. */
unsigned load_end(void);

/** Calls a function in a task of this priority, and waits for its end. */
void load_call(rtems_task_priority priority, void (*function)(unsigned));

/**
 * A task that is woken at each clock tick, in all phases with kernels: what
 * its time-out costs is no kernel's.
 */
void load_beat(void);

/** Waits for its next turn. */
void load_wait_for_beat(void);

/** Makes a RAM disk, /dev/rda, which holds an FFS. */
void load_make_disk(void);

/** RTEMS alone: heap, tasks, mutexes, messages, timers, the disk's cache. */
void load_rtems(void);

/** The first kernel starts and mounts its file systems. */
void load_start_first_kernel(void);

/** The second kernel starts. */
void load_start_second_kernel(void);

/** An FFS on the disk and a tmpfs are written and read in the first kernel. */
void load_storage(void);

/** Tasks of many priorities want the same locks of the first kernel. */
void load_locks(void);

/** The second kernel panics with tasks in it and starts, again and again. */
void load_restarts(void);

#endif /* RTEMS_RUMP_BENCH_LOAD_H */
