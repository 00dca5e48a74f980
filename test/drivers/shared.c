/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * One interrupt line of three devices: a network card and a disk of the
 * kernel, and one of a driver of RTEMS, the device "edu" of QEMU, all of them
 * at work.  The host compares what comes over the network and what is on the
 * disk.
 */

#include <stdatomic.h>

#include <rtems/irq-extension.h>

#include "edu.h"
#include "files.h"
#include "network.h"
#include "target.h"

/* As the command line of QEMU has it: the PC's four lines go round. */
#define NETWORK_SLOT 4
#define DISK_SLOT 8
#define EDU_SLOT 12

static atomic_uint raised, handled;

static rtems_counting_semaphore disk_done =
  RTEMS_COUNTING_SEMAPHORE_INITIALIZER("disk", 0);
static atomic_bool network_done;

static void
edu_interrupt(void *arg)
{
  (void)arg;
  if (edu_acknowledge()) {
    atomic_fetch_add(&handled, 1);
  }
}

static void
edu_attach(void)
{
  CHECK(line_of(NETWORK_SLOT) == line_of(EDU_SLOT));
  CHECK(line_of(DISK_SLOT) == line_of(EDU_SLOT));
  edu_find(EDU_SLOT);
  CHECK(
    rtems_interrupt_handler_install(
      line_of(EDU_SLOT),
      "edu",
      RTEMS_INTERRUPT_SHARED,
      edu_interrupt,
      NULL
    ) == RTEMS_SUCCESSFUL
  );
}

/* A line that is left masked is never heard; on a busy host it takes long. */
static void
edu_raise(void)
{
  unsigned tries = 0;

  atomic_fetch_add(&raised, 1);
  edu_ask();
  do {
    target_sleep(20);
    CHECK(++tries < 500);
  } while (atomic_load(&raised) != atomic_load(&handled));
}

/* What is read has been read from the disk, since it was mounted anew. */
static rtems_task
use_disk(rtems_task_argument arg)
{
  const char *name = (const char *)arg;

  CHECK(rtems_rump_enter() == 0);
  do {
    disk_mount("/dev/ld0d", "ffs");
    disk_write(name);
    disk_read_again("/dev/ld0d", "ffs", name);
  } while (!atomic_load(&network_done));
  rtems_rump_leave();
  rtems_counting_semaphore_post(&disk_done);
  rtems_task_exit();
}

/* Above all others. */
static rtems_task
use_edu(rtems_task_argument arg)
{
  (void)arg;
  while (!atomic_load(&network_done)) {
    edu_raise();
  }
  rtems_counting_semaphore_post(&disk_done);
  rtems_task_exit();
}

static void
live(unsigned life)
{
  const char *name = life == 0 ? "/disk/first" : "/disk/second";
  static const struct rtems_rump_config config = {
    .memory = 16 << 20, .restartable = true
  };

  atomic_store(&network_done, false);
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  network_up("vioif0");
  (void)target_task(TARGET_PRIORITY, use_disk, (rtems_task_argument)name);
  (void)target_task(1, use_edu, 0);
  network_talk();
  atomic_store(&network_done, true);
  rtems_counting_semaphore_wait(&disk_done);
  rtems_counting_semaphore_wait(&disk_done);
  rtems_rump_leave();
  CHECK(rtems_rump_end() == 0);
  target_sleep(20);
}

/* That the line is not left masked when the kernel has ended. */
static void
check_alone(void)
{
  edu_raise();
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("SHARED");
  edu_attach();
  target_live_twice(live);
  check_alone();
  printf("shared: %u interrupts of RTEMS's device\n", atomic_load(&handled));
  CHECK(atomic_load(&handled) > 10);
  TARGET_END("SHARED");
}

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
