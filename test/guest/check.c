/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Test guest: checks of the kernel's own mechanisms, run inside the kernel for
 * the test.  The suite of the contract is elsewhere; here things are used as
 * a kernel uses them, all together.
 */

#include "guest.h"
#include "guest_test.h"

#define WORKERS 6

static struct rumpuser_mtx *mutex;
static struct rumpuser_cv *cv;
static struct rumpuser_rw *rw;
static int finished, value, value_copy;

static atomic_ulong fast, slow, migrated;

static void add_cpu(void)
{
  struct cpu *cpu = rumpuser_curlwp()->cpu;

  atomic_fetch_add(&fast, cpu->fast);
  atomic_fetch_add(&slow, cpu->slow);
  atomic_fetch_add(&migrated, cpu->migrated);
}

void guest_get_statistics(struct guest_statistics *s)
{
  guest_schedule();
  s->cpus = guest_cpu_count;
  cross_call(add_cpu);
  s->fast = atomic_exchange(&fast, 0);
  s->slow = atomic_exchange(&slow, 0);
  s->migrated = atomic_exchange(&migrated, 0);
  s->page_daemon_runs = guest_counters.page_daemon_runs;
  s->pages_reclaimed = guest_counters.pages_reclaimed;
  s->buffers_reclaimed = guest_counters.buffers_reclaimed;
  s->block_requests = guest_counters.block_requests;
  s->block_in_flight_maximum = guest_counters.block_in_flight_maximum;
  s->callouts = guest_counters.callouts;
  s->softints = guest_counters.softints;
  s->threads = guest_counters.threads;
  s->memory_limit = guest_memory_limit();
  guest_unschedule();
}

static int64_t now(void)
{
  int64_t seconds;
  long nanoseconds;

  ASSERT(rumpuser_clock_gettime(
    RUMPUSER_CLOCK_ABSMONO, &seconds, &nanoseconds) == 0);
  return seconds * 1000000000 + nanoseconds;
}

void guest_check_clock(void)
{
  int64_t start, wall, wall_later;
  long part;
  int i;

  guest_schedule();
  guest_time_get(&wall, &part);
  for (i = 1; i <= 3; i++) {
    start = now();
    ASSERT(rumpuser_clock_sleep(
      RUMPUSER_CLOCK_RELWALL, 0, i * 5000000) == 0);
    ASSERT(now() - start >= i * 5000000);
  }
  ASSERT(rumpuser_clock_sleep(RUMPUSER_CLOCK_RELWALL, 0, 0) == 0);
  ASSERT(rumpuser_clock_sleep(RUMPUSER_CLOCK_ABSMONO, 0, 1) == 0);
  guest_time_get(&wall_later, &part);
  ASSERT(wall_later >= wall && wall_later < wall + 10);
  guest_unschedule();
}

static void start_workers(void (*function)(void *), int flags, void **joins)
{
  uintptr_t i;

  for (i = 0; i < WORKERS; i++) {
    char name[16];
    int error;

    format_text(name, sizeof(name), "worker%u", (unsigned)i);
    error = kthread_create(PRIORITY_KERNEL, flags | KTHREAD_JOIN, NULL,
      function, (void *)i, &joins[i], name);
    ASSERT(error == 0);
  }
}

static void run_workers(void (*function)(void *), int flags)
{
  void *joins[WORKERS];
  int i;

  start_workers(function, flags, joins);
  for (i = 0; i < WORKERS; i++) {
    ASSERT(rumpuser_thread_join(joins[i]) == 0);
  }
}

static void begin(int spin)
{
  guest_schedule();
  mutex = kmutex_new(spin);
  cv = kcv_new();
  rw = krw_new();
  finished = 0;
  value = 0;
  value_copy = 0;
}

static void end(void)
{
  rumpuser_mutex_destroy(mutex);
  rumpuser_cv_destroy(cv);
  rumpuser_rw_destroy(rw);
  guest_unschedule();
}

/* Call-outs and soft interrupts. */

struct alarm {
  struct callout callout;
  int again;
};

static void ring_alarm(void *argument)
{
  struct alarm *alarm = argument;

  ASSERT(alarm->callout.mpsafe || giant_owned());
  if (alarm->again-- > 0) {
    callout_schedule(&alarm->callout, 1);
    return;
  }
  kmutex_enter(mutex);
  finished++;
  rumpuser_cv_signal(cv);
  kmutex_exit(mutex);
}

static void slow_alarm(void *argument)
{
  kmutex_enter(mutex);
  finished = -1;
  rumpuser_cv_signal(cv);
  kmutex_exit(mutex);
  kpause(3, NULL);
  *(int *)argument = 1;
}

static void check_halt(void)
{
  struct callout c;
  int done = 0;

  callout_init(&c, 1, slow_alarm, &done);
  callout_schedule(&c, HZ * 100);
  ASSERT(callout_halt(&c) == 1);
  callout_schedule(&c, 1);
  kmutex_enter(mutex);
  while (finished != -1) {
    kcv_wait(cv, mutex);
  }
  kmutex_exit(mutex);
  callout_halt(&c); /* waits until it has run */
  ASSERT(done == 1);
}

void guest_check_callouts(void)
{
  struct alarm *alarms;
  int i;

  begin(1);
  alarms = kmem_zalloc(20 * sizeof(*alarms));
  for (i = 0; i < 20; i++) {
    callout_init(&alarms[i].callout, i % 2, ring_alarm, &alarms[i]);
    alarms[i].again = i % 3;
    callout_schedule(&alarms[i].callout, 1 + i * 7 % 12);
    if (i % 5 == 0) {
      yield_cpu(); /* to others, perhaps to another CPU */
    }
  }
  kmutex_enter(mutex);
  while (finished < 20) {
    kcv_wait(cv, mutex);
  }
  kmutex_exit(mutex);
  for (i = 0; i < 20; i++) {
    ASSERT(callout_halt(&alarms[i].callout) == 0);
  }
  kmem_free(alarms, 20 * sizeof(*alarms));
  check_halt();
  end();
}

static atomic_uint visited;

static void visit(void)
{
  atomic_fetch_or(&visited, 1u << rumpuser_curlwp()->cpu->index);
}

static void count_softint(void *argument)
{
  ASSERT(giant_owned());
  kmutex_enter(mutex);
  ++*(int *)argument;
  rumpuser_cv_signal(cv);
  kmutex_exit(mutex);
}

void guest_check_softints(void)
{
  static struct softint *softint; /* is never taken down */
  static int count;

  begin(0);
  atomic_store(&visited, 0);
  cross_call(visit);
  ASSERT(atomic_load(&visited) == ~0u >> (32 - guest_cpu_count));
  if (softint == NULL) {
    softint = softint_establish(SOFTINT_BIO, 0, count_softint, &count);
  }
  count = 0;
  softint_schedule(softint);
  softint_schedule(softint); /* once more is no more */
  kmutex_enter(mutex);
  while (count == 0) {
    kcv_wait(cv, mutex);
  }
  kmutex_exit(mutex);
  end();
}

/* Threads and locks. */

static void short_life(void *argument)
{
  uintptr_t i = (uintptr_t)argument;

  ASSERT(rumpuser_curlwp()->process == &process0);
  kmutex_enter(mutex);
  value++;
  kmutex_exit(mutex);
  if (i % 3 == 0) {
    yield_cpu();
  }
  if (i % 8 == 0) {
    kpause(1, NULL);
  }
  kmutex_enter(mutex);
  finished++;
  rumpuser_cv_signal(cv);
  kmutex_exit(mutex);
}

void guest_check_threads(unsigned count)
{
  void **joins;
  uintptr_t i;

  begin(0);
  joins = kmem_zalloc(count * sizeof(joins[0]));
  for (i = 0; i < count; i++) {
    int joined = i % 2 == 0;
    int error = kthread_create(joined ? PRIORITY_KERNEL : PRIORITY_USER,
      KTHREAD_MPSAFE | (joined ? KTHREAD_JOIN : 0),
      i % 4 == 0 ? &guest_cpus[i / 4 % guest_cpu_count] : NULL, short_life,
      (void *)i, joined ? &joins[i] : NULL, "short");

    ASSERT(error == 0);
  }
  for (i = 0; i < count; i += 2) {
    ASSERT(rumpuser_thread_join(joins[i]) == 0);
  }
  kmutex_enter(mutex);
  while (finished < (int)count) {
    kcv_wait(cv, mutex);
  }
  kmutex_exit(mutex);
  ASSERT(value == (int)count);
  kmem_free(joins, count * sizeof(joins[0]));
  end();
}

/* The giant lock excludes others, but not while its holder sleeps. */
static void under_giant(void *argument)
{
  int i;

  ASSERT(giant_owned());
  for (i = 0; i < 50; i++) {
    int old = value;

    giant_lock(2);
    value_copy++;
    value = old + 1;
    giant_unlock(2, NULL);
    if (i % 25 == 0) {
      kpause(1, NULL);
      ASSERT(giant_owned());
    } else if (i % 10 == (int)(uintptr_t)argument) {
      yield_cpu();
    }
  }
}

void guest_check_giant(void)
{
  begin(0);
  run_workers(under_giant, 0);
  ASSERT(value == WORKERS * 50 && value_copy == value);
  end();
}

static void under_mutex(void *argument)
{
  int i;

  for (i = 0; i < 300; i++) {
    if (i % 7 != 0) {
      kmutex_enter(mutex);
    } else if (rumpuser_mutex_tryenter(mutex) != 0) {
      continue;
    }
    ASSERT(value == value_copy);
    value++;
    if (!finished && i % 50 == (int)(uintptr_t)argument) {
      yield_cpu(); /* allowed, for the mutex is no spin mutex */
      ASSERT(kmutex_owned(mutex));
    }
    value_copy++;
    kmutex_exit(mutex);
  }
}

void guest_check_mutexes(void)
{
  begin(0);
  ASSERT(!kmutex_owned(mutex) && rumpuser_mutex_tryenter(mutex) == 0);
  ASSERT(kmutex_owned(mutex) && rumpuser_mutex_tryenter(mutex) != 0);
  kmutex_exit(mutex);
  run_workers(under_mutex, KTHREAD_MPSAFE);
  ASSERT(value == value_copy && value > 0);
  end();

  begin(1);
  finished = 1; /* nobody may yield with a spin mutex */
  run_workers(under_mutex, KTHREAD_MPSAFE);
  ASSERT(value == value_copy && value > 0);
  end();
}

static void change(void)
{
  value++;
  yield_cpu();
  value_copy++;
}

static void under_rwlock(void *argument)
{
  int i;

  for (i = 0; i < 120; i++) {
    int write = (i + (int)(uintptr_t)argument) % 4 == 0;
    int how = write ? RUMPUSER_RW_WRITER : RUMPUSER_RW_READER;

    if (i % 9 != 0) {
      krw_enter(how, rw);
    } else if (rumpuser_rw_tryenter(how, rw) != 0) {
      continue;
    }
    if (!write && i % 3 == 0) {
      write = rumpuser_rw_tryupgrade(rw) == 0;
    }
    if (write) {
      ASSERT(krw_write_held(rw));
      change();
    }
    if (write && i % 2 == 0) {
      rumpuser_rw_downgrade(rw);
      ASSERT(!krw_write_held(rw));
    }
    ASSERT(value == value_copy);
    krw_exit(rw);
  }
}

/* Needs all readers inside at once. */
static void read_together(void *argument)
{
  (void)argument;
  krw_enter(RUMPUSER_RW_READER, rw);
  kmutex_enter(mutex);
  finished++;
  rumpuser_cv_broadcast(cv);
  while (finished < WORKERS) {
    kcv_wait(cv, mutex);
  }
  kmutex_exit(mutex);
  if (rumpuser_rw_tryupgrade(rw) == 0) { /* as the last */
    change();
    rumpuser_rw_downgrade(rw);
  }
  krw_exit(rw);
}

void guest_check_rwlocks(void)
{
  int held;

  begin(0);
  krw_enter(RUMPUSER_RW_READER, rw);
  rumpuser_rw_held(RUMPUSER_RW_READER, rw, &held);
  ASSERT(held != 0 && rumpuser_rw_tryenter(RUMPUSER_RW_WRITER, rw) != 0);
  krw_exit(rw);
  run_workers(read_together, KTHREAD_MPSAFE);
  run_workers(under_rwlock, KTHREAD_MPSAFE);
  ASSERT(value == value_copy && value > 0);
  end();
}

static void hand_over(void *argument)
{
  int turn, me = (int)(uintptr_t)argument;

  for (turn = 0; turn < 30; turn++) {
    kmutex_enter(mutex);
    while (value % WORKERS != me) {
      kcv_wait(cv, mutex);
    }
    value++;
    rumpuser_cv_broadcast(cv);
    kmutex_exit(mutex);
  }
}

static void check_timeout(void)
{
  int64_t start = now();
  int waiting;

  rumpuser_cv_has_waiters(cv, &waiting);
  ASSERT(!waiting);
  kmutex_enter(mutex);
  ASSERT(kcv_timedwait(cv, mutex, 2) == NB_EWOULDBLOCK);
  kmutex_exit(mutex);
  ASSERT(now() - start >= 2 * (1000000000 / HZ));
}

static void wait_long(void *argument)
{
  (void)argument;
  kmutex_enter(mutex);
  finished++;
  ASSERT(kcv_timedwait(cv, mutex, 100 * HZ) == 0);
  finished--;
  kmutex_exit(mutex);
}

static int waiters_now(void)
{
  int n, waiting;

  kmutex_enter(mutex);
  n = finished;
  rumpuser_cv_has_waiters(cv, &waiting);
  ASSERT(!waiting || n > 0); /* who was signalled waits no more */
  kmutex_exit(mutex);
  return n;
}

/* One leaves for each signal. */
static void wake_one_by_one(void)
{
  void *joins[WORKERS];
  int i, left;

  start_workers(wait_long, KTHREAD_MPSAFE, joins);
  while (waiters_now() < WORKERS) {
    kpause(1, NULL);
  }
  for (left = WORKERS - 1; left >= 0; left--) {
    kmutex_enter(mutex);
    rumpuser_cv_signal(cv);
    kmutex_exit(mutex);
    while (waiters_now() > left) {
      kpause(1, NULL);
    }
    ASSERT(waiters_now() == left);
  }
  for (i = 0; i < WORKERS; i++) {
    ASSERT(rumpuser_thread_join(joins[i]) == 0);
  }
}

void guest_check_condvars(void)
{
  int spin;

  for (spin = 0; spin <= 1; spin++) {
    begin(spin);
    check_timeout();
    run_workers(hand_over, KTHREAD_MPSAFE);
    ASSERT(value == WORKERS * 30);
    wake_one_by_one();
    end();
  }
}

/* Memory, files of the host, refusals. */

static void check_map(void)
{
  unsigned char *p;
  void *map;
  size_t i;
  int executable;

  for (executable = 0; executable <= 1; executable++) {
    if (rumpuser_anonmmap(NULL, 3 * PAGE_BYTES, 0, executable, &map) == 0) {
      p = map;
      for (i = 0; i < 3 * PAGE_BYTES; i++) {
        ASSERT(p[i] == 0);
      }
      memset(p, 0xa5, 3 * PAGE_BYTES);
      rumpuser_unmap(p, 3 * PAGE_BYTES);
    }
  }
}

void guest_check_memory(void)
{
  static const int alignments[] = { 0, 8, 64, 512, 4096, 16384 };
  static const size_t sizes[] = { 1, 24, 100, 512, 2000, 4096, 9000, 70000 };
  void *p[6][8];
  unsigned i, j;

  guest_schedule();
#ifdef RTEMS_RUMP_OWN_RUMPUSER_H
  ASSERT(rumpuser_getpagesize() > 0);
#endif
  for (i = 0; i < 6; i++) {
    for (j = 0; j < 8; j++) {
      p[i][j] = hypermalloc(sizes[j], alignments[i], MEMORY_WAIT);
      memset(p[i][j], (int)(i * 8 + j), sizes[j]);
    }
  }
  for (i = 0; i < 6; i++) {
    for (j = 0; j < 8; j++) {
      const unsigned char *first = p[i][j];

      ASSERT(first[0] == i * 8 + j && first[sizes[j] - 1] == i * 8 + j);
      hyperfree(p[i][j], sizes[j]);
    }
  }
  ASSERT(hypermalloc((size_t)-1 / 4, 0, MEMORY_NOWAIT) == NULL);
  check_map();
  guest_unschedule();
}

void guest_check_host_file(const char *path)
{
  char data[8] = "", text[8] = "rump", *half = data + 3;
  struct rumpuser_iovec in[2] = { { data, 3 }, { half, 5 } };
  struct rumpuser_iovec out = { text, 5 };
  uint64_t size;
  size_t n;
  int fd, type;

  guest_schedule();
  ASSERT(rumpuser_open("/no/such/file", RUMPUSER_OPEN_RDONLY, &fd) ==
    NB_ENOENT);
  ASSERT(rumpuser_getfileinfo("/no/such/file", &size, &type) == NB_ENOENT);
  ASSERT(rumpuser_open(
    path, RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_CREATE, &fd) == 0);
  ASSERT(rumpuser_iovwrite(fd, &out, 1, RUMPUSER_IOV_NOSEEK, &n) == 0);
  ASSERT(n == 5 && rumpuser_iovwrite(fd, &out, 1, 100, &n) == 0 && n == 5);
  ASSERT(rumpuser_syncfd(
    fd, RUMPUSER_SYNCFD_WRITE | RUMPUSER_SYNCFD_SYNC, 0, 0) == 0);
  ASSERT(rumpuser_iovread(fd, in, 2, 99, &n) == 0 && n == 6);
  ASSERT(memcmp(data, "\0rump", 6) == 0);
  ASSERT(rumpuser_getfileinfo(path, &size, &type) == 0);
  ASSERT(size == 105 && type == RUMPUSER_FT_REG);
  ASSERT(rumpuser_open(path, RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_CREATE |
    RUMPUSER_OPEN_EXCL, &type) == NB_EEXIST);
  ASSERT(rumpuser_close(fd) == 0);
  guest_unschedule();
}

/* What a host must refuse, or may. */
void guest_check_refusals(void)
{
  char text[64];
  int error;

  guest_schedule();
  ASSERT(rumpuser_getparam("_RUMPUSER_NO_SUCH", text, 64) == NB_EINVAL);
  ASSERT(rumpuser_getparam("RUMP_NO_SUCH", text, 64) != 0);
  ASSERT(guest_random_number() != guest_random_number());
  error = rumpuser_sp_init("no://such.thing", "guest", "0", "none");
  ASSERT(error != 0);
  if (error == NB_ENOSYS) { /* then all of it */
    size_t size = sizeof(text);
    void *p;

    ASSERT(rumpuser_sp_copyin(NULL, text, text, 1) != 0);
    ASSERT(rumpuser_sp_copyinstr(NULL, text, text, &size) != 0);
    ASSERT(rumpuser_sp_copyout(NULL, text, text, 1) != 0);
    ASSERT(rumpuser_sp_copyoutstr(NULL, text, text, &size) != 0);
    ASSERT(rumpuser_sp_anonmmap(NULL, PAGE_BYTES, &p) != 0);
    ASSERT(rumpuser_sp_raise(NULL, 15) != 0);
    rumpuser_sp_fini(NULL);
  }
  guest_unschedule();
}

void guest_end_echo(void)
{
  guest_schedule();
  echo_end();
  guest_unschedule();
}

void guest_fail(int for_ever)
{
  guest_schedule();
  while (for_ever) {
    __asm__ volatile ("" : : : "memory");
  }
  __builtin_trap();
}
