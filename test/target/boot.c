/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The life of a kernel: configurations that cannot be, start, calls from
 * tasks, end, and that nothing is left.
 */

#include "said.h"
#include "target.h"

#include <stdatomic.h>

int rump_sys_pipe2(int fds[2], int flags) NETBSD_SYSTEM_CALL("pipe2");

static atomic_int helper_result;
static rtems_binary_semaphore helper_ended =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("helper");

static void
check_refused(
  const struct rtems_rump_config *config, int error, const char *word)
{
  struct rtems_rump_config heard = *config;

  forget();
  heard.console = listen;
  CHECK(rtems_rump_start(&heard) == error);
  CHECK(strstr(said, word) != NULL);
}

#define REFUSED(error, field, value) \
  check_refused( \
    &(const struct rtems_rump_config) { .field = (value) }, error, #field)

static void
bad_configurations(void)
{
  char name[300];

  memset(name, 'x', sizeof(name) - 1);
  name[sizeof(name) - 1] = '\0';
  REFUSED(EINVAL, hostname, name);
  REFUSED(EINVAL, processors, RTEMS_RUMP_MAXIMUM_PROCESSORS + 1);
  REFUSED(EINVAL, memory, RTEMS_RUMP_MINIMUM_MEMORY - 1);
  REFUSED(EINVAL, memory, 1);
  REFUSED(ENOMEM, memory, (size_t)3 << 30);
  check_refused(
    &(const struct rtems_rump_config) {
      .memory = RTEMS_RUMP_MINIMUM_MEMORY,
      .processors = 2
    },
    EINVAL,
    "memory"
  );
  REFUSED(EINVAL, ceiling, 251);
  REFUSED(EINVAL, ceiling, 100000);
  check_refused(
    &(const struct rtems_rump_config) { .ceiling = 1, .watchdog = 100 },
    EINVAL,
    "ceiling"
  );
  REFUSED(EINVAL, stack_size, 16);
  REFUSED(EINVAL, block_requests, 1025);
  REFUSED(EINVAL, block_tasks, 33);
}

static void
before_start(void)
{
  CHECK(rtems_rump_enter() == EINVAL);
  rtems_rump_leave();
  CHECK(rtems_rump_end() == EINVAL);
}

static void
start(void)
{
  static const struct rtems_rump_config config = {
    .hostname = "boot",
    .memory = 4 << 20,
    .console = listen
  };

  forget();
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_start(&config) == EBUSY);
  CHECK(rtems_rump_start(NULL) == EBUSY);
}

static rtems_task_priority
priority(void)
{
  rtems_task_priority p;

  (void)rtems_task_set_priority(RTEMS_SELF, RTEMS_CURRENT_PRIORITY, &p);
  return p;
}

static void
nesting(void)
{
  struct lwp *lwp;

  CHECK(rtems_rump_enter() == 0);
  CHECK(priority() == RTEMS_RUMP_DEFAULT_CEILING + 2);
  lwp = rump_pub_lwproc_curlwp();
  CHECK(lwp != NULL);
  CHECK(rtems_rump_enter() == 0);
  CHECK(rump_pub_lwproc_curlwp() == lwp);
  rtems_rump_leave();
  CHECK(priority() == RTEMS_RUMP_DEFAULT_CEILING + 2);
  CHECK(rump_pub_lwproc_curlwp() == lwp);
  rtems_rump_leave();
  CHECK(priority() == TARGET_PRIORITY);
  CHECK(rump_pub_lwproc_curlwp() == NULL);
  rtems_rump_leave();
  CHECK(priority() == TARGET_PRIORITY);
}

static void
files(void)
{
  char text[8] = "";
  int fd;

  CHECK(rump_sys_mkdir("/dir", 0755) == 0);
  fd = rump_sys_open("/dir/file", NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);
  CHECK(fd >= 0);
  CHECK(rump_sys_write(fd, "content", 8) == 8);
  CHECK(rump_sys_pread(fd, text, sizeof(text), 0) == 8);
  CHECK(strcmp(text, "content") == 0);
  CHECK(rump_sys_lseek(fd, 3, SEEK_SET) == 3);
  CHECK(rump_sys_read(fd, text, sizeof(text)) == 5);
  CHECK(strcmp(text, "tent") == 0);
  CHECK(rump_sys_read(fd, text, sizeof(text)) == 0);
  CHECK(rump_sys_close(fd) == 0);
}

/* The numbers below are other ones in NetBSD. */
static void
errors(void)
{
  char name[400];
  int fds[2];
  char c;

  memset(name, 'x', sizeof(name) - 1);
  name[sizeof(name) - 1] = '\0';
  CHECK_ERRNO(rump_sys_open("/none", NETBSD_O_RDONLY), ENOENT);
  CHECK_ERRNO(rump_sys_mkdir("/dir", 0755), EEXIST);
  CHECK_ERRNO(rump_sys_open("/dir/file/x", NETBSD_O_RDONLY), ENOTDIR);
  CHECK_ERRNO(rump_sys_open("/dir", NETBSD_O_RDWR), EISDIR);
  CHECK_ERRNO(rump_sys_close(99), EBADF);
  CHECK_ERRNO(rump_sys_rmdir("/dir"), ENOTEMPTY);
  CHECK_ERRNO(rump_sys_mkdir(name, 0755), ENAMETOOLONG);
  CHECK_ERRNO(rump_sys_mount("nofs", "/dir", 0, NULL, 0), ENODEV);
  CHECK(rump_sys_pipe2(fds, NETBSD_O_NONBLOCK) == 0);
  CHECK_ERRNO(rump_sys_read(fds[0], &c, 1), EAGAIN);
  CHECK_ERRNO(rump_sys_lseek(fds[0], 0, SEEK_SET), ESPIPE);
  CHECK(rump_sys_close(fds[0]) == 0);
  CHECK(rump_sys_close(fds[1]) == 0);
}

static void
tidy(void)
{
  CHECK(rump_sys_unlink("/dir/file") == 0);
  CHECK(rump_sys_rmdir("/dir") == 0);
  CHECK_ERRNO(rump_sys_rmdir("/dir"), ENOENT);
}

static rtems_task
urgent(rtems_task_argument arg)
{
  (void)arg;
  atomic_store(&helper_result, rtems_rump_enter());
  rtems_binary_semaphore_post(&helper_ended);
  rtems_task_exit();
}

static int
enter_at(rtems_task_priority level)
{
  (void)target_task(level, urgent, 0);
  rtems_binary_semaphore_wait(&helper_ended);
  /* Its memory is free as soon as it does not run any more. */
  target_sleep(20);
  return atomic_load(&helper_result);
}

static void
too_urgent(void)
{
  forget();
  CHECK(enter_at(RTEMS_RUMP_DEFAULT_CEILING + 1) == EPERM);
  CHECK(strstr(said, "ceiling") != NULL);
  CHECK(enter_at(2) == EPERM);
}

static void
usage_while_running(void)
{
  struct rtems_rump_usage usage;

  rtems_rump_get_usage(&usage);
  CHECK(usage.memory_size == 4 << 20);
  CHECK(usage.memory_used > 100 << 10 && usage.memory_used < 2 << 20);
  CHECK(usage.memory_peak >= usage.memory_used);
  CHECK(usage.memory_peak <= usage.memory_size);
  CHECK(usage.memory_failures == 0);
  CHECK(usage.tasks >= 5 && usage.tasks <= 48);
  CHECK(usage.block_pending == 0);
  CHECK(usage.block_done == 0);
}

static void
after_end(void)
{
  struct rtems_rump_usage usage;

  CHECK(rtems_rump_end() == EINVAL);
  CHECK(rtems_rump_enter() == EINVAL);
  CHECK(rtems_rump_start(NULL) == EBUSY);
  rtems_rump_leave();
  rtems_rump_get_usage(&usage);
  CHECK(usage.memory_used == 0);
  CHECK(usage.tasks == 0);
  CHECK(usage.block_pending == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  rtems_resource_snapshot before, after;

  (void)arg;
  TARGET_BEGIN("BOOT");
  bad_configurations();
  before_start();

  rtems_resource_snapshot_take(&before);
  start();
  nesting();
  CHECK(rtems_rump_enter() == 0);
  files();
  errors();
  tidy();
  rtems_rump_leave();
  /* Without a thread context of its own it works as well. */
  files();
  tidy();
  too_urgent();
  usage_while_running();
  CHECK(rtems_rump_end() == 0);
  target_sleep(20);
  rtems_resource_snapshot_take(&after);

  target_check_equal(&before, &after);
  after_end();
  TARGET_END("BOOT");
}

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
