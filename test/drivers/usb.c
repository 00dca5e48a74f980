/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's drivers of USB host controllers and of memory sticks: what the
 * host has put on a stick is read, more is written for the host to see, and
 * the host takes the stick away and puts it in again.  With PULLED it takes it
 * away while a request is under way.
 */

#include "rawstick.h"
#include "target.h"

#ifdef PULLED
#include <stdatomic.h>

#include <rtems/thread.h>
#endif

#ifndef PULLED

/* A driver that is asked for something while its stick goes answers late. */
static void
take_away(int fd)
{
  CHECK(rump_sys_close(fd) == 0);
  puts("usb: unplug");
  target_sleep(1000);
  stick_is_gone();
}

#else

/*
 * NetBSD's driver asks five times, and then has three more things to say to the
 * stick before it asks again; each has 65 seconds.
 */
#define SECONDS_MAX (5 * 4 * 65)

static atomic_uint reads;
static rtems_binary_semaphore failed =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("failed");

static rtems_task
read_on(rtems_task_argument fd)
{
  CHECK(rtems_rump_enter() == 0);
  errno = 0;
  while (stick_read((int)fd, 0)) {
    atomic_fetch_add(&reads, 1);
  }
  CHECK(errno == EIO || errno == ENXIO);
  rtems_rump_leave();
  rtems_binary_semaphore_post(&failed);
  rtems_task_exit();
}

static void
take_away(int fd)
{
  unsigned before = atomic_load(&reads);
  uint32_t begin;

  /* What has been written is flushed by the last close: not later. */
  CHECK(rump_sys_close(fd) == 0);
  fd = stick_open();
  (void)target_task(TARGET_PRIORITY, read_on, (rtems_task_argument)fd);
  do {
    target_sleep(1);
  } while (atomic_load(&reads) < before + 8);
  puts("usb: unplug");
  begin = rtems_clock_get_uptime_seconds();
  rtems_binary_semaphore_wait(&failed);
  begin = rtems_clock_get_uptime_seconds() - begin;
  printf("usb: the reader knows after %u seconds\n", (unsigned)begin);
  CHECK(begin <= SECONDS_MAX);
  CHECK(rump_sys_close(fd) == 0);
}

#endif

static void
live(unsigned life)
{
  static const struct rtems_rump_config config = {
    .memory = 8 << 20, .restartable = true
  };
  unsigned i;
  int fd;

  (void)life;
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  fd = stick_open();
  stick_compare(fd, 0, STICK_CHUNKS);
  for (i = STICK_CHUNKS; i < 2 * STICK_CHUNKS; ++i) {
    CHECK(stick_write(fd, i));
  }
  stick_compare(fd, 0, 2 * STICK_CHUNKS);
  take_away(fd);
  puts("usb: plug");
  fd = stick_open();
  stick_compare(fd, 0, 2 * STICK_CHUNKS);
  CHECK(rump_sys_close(fd) == 0);
  rtems_rump_leave();
  CHECK(rtems_rump_end() == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("USB");
  target_live_twice(live);
  TARGET_END("USB");
}

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
