/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The configuration of a rump kernel.
 *
 * A field left zero has the default that its comment names, so
 * `static const struct rtems_rump_config config = { .hostname = "node1" };`
 * is a whole configuration.
 */

#ifndef RTEMS_RUMP_CONFIG_H
#define RTEMS_RUMP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Default of rtems_rump_config::memory, in bytes. */
#define RTEMS_RUMP_DEFAULT_MEMORY (16u << 20)

/** Least value of rtems_rump_config::memory, in bytes. */
#define RTEMS_RUMP_MINIMUM_MEMORY (2u << 20)

/** What that value rises by for each virtual CPU after the first. */
#define RTEMS_RUMP_MEMORY_PER_PROCESSOR (64u << 10)

/** Default of rtems_rump_config::ceiling, an RTEMS task priority. */
#define RTEMS_RUMP_DEFAULT_CEILING 96u

/**
 * Levels of the priority band below and including the ceiling.  Tasks of the
 * application that must not be delayed by a rump kernel run above the band,
 * all others below it; none runs inside, except in calls into the kernel.
 *
 * | level       | who runs there                                          |
 * |-------------|---------------------------------------------------------|
 * | ceiling     | soft interrupts, clock threads                          |
 * | ceiling + 1 | kernel threads of real-time priority, I/O completions   |
 * | ceiling + 2 | callers of the application, ordinary kernel threads     |
 * | ceiling + 3 | kernel threads of user priority                         |
 */
#define RTEMS_RUMP_BAND 4u

/**
 * Default of rtems_rump_config::stack_size, in bytes: 8 KiB on machines of 32
 * bits, as NetBSD itself has there, and 16 KiB on others.
 */
#define RTEMS_RUMP_DEFAULT_STACK_SIZE (2048u * sizeof(void *))

/** Most virtual CPUs that NetBSD can have (its MAXCPUS). */
#define RTEMS_RUMP_MAXIMUM_PROCESSORS 32u

/** How a kernel has ended itself, other than by a halt. */
#define RTEMS_RUMP_PANIC (-1)
/** By an exception of the processor in one of its threads or in a caller. */
#define RTEMS_RUMP_EXCEPTION (-2)
/** By a task that has run in it too long; see rtems_rump_config::watchdog. */
#define RTEMS_RUMP_WATCHDOG (-3)

/** Most addresses in rtems_rump_exit::backtrace. */
#define RTEMS_RUMP_BACKTRACE 16u

/** Most characters in rtems_rump_exit::messages; a power of two. */
#define RTEMS_RUMP_MESSAGES 512u

/** Why a kernel has ended itself. */
struct rtems_rump_exit {
  /** The name that rump-link has given to the kernel, or "rump". */
  const char *kernel;

  /**
   * RTEMS_RUMP_PANIC, RTEMS_RUMP_EXCEPTION, RTEMS_RUMP_WATCHDOG, or the exit
   * status of a halt, which is not negative.
   */
  int status;

  /** Number of the exception, as RTEMS's exception frame has it; else 0. */
  unsigned vector;

  /**
   * Where the task was that made the kernel end, innermost call first: for an
   * exception the instruction, then what on the stack looks like return
   * addresses into the kernel.  Calls that have returned can be among them.
   */
  uintptr_t backtrace[RTEMS_RUMP_BACKTRACE];
  unsigned backtrace_depth;

  /** The last of what the kernel has printed, ended by a null character. */
  const char *messages;
};

/** NetBSD's user and group "nobody". */
#define RTEMS_RUMP_NOBODY 32767u
#define RTEMS_RUMP_NOGROUP 39u

/** Least bytes of rtems_rump_access::key. */
#define RTEMS_RUMP_KEY_MINIMUM 16u

/** Most characters of rtems_rump_access::user. */
#define RTEMS_RUMP_USER_SIZE 31u

/** Most rules of rtems_rump_server::access. */
#define RTEMS_RUMP_RULES_MAXIMUM 32u

/**
 * A rule: who may be a remote client, and whom the kernel takes it for.
 *
 * For a client the first rule holds whose place and peers are the client's,
 * and that has no key, or if the client has authenticated, the key and the
 * user that it has.
 */
struct rtems_rump_access {
  /** A URL at which the server listens, or its beginning up to "://" as in
      "tcp://"; default: all. */
  const char *place;

  /**
   * Numeric addresses of peers or their prefixes, as "10.1.0.0/16" or "::1",
   * ended by NULL; default: all.  Only tcp:// and tcp6:// have addresses; by
   * other transports nobody comes from one of them.
   */
  const char *const *peers;

  /**
   * A secret that the client has, too, of at least RTEMS_RUMP_KEY_MINIMUM
   * bytes, or NULL: the client need not authenticate.  Random bytes, not a
   * word: who listens can try words at what was sent.
   */
  const void *key;
  size_t key_size;

  /** With a key, the name of who has it; default "". */
  const char *user;

  /** Of the client's process; 0 is root, who may do all. */
  uint32_t uid;
  uint32_t gid;
};

/**
 * Remote clients of a kernel; see <rtems-rump/remote.h> and doc/remote.md.  A
 * kernel with the component kern_sysproxy can have them.
 */
struct rtems_rump_server {
  /**
   * Where the kernel listens for clients from its start on, as "mem://name";
   * default: nowhere.  rump_init_server() makes it listen at more places.
   */
  const char *url;

  /**
   * Who may be a client; others are refused.  Read until the kernel has ended.
   * Default: whoever comes by mem:// or unix:// is root, all others are
   * RTEMS_RUMP_NOBODY of the group RTEMS_RUMP_NOGROUP.
   */
  const struct rtems_rump_access *access;

  /** How many rules there are. */
  unsigned rules;

  /** Clients at a time; default 16. */
  unsigned clients;

  /** Tasks that carry out system calls; default 8.  Made when needed. */
  unsigned tasks;

  /** Of them for one client; default half of the tasks. */
  unsigned client_tasks;

  /** System calls of one client that wait for a task; default 32. */
  unsigned client_calls;

  /**
   * Open files of each process of a client; default 128.  Root may change that
   * for itself, by setrlimit().
   */
  unsigned client_files;

  /** Most bytes of a copy from or to a client in one frame; default 64 KiB. */
  size_t copy_size;

  /**
   * Milliseconds for which a client may leave the server waiting, for the data
   * of a system call or for room to send; default 30,000.  Then the connection
   * is ended.
   */
  unsigned patience;
};

struct rtems_rump_link;

/** What a rump kernel is started with.  Read until the kernel has ended. */
struct rtems_rump_config {
  /** Host name of the kernel; default "rtems". */
  const char *hostname;

  /** Virtual CPUs; default: as many as the kernel has processors. */
  unsigned processors;

  /**
   * Scheduler instance of the kernel's tasks, as rtems_build_name() makes its
   * name; default: that of the task that starts the kernel.
   */
  uint32_t scheduler;

  /**
   * Processors of the kernel's tasks, bit n for processor n; default: all of
   * the scheduler instance.  Of some only, each task is pinned to one.
   */
  uint32_t affinity;

  /**
   * Processors of the threads that call the handlers of interrupts, bit n for
   * processor n; default: as other tasks.  Each is pinned to one of these,
   * where the scheduler can do that.
   */
  uint32_t interrupt_affinity;

  /**
   * Tells whether a function of the PCI bus is this kernel's; default: all are.
   * The kernel does not see others.  It is asked at each access to
   * configuration space, in tasks of the kernel, with the function's numbers on
   * the real bus, and must always answer the same.
   */
  bool (*owns_pci)(unsigned bus, unsigned device, unsigned function);

  /**
   * Bytes of memory for all that the kernel allocates, taken from the RTEMS
   * heap at start and given back at the end; default
   * RTEMS_RUMP_DEFAULT_MEMORY.  The kernel is told a limit below it, so that
   * its page daemon works before the memory is used up.
   */
  size_t memory;

  /**
   * Highest RTEMS priority that the kernel's tasks use, and with it the
   * priority ceiling of the instance; default RTEMS_RUMP_DEFAULT_CEILING.
   */
  unsigned ceiling;

  /**
   * The kernel ends alone: a panic, a halt or an exception in its code leaves
   * RTEMS running, and after rtems_rump_end() the kernel can be started again.
   * Takes a copy of the kernel's initialized data, some 30 KiB, from the RTEMS
   * heap.  Tasks of the application must call in by rtems_rump_call(): there
   * is no way out of a panic for one that does not, and RTEMS is shut down as
   * without this.
   */
  bool restartable;

  /** Bytes of stack of each kernel thread; see RTEMS_RUMP_DEFAULT_STACK_SIZE. */
  size_t stack_size;

  /** Block requests in flight at a time; default 32. */
  unsigned block_requests;

  /** Tasks that serve block requests to files; default 2. */
  unsigned block_tasks;

  /**
   * Parameters of the kernel as "NAME=value" strings, ended by NULL; may be
   * NULL.  What is not found here is looked up in the environment, if its name
   * begins with "RUMP_".  The kernel reads RUMP_VERBOSE, RUMP_THREADS,
   * RUMP_MEMLIMIT, RUMP_NVNODES, RUMP_MODULEBASE, RUMP_BLKFAIL,
   * RUMP_BLKFAIL_SEED and RUMP_BLKSECTSHIFT.
   */
  const char *const *parameters;

  /**
   * Source of true randomness, or NULL: stores up to @a size bytes at
   * @a buffer and returns how many; 0 if there are none at this moment.  Runs
   * in kernel threads and must not block.
   */
  size_t (*entropy)(void *buffer, size_t size);

  /**
   * Receives each character of the kernel's console, or NULL for the RTEMS
   * console.  Runs in any task, also very early; must not call the kernel.
   */
  void (*console)(char c);

  /**
   * Called once when the kernel ends itself, or NULL.  Runs in the task that
   * makes it end, whichever that is, on what is left of its stack; must not
   * call the kernel, and what it is given ends when it returns.
   *
   * When it has returned, and the kernel is not restartable, RTEMS is shut
   * down: by exit() with the status, if that is negative by a fatal error of
   * source RTEMS_FATAL_SOURCE_PANIC.  Then it may delete the calling task
   * instead of returning.
   */
  void (*on_exit)(const struct rtems_rump_exit *why);

  /**
   * Milliseconds of processor time for which a task may hold a virtual CPU
   * without progress; 0: no limit.  A task that runs in the kernel for longer,
   * without an operation on a mutex or a wait, and does not give up a virtual
   * CPU that is wanted, ends the kernel with RTEMS_RUMP_WATCHDOG.  It takes up
   * to half as long again until that is seen.  Takes a task whose priority is
   * the ceiling - 1.
   */
  unsigned watchdog;

  /**
   * Receives a signal that the kernel sends to its host process, or NULL.
   *
   * @param signal NetBSD's signal number.
   *
   * @return 0 or a NetBSD errno value.
   */
  int (*on_signal)(int signal);

  /** Remote clients. */
  struct rtems_rump_server server;

  /**
   * Ethernet links; see <rtems-rump/link.h> and doc/network.md.  A kernel with
   * the component net_virtif has an interface virtN on the link N when it is
   * told to create that interface, and a task for each.  At most 32.
   */
  const struct rtems_rump_link *links;
  unsigned link_count;
};

#ifdef __cplusplus
}
#endif

#endif /* RTEMS_RUMP_CONFIG_H */
