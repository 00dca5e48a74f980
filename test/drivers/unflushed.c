/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A stick is taken away while it is written, and put in again.  A program that
 * waits until the kernel knows has it again.  One that does not may end the
 * kernel, as NetBSD 7.99.34 destroys the lock that an open() holds; not RTEMS,
 * and not a neighbour.
 */

#include "neighbour.h"
#include "rawstick.h"
#include "target.h"

static int
lose(void *waits)
{
  int fd;

  CHECK(rtems_rump_enter() == 0);
  fd = stick_open();
  CHECK(stick_write(fd, 0));
  puts("usb: unplug");
  errno = 0;
  while (stick_write(fd, 0)) {
  }
  CHECK(errno == EIO || errno == ENXIO);
  puts("unflushed: the writer knows");
  (void)rump_sys_close(fd);
  puts("unflushed: closed");
  if (waits != NULL) {
    target_sleep(1000);
    stick_is_gone();
  }
  puts("usb: plug");
  fd = stick_open();
  stick_compare(fd, 0, STICK_CHUNKS);
  CHECK(rump_sys_close(fd) == 0);
  rtems_rump_leave();
  return 0;
}

/* The stick is as before, in the kernel's next life. */
static int
use(void *arg)
{
  unsigned i;
  int fd;

  (void)arg;
  CHECK(rtems_rump_enter() == 0);
  fd = stick_open();
  stick_compare(fd, 0, STICK_CHUNKS);
  for (i = STICK_CHUNKS; i < 2 * STICK_CHUNKS; ++i) {
    CHECK(stick_write(fd, i));
  }
  CHECK(rump_sys_close(fd) == 0);
  rtems_rump_leave();
  return 0;
}

/* Returns whether the kernel is still there in the end. */
static bool
live(int (*function)(void *arg), void *arg)
{
  static const struct rtems_rump_config config = {
    .memory = 8 << 20, .restartable = true
  };
  int result, error;

  CHECK(rtems_rump_start(&config) == 0);
  error = rtems_rump_call(function, arg, &result);
  CHECK(error == 0 || error == EIO);
  neighbour_check();
  CHECK(rtems_rump_end() == 0);
  return error == 0;
}

static rtems_task
Init(rtems_task_argument arg)
{
  rtems_resource_snapshot before, after;

  (void)arg;
  TARGET_BEGIN("UNFLUSHED");
  neighbour_begin();
  CHECK(live(use, NULL));
  rtems_resource_snapshot_take(&before);
  printf("unflushed: at once: the kernel %s\n",
    live(lose, NULL) ? "goes on" : "ends");
  CHECK(live(lose, "waits"));
  CHECK(live(use, NULL));
  rtems_resource_snapshot_take(&after);
  target_check_equal(&before, &after);
  neighbour_end();
  TARGET_END("UNFLUSHED");
}

#define CONFIGURE_MAXIMUM_TASKS 100
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
