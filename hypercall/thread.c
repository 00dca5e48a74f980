/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Threads: each is an RTEMS task.
 */

#include <stdatomic.h>
#include <string.h>

#include <rtems.h>

#include "lock.h"

#define NETBSD_PRI_NONE (-1)
#define NETBSD_PRI_KTHREAD 96
#define NETBSD_PRI_USER_RT 128

struct thread {
  struct thread *next, *previous;
  void *(*entry)(void *arg);
  void *arg;
  rtems_id task;
  bool joinable;
  bool joined;
  bool ended;
  /* NULL before it runs, and when it is about to end. */
  waitq_task *_Atomic control;
  /* Who joins waits here for the end. */
  struct waitq joiner;
  char name[16];
};

/* All threads that run or can be joined. */
static struct lock threads_lock = LOCK_INITIALIZER("rump threads");
static struct thread *threads;
static unsigned threads_running;

/* Of those that nobody joins, how many have ended and are still here. */
static atomic_uint threads_dead;

/* Processor time, in nanoseconds, of threads that have ended. */
static uint64_t threads_past_time;

static __thread struct thread *self;

/*
 * Who ends the kernel takes the lock, too.  So nobody may leave the kernel
 * with it: nobody is an occupant meanwhile.
 */
static struct occupant *
threads_enter(void)
{
  struct occupant *occupant = hypercall_self.occupant;

  hypercall_self.occupant = NULL;
  lock_enter(&threads_lock);
  return occupant;
}

static void
threads_exit(struct occupant *occupant)
{
  lock_exit(&threads_lock);
  hypercall_self.occupant = occupant;
}

/* With the threads locked. */
static void
threads_remove(struct thread *thread)
{
  if (thread->previous == NULL) {
    threads = thread->next;
  } else {
    thread->previous->next = thread->next;
  }
  if (thread->next != NULL) {
    thread->next->previous = thread->previous;
  }
}

/* Locked: then nobody is about to say so, either. */
static bool
thread_has_ended(struct thread *thread)
{
  struct waitq_context ctx;
  bool ended;

  waitq_lock(&thread->joiner, &ctx);
  ended = thread->ended;
  waitq_unlock(&thread->joiner, &ctx);
  return ended;
}

/* With the threads locked. */
static SLOW_PATH void
threads_bury(void)
{
  struct thread *thread = threads;

  while (thread != NULL) {
    struct thread *next = thread->next;

    if (!thread->joinable && thread_has_ended(thread)) {
      threads_remove(thread);
      memory_release(thread, sizeof(*thread));
      atomic_fetch_sub(&threads_dead, 1);
    }
    thread = next;
  }
}

static void
threads_insert(struct thread *thread)
{
  struct occupant *occupant = threads_enter();

  if (PREDICT_FALSE(atomic_load(&threads_dead) > 0)) {
    threads_bury();
  }
  thread->previous = NULL;
  thread->next = threads;
  if (threads != NULL) {
    threads->previous = thread;
  }
  threads = thread;
  ++threads_running;
  threads_exit(occupant);
}

/* With the threads locked: who ends is told so before. */
static uint64_t
threads_time(void)
{
  uint64_t time = threads_past_time;
  struct thread *t;

  for (t = threads; t != NULL; t = t->next) {
    waitq_task *control = atomic_load(&t->control);

    if (control != NULL) {
      time += waitq_cpu_time(control);
    }
  }
  return time;
}

void
thread_usage(struct rtems_rump_usage *usage)
{
  struct occupant *occupant = threads_enter();

  usage->tasks = threads_running;
  usage->cpu_time = threads_time();
  threads_exit(occupant);
}

bool
thread_is_locked_by(waitq_task *task)
{
  return lock_is_held_by(&threads_lock, task);
}

/*
 * When the kernel ends its threads come here, each as soon as it would wait,
 * and are deleted when all have come.  Until then they are there: others may
 * wait for locks that they hold.
 */
static rtems_task
thread_main(rtems_task_argument arg)
{
  struct thread *thread = (struct thread *)arg;
  struct occupant occupant;
  jmp_buf way_out;

  self = thread;
  atomic_store(&thread->control, waitq_self());
  waitq_name_self(thread->name);
  occupant.way_out = &way_out;
  if (setjmp(way_out) != 0) {
    occupant_leave(&occupant);
  } else if (occupant_enter(&occupant, OCCUPANT_THREAD)) {
    (void)(*thread->entry)(thread->arg);
    rumpuser_thread_exit();
  }
  for (;;) {
    (void)rtems_task_suspend(RTEMS_SELF);
  }
}

static rtems_status_code
thread_make_task(struct thread *thread, unsigned level, int processor)
{
  rtems_status_code sc;

  sc = rtems_task_create(
    rtems_build_name('R', 'U', 'M', 'P'),
    hypercall_config.ceiling + level,
    hypercall_config.stack_size,
    RTEMS_DEFAULT_MODES,
    RTEMS_FLOATING_POINT,
    &thread->task
  );
  if (sc != RTEMS_SUCCESSFUL) {
    return sc;
  }
  (void)rtems_object_set_name(thread->task, thread->name);
  if (hypercall_place != NULL
      && !(*hypercall_place)(
        thread->task,
        hypercall_config.ceiling + level,
        processor
      )) {
    (void)rtems_task_delete(thread->task);
    return RTEMS_UNSATISFIED;
  }
  return RTEMS_SUCCESSFUL;
}

/* NetBSD panics without some of its threads, and its words do not tell. */
static void
thread_complain(const struct thread *thread, rtems_status_code sc)
{
  if (sc == RTEMS_TOO_MANY) {
    rumpuser_dprintf(
      "rump: RTEMS has no more tasks for the thread %s: raise "
      "CONFIGURE_MAXIMUM_TASKS\n",
      thread->name
    );
  } else {
    rumpuser_dprintf(
      "rump: RTEMS cannot make a task for the thread %s (status %d): enlarge "
      "the work area, or lower rtems_rump_config::stack_size\n",
      thread->name,
      (int)sc
    );
  }
}

int
thread_start(
  void      *(*entry)(void *arg),
  void        *arg,
  const char  *name,
  unsigned     level,
  int          processor,
  bool         joinable,
  void       **cookie
)
{
  struct thread *thread = memory_allocate(sizeof(*thread));
  rtems_status_code sc;

  if (thread == NULL) {
    return NETBSD_ENOMEM;
  }
  memset(thread, 0, sizeof(*thread));
  thread->entry = entry;
  thread->arg = arg;
  thread->joinable = joinable;
  waitq_init(&thread->joiner, "rump join");
  strncpy(thread->name, name == NULL ? "rump" : name,
    sizeof(thread->name) - 1);

  sc = thread_make_task(thread, level, processor);
  if (sc != RTEMS_SUCCESSFUL) {
    thread_complain(thread, sc);
    memory_release(thread, sizeof(*thread));
    return NETBSD_EAGAIN;
  }
  threads_insert(thread);
  if (cookie != NULL) {
    *cookie = thread;
  }
  (void)rtems_task_start(
    thread->task,
    thread_main,
    (rtems_task_argument)thread
  );
  return 0;
}

/*
 * The level of a thread in the instance's priority band; see RTEMS_RUMP_BAND.
 * NetBSD gives soft interrupts and clocks no priority: their names tell.
 */
static unsigned
thread_level(const char *name, int priority)
{
  if (priority == NETBSD_PRI_NONE) {
    bool first = name != NULL
      && (strncmp(name, "rsi", 3) == 0
        || strncmp(name, "rumpclk", 7) == 0
        || strcmp(name, "sipbnc") == 0);

    return first ? 0 : 2;
  }
  if (priority >= NETBSD_PRI_USER_RT) {
    return 1;
  }
  return priority >= NETBSD_PRI_KTHREAD ? 2 : 3;
}

int
rumpuser_thread_create(
  void      *(*entry)(void *arg),
  void        *arg,
  const char  *name,
  int          joinable,
  int          priority,
  int          cpu,
  void       **cookie
)
{
  return thread_start(
    entry,
    arg,
    name,
    thread_level(name, priority),
    cpu,
    joinable != 0,
    joinable != 0 ? cookie : NULL
  );
}

/*
 * Who joins waits for that; else who makes the next thread buries this one.  It
 * is said last, when the task has nothing more to do with any lock.
 */
static void
thread_say_end(struct thread *thread)
{
  struct waitq_context ctx;

  waitq_lock(&thread->joiner, &ctx);
  thread->ended = true;
  if (!thread->joinable) {
    atomic_fetch_add(&threads_dead, 1);
  }
  waitq_wake_one(&thread->joiner, &ctx);
}

void
rumpuser_thread_exit(void)
{
  struct thread *thread = self;
  struct occupant *occupant;

  if (thread == NULL) {
    hypercall_die("a task of the application ends as a thread of the kernel");
  }
  occupant_leave(hypercall_self.occupant);
  occupant = threads_enter();
  --threads_running;
  threads_past_time += waitq_cpu_time(atomic_load(&thread->control));
  atomic_store(&thread->control, NULL);
  threads_exit(occupant);

  waitq_retire();
  thread_say_end(thread);
  rtems_task_exit();
}

static bool
thread_claim(struct thread *thread)
{
  struct occupant *occupant = threads_enter();
  struct thread *t;

  for (t = threads; t != NULL && t != thread; t = t->next) {
  }
  if (t != NULL && t->joinable && !t->joined) {
    t->joined = true;
  } else {
    t = NULL;
  }
  threads_exit(occupant);
  return t != NULL;
}

static void
thread_wait_for_end(struct thread *thread)
{
  struct waitq_context ctx;

  waitq_lock(&thread->joiner, &ctx);
  while (!thread->ended) {
    (void)occupant_wait(&thread->joiner, &ctx, NULL, NULL, NULL);
    waitq_lock(&thread->joiner, &ctx);
  }
  waitq_unlock(&thread->joiner, &ctx);
}

int
rumpuser_thread_join(void *cookie)
{
  struct thread *thread = cookie;
  struct occupant *occupant;
  int nlocks;

  /* Found by its address alone: joined twice, it is no longer there. */
  if (!thread_claim(thread)) {
    return NETBSD_EINVAL;
  }
  nlocks = hypercall_unschedule(NULL);
  thread_wait_for_end(thread);
  hypercall_schedule(nlocks, NULL);

  occupant = threads_enter();
  threads_remove(thread);
  threads_exit(occupant);
  memory_release(thread, sizeof(*thread));
  return 0;
}

/* Who is just about to exit finishes that first, or does not come so far. */
void
thread_fini(void)
{
  struct occupant *occupant = threads_enter();

  while (threads != NULL) {
    struct thread *thread = threads;

    if (!thread_has_ended(thread)) {
      (void)rtems_task_delete(thread->task);
    }
    threads_remove(thread);
  }
  threads_running = 0;
  threads_exit(occupant);
}
