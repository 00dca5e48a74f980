/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The end of tasks on several processors; for confdefs.h.
 *
 * RTEMS 6 frees the stack of a task that has ended as soon as no processor runs
 * it. But one may still be about to: a task that ends, and that its scheduler
 * moves to another processor meanwhile, is the executing one there from then
 * on, and runs there once more if it has left the first processor by the time
 * that the second one looks. Then that one returns by a stack that another
 * task has. Schedulers that know affinity move tasks for those that are pinned,
 * as a kernel's are.
 */

#ifndef RTEMS_RUMP_TERMINATE_H
#define RTEMS_RUMP_TERMINATE_H

#include <rtems.h>
#include <rtems/score/smpimpl.h>

static void
rtems_rump_nothing(void *arg)
{
  (void)arg;
}

/*
 * A processor that has chosen its next task, with interrupts disabled, has it
 * as its executing one when it takes the interrupt; it goes on to the one
 * after that as soon as it finds that it cannot have this one.
 */
static void
rtems_rump_wait_for_processor(uint32_t index, const rtems_tcb *task)
{
  const volatile Per_CPU_Control *cpu = _Per_CPU_Get_by_index(index);

  _SMP_Unicast_action(index, rtems_rump_nothing, NULL);
  while (cpu->executing == task) {
    continue;
  }
}

/*
 * The task stays where it is, and no other processor has it any more.  Waits
 * for each processor of its scheduler, but not if it was pinned before, for as
 * long as that has interrupts or the end of an interrupt to do.
 */
static void __attribute__((__unused__))
rtems_rump_terminate(rtems_tcb *task)
{
  cpu_set_t others, here;
  rtems_id scheduler;
  int i;

  CPU_ZERO(&others);
  CPU_ZERO(&here);
  (void)rtems_task_get_affinity(RTEMS_SELF, sizeof(others), &others);
  if (CPU_COUNT(&others) == 1) {
    return;
  }
  CPU_SET((int)rtems_scheduler_get_processor(), &here);
  (void)rtems_task_get_scheduler(RTEMS_SELF, &scheduler);
  (void)rtems_scheduler_get_processor_set(scheduler, sizeof(others), &others);
  if (rtems_task_set_affinity(RTEMS_SELF, sizeof(here), &here)
        != RTEMS_SUCCESSFUL) {
    return;
  }
  for (i = 0; i < CPU_MAXIMUM_PROCESSORS; ++i) {
    if (CPU_ISSET(i, &others) && !CPU_ISSET(i, &here)) {
      rtems_rump_wait_for_processor((uint32_t)i, task);
    }
  }
}

#endif /* RTEMS_RUMP_TERMINATE_H */
