/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Who holds a virtual CPU too long.
 *
 * NetBSD does not tell its host who holds one.  But a task that makes an
 * operation on a mutex or waits takes its identity again, if that was cleared:
 * see hypercall_self_init().  And one that gives up a virtual CPU which others
 * want, be it the CPU's clock thread, makes such an operation.  So it is enough
 * to clear identities now and then, and costs nothing elsewhere.
 *
 * A task that has not taken its identity, whatever processor time it has used,
 * is made to go on where it ends the kernel itself, as after an exception: if
 * it was interrupted in code of the kernel, for else it may have a lock of
 * RTEMS.
 */

#include "instance.h"

#include <rtems.h>

#include "clock.h"
#include "exception.h"

#define NSEC_PER_MSEC UINT64_C(1000000)

/* Above all other tasks of the kernel, one of which it is about to stop. */
#define LEVEL (-1u)

static struct occupant *suspect;

static uint64_t
limit_nsec(void)
{
  return hypercall_config.watchdog * NSEC_PER_MSEC;
}

/* On the task's stack, and instead of what it was about to do next. */
#if defined(__i386__) || defined(__x86_64__)
__attribute__((__force_align_arg_pointer__))
#endif
static void
end_by_watchdog(void)
{
  struct occupant *self = hypercall_self.occupant;
  struct place place = {
    .pc = self->stopped_at,
    .sp = (uintptr_t)__builtin_frame_address(0),
    .occupant = self
  };

  rumpuser_dprintf(
    "rump kernel watchdog: a virtual CPU is held for %u ms, at %p\n",
    hypercall_config.watchdog,
    (void *)place.pc
  );
  hypercall_end_kernel(RTEMS_RUMP_WATCHDOG, &place);
}

static void
look_at(struct occupant *o, void *arg)
{
  waitq_task *task = atomic_exchange(&o->self->task, NULL);

  (void)arg;
  if (task != NULL) {
    atomic_store(&o->watched, true);
    o->used = waitq_cpu_time(task);
  } else if (suspect == NULL && atomic_load(&o->watched)
      && waitq_cpu_time(o->task) - o->used > limit_nsec()
      && rtems_task_suspend(waitq_task_id(o->task))
        == RTEMS_SUCCESSFUL) {
    suspect = o;
  }
}

/*
 * On another processor it may run for some time after it was suspended, and a
 * visitor may have gone.  It is stopped once, as it may take its time to end
 * the kernel; and if it is not in the kernel's code it has another limit of
 * time.
 */
static void
stop_suspect(void)
{
  struct occupant *o = suspect;
  waitq_task *task = o->task;

  suspect = NULL;
  if (rtems_scheduler_get_processor_maximum() > 1) {
    rtems_task_wake_after(1);
  }
  o->used = waitq_cpu_time(task);
  if (o->self->occupant == o && !exception_leaves_lock(o, task)
      && exception_divert(task, o->way_out, end_by_watchdog, &o->stopped_at)) {
    atomic_store(&o->watched, false);
  }
  (void)rtems_task_resume(waitq_task_id(task));
}

static void
sleep_a_period(void)
{
  struct waitq sleeper = WAITQ_INITIALIZER("rump watchdog");
  struct waitq_context ctx;
  struct timespec deadline;

  clock_deadline(&deadline, 0, (int64_t)limit_nsec() / 4);
  waitq_lock(&sleeper, &ctx);
  (void)occupant_wait(&sleeper, &ctx, &deadline, NULL, NULL);
}

static void *
watch(void *arg)
{
  (void)arg;
  for (;;) {
    sleep_a_period();
    occupants_visit(look_at, NULL);
    if (suspect != NULL) {
      stop_suspect();
    }
  }
  return NULL;
}

int
watchdog_start(void)
{
  return hypercall_errno_from_netbsd(
    thread_start(watch, NULL, "rumpdog", LEVEL, -1, false, NULL));
}
