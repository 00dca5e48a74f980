/* SPDX-License-Identifier: BSD-2-Clause */

/* For the kernel that RTEMS_RUMP_KERNEL names. */

#include "kernels.h"

#include <stdatomic.h>

#define ROUNDS 10
#define MEMORY (4u << 20)

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

static const char *const hostnames[] = { "one", "two", "three", "four" };

int rump_sys___sysctl(const int *name, unsigned length, void *old,
  size_t *old_size, const void *new, size_t new_size)
  NETBSD_SYSTEM_CALL("__sysctl");

static int marker;

static void
start(unsigned number)
{
  static struct rtems_rump_config config = { .memory = MEMORY };
  char name[32];

  config.hostname = hostnames[number];
  CHECK(rtems_rump_start(&config) == 0);
  (void)snprintf(name, sizeof(name), "/kernel%u", number);
  marker = rump_sys_open(name, NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);
  CHECK(marker >= 0);
  CHECK(rump_sys_write(marker, name, sizeof(name)) == sizeof(name));
}

static void
check_hostname(unsigned number)
{
  static const int kern_hostname[] = { 1, 10 };
  char name[64] = "";
  size_t size = sizeof(name);

  CHECK(
    rump_sys___sysctl(kern_hostname, 2, name, &size, NULL, 0) == 0
  );
  CHECK(strcmp(name, hostnames[number]) == 0);
}

static void
check_marker(unsigned number)
{
  char name[32], text[32];

  (void)snprintf(name, sizeof(name), "/kernel%u", number);
  CHECK(rump_sys_pread(marker, text, sizeof(text), 0) == sizeof(text));
  CHECK(strcmp(text, name) == 0);
}

static void
check_alone(unsigned number, unsigned kernels)
{
  char name[32];
  unsigned i;

  check_hostname(number);
  check_marker(number);
  for (i = 0; i < kernels; ++i) {
    if (i != number) {
      (void)snprintf(name, sizeof(name), "/kernel%u", i);
      CHECK_ERRNO(rump_sys_open(name, NETBSD_O_RDONLY), ENOENT);
    }
  }
}

static void
write_and_check(unsigned number, const char *name)
{
  static atomic_uint counter;
  uint32_t stamp[1024], back[1024];
  size_t i;
  int fd = rump_sys_open(name, NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);

  CHECK(fd >= 0);
  for (i = 0; i < 1024; ++i) {
    stamp[i] = number << 24 ^ atomic_fetch_add(&counter, 1);
  }
  CHECK(rump_sys_pwrite(fd, stamp, sizeof(stamp), 0) == sizeof(stamp));
  CHECK(rump_sys_pread(fd, back, sizeof(back), 0) == sizeof(back));
  CHECK(memcmp(stamp, back, sizeof(stamp)) == 0);
  CHECK(rump_sys_close(fd) == 0);
  CHECK(rump_sys_unlink(name) == 0);
}

static void
work(unsigned number)
{
  static atomic_uint workers;
  unsigned self = atomic_fetch_add(&workers, 1);
  char name[32];
  unsigned i;

  CHECK(rtems_rump_enter() == 0);
  for (i = 0; i < ROUNDS; ++i) {
    (void)snprintf(name, sizeof(name), "/work%u.%u", self, i);
    write_and_check(number, name);
  }
  check_marker(number);
  rtems_rump_leave();
}

static void
end(void)
{
  struct rtems_rump_usage usage;

  rtems_rump_get_usage(&usage);
  CHECK(usage.memory_size == MEMORY);
  CHECK(usage.memory_failures == 0);
  CHECK(rump_sys_close(marker) == 0);
  CHECK(rtems_rump_end() == 0);
  CHECK(rtems_rump_enter() == EINVAL);
}

const struct kernel_user JOIN(kernel_user_, RTEMS_RUMP_KERNEL) = {
  start,
  check_alone,
  work,
  end
};
