/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Test guest: soft interrupts.  Each CPU has a thread for each level; a soft
 * interrupt is handled on the CPU that scheduled it, by that CPU's thread, so
 * the lists need no lock: they belong to whoever has the CPU.
 */

#include "guest.h"

struct softint_entry {
  struct softint *softint;
  int pending, bounced;
  struct softint_entry *next, *next_bounced;
};

struct softint {
  void (*function)(void *);
  void *argument;
  int level, mpsafe;
  struct softint_entry entries[];
};

static int started;
static unsigned established; /* levels */
static struct rumpuser_mtx *establish_mutex;

static struct rumpuser_mtx *bounce_mutex;
static struct rumpuser_cv *bounce_cv;
static struct softint_entry *bounce_first, *bounce_last;

static struct rumpuser_mtx *cross_mutex, *cross_serial;
static struct rumpuser_cv *cross_cv;
static struct softint *cross_softint;
static void (*cross_function)(void);
static unsigned cross_pending;

static void handle(struct softint *softint)
{
  atomic_fetch_add(&guest_counters.softints, 1);
  if (!softint->mpsafe) {
    giant_lock(1);
  }
  softint->function(softint->argument);
  if (!softint->mpsafe) {
    giant_unlock(1, NULL);
  }
}

static void softint_thread(void *argument)
{
  struct softint_level *level = argument;

  for (;;) {
    struct softint_entry *entry = level->first;

    if (entry == NULL) {
      scheduler_cv_wait(level->cv);
      continue;
    }
    level->first = entry->next;
    entry->pending = 0;
    handle(entry->softint);
  }
}

static void make_threads(int level)
{
  unsigned i;

  for (i = 0; i < guest_cpu_total; i++) {
    char name[16];
    int error;

    format_text(name, sizeof(name), "rsi%u/%d", i, level);
    error = kthread_create(PRIORITY_NONE, KTHREAD_MPSAFE | KTHREAD_INTERRUPT,
      &guest_cpus[i], softint_thread, &guest_cpus[i].levels[level], NULL,
      name);
    if (error != 0) {
      panic("no thread for soft interrupts: %d", error);
    }
  }
}

struct softint *softint_establish(
  int level, int mpsafe, void (*function)(void *), void *argument)
{
  struct softint *softint = kmem_zalloc(
    sizeof(*softint) + guest_cpu_total * sizeof(softint->entries[0]));
  unsigned i;
  int make;

  softint->function = function;
  softint->argument = argument;
  softint->level = level;
  softint->mpsafe = mpsafe;
  for (i = 0; i < guest_cpu_total; i++) {
    softint->entries[i].softint = softint;
  }
  if (establish_mutex == NULL) { /* the first, while booting */
    establish_mutex = kmutex_new(0);
  }
  kmutex_enter(establish_mutex);
  make = (established & 1u << level) == 0 && started;
  established |= 1u << level;
  kmutex_exit(establish_mutex);
  if (make) {
    make_threads(level);
  }
  return softint;
}

void softint_schedule(struct softint *softint)
{
  struct cpu *cpu = rumpuser_curlwp()->cpu;
  struct softint_level *level = &cpu->levels[softint->level];
  struct softint_entry *entry = &softint->entries[cpu->index];

  if (!guest_threads_enabled) {
    softint->function(softint->argument);
  } else if (!entry->pending) {
    entry->pending = 1;
    entry->next = NULL;
    if (level->first == NULL) {
      level->first = entry;
    } else {
      level->last->next = entry;
    }
    level->last = entry;
  }
}

/*
 * Called by whoever leaves the CPU.  A thread that is just going to sleep may
 * miss the signal; it gets another one not later than the next clock tick.
 */
void softint_run(struct cpu *cpu)
{
  int i;

  if (!guest_threads_enabled) {
    return;
  }
  for (i = 0; i < SOFTINT_LEVELS; i++) {
    if (cpu->levels[i].first != NULL) {
      rumpuser_cv_signal(cpu->levels[i].cv);
    }
  }
}

/* For another CPU a thread goes there, and schedules it. */
void softint_schedule_cpu(struct softint *softint, struct cpu *cpu)
{
  struct softint_entry *entry = &softint->entries[cpu->index];

  if (cpu == rumpuser_curlwp()->cpu) {
    softint_schedule(softint);
    return;
  }
  rumpuser_mutex_enter_nowrap(bounce_mutex);
  if (!entry->bounced) {
    entry->bounced = 1;
    entry->next_bounced = NULL;
    if (bounce_first == NULL) {
      bounce_first = entry;
    } else {
      bounce_last->next_bounced = entry;
    }
    bounce_last = entry;
    rumpuser_cv_signal(bounce_cv);
  }
  rumpuser_mutex_exit(bounce_mutex);
}

static void bounce_thread(void *argument)
{
  struct lwp *l = rumpuser_curlwp();

  (void)argument;
  l->flags |= LWP_BOUND;
  guest_unschedule();
  for (;;) {
    struct softint_entry *entry;

    rumpuser_mutex_enter_nowrap(bounce_mutex);
    while (bounce_first == NULL) {
      rumpuser_cv_wait_nowrap(bounce_cv, bounce_mutex);
    }
    entry = bounce_first;
    bounce_first = entry->next_bounced;
    entry->bounced = 0;
    rumpuser_mutex_exit(bounce_mutex);

    l->target = &guest_cpus[entry - entry->softint->entries];
    guest_schedule();
    ASSERT(l->cpu == &guest_cpus[entry - entry->softint->entries]);
    softint_schedule(entry->softint);
    guest_unschedule();
  }
}

static void cross_handler(void *argument)
{
  (void)argument;
  cross_function();
  kmutex_enter(cross_mutex);
  if (--cross_pending == 0) {
    rumpuser_cv_signal(cross_cv);
  }
  kmutex_exit(cross_mutex);
}

/* Runs a function once on every CPU. */
void cross_call(void (*function)(void))
{
  unsigned i;

  if (!guest_threads_enabled) {
    function();
    return;
  }
  kmutex_enter(cross_serial);
  cross_function = function;
  cross_pending = guest_cpu_count;
  for (i = 0; i < guest_cpu_count; i++) {
    softint_schedule_cpu(cross_softint, &guest_cpus[i]);
  }
  kmutex_enter(cross_mutex);
  while (cross_pending > 0) {
    kcv_wait(cross_cv, cross_mutex);
  }
  kmutex_exit(cross_mutex);
  kmutex_exit(cross_serial);
}

void softint_init_cpu(struct cpu *cpu)
{
  int i;

  for (i = 0; i < SOFTINT_LEVELS; i++) {
    cpu->levels[i].cv = kcv_new();
  }
}

/* From here on threads are made when a level is first established. */
void softint_start(void)
{
  int i;

  if (!guest_threads_enabled) {
    return;
  }
  rumpuser_mutex_init(&bounce_mutex, RUMPUSER_MTX_SPIN);
  rumpuser_cv_init(&bounce_cv);
  cross_mutex = kmutex_new(1);
  cross_serial = kmutex_new(0);
  cross_cv = kcv_new();
  cross_softint = softint_establish(SOFTINT_SERIAL, 1, cross_handler, NULL);
  started = 1;
  for (i = 0; i < SOFTINT_LEVELS; i++) {
    if ((established & 1u << i) != 0) {
      make_threads(i);
    }
  }
  if (kthread_create(PRIORITY_NONE, KTHREAD_MPSAFE, NULL, bounce_thread,
    NULL, NULL, "sipbnc") != 0) {
    panic("no thread for soft interrupts of other CPUs");
  }
}
