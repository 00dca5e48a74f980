/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * How long a task of RTEMS that is more urgent than all kernels waits for the
 * processor: while nothing happens, and while kernels are busy.
 *
 * A timer that RTEMS does not use, the Cortex-A9's private one, interrupts at
 * pseudo-random moments, and its handler wakes the task.
 */

#include <stdlib.h>

#include <rtems.h>
#include <rtems/irq-extension.h>
#include <rtems/score/percpu.h>

#include <bsp.h>
#include <bsp/arm-a9mpcore-irq.h>
#include <bsp/arm-a9mpcore-regs.h>

#include "bench.h"
#include "kernel.h"
#include "load.h"
#include "region.h"

#ifndef WAKEUPS
#define WAKEUPS 100000
#endif

#define URGENT_PRIORITY 2
#define INIT_PRIORITY 20

/* From one wake-up to the next, in nanoseconds: this, and up to 65,535 more. */
#define SHORTEST 2000

/* Of the counter and the timer, both. */
#define NSEC_PER_TICK 10

#define BINS 4096

#define EVENT_END RTEMS_EVENT_0

/*
 * The worst moment is about that of RTEMS's clock tick, so one wake-up is due
 * at each: in this window, in ticks of the timer.
 */
#define BEFORE_CLOCK_TICK 40
#define WINDOW 60

static volatile a9mpcore_pt *const timer =
  (a9mpcore_pt *)BSP_ARM_A9MPCORE_PT_BASE;

/* RTEMS's clock: its compare value is when the next tick is due. */
static const volatile a9mpcore_gt *const rtems_clock =
  (a9mpcore_gt *)BSP_ARM_A9MPCORE_GT_BASE;

/* For bench/plugin-runs.c, which cannot know the offset. */
volatile uint32_t *volatile bench_dispatch_level =
  &_Per_CPU_Information[0].per_cpu.thread_dispatch_disable_level;

static rtems_id urgent_task, init_task;

/* Wake-ups by what they took in ticks; the last bin is for all that is more. */
static uint32_t bins[BINS];
static uint32_t worst;

static void
timer_expires(void *arg)
{
  (void)arg;
  timer->irqst = A9MPCORE_PT_IRQST_EFLG;
  (void)rtems_event_transient_send(urgent_task);
}

static uint32_t
random_number(void)
{
  static uint32_t state = 1;

  state = state * 1664525 + 1013904223;
  return state >> 16;
}

static uint32_t
random_ticks(void)
{
  uint32_t ticks = (SHORTEST + random_number()) / NSEC_PER_TICK;
  uint32_t to_clock_tick = rtems_clock->cmpvallower - rtems_clock->cntrlower;

  if (to_clock_tick - SHORTEST / NSEC_PER_TICK < ticks) {
    ticks = to_clock_tick - BEFORE_CLOCK_TICK + random_number() % WINDOW;
  }
  return ticks;
}

static BENCH_NOINLINE void
wake_up_once(void)
{
  uint32_t ticks = random_ticks();
  rtems_counter_ticks begin;
  uint32_t took;

  timer->load = ticks;
  timer->ctrl = A9MPCORE_PT_CTRL_IRQ_EN | A9MPCORE_PT_CTRL_TMR_EN;
  begin = rtems_counter_read();
  (void)rtems_event_transient_receive(RTEMS_WAIT, RTEMS_NO_TIMEOUT);
  took = rtems_counter_difference(rtems_counter_read(), begin) - ticks;
  if (took > worst) {
    worst = took;
  }
  ++bins[took < BINS ? took : BINS - 1];
}

static rtems_task
urgent(rtems_task_argument arg)
{
  (void)arg;
  for (;;) {
    unsigned i;

    (void)rtems_task_suspend(RTEMS_SELF);
    for (i = 0; i < WAKEUPS; ++i) {
      wake_up_once();
    }
    (void)rtems_event_send(init_task, EVENT_END);
  }
}

static void
start_urgent(void)
{
  bench_check("timer", rtems_counter_nanoseconds_to_ticks(NSEC_PER_TICK) == 1);
  bench_check("handler", rtems_interrupt_handler_install(
    A9MPCORE_IRQ_PT,
    "bench",
    RTEMS_INTERRUPT_UNIQUE,
    timer_expires,
    NULL
  ) == RTEMS_SUCCESSFUL);
  bench_check("task", rtems_task_create(
    rtems_build_name('U', 'R', 'G', 'E'),
    URGENT_PRIORITY,
    RTEMS_MINIMUM_STACK_SIZE,
    RTEMS_DEFAULT_MODES,
    RTEMS_DEFAULT_ATTRIBUTES,
    &urgent_task
  ) == RTEMS_SUCCESSFUL);
  bench_check(
    "start",
    rtems_task_start(urgent_task, urgent, 0) == RTEMS_SUCCESSFUL
  );
}

static void
report(const char *name, unsigned done)
{
  unsigned i;

  printf("BENCH latency_%s %u\n", name, (unsigned)(worst * NSEC_PER_TICK));
  printf("BENCH latency_%s_done %u\n", name, done);
  for (i = 0; i < BINS; ++i) {
    if (bins[i] != 0) {
      printf(
        "BENCH LATENCY %s %u %u\n",
        name,
        i * NSEC_PER_TICK,
        (unsigned)bins[i]
      );
      bins[i] = 0;
    }
  }
  worst = 0;
}

/* One load, from when it is on its way. */
static void
measure(const char *name)
{
  rtems_event_set events;

  load_settle();
  bench_region(name, 1);
  bench_begin();
  (void)rtems_task_resume(urgent_task);
  (void)rtems_event_receive(
    EVENT_END,
    RTEMS_WAIT | RTEMS_EVENT_ANY,
    RTEMS_NO_TIMEOUT,
    &events
  );
  bench_end();
  report(name, load_end());
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  init_task = rtems_task_self();
  bench_check("dispatching", *bench_dispatch_level == 0);
  start_urgent();
  load_make_disk();
  measure("bare");
  load_rtems();
  measure("rtems");
  load_start_first_kernel();
  load_start_second_kernel();
  load_beat();
  measure("idle");
  load_storage();
  load_beat();
  measure("storage");
  load_locks();
  load_beat();
  measure("locks");
  load_storage();
  load_restarts();
  load_beat();
  measure("restarts");
  puts("BENCH END");
  exit(0);
}

#define CONFIGURE_MAXIMUM_PROCESSORS 1
#define CONFIGURE_INIT_TASK_PRIORITY INIT_PRIORITY
#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 32
#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
