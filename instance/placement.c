/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Where the kernel's tasks run: the scheduler instance and the processors.
 */

#include "instance.h"

#include <errno.h>
#include <stdatomic.h>

#include <rtems.h>

/* Who looks at a kernel may do so while it starts again. */
static struct {
  /* 0: there is one for all tasks. */
  rtems_id scheduler;

  /* Bit n for processor n. */
  _Atomic uint32_t processors;

  /* These are not all that the scheduler has. */
  bool confined;
} placement OUTLIVES_KERNEL;

uint32_t
placement_processors(void)
{
  return placement.processors;
}

static unsigned
count(uint32_t processors)
{
  return (unsigned)__builtin_popcount(processors);
}

/*
 * Processor n of the kernel's, from the last one down, and so again.  The first
 * one has the interrupts of devices and of the clock, on a PC all of them, and
 * virtual CPU 0 all packets that come, and NetBSD's clock.
 */
static int
nth_processor(unsigned n)
{
  uint32_t processors = placement.processors;

  for (n = count(processors) - 1 - n % count(processors); n > 0; --n) {
    processors &= processors - 1;
  }
  return __builtin_ctz(processors);
}

/* Bit n for the kernel's processor n, of bits for RTEMS's. */
static uint32_t
count_own(uint32_t processors)
{
  uint32_t own = 0;
  unsigned n;

  for (n = 0; n < count(placement.processors); ++n) {
    own |= (processors >> nth_processor(n) & 1) << n;
  }
  return own;
}

/*
 * Virtual CPU n is at home on the kernel's processor n: a hint, where the
 * scheduler cannot pin a task the task runs anywhere.  But a kernel that has
 * some of its scheduler's processors has all its tasks pinned, those of no
 * virtual CPU in turn, as schedulers know one processor or all.
 */
static bool
place(uint32_t task, unsigned priority, int processor)
{
  bool single = (placement.processors & (placement.processors - 1)) == 0;
  static atomic_uint turn;
  cpu_set_t set;

  if (placement.scheduler != 0
      && rtems_task_set_scheduler(task, placement.scheduler, priority)
        != RTEMS_SUCCESSFUL) {
    return false;
  }
  if (!placement.confined && (processor < 0 || single)) {
    return true;
  }
  if (processor < 0) {
    processor = (int)(atomic_fetch_add(&turn, 1) % 32);
  }
  CPU_ZERO(&set);
  CPU_SET(nth_processor((unsigned)processor), &set);
  return rtems_task_set_affinity(task, sizeof(set), &set) == RTEMS_SUCCESSFUL
    || !placement.confined;
}

static bool
find_scheduler(rtems_name name, rtems_id *scheduler)
{
  if (name == 0) {
    return rtems_task_get_scheduler(RTEMS_SELF, scheduler)
      == RTEMS_SUCCESSFUL;
  }
  return rtems_scheduler_ident(name, scheduler) == RTEMS_SUCCESSFUL;
}

static uint32_t
processors_of(rtems_id scheduler)
{
  uint32_t processors = 0;
  cpu_set_t set;
  int i;

  CPU_ZERO(&set);
  (void)rtems_scheduler_get_processor_set(scheduler, sizeof(set), &set);
  for (i = 0; i < 32; ++i) {
    if (CPU_ISSET(i, &set)) {
      processors |= UINT32_C(1) << i;
    }
  }
  return processors;
}

static int
complain(const char *field, uint32_t value, const char *what)
{
  rumpuser_dprintf(
    "rump: rtems_rump_config::%s is %#lx, %s\n",
    field,
    (unsigned long)value,
    what
  );
  return EINVAL;
}

/* Whether the kernel's tasks can be there, told by one that never starts. */
static int
check_with_task(const struct rtems_rump_config *config)
{
  rtems_id task;
  bool placed;

  if (rtems_task_create(
        rtems_build_name('R', 'U', 'M', 'P'),
        1,
        RTEMS_MINIMUM_STACK_SIZE,
        RTEMS_DEFAULT_MODES,
        RTEMS_DEFAULT_ATTRIBUTES,
        &task
      ) != RTEMS_SUCCESSFUL) {
    rumpuser_dprintf(
      "rump: RTEMS has no task for the kernel: raise "
      "CONFIGURE_MAXIMUM_TASKS\n"
    );
    return EAGAIN;
  }
  placed = place(task, 1, -1);
  (void)rtems_task_delete(task);
  return placed ? 0 : complain(
    "affinity",
    config->affinity,
    "but its scheduler cannot pin a task to one of these processors: give "
    "the kernel a scheduler instance of its own"
  );
}

int
placement_configure(struct rtems_rump_config *config)
{
  uint32_t owned;

  if (!find_scheduler(config->scheduler, &placement.scheduler)) {
    return complain(
      "scheduler",
      config->scheduler,
      "and RTEMS has no scheduler instance of this name"
    );
  }
  owned = processors_of(placement.scheduler);
  if (owned == 0) {
    return complain("scheduler", config->scheduler, "and owns no processor");
  }
  if ((config->affinity & ~owned) != 0) {
    return complain(
      "affinity",
      config->affinity,
      "but the scheduler instance does not own all these processors"
    );
  }
  if (owned == UINT32_MAX >> (32 - rtems_scheduler_get_processor_maximum())) {
    placement.scheduler = 0;
  }
  placement.confined = config->affinity != 0 && config->affinity != owned;
  placement.processors = placement.confined ? config->affinity : owned;
  if ((config->interrupt_affinity & ~placement.processors) != 0) {
    return complain(
      "interrupt_affinity",
      config->interrupt_affinity,
      "but these are not all processors of the kernel"
    );
  }
  config->interrupt_affinity = count_own(config->interrupt_affinity);
  if (config->processors == 0) {
    config->processors = count(placement.processors);
  }
  hypercall_place = place;
  return placement.confined ? check_with_task(config) : 0;
}
