/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Two kernels on two processors, for the simulator: what an operation takes of
 * real time while one of them is at work, and while both are.
 */

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <rtems.h>
#include <rtems/thread.h>

#include "kernel.h"
#include "scaling.h"

#define PROCESSORS 2
#define PRIORITY 110

/* Short, and the least counts: the host may have had something else to do. */
#define REPETITIONS 2000
#define OPERATIONS 200

static const struct scaling_kernel *const kernels[PROCESSORS] = {
  &scaling_k1, &scaling_k2
};

static rtems_counting_semaphore go =
  RTEMS_COUNTING_SEMAPHORE_INITIALIZER("go", 0);
static rtems_counting_semaphore ended =
  RTEMS_COUNTING_SEMAPHORE_INITIALIZER("ended", 0);
static atomic_uint ready, workers;
static uint64_t took[PROCESSORS];

static uint64_t
now(void)
{
  struct timespec time;

  rtems_clock_get_monotonic(&time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static uint64_t
operate(const struct scaling_kernel *kernel)
{
  uint64_t begin = now();
  int i;

  for (i = 0; i < OPERATIONS / SCALING_TIMES; ++i) {
    (*kernel->operate)(0, SCALING_GETPID);
    (*kernel->operate)(0, SCALING_WRITE);
    (*kernel->operate)(0, SCALING_CREATE);
  }
  return now() - begin;
}

/* All begin together. */
static rtems_task
work(rtems_task_argument processor)
{
  (*kernels[processor]->enter)(0);
  for (;;) {
    rtems_counting_semaphore_wait(&go);
    atomic_fetch_add(&ready, 1);
    while (atomic_load(&ready) < atomic_load(&workers)) {
    }
    took[processor] = operate(kernels[processor]);
    rtems_counting_semaphore_post(&ended);
  }
}

static void
start_on(unsigned processor)
{
  rtems_id id;
  cpu_set_t set;

  (*kernels[processor]->start)(1, UINT32_C(1) << processor);
  bench_check("task", rtems_task_create(
    rtems_build_name('W', 'O', 'R', 'K'),
    PRIORITY,
    64 * 1024,
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
  bench_check("start", rtems_task_start(id, work, processor)
    == RTEMS_SUCCESSFUL);
}

/* Nanoseconds until the last of so many kernels has done it. */
static uint64_t
measure(unsigned count)
{
  uint64_t least = UINT64_MAX;
  uint64_t last;
  unsigned i, k;

  atomic_store(&workers, count);
  for (i = 0; i < REPETITIONS; ++i) {
    atomic_store(&ready, 0);
    for (k = 0; k < count; ++k) {
      rtems_counting_semaphore_post(&go);
    }
    for (k = 0; k < count; ++k) {
      rtems_counting_semaphore_wait(&ended);
    }
    last = took[0] > took[count - 1] ? took[0] : took[count - 1];
    least = last < least ? last : least;
  }
  return least;
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  start_on(0);
  printf("BENCH simulator_one_kernel %llu\n",
    (unsigned long long)measure(1) / OPERATIONS);
  start_on(1);
  printf("BENCH simulator_two_kernels %llu\n",
    (unsigned long long)measure(2) / OPERATIONS);
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
