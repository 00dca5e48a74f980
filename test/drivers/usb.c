/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's drivers of USB host controllers and of memory sticks: what the
 * host has put on a stick is read, more is written for the host to see, and
 * the host takes the stick away and puts it in again.
 */

#include "target.h"

#define DEVICE "/dev/rsd0d"
#ifndef CHUNK
#define CHUNK 65536
#endif
#define WORDS (CHUNK / sizeof(uint32_t))
/* So many that the host has written, and after them so many for this. */
#define CHUNKS ((1u << 18) / CHUNK)

static uint32_t pattern[WORDS], buffer[WORDS];

static const uint32_t *
chunk_of(unsigned chunk)
{
  uint32_t flip = chunk < CHUNKS ? 0 : UINT32_MAX;
  unsigned i;

  for (i = 0; i < WORDS; ++i) {
    pattern[i] = (uint32_t)(chunk * WORDS + i) ^ flip;
  }
  return pattern;
}

/* NetBSD finds what is on a bus after its boot. */
static int
open_when_there(void)
{
  int fd;

  while ((fd = rump_sys_open(DEVICE, NETBSD_O_RDWR)) < 0) {
    CHECK(errno == ENXIO || errno == EIO || errno == ENODEV);
    target_sleep(10);
  }
  return fd;
}

static void
compare(int fd, unsigned begin, unsigned end)
{
  unsigned i;

  for (i = begin; i < end; ++i) {
    CHECK(rump_sys_pread(fd, buffer, CHUNK, (int64_t)i * CHUNK) == CHUNK);
    CHECK(memcmp(buffer, chunk_of(i), CHUNK) == 0);
  }
}

static void
write_for_host(int fd)
{
  unsigned i;

  for (i = CHUNKS; i < 2 * CHUNKS; ++i) {
    CHECK(rump_sys_pwrite(fd, chunk_of(i), CHUNK, (int64_t)i * CHUNK)
      == CHUNK);
  }
}

/* A driver that is asked for something while its stick goes may never answer. */
static void
wait_until_gone(void)
{
  target_sleep(1000);
  CHECK_ERRNO(rump_sys_open(DEVICE, NETBSD_O_RDWR), ENXIO);
}

static void
live(unsigned life)
{
  static const struct rtems_rump_config config = {
    .memory = 8 << 20, .restartable = true
  };
  int fd;

  (void)life;
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  fd = open_when_there();
  compare(fd, 0, CHUNKS);
  write_for_host(fd);
  compare(fd, 0, 2 * CHUNKS);
  CHECK(rump_sys_close(fd) == 0);
  puts("usb: unplug");
  wait_until_gone();
  puts("usb: plug");
  fd = open_when_there();
  compare(fd, 0, 2 * CHUNKS);
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
