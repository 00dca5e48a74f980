/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A running rump kernel: start, end, and the way in for tasks.
 *
 * In an image with several kernels define RTEMS_RUMP_KERNEL as the name of one
 * before this header is included, and the functions are that kernel's.
 */

#ifndef RTEMS_RUMP_INSTANCE_H
#define RTEMS_RUMP_INSTANCE_H

#include <stddef.h>
#include <stdint.h>

#include <rtems-rump/config.h>
#include <rtems-rump/name.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Version of this library: major * 10000 + minor * 100 + patch. */
#define RTEMS_RUMP_VERSION 100

/**
 * @brief Checks the configuration of RTEMS and of the kernel, and boots the
 * kernel.
 *
 * What is wrong with a configuration is printed to the console with its
 * remedy, and then the start can be tried again.  Only from a task; each kernel
 * in the image can be started once, and again after its end if it was
 * restartable.
 *
 * @param config Read until the kernel has ended; NULL for all defaults.
 *
 * @retval 0 The kernel runs.
 * @retval EINVAL A value of @a config is out of its range, or the kernel wants
 *   another version of the hypercall interface.
 * @retval ENOMEM The RTEMS heap cannot give the memory of @a config.
 * @retval EAGAIN RTEMS is configured with too few objects, or has no task for
 *   a thread; without some of its threads the kernel ends itself instead.
 * @retval EBUSY The kernel runs, or has ended and is not restartable.
 * @retval EIO The kernel is restartable and ended itself while it started.
 *
 * Errors are RTEMS's errno values.
 */
int rtems_rump_start(const struct rtems_rump_config *config)
  RTEMS_RUMP_SYMBOL("rtems_rump_start");

/**
 * @brief Ends the kernel: its tasks, its host descriptors and its memory are
 * given back to RTEMS.
 *
 * Also for a kernel that has ended itself.  Nothing is written back: unmount
 * first.  Tasks inside rtems_rump_call() leave with EIO; no task may be in a
 * call into the kernel without it.  Only from a task that is not the kernel's.
 *
 * @retval 0 The kernel has ended.
 * @retval EINVAL It does not run.
 * @retval EDEADLK The caller is inside rtems_rump_call().
 * @retval EBUSY A task is inside rtems_rump_call() and does not leave, or a
 *   block device has not ended a request.  Nobody can call the kernel any
 *   more, and the end can be tried again.
 */
int rtems_rump_end(void)
  RTEMS_RUMP_SYMBOL("rtems_rump_end");

/**
 * @brief Waits until the kernel ends, by itself or by rtems_rump_end().
 *
 * A kernel that has ended itself still has what it took from RTEMS: call
 * rtems_rump_end(), and start it again if it shall.  Only from a task that is
 * not inside rtems_rump_call().
 *
 * @param[out] status RTEMS_RUMP_PANIC, RTEMS_RUMP_EXCEPTION or
 *   RTEMS_RUMP_WATCHDOG, the exit status of a kernel that has ended itself
 *   otherwise, or 0.
 *
 * @retval 0 The kernel has ended.
 * @retval EINVAL It was never started.
 */
int rtems_rump_wait(int *status)
  RTEMS_RUMP_SYMBOL("rtems_rump_wait");

/** When a kernel that has ended itself is started again; times in ms. */
struct rtems_rump_policy {
  /** Starts after the first; 0: no limit. */
  unsigned restarts_max;

  /** Before the first restart, and the most before one: it doubles. */
  unsigned delay, delay_max;

  /**
   * Called by rtems_rump_call() after each start, or NULL: mounts, and starts
   * what uses the kernel.
   */
  int (*on_start)(void *arg);

  /**
   * Called after each end, with nothing of the kernel left, or NULL.
   *
   * @param status As of rtems_rump_wait(); RTEMS_RUMP_PANIC also if the kernel
   *   has not come up.
   */
  void (*on_end)(int status, void *arg);

  /** For both. */
  void *arg;
};

/**
 * @brief Starts a restartable kernel and keeps it running.
 *
 * Returns when the application calls rtems_rump_end(), or when the kernel
 * cannot be started again.  Only from a task, which it keeps.
 *
 * @retval 0 The application has ended the kernel.
 * @retval EIO The kernel has ended itself as often as the policy allows.
 * @retval EINVAL The kernel is not restartable, or as of rtems_rump_start().
 * @retval EBUSY As of rtems_rump_end().
 * @retval other As of rtems_rump_start().
 */
int rtems_rump_supervise(
  const struct rtems_rump_config *config,
  const struct rtems_rump_policy *policy)
  RTEMS_RUMP_SYMBOL("rtems_rump_supervise");

/**
 * @brief Calls a function that calls the kernel, and returns also if the
 * kernel ends meanwhile.
 *
 * Then the function is left wherever it is, as by longjmp(): it should hold
 * nothing but what is the kernel's.  Calls nest; then the outermost returns.
 * Only from a task.
 *
 * @param function May use all of the kernel, rtems_rump_enter() too.
 * @param[out] result What the function has returned.
 *
 * @retval 0 The function has returned.
 * @retval EIO The kernel has ended, before or meanwhile, or does not run yet.
 */
int rtems_rump_call(int (*function)(void *arg), void *arg, int *result)
  RTEMS_RUMP_SYMBOL("rtems_rump_call");

/**
 * @brief Gives the calling task a thread context of its own in the kernel and
 * raises it to the priority of callers.
 *
 * Calls into the kernel are possible without; they cost ten times more, and a
 * task of lower priority that is preempted inside delays others for as long.
 * Calls nest; the task must leave before it ends, and must not be deleted while
 * it is in a call.  The context ends with the kernel: enter again after a
 * restart.  Only from a task.
 *
 * @retval 0 The task is bound.
 * @retval EINVAL The kernel does not run.
 * @retval EPERM The task's priority is above that of callers.
 * @retval ENOMEM The kernel could not make a thread context.
 */
int rtems_rump_enter(void)
  RTEMS_RUMP_SYMBOL("rtems_rump_enter");

/** @brief Undoes the calling task's last rtems_rump_enter(). */
void rtems_rump_leave(void)
  RTEMS_RUMP_SYMBOL("rtems_rump_leave");

/** Where a kernel is in its life. */
enum rtems_rump_state {
  RTEMS_RUMP_NEVER_STARTED,
  RTEMS_RUMP_STARTING,
  RTEMS_RUMP_RUNNING,
  /**
   * It has ended itself, or rtems_rump_end() has begun: it still has some of
   * what it took from RTEMS.
   */
  RTEMS_RUMP_ENDING,
  RTEMS_RUMP_ENDED
};

/** What a kernel is and uses at one moment; sizes in bytes. */
struct rtems_rump_usage {
  enum rtems_rump_state state;
  /** How its last life has ended, as of rtems_rump_wait(). */
  int status;
  /** How often it was started. */
  unsigned starts;
  /** Processors of the kernel's tasks, bit n for processor n. */
  uint32_t processors;

  /* All that follows is zero unless the kernel is running. */

  /** Size of the memory arena. */
  size_t memory_size;
  /** Bytes of it that are allocated now, and the most that ever were. */
  size_t memory_used, memory_peak;
  /** Allocations that failed. */
  unsigned long memory_failures;
  /** RTEMS tasks of the kernel. */
  unsigned tasks;
  /**
   * Processor time of these tasks and of those that have ended, since the
   * start, in nanoseconds.  That of calls into the kernel is their caller's.
   */
  uint64_t cpu_time;
  /** Block requests in flight now, and completed since the start. */
  unsigned block_pending;
  unsigned long block_done;
};

/**
 * @brief Tells what the kernel is and uses.  From any task, at any time.
 *
 * A task that is inside rtems_rump_call() leaves that if the kernel ends, as
 * by any other call into the kernel.
 */
void rtems_rump_get_usage(struct rtems_rump_usage *usage)
  RTEMS_RUMP_SYMBOL("rtems_rump_get_usage");

/**
 * @brief A kernel as a handle: its name and its functions above.
 *
 * Code that is given a handle works with any kernel.  Other system calls than
 * those here are the kernel's symbols, see <rtems-rump/netbsd.h>.
 */
struct rtems_rump_kernel {
  /** What rump-link --name has called it, or "rump". */
  const char *name;
  int (*start)(const struct rtems_rump_config *config);
  int (*end)(void);
  int (*wait)(int *status);
  int (*supervise)(
    const struct rtems_rump_config *config,
    const struct rtems_rump_policy *policy);
  int (*call)(int (*function)(void *arg), void *arg, int *result);
  int (*enter)(void);
  void (*leave)(void);
  void (*get_usage)(struct rtems_rump_usage *usage);

  /**
   * NetBSD's sysctl(3) and modctl(2), by which the shell command looks into
   * the kernel; as system calls.  NULL if the kernel has none.
   */
  int (*sysctl)(
    const int *name, unsigned depth, void *value, size_t *size,
    const void *new_value, size_t new_size);
  int (*modctl)(int command, void *arg);
};

/** The kernel's handle. */
extern const struct rtems_rump_kernel rtems_rump_kernel
  RTEMS_RUMP_SYMBOL("rtems_rump_kernel");

/**
 * Declares k1_rtems_rump_kernel, the handle of the kernel k1: for sources that
 * deal with several kernels.
 */
#define RTEMS_RUMP_DECLARE_HANDLE(name) \
  extern const struct rtems_rump_kernel name##_rtems_rump_kernel

#ifdef __cplusplus
}
#endif

#endif /* RTEMS_RUMP_INSTANCE_H */
