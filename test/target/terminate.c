/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Tasks end while the scheduler moves them: each is taken from its processor
 * by tasks that are pinned there, and its stack is the next one's.
 */

#include "target.h"

#include <stdatomic.h>

#include <rtems/score/percpu.h>

#define ROUNDS 300
#define AT_A_TIME 8

/* Of processors: where the main task is, who disturbs, the others. */
#define MAKER 0
#define DISTURBER 1
#define FIRST 2
#define PROCESSORS 4

static rtems_binary_semaphore wanted[PROCESSORS];
static rtems_counting_semaphore ended =
  RTEMS_COUNTING_SEMAPHORE_INITIALIZER("ended", AT_A_TIME);
static atomic_bool over;

static void
pin(rtems_id task, unsigned processor)
{
  cpu_set_t set;

  CPU_ZERO(&set);
  CPU_SET((int)processor, &set);
  CHECK(rtems_task_set_affinity(task, sizeof(set), &set) == RTEMS_SUCCESSFUL);
}

static void
pass_time(unsigned n)
{
  while (n-- > 0) {
    __asm__ volatile("" ::: "memory");
  }
}

/* More urgent than who ends. */
static rtems_task
push_away(rtems_task_argument processor)
{
  while (!over) {
    rtems_binary_semaphore_wait(&wanted[processor]);
    pass_time(200);
  }
  rtems_counting_semaphore_post(&ended);
  rtems_task_exit();
}

static rtems_task
disturb(rtems_task_argument arg)
{
  unsigned n = 1;

  (void)arg;
  while (!over) {
    n = n * 1103515245 + 12345;
    rtems_binary_semaphore_post(&wanted[FIRST + (n >> 16) % 2]);
    pass_time((n >> 18) % 8192);
  }
  rtems_counting_semaphore_post(&ended);
  rtems_task_exit();
}

static rtems_task
end(rtems_task_argument n)
{
  pass_time(n % 64);
  rtems_counting_semaphore_post(&ended);
  rtems_task_exit();
}

/* Its stack is about to be free: no processor is still to switch to it. */
static void
check_gone(rtems_tcb *executing, rtems_tcb *deleted)
{
  uint32_t i;

  (void)executing;
  for (i = 0; i < PROCESSORS; ++i) {
    const volatile Per_CPU_Control *cpu = _Per_CPU_Get_by_index(i);

    CHECK(cpu->executing != deleted);
  }
}

/* Waits if there are many that are still to end. */
static rtems_id
make(rtems_task_priority priority)
{
  rtems_status_code sc;
  rtems_id id;

  while ((sc = rtems_task_create(
            rtems_build_name('T', 'E', 'S', 'T'),
            priority,
            RTEMS_MINIMUM_STACK_SIZE,
            RTEMS_DEFAULT_MODES,
            RTEMS_DEFAULT_ATTRIBUTES,
            &id
          )) == RTEMS_TOO_MANY) {
    target_sleep(1);
  }
  CHECK(sc == RTEMS_SUCCESSFUL);
  return id;
}

static void
start_pinned(rtems_task_entry entry, unsigned processor)
{
  rtems_id id = make(TARGET_PRIORITY - 10);

  pin(id, processor);
  CHECK(rtems_task_start(id, entry, processor) == RTEMS_SUCCESSFUL);
}

rtems_task
Init(rtems_task_argument arg)
{
  unsigned i;

  (void)arg;
  TARGET_BEGIN("TERMINATE");
  pin(RTEMS_SELF, MAKER);
  for (i = FIRST; i < PROCESSORS; ++i) {
    rtems_binary_semaphore_init(&wanted[i], "wanted");
    start_pinned(push_away, i);
  }
  start_pinned(disturb, DISTURBER);
  for (i = 0; i < ROUNDS; ++i) {
    rtems_counting_semaphore_wait(&ended);
    CHECK(
      rtems_task_start(make(TARGET_PRIORITY), end, i) == RTEMS_SUCCESSFUL
    );
  }
  over = true;
  for (i = FIRST; i < PROCESSORS; ++i) {
    rtems_binary_semaphore_post(&wanted[i]);
  }
  for (i = 0; i < AT_A_TIME + 1 + PROCESSORS - FIRST; ++i) {
    rtems_counting_semaphore_wait(&ended);
  }
  TARGET_END("TERMINATE");
}

#define CONFIGURE_INITIAL_EXTENSIONS \
  RTEMS_RUMP_INITIAL_EXTENSION, { .thread_delete = check_gone }
#define CONFIGURE_MAXIMUM_TASKS 30
#define CONFIGURE_INIT_TASK_PRIORITY (TARGET_PRIORITY - 10)
#include "config.h"
