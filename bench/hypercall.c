/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Single hypercalls beside the RTEMS primitives that an application would use
 * in their place.  There is no kernel: its upcalls do nothing.
 *
 * With BENCH_OTHER_LIBRUMPUSER only rumpuser(3) is used, so that it links with
 * any librumpuser.
 */

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include <rtems.h>
#include <rtems/thread.h>

#include "hypercall.h"

#include "bench.h"

#define PAGE 4096
#define LIVE 10000

#define PARTNER_STACK (16u << 10)

/* A kernel that does nothing. */

static void
up_schedule(void)
{
}

static void
up_backend_schedule(int nlocks, void *interlock)
{
  (void)nlocks;
  (void)interlock;
}

static void
up_backend_unschedule(int nlocks, int *countp, void *interlock)
{
  (void)nlocks;
  (void)interlock;
  *countp = 0;
}

static const struct rumpuser_hyperup up = {
  .hyp_schedule = up_schedule,
  .hyp_unschedule = up_schedule,
  .hyp_backend_schedule = up_backend_schedule,
  .hyp_backend_unschedule = up_backend_unschedule
};

static void
check(const char *what, int error)
{
  if (error != 0) {
    printf("bench: %s: %d\n", what, error);
    exit(1);
  }
}

static struct rumpuser_mtx *spin, *kmutex;
static struct rumpuser_rw *rw;
static struct rumpuser_cv *cv[2];

/* The kernel's threads are only known by their addresses. */
static char lwps[4][64];

static void
become_lwp(unsigned i)
{
  struct lwp *l = (struct lwp *)(void *)lwps[i];

  rumpuser_curlwpop(RUMPUSER_LWP_CREATE, l);
  rumpuser_curlwpop(RUMPUSER_LWP_SET, l);
}

static void
start(void)
{
#ifndef BENCH_OTHER_LIBRUMPUSER
  static const struct rtems_rump_config config = { .memory = 128u << 20 };

  check("configuration", hypercall_configure(&config));
#endif
  check("rumpuser_init", rumpuser_init(RUMPUSER_VERSION, &up));
  become_lwp(0);
  rumpuser_mutex_init(&spin, RUMPUSER_MTX_SPIN | RUMPUSER_MTX_KMUTEX);
  rumpuser_mutex_init(&kmutex, RUMPUSER_MTX_KMUTEX);
  rumpuser_rw_init(&rw);
  rumpuser_cv_init(&cv[0]);
  rumpuser_cv_init(&cv[1]);
}

/* Locks. */

static rtems_mutex reference_mutex = RTEMS_MUTEX_INITIALIZER("bench");
static pthread_rwlock_t reference_rw = PTHREAD_RWLOCK_INITIALIZER;
static pthread_key_t reference_key;

BENCH_LOOP(empty, )
BENCH_LOOP(mutex_spin,
  rumpuser_mutex_enter_nowrap(spin);
  rumpuser_mutex_exit(spin);)
BENCH_LOOP(mutex_kmutex,
  rumpuser_mutex_enter(kmutex);
  rumpuser_mutex_exit(kmutex);)
BENCH_LOOP(mutex_rtems,
  rtems_mutex_lock(&reference_mutex);
  rtems_mutex_unlock(&reference_mutex);)
BENCH_LOOP(rwlock_read,
  rumpuser_rw_enter(RUMPUSER_RW_READER, rw);
  rumpuser_rw_exit(rw);)
BENCH_LOOP(rwlock_write,
  rumpuser_rw_enter(RUMPUSER_RW_WRITER, rw);
  rumpuser_rw_exit(rw);)
BENCH_LOOP(rwlock_read_pthread,
  pthread_rwlock_rdlock(&reference_rw);
  pthread_rwlock_unlock(&reference_rw);)
BENCH_LOOP(rwlock_write_pthread,
  pthread_rwlock_wrlock(&reference_rw);
  pthread_rwlock_unlock(&reference_rw);)
BENCH_LOOP(curlwp, (void)rumpuser_curlwp();)
BENCH_LOOP(getspecific, (void)pthread_getspecific(reference_key);)

static void
locks(void)
{
  check("pthread_key_create", pthread_key_create(&reference_key, NULL));
  check("pthread_setspecific", pthread_setspecific(reference_key, &spin));

  bench_report("mutex_spin", bench_per_call(mutex_spin, empty));
  bench_report("mutex_kmutex", bench_per_call(mutex_kmutex, empty));
  bench_report("mutex:rtems_mutex", bench_per_call(mutex_rtems, empty));
  bench_report("rwlock_read", bench_per_call(rwlock_read, empty));
  bench_report("rwlock_write", bench_per_call(rwlock_write, empty));
  bench_report(
    "rwlock_read:pthread_rwlock",
    bench_per_call(rwlock_read_pthread, empty)
  );
  bench_report(
    "rwlock_write:pthread_rwlock",
    bench_per_call(rwlock_write_pthread, empty)
  );
  bench_report("curlwp", bench_per_call(curlwp, empty));
  bench_report("curlwp:pthread_getspecific",
    bench_per_call(getspecific, empty));
}

/* Memory. */

static void *page;
static void *live[LIVE];

BENCH_LOOP(malloc_page,
  (void)rumpuser_malloc(PAGE, PAGE, &page);
  rumpuser_free(page, PAGE);)
BENCH_LOOP(malloc_rtems,
  page = malloc(PAGE);
  BENCH_KEEP();
  free(page);)

static void
memory(void)
{
  size_t i;

  bench_report("malloc_page", bench_per_call(malloc_page, empty));
  for (i = 0; i < LIVE; ++i) {
    check("rumpuser_malloc", rumpuser_malloc(PAGE, PAGE, &live[i]));
  }
  bench_report("malloc_page_10000", bench_per_call(malloc_page, empty));
  for (i = 0; i < LIVE; ++i) {
    rumpuser_free(live[i], PAGE);
  }

  bench_report("malloc_page:malloc", bench_per_call(malloc_rtems, empty));
  for (i = 0; i < LIVE; ++i) {
    live[i] = malloc(PAGE);
    check("malloc", live[i] == NULL);
  }
  bench_report("malloc_page_10000:malloc",
    bench_per_call(malloc_rtems, empty));
  for (i = 0; i < LIVE; ++i) {
    free(live[i]);
  }
}

/*
 * Two tasks in turn.  Each round trip is two hand-overs; the partner of a
 * measured loop waits for ever when the loop has ended.
 */

static volatile int turn;

static rtems_mutex pingpong_mutex = RTEMS_MUTEX_INITIALIZER("bench");
static rtems_condition_variable pingpong_condition[2] = {
  RTEMS_CONDITION_VARIABLE_INITIALIZER("bench a"),
  RTEMS_CONDITION_VARIABLE_INITIALIZER("bench b")
};
static rtems_id main_task, partner_task;

static inline void
hand_over_cv(int self)
{
  turn = !self;
  rumpuser_cv_signal(cv[!self]);
  while (turn != self) {
    rumpuser_cv_wait(cv[self], kmutex);
  }
}

static inline void
hand_over_cv_rtems(int self)
{
  turn = !self;
  rtems_condition_variable_signal(&pingpong_condition[!self]);
  while (turn != self) {
    rtems_condition_variable_wait(
      &pingpong_condition[self],
      &pingpong_mutex
    );
  }
}

static inline void
hand_over_event(int self)
{
  rtems_event_set events;

  (void)rtems_event_send(self == 0 ? partner_task : main_task,
    RTEMS_EVENT_0);
  (void)rtems_event_receive(
    RTEMS_EVENT_0,
    RTEMS_EVENT_ALL | RTEMS_WAIT,
    RTEMS_NO_TIMEOUT,
    &events
  );
}

#define PINGPONG(name, before, hand_over, after) \
  BENCH_LOOP(name##_loop, hand_over(0);) \
  static void \
  name##_turns(void) \
  { \
    before; \
    name##_loop(); \
    after; \
  } \
  static rtems_task \
  name##_partner(rtems_task_argument arg) \
  { \
    become_lwp((unsigned)arg); \
    before; \
    for (;;) { \
      hand_over(1); \
    } \
  }

PINGPONG(cv,
  rumpuser_mutex_enter(kmutex), hand_over_cv,
  rumpuser_mutex_exit(kmutex))
PINGPONG(condition,
  rtems_mutex_lock(&pingpong_mutex), hand_over_cv_rtems,
  rtems_mutex_unlock(&pingpong_mutex))
PINGPONG(event, (void)0, hand_over_event, (void)0)

static void
pingpong(
  const char         *name,
  bench_loop          turns,
  rtems_task_entry    partner,
  rtems_task_argument i
)
{
  rtems_task_priority priority;

  (void)rtems_task_set_priority(
    RTEMS_SELF,
    RTEMS_CURRENT_PRIORITY,
    &priority
  );
  check("rtems_task_create", rtems_task_create(
    rtems_build_name('P', 'A', 'R', 'T'),
    priority,
    PARTNER_STACK,
    RTEMS_DEFAULT_MODES,
    RTEMS_FLOATING_POINT,
    &partner_task
  ));
  turn = 0;
  check("rtems_task_start", rtems_task_start(partner_task, partner, i));
  bench_report(name, bench_per_call(turns, empty));
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  main_task = rtems_task_self();
  start();
  locks();
  memory();
  pingpong("cv_pingpong", cv_turns, cv_partner, 1);
  pingpong(
    "cv_pingpong:rtems_condition_variable",
    condition_turns,
    condition_partner,
    2
  );
  pingpong("cv_pingpong:event", event_turns, event_partner, 3);
  puts("BENCH END");
  exit(0);
}

#define CONFIGURE_MAXIMUM_PROCESSORS 1
#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_MAXIMUM_POSIX_KEYS 4
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
