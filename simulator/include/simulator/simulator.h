/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Control of the simulator, for tests that only run on it.
 *
 * An application for RTEMS 6 that uses what the simulator has compiles with
 * its headers and runs as a process: each task is a thread of the host, which
 * runs while it holds one of the simulated processors.  What differs:
 *
 * - A task that shall give up its processor to another, be suspended or be
 *   deleted does so at its next directive, or by a signal in its own code; it
 *   keeps the processor while it is in a function of the host, blocked or not.
 *   Such a function may return early with EINTR, if SA_RESTART does not save
 *   it.  Do not preempt functions which a library calls with a lock of its
 *   own held: what the host's library calls back has to be short.
 * - Time does not stop for a slow host: several ticks may come at once.
 * - Interrupts are threads of their own, beside all processors; only interrupt
 *   locks exclude them.
 * - There are no time slices, modes and affinities, and of user extensions
 *   one, with nothing but a fatal extension, for exceptions only.  These are
 *   signals of the host; without such an extension, with AddressSanitizer
 *   (but for SIGILL) and on other hosts than x86-64 they end the process.
 *   Stacks are larger than asked for.  The clock is set from the start.
 * - Block devices have no cache.  Only open(), close(), read(), write(),
 *   pread(), pwrite(), lseek(), ioctl(), fstat(), stat(), fsync(), fdatasync()
 *   and unlink() know them.
 * - RTEMS's POSIX threads, mutexes and so on would be the host's, which block
 *   a processor; keys are fine, their destructors run as the task.
 *
 * Environment: SIM_PROCESSORS is the number of simulated processors, up to
 * CONFIGURE_MAXIMUM_PROCESSORS, which is the default; SIM_PREEMPT=0 switches
 * the preemption by signals off and 1 on, which is the default except under
 * ThreadSanitizer and valgrind.
 */

#ifndef SIMULATOR_SIMULATOR_H
#define SIMULATOR_SIMULATOR_H

#include <stdbool.h>
#include <stdint.h>

#include <rtems.h>

/** The arguments of the process. */
extern int sim_argc;
extern char **sim_argv;

/**
 * @brief Allows signals again in a task that does not return from a fatal
 * extension for an exception.
 */
void sim_leave_exception(void);

/**
 * @brief Where a suspended task goes on, which may be changed; NULL if it was
 * not preempted in the application's code.
 */
uintptr_t *sim_interrupted_at(struct _Thread_Control *task);

/** Calls which can be made to fail. */
enum sim_fault {
  SIM_FAULT_ALLOCATE,      /**< of memory; there is none. */
  SIM_FAULT_TASK_CREATE,   /**< A status, default RTEMS_UNSATISFIED. */
  SIM_FAULT_OPEN,          /**< An errno, default EIO; so the others. */
  SIM_FAULT_READ,
  SIM_FAULT_WRITE,
  SIM_FAULT_FSYNC,
  SIM_FAULT_FSTAT,
  SIM_FAULT_BLOCK_REQUEST, /**< A status, default RTEMS_IO_ERROR; simulated
                                disks and RAM disks. */
  SIM_FAULT_COUNT
};

#define SIM_FAULT_FOREVER UINT32_MAX

/**
 * @brief Makes calls of one kind fail.
 *
 * To walk all paths of an operation, make its n-th call fail for n = 1, 2, ...
 * until sim_fault_stop() says that there was no n-th call.
 *
 * @param first The first call to fail; 1 is the next one.
 * @param count How many fail from there on, or SIM_FAULT_FOREVER.
 * @param error What they fail with; 0 is the default of this kind.
 */
void sim_fault_start(
  enum sim_fault fault,
  uint32_t       first,
  uint32_t       count,
  int            error
);

/**
 * @brief Lets all calls of one kind succeed again.
 *
 * @return How many have failed since sim_fault_start().
 */
uint32_t sim_fault_stop(enum sim_fault fault);

/** A block device in memory. */
struct sim_disk;

/** Requests are done by an interrupt; without this before the call returns. */
#define SIM_DISK_ASYNCHRONOUS 0x1

/** Those that wait together are done in an arbitrary order. */
#define SIM_DISK_REORDER 0x2

/** RTEMS_BLKDEV_CAP_MULTISECTOR_CONT, and requests have to obey it. */
#define SIM_DISK_CONTIGUOUS 0x4

/** RTEMS_BLKDEV_CAP_SYNC. */
#define SIM_DISK_SYNC 0x8

/**
 * @brief Creates a block device.
 *
 * It fails requests that go beyond it, are no multiple of a block, or have a
 * capability that it lacks.
 *
 * @return NULL without memory or if the path is in use.
 */
struct sim_disk *sim_disk_create(
  const char *path,
  uint32_t    block_size,
  uint32_t    blocks,
  unsigned    flags
);

/** Holds back the completion of asynchronous requests, or lets them go. */
void sim_disk_hold(struct sim_disk *disk, bool hold);

/** The requests that have been made and are not done. */
unsigned sim_disk_pending(struct sim_disk *disk);

/** The content; no request may be under way. */
void *sim_disk_content(struct sim_disk *disk);

/** The number of synchronization requests so far. */
unsigned sim_disk_syncs(struct sim_disk *disk);

/**
 * @brief Removes the block device; its descriptors are closed and no request
 * is under way.
 */
void sim_disk_delete(struct sim_disk *disk);

#endif /* SIMULATOR_SIMULATOR_H */
