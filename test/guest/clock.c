/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Test guest: clock ticks, call-outs and the time of day.
 */

#include "guest.h"

static struct softint *callout_softint;
static struct rumpuser_mtx *time_mutex;
static int64_t boot_offset; /* wall clock minus monotonic, in nanoseconds */

static int64_t clock_read(int clock)
{
  int64_t seconds;
  long nanoseconds;
  int error = rumpuser_clock_gettime(clock, &seconds, &nanoseconds);

  if (error != 0) {
    panic("clock %d cannot be read: %d", clock, error);
  }
  ASSERT(nanoseconds >= 0 && nanoseconds < 1000000000);
  return seconds * 1000000000 + nanoseconds;
}

/* The wall clock of the host is read here and never again. */
void guest_clock_init(void)
{
  boot_offset = clock_read(RUMPUSER_CLOCK_RELWALL) -
    clock_read(RUMPUSER_CLOCK_ABSMONO);
  time_mutex = kmutex_new(1);
}

void guest_time_get(int64_t *seconds, long *nanoseconds)
{
  int64_t now;

  kmutex_enter(time_mutex);
  now = clock_read(RUMPUSER_CLOCK_ABSMONO) + boot_offset;
  kmutex_exit(time_mutex);
  *seconds = now / 1000000000;
  *nanoseconds = (long)(now % 1000000000);
}

void guest_time_set(int64_t seconds, long nanoseconds)
{
  kmutex_enter(time_mutex);
  boot_offset = seconds * 1000000000 + nanoseconds -
    clock_read(RUMPUSER_CLOCK_ABSMONO);
  kmutex_exit(time_mutex);
}

static void hardclock(struct cpu *cpu)
{
  int due;

  kmutex_enter(cpu->callout_mutex);
  cpu->ticks++;
  due = cpu->callouts != NULL && cpu->callouts->due <= cpu->ticks;
  kmutex_exit(cpu->callout_mutex);
  if (due) {
    softint_schedule(callout_softint);
  }
}

/* Sleeps to absolute times, so a late tick is followed by an early one. */
static void clock_thread(void *argument)
{
  struct cpu *cpu = argument;
  int64_t next = clock_read(RUMPUSER_CLOCK_ABSMONO);

  for (;;) {
    int error;

    ASSERT(rumpuser_curlwp()->cpu == cpu);
    hardclock(cpu);
    error = rumpuser_clock_sleep(
      RUMPUSER_CLOCK_ABSMONO, next / 1000000000, (long)(next % 1000000000));
    if (error != 0) {
      panic("clock sleep failed: %d", error);
    }
    ASSERT(clock_read(RUMPUSER_CLOCK_ABSMONO) >= next);
    next += 1000000000 / HZ;
  }
}

static void callout_run(struct callout *c)
{
  atomic_fetch_add(&guest_counters.callouts, 1);
  if (!c->mpsafe) {
    giant_lock(1);
  }
  c->function(c->argument);
  if (!c->mpsafe) {
    giant_unlock(1, NULL);
  }
}

static void callout_handler(void *argument)
{
  struct cpu *cpu = rumpuser_curlwp()->cpu;

  (void)argument;
  kmutex_enter(cpu->callout_mutex);
  while (cpu->callouts != NULL && cpu->callouts->due <= cpu->ticks) {
    struct callout *c = cpu->callouts;

    cpu->callouts = c->next;
    c->pending = 0;
    cpu->callout_running = c;
    kmutex_exit(cpu->callout_mutex);
    callout_run(c);
    kmutex_enter(cpu->callout_mutex);
    cpu->callout_running = NULL;
    rumpuser_cv_broadcast(cpu->callout_cv);
  }
  kmutex_exit(cpu->callout_mutex);
}

void guest_clock_init_cpu(struct cpu *cpu)
{
  char name[16];

  cpu->callout_mutex = kmutex_new(1);
  cpu->callout_cv = kcv_new();
  if (cpu->index == 0) {
    callout_softint =
      softint_establish(SOFTINT_CLOCK, 1, callout_handler, NULL);
  }
  if (!guest_threads_enabled) {
    return;
  }
  format_text(name, sizeof(name), "rumpclk%u", cpu->index);
  if (kthread_create(PRIORITY_NONE, KTHREAD_MPSAFE, cpu, clock_thread, cpu,
    NULL, name) != 0) {
    panic("no thread for clock %u", cpu->index);
  }
}

void callout_init(
  struct callout *c, int mpsafe, void (*function)(void *), void *argument)
{
  memset(c, 0, sizeof(*c));
  c->function = function;
  c->argument = argument;
  c->mpsafe = mpsafe;
  c->cpu = rumpuser_curlwp()->cpu;
}

static void callout_remove(struct callout *c)
{
  struct callout **p = &c->cpu->callouts;

  while (*p != c) {
    p = &(*p)->next;
  }
  *p = c->next;
  c->pending = 0;
}

void callout_schedule(struct callout *c, int ticks)
{
  struct cpu *cpu = c->cpu;
  struct callout **p;

  kmutex_enter(cpu->callout_mutex);
  if (c->pending) {
    callout_remove(c);
  }
  /* One more, because the current tick has begun already. */
  c->due = cpu->ticks + ticks + 1;
  for (p = &cpu->callouts; *p != NULL && (*p)->due <= c->due;) {
    p = &(*p)->next;
  }
  c->next = *p;
  *p = c;
  c->pending = 1;
  kmutex_exit(cpu->callout_mutex);
}

/* Returns when it neither runs nor will run; says whether it was pending. */
int callout_halt(struct callout *c)
{
  struct cpu *cpu = c->cpu;
  int was_pending = 0;

  kmutex_enter(cpu->callout_mutex);
  for (;;) {
    if (c->pending) {
      callout_remove(c);
      was_pending = 1;
    }
    if (cpu->callout_running != c) {
      break;
    }
    kcv_wait(cpu->callout_cv, cpu->callout_mutex);
  }
  kmutex_exit(cpu->callout_mutex);
  return was_pending;
}

void kpause(int ticks, struct rumpuser_mtx *mutex)
{
  int error;

  if (mutex != NULL) {
    kmutex_exit(mutex);
  }
  error = rumpuser_clock_sleep(
    RUMPUSER_CLOCK_RELWALL, ticks / HZ, ticks % HZ * (1000000000 / HZ));
  ASSERT(error == 0);
  if (mutex != NULL) {
    kmutex_enter(mutex);
  }
}
