/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What the conformance tests may do to the host under the hypercalls.
 *
 * A main_*.c supplies this.  Every pointer may be NULL: then the tests that
 * need it are skipped.
 */

#ifndef CONFORMANCE_HOST_H
#define CONFORMANCE_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A test that an implementation is known to fail, and how. */
struct host_deviation {
  const char *clause;
  /** The test must not even run: it would end the process. */
  bool fatal;
  const char *reason;
};

/** A medium of whole blocks of 512 bytes which the tests can look into. */
struct host_disk {
  const char *name;
  uint64_t size;

  /** The medium's contents, without what caches above it hold. */
  unsigned char *medium;

  /** The next @a requests transfers fail. */
  void (*fail)(unsigned requests);

  /** While on, transfers do not complete; off completes them. */
  void (*hold)(bool on);

  /** Transfers that the driver has at this moment. */
  unsigned (*held)(void);
};

enum host_failure {
  HOST_NOTHING,
  HOST_READ,
  HOST_WRITE,
  HOST_SYNC
};

struct host {
  const char *name;

  /** Begins each file name; has room for files. */
  const char *directory;

  /** Runs only tests of this clause, section or name; NULL: all. */
  const char *clause;

  /** Longer loops. */
  bool thorough;

  /** Several processors are emulated, which take their time to agree. */
  bool slow;

  /** Virtual CPUs of the mock kernel; at least 5. */
  unsigned cpus;

  /** What RUMPUSER_PARAM_NCPU must answer; 0: not known. */
  unsigned processors;
  const char *hostname;

  /** A parameter that is configured, and its value. */
  const char *parameter;
  const char *parameter_value;

  /** Size of the arena that all allocations come from; 0: no limit. */
  size_t memory;

  /** Known failures, ended by a clause of NULL. */
  const struct host_deviation *deviations;

  /** Seconds to wait for what must happen; 0: 2.5, for a host in real time. */
  unsigned patience;

  /** Ends the run with a failure unless called again in time; 0: off. */
  void (*watch)(unsigned seconds);

  /** Ends the process or target. */
  void (*end)(int status);

  /** Ends the implementation; false if it has not given back everything. */
  bool (*finish)(void);

  /** Nanoseconds of the host's monotonic clock. */
  int64_t (*monotonic)(void);

  /** Nanoseconds of the host's wall clock. */
  int64_t (*wall)(void);

  /** Moves the wall clock. */
  void (*step_wall)(int seconds);

  /** Whether true randomness is there at this moment. */
  void (*entropy)(bool available);

  /** Sets or, with a NULL value, removes a variable of the environment. */
  void (*environment)(const char *name, const char *value);

  /**
   * Runs a function that ends the kernel.
   *
   * @return The status of rumpuser_exit(), RUMPUSER_PANIC for a panic, or
   *   HOST_LIVES if the function has returned.
   */
  int (*run_to_end)(void (*run)(void *arg), void *arg);

  /** The last signal that rumpuser_kill() has raised, as NetBSD's number. */
  int (*last_signal)(void);

  /** Catches the console's output from now on. */
  void (*console_begin)(void);

  /** Ends that and stores what was caught, with a NUL; returns its length. */
  size_t (*console_end)(char *buffer, size_t size);

  /** Makes transfers of files fail with EIO until called with HOST_NOTHING. */
  void (*fail_files)(enum host_failure what);

  /** Threads of the host. */
  unsigned (*tasks)(void);

  /** True while no thread can be created. */
  void (*exhaust_tasks)(bool on);

  /** Name of the calling thread, and how many characters of it are kept. */
  void (*task_name)(char *buffer, size_t size);
  size_t task_name_length;

  /** Current priority of the calling thread; higher is more important. */
  int (*task_priority)(void);

  /** Errno number of the host for one of NetBSD. */
  int (*errno_of)(int netbsd_errno);

  /** Name of a character device. */
  const char *character_device;

  /** Name of a pipe. */
  const char *stream;

  /** Files may have holes of many gigabytes. */
  bool sparse_files;

  /** The loader has event counters to attach. */
  bool event_counters;

  const struct host_disk *disk;
};

#define HOST_LIVES 1000

#endif /* CONFORMANCE_HOST_H */
