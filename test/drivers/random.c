/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's driver of virtio's source of randomness: it is all that feeds the
 * kernel's pool, and through getentropy() also RTEMS's random numbers.
 */

#include "target.h"

/* What NetBSD tells of one source of its pool. */
struct rndstat_name {
  char name[16];
  struct {
    char name[16];
    uint32_t total, type, flags;
  } source;
};

#define RNDGETSRCNAME (0xc0005267u | sizeof(struct rndstat_name) << 16)

int rump_sys_ioctl(int fd, unsigned long command, void *data)
  NETBSD_SYSTEM_CALL("ioctl");

static int urandom = -1;
static unsigned asked;

/*
 * Of this program, in place of the BSP's: what RTEMS and its C library want of
 * randomness comes from the kernel while that runs.
 */
int
getentropy(void *buffer, size_t size)
{
  if (urandom < 0) {
    errno = EIO;
    return -1;
  }
  ++asked;
  return rump_sys_read(urandom, buffer, size) == (ssize_t)size ? 0 : -1;
}

static size_t
none(void *buffer, size_t size)
{
  (void)buffer;
  (void)size;
  return 0;
}

static uint32_t
bits_from_device(void)
{
  struct rndstat_name stat = { .name = "viornd0" };

  CHECK(rump_sys_ioctl(urandom, RNDGETSRCNAME, &stat) == 0);
  return stat.source.total;
}

/*
 * Who opens this source anew and reads much of it makes the kernel ask the
 * device, for 32 bytes.  Only when there are 256 they come into the pool, and
 * are counted for the second time.
 */
static void
fill_pool(void)
{
  do {
    int fd = rump_sys_open("/dev/urandom", NETBSD_O_RDONLY);
    char data[64];

    CHECK(fd >= 0);
    CHECK(rump_sys_read(fd, data, sizeof(data)) == sizeof(data));
    CHECK(rump_sys_close(fd) == 0);
    target_sleep(1);
  } while (bits_from_device() < 2 * 256 * 8);
}

/* Waits for ever if nothing is in the pool. */
static void
read_pool(void)
{
  int fd = rump_sys_open("/dev/random", NETBSD_O_RDONLY);
  char data[16];

  CHECK(fd >= 0);
  CHECK(rump_sys_read(fd, data, sizeof(data)) == sizeof(data));
  CHECK(rump_sys_close(fd) == 0);
}

static void
live(unsigned life)
{
  static const struct rtems_rump_config config = {
    .memory = 8 << 20, .restartable = true, .entropy = none
  };
  uint32_t one[8], other[8];

  (void)life;
  CHECK(getentropy(one, sizeof(one)) == -1);
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  urandom = rump_sys_open("/dev/urandom", NETBSD_O_RDONLY);
  CHECK(urandom >= 0);
  fill_pool();
  read_pool();
  CHECK(getentropy(one, sizeof(one)) == 0);
  CHECK(getentropy(other, sizeof(other)) == 0);
  CHECK(memcmp(one, other, sizeof(one)) != 0);
  printf("random: %lu bits\n", (unsigned long)bits_from_device());
  CHECK(rump_sys_close(urandom) == 0);
  urandom = -1;
  rtems_rump_leave();
  CHECK(rtems_rump_end() == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("RANDOM");
  target_live_twice(live);
  TARGET_END("RANDOM");
}

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
