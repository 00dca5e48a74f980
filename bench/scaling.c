/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Kernels side by side, each on its own processor: 1, 2 and 4 with one virtual
 * CPU, and one with four.  bench/plugin-processors.c counts.
 */

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <rtems.h>
#include <rtems/malloc.h>
#include <rtems/score/heapimpl.h>
#include <rtems/thread.h>

#include "kernel.h"
#include "region.h"
#include "scaling.h"

#define PROCESSORS 4
#define PRIORITY 110
#ifndef REPETITIONS
#define REPETITIONS 31
#endif

static const struct scaling_kernel *const small[] = {
  &scaling_k1, &scaling_k2, &scaling_k3, &scaling_k4
};

static const char *const names[SCALING_OPERATIONS] = {
  "getpid", "write", "create"
};

static rtems_counting_semaphore ended =
  RTEMS_COUNTING_SEMAPHORE_INITIALIZER("ended", 0);
static atomic_uint ready, done;
static unsigned workers;

static struct worker {
  const struct scaling_kernel *kernel;
  unsigned task;
  enum scaling_operation operation;
} of_processor[PROCESSORS];

/* As long as somebody still counts, all are at work. */
static rtems_task
work(rtems_task_argument processor)
{
  const struct worker *w = &of_processor[processor];
  unsigned i;

  (*w->kernel->enter)(w->task);
  (*w->kernel->operate)(w->task, w->operation);
  atomic_fetch_add(&ready, 1);
  while (atomic_load(&ready) < workers) {
    (void)rtems_task_wake_after(1);
  }
  for (i = 0; i < REPETITIONS; ++i) {
    (*w->kernel->operate)(w->task, w->operation);
  }
  atomic_fetch_add(&done, 1);
  while (atomic_load(&done) < workers) {
    (*w->kernel->operate)(w->task, w->operation);
  }
  (*w->kernel->leave)(w->task);
  rtems_counting_semaphore_post(&ended);
  rtems_task_exit();
}

static void
start_on(unsigned processor, rtems_task_entry entry)
{
  rtems_id id;
  cpu_set_t set;

  bench_check("task", rtems_task_create(
    rtems_build_name('W', 'O', 'R', 'K'),
    PRIORITY,
    16 * 1024,
    RTEMS_DEFAULT_MODES,
    RTEMS_FLOATING_POINT,
    &id
  ) == RTEMS_SUCCESSFUL);
  CPU_ZERO(&set);
  CPU_SET((int)processor, &set);
  bench_check(
    "affinity",
    rtems_task_set_affinity(id, sizeof(set), &set) == RTEMS_SUCCESSFUL
  );
  bench_check(
    "start",
    rtems_task_start(id, entry, processor) == RTEMS_SUCCESSFUL
  );
}

/* All operations on the first processors, which have their kernels set. */
static void
measure(const char *name, unsigned count)
{
  int operation;
  unsigned i;

  workers = count;
  for (operation = 0; operation < SCALING_OPERATIONS; ++operation) {
    printf("BENCH PHASE %s_%s %u\n", name, names[operation], SCALING_TIMES);
    bench_phase();
    atomic_store(&ready, 0);
    atomic_store(&done, 0);
    for (i = 0; i < count; ++i) {
      of_processor[i].operation = (enum scaling_operation)operation;
      start_on(i, work);
    }
    for (i = 0; i < count; ++i) {
      rtems_counting_semaphore_wait(&ended);
    }
  }
}

static void
add_kernel(unsigned processor)
{
  (*small[processor]->start)(1, UINT32_C(1) << processor);
  of_processor[processor] = (struct worker){ .kernel = small[processor] };
}

static void
one_for_all(void)
{
  unsigned i;

  (*scaling_k5.start)(PROCESSORS, (UINT32_C(1) << PROCESSORS) - 1);
  for (i = 0; i < PROCESSORS; ++i) {
    of_processor[i] = (struct worker){ .kernel = &scaling_k5, .task = i };
  }
}

/* The memory of a kernel; nothing else is as large. */
static bool
report_arena(const Heap_Block *block, uintptr_t size, bool is_used, void *arg)
{
  (void)arg;
  if (is_used && size >= SCALING_MEMORY) {
    printf(
      "BENCH ARENA %" PRIxPTR " %" PRIxPTR "\n",
      (uintptr_t)block,
      (uintptr_t)block + size
    );
  }
  return false;
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  bench_check(
    "processors",
    rtems_scheduler_get_processor_maximum() == PROCESSORS
  );
  add_kernel(0);
  measure("kernels_1", 1);
  add_kernel(1);
  measure("kernels_2", 2);
  add_kernel(2);
  add_kernel(3);
  measure("kernels_4", 4);
  one_for_all();
  measure("cpus_1", 1);
  measure("cpus_4", 4);
  bench_phase();
  _Heap_Iterate(RTEMS_Malloc_Heap, report_arena, NULL);
  puts("BENCH END");
  exit(0);
}

#define CONFIGURE_MAXIMUM_PROCESSORS PROCESSORS
#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
