/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's drivers of USB host controllers and of memory sticks: what the
 * host has put on a stick is read, more is written for the host to see, and
 * the host takes the stick away and puts it in again.  With PULLED it takes it
 * away while a request is under way.
 */

#include "target.h"

#ifdef PULLED
#include <stdatomic.h>

#include <rtems/thread.h>
#endif

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

#ifndef PULLED

/* A driver that is asked for something while its stick goes answers late. */
static void
take_away(int fd)
{
  CHECK(rump_sys_close(fd) == 0);
  puts("usb: unplug");
  target_sleep(1000);
  CHECK_ERRNO(rump_sys_open(DEVICE, NETBSD_O_RDWR), ENXIO);
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
  while (rump_sys_pread((int)fd, buffer, CHUNK, 0) == CHUNK) {
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
  fd = open_when_there();
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
  int fd;

  (void)life;
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  fd = open_when_there();
  compare(fd, 0, CHUNKS);
  write_for_host(fd);
  compare(fd, 0, 2 * CHUNKS);
  take_away(fd);
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
