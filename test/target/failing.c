/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Linked into a kernel as one of its drivers: NetBSD's names begin with
 * rumpns_ there.
 */

#include "failing.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

/* NetBSD's values. */
#define MUTEX_DEFAULT 2
#define IPL_NONE 0
#define RW_WRITER 1
#define SOFTINT_SERIAL_MPSAFE 0x102
#define KTHREAD_MPSAFE 2
#define PRI_NONE (-1)

typedef struct {
  void *lock;
} kmutex;

typedef struct {
  void *lock;
} krwlock;

void rumpuser_dprintf(const char *format, ...);
void rump_schedule(void);
void rump_unschedule(void);
void rumpns_panic(const char *format, ...) __attribute__((__noreturn__));
void rumpns_mutex_init(kmutex *mutex, int type, int ipl);
void rumpns_mutex_enter(kmutex *mutex);
void rumpns_rw_init(krwlock *lock);
void rumpns_rw_enter(krwlock *lock, int how);
int rumpns_kpause(const char *what, bool intr, int ticks, kmutex *mutex);
void *rumpns_softint_establish(
  unsigned flags, void (*function)(void *), void *arg);
void rumpns_softint_schedule(void *softint);
int rumpns_kthread_create(
  int priority, int flags, void *cpu, void (*function)(void *), void *arg,
  void **lwp, const char *name, ...);

static kmutex mutex;
static krwlock rwlock;
static void *softint;
static atomic_bool held;

/* What shall happen as soon as the place is reached. */
static enum failing_way planned;
static atomic_bool file_system_fails;

/* On a PC there is something anywhere; here it is no instruction. */
#ifdef __i386__
static uint8_t garbage[] = { 0xff, 0xff };
#define NO_CODE garbage
#else
#define NO_CODE (uintptr_t)0x50000000
#endif

/* Not known to the compiler. */
static void *volatile bad = NULL;
static volatile size_t copied = 100;
static char buffer[100];
static void (*volatile no_code)(void) = (void (*)(void))NO_CODE;

static void __attribute__((__noipa__))
fail(void)
{
  switch (planned) {
    case BY_PANIC:
      rumpns_panic("told to fail");
    case BY_INSTRUCTION:
      __builtin_trap();
    case BY_JUMP:
      (*no_code)();
      break;
    case BY_POINTER:
      *(int *)bad = 1;
      break;
    case BY_COPY:
      memcpy(bad, buffer, copied);
      break;
    case BY_HOST:
      rumpuser_dprintf("%s\n", (const char *)no_code);
      break;
    case BY_LOOP:
      for (;;) {
        __asm__ volatile ("" : : : "memory");
      }
  }
  rumpns_panic("has not failed");
}

bool
failing_is_here(uintptr_t address)
{
  return address - (uintptr_t)fail < 512;
}

static void
take_locks(void)
{
  rumpns_mutex_enter(&mutex);
  rumpns_rw_enter(&rwlock, RW_WRITER);
  atomic_store(&held, true);
}

/* Gives others the time to wait for the locks. */
static void
fail_slowly(void)
{
  take_locks();
  (void)rumpns_kpause("fail", false, 3, NULL);
  fail();
}

static void
fail_in_softint(void *arg)
{
  (void)arg;
  take_locks();
  fail();
}

static void
fail_in_thread(void *arg)
{
  (void)arg;
  fail_slowly();
}

/* tmpfs makes a file; the directory is locked. */
int __real_rumpns_tmpfs_construct_node(
  void *dvp, void **vpp, void *attributes, void *name, char *target);
int __wrap_rumpns_tmpfs_construct_node(
  void *dvp, void **vpp, void *attributes, void *name, char *target);

int
__wrap_rumpns_tmpfs_construct_node(
  void *dvp, void **vpp, void *attributes, void *name, char *target)
{
  if (atomic_load(&file_system_fails)) {
    fail_slowly();
  }
  return __real_rumpns_tmpfs_construct_node(
    dvp, vpp, attributes, name, target);
}

void
failing_prepare(void)
{
  rump_schedule();
  rumpns_mutex_init(&mutex, MUTEX_DEFAULT, IPL_NONE);
  rumpns_rw_init(&rwlock);
  softint =
    rumpns_softint_establish(SOFTINT_SERIAL_MPSAFE, fail_in_softint, NULL);
  rump_unschedule();
}

void
failing_fail_here(enum failing_way way)
{
  planned = way;
  fail();
}

void
failing_wait(bool for_mutex)
{
  rump_schedule();
  while (!atomic_load(&held)) {
    (void)rumpns_kpause("held", false, 1, NULL);
  }
  if (for_mutex) {
    rumpns_mutex_enter(&mutex);
  } else {
    rumpns_rw_enter(&rwlock, RW_WRITER);
  }
  rumpns_panic("a lock is free that nobody has given back");
}

void
failing_fail(enum failing_place place, enum failing_way way)
{
  planned = way;
  if (place == IN_FILE_SYSTEM) {
    atomic_store(&file_system_fails, true);
    return;
  }
  rump_schedule();
  if (place == IN_CALL) {
    fail_slowly();
  } else if (place == IN_SOFTINT) {
    rumpns_softint_schedule(softint);
  } else {
    (void)rumpns_kthread_create(
      PRI_NONE, KTHREAD_MPSAFE, NULL, fail_in_thread, NULL, NULL, "failing");
  }
  rump_unschedule();
}
