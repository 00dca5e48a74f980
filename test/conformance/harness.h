/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What the conformance tests of rumpuser(3) are written with.
 *
 * The tests know only the hypercalls, this header and the C library, so they
 * judge any implementation of rumpuser(3).  doc/contract.md has the clauses.
 *
 * A test runs in a thread that is scheduled in the mock kernel, as the caller
 * of a hypercall is by contract.  Its threads wait for each other by polling
 * with nap(), which gives up the processor and the virtual CPU: whatever an
 * implementation does wrong, a test ends.
 */

#ifndef CONFORMANCE_HARNESS_H
#define CONFORMANCE_HARNESS_H

#include <sys/types.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef LIBRUMPUSER
#define LIBRUMPUSER
#endif
#ifndef __dead
#define __dead __attribute__((__noreturn__))
#endif
#ifndef __printflike
#define __printflike(f, a) __attribute__((__format__(__printf__, f, a)))
#endif
#include <rump/rumpuser.h>

#include "host.h"
#include "kernel.h"

/* rump/rumpuser_component.h, which NetBSD does not install. */
void *rumpuser_component_unschedule(void);
void rumpuser_component_schedule(void *cookie);
int rumpuser_component_errtrans(int error);
void rumpuser_component_kthread(void);
struct lwp *rumpuser_component_curlwp(void);
void rumpuser_component_switchlwp(struct lwp *l);
void rumpuser_component_kthread_release(void);

/*
 * Another implementation may lack what only later vintages of version 17 have,
 * and the parts that are not needed by every kernel.
 */
#ifdef CONFORMANCE_FOREIGN
#pragma weak rumpuser_component_unschedule
#pragma weak rumpuser_dl_bootstrap
#pragma weak rumpuser_getpagesize
#pragma weak rumpuser_mutex_spin_p
#pragma weak rumpuser_sp_anonmmap
#pragma weak rumpuser_sp_copyin
#pragma weak rumpuser_sp_copyinstr
#pragma weak rumpuser_sp_copyout
#pragma weak rumpuser_sp_copyoutstr
#pragma weak rumpuser_sp_fini
#pragma weak rumpuser_sp_init
#pragma weak rumpuser_sp_raise
#define HAVE(function) (&(function) != NULL)
#else
#define HAVE(function) true
#endif

/* NetBSD's errno values, whatever the host's are. */
enum {
  NETBSD_ENOENT = 2,
  NETBSD_ESRCH = 3,
  NETBSD_EIO = 5,
  NETBSD_E2BIG = 7,
  NETBSD_EBADF = 9,
  NETBSD_ENOMEM = 12,
  NETBSD_EBUSY = 16,
  NETBSD_EEXIST = 17,
  NETBSD_EINVAL = 22,
  NETBSD_ENFILE = 23,
  NETBSD_EMFILE = 24,
  NETBSD_EAGAIN = 35,
  NETBSD_ETIMEDOUT = 60,
  NETBSD_ENAMETOOLONG = 63,
  NETBSD_ENOSYS = 78
};

#define MILLISECOND INT64_C(1000000)
#define SECOND INT64_C(1000000000)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/** One test function and the clauses that it covers, separated by spaces. */
struct test {
  const char *clauses;
  const char *name;
  void (*run)(void);
};

#define TEST(clauses, function) { clauses, #function, function }
#define TESTS_END { NULL, NULL, NULL }

/* The sections of the contract; each table ends with TESTS_END. */
extern const struct test early_tests[];
extern const struct test boot_tests[];
extern const struct test memory_tests[];
extern const struct test file_tests[];
extern const struct test block_tests[];
extern const struct test clock_tests[];
extern const struct test param_tests[];
extern const struct test error_tests[];
extern const struct test console_tests[];
extern const struct test random_tests[];
extern const struct test thread_tests[];
extern const struct test lwp_tests[];
extern const struct test mutex_tests[];
extern const struct test rwlock_tests[];
extern const struct test condvar_tests[];
extern const struct test loader_tests[];
extern const struct test exit_tests[];
extern const struct test component_tests[];
extern const struct test proxy_tests[];

/** The clause that the following checks belong to, for messages. */
#define CLAUSE(id) harness_clause(id)
void harness_clause(const char *id);

/** Fails the running test and goes on; the value is that of the condition. */
#define CHECK(condition) \
  harness_check((condition), #condition, __FILE__, __LINE__)
bool harness_check(
  bool        condition,
  const char *text,
  const char *file,
  int         line
);

/** As CHECK(), with both values in the message. */
#define CHECK_EQUAL(value, expected) \
  harness_check_equal((value), (expected), #value, __FILE__, __LINE__)
bool harness_check_equal(
  int64_t     value,
  int64_t     expected,
  const char *text,
  const char *file,
  int         line
);

/** As CHECK(), and returns from the test function. */
#define REQUIRE(condition) \
  do { \
    if (!CHECK(condition)) { \
      return; \
    } \
  } while (0)

/** Ends the test function; the test is listed as skipped. */
#define SKIP_UNLESS(condition, reason) \
  do { \
    if (!(condition)) { \
      harness_skip(reason); \
      return; \
    } \
  } while (0)
void harness_skip(const char *reason);

/** Polls until the condition holds; fails the test after some seconds. */
#define WAIT(condition) \
  do { \
    unsigned naps_ = 0; \
    while (!(condition) && naps_ < harness_patience()) { \
      nap(); \
      ++naps_; \
    } \
    harness_check((condition), #condition, __FILE__, __LINE__); \
  } while (0)

/** How many naps to wait for what must happen. */
unsigned harness_patience(void);

/** Sleeps for a millisecond, without the virtual CPU. */
void nap(void);

/** Sleeps, without the virtual CPU. */
void nap_ms(int milliseconds);

/** Monotonic time in nanoseconds, from the host if it tells. */
int64_t now(void);

/** @a n, or more of it in the long form, or less where that takes long. */
unsigned scaled(unsigned n);

/** A cheap sequence of numbers; @a state is any number but 0. */
uint32_t next_number(uint32_t *state);

/** A thread of a test, with an lwp of its own and scheduled in the kernel. */
struct worker {
  struct lwp *lwp;
  void (*run)(void *arg);
  void *arg;
  void *cookie;
  atomic_bool used;
  atomic_bool done;
};

/** What a thread is created with; zero is a good choice but for cpu. */
struct worker_kind {
  const char *name;
  int priority;
  int cpu;
};

struct worker *worker_start(void (*run)(void *arg), void *arg);

struct worker *worker_start_as(
  const struct worker_kind *kind,
  void                    (*run)(void *arg),
  void                     *arg
);

void worker_join(struct worker *thread);

/** Starts @a n threads with the same function and argument and joins them. */
void workers_run(unsigned n, void (*run)(void *arg), void *arg);

/** True while @a thread is in a hypercall that has released its CPU. */
bool worker_is_away(struct worker *thread);

/**
 * Waits a little: long enough that a thread that can go on probably has.  Only
 * to show that something does not happen; nothing may depend on it.
 */
void settle(void);

/** A point that @a members threads leave together; zero-initialised. */
struct barrier {
  atomic_uint arrived;
};
void barrier_wait(struct barrier *barrier, unsigned members);

/** A name for a file of this host; @a buffer has 128 bytes. */
const char *file_name(char *buffer, const char *name);

/** True while a test runs: when a mutant of the implementation may err. */
extern atomic_bool harness_running;

/** Calls rumpuser_init() as NetBSD does; the boot tests judge it. */
void init_host(void);

/** Runs all tests and returns the exit status. */
int harness_main(const struct host *host);

/** The host under the implementation, and the wish of the user. */
extern const struct host *host;

/** Name of the running test; the same pointer as long as it runs. */
const char *harness_test_name(void);

/** Ends the process or the target after a failure that cannot be survived. */
void harness_give_up(const char *reason);

#endif /* CONFORMANCE_HARNESS_H */
