/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Two kernels by handle, by name and by shell command: the same code works
 * with both.  What an application may ask for and cannot have has its error,
 * and nothing is left behind.
 *
 * Runs with the test guest, too.
 */

#include "said.h"
#include "target.h"

#include <rtems-rump/kernels.h>
#include <rtems-rump/shell.h>

#define CALL(kernel, result, name, arguments) \
  result kernel##_##name arguments \
    __asm__(#kernel "_rump___sysimpl_" #name)

CALL(k1, int, reboot, (int flags, char *boot_string));
CALL(k2, int, reboot, (int flags, char *boot_string));
CALL(k1, int, mkdir, (const char *path, uint32_t mode));
CALL(k2, int, mkdir, (const char *path, uint32_t mode));

RTEMS_RUMP_DECLARE_HANDLE(k1);
RTEMS_RUMP_DECLARE_HANDLE(k2);

#define MEMORY (4u << 20)
#define OUT_MSEC 20000

static const struct rtems_rump_config config = {
  .memory = MEMORY, .processors = 1, .restartable = true, .console = listen
};

/* System calls have no handles. */
static const struct user {
  const struct rtems_rump_kernel *kernel;
  int (*reboot)(int flags, char *boot_string);
  int (*mkdir)(const char *path, uint32_t mode);
} users[] = {
  { &k1_rtems_rump_kernel, k1_reboot, k1_mkdir },
  { &k2_rtems_rump_kernel, k2_reboot, k2_mkdir }
};

static struct rtems_rump_usage
usage_of(const struct user *user)
{
  struct rtems_rump_usage usage;

  (*user->kernel->get_usage)(&usage);
  return usage;
}

static void
wait_for_state(const struct user *user, enum rtems_rump_state state)
{
  uint64_t begin = target_msec();

  while (usage_of(user).state != state) {
    CHECK(target_msec() - begin < OUT_MSEC);
    target_sleep(10);
  }
}

/* Declarations. */

static atomic_uint comes_up;
static atomic_uint ends;

static int
come_up(void *arg)
{
  const struct user *user = arg;

  ++comes_up;
  CHECK((*user->mkdir)("/directory", 0755) == 0);
  return 0;
}

static void
count_end(int status, void *arg)
{
  (void)status;
  (void)arg;
  ++ends;
}

static const struct rtems_rump_policy policy = {
  .delay = 10, .delay_max = 10,
  .on_start = come_up, .on_end = count_end, .arg = (void *)&users[1]
};

static void
declare(void)
{
  static struct rtems_rump_declaration
    first = { .kernel = &k1_rtems_rump_kernel, .config = &config },
    again = { .kernel = &k1_rtems_rump_kernel },
    second = {
      .kernel = &k2_rtems_rump_kernel, .config = &config, .policy = &policy
    },
    none = { .config = &config },
    once_only = { .kernel = &k2_rtems_rump_kernel, .policy = &policy };

  CHECK(strcmp(k1_rtems_rump_kernel.name, "k1") == 0);
  CHECK(strcmp(k2_rtems_rump_kernel.name, "k2") == 0);
  CHECK(rtems_rump_declared(NULL) == NULL);
  CHECK(rtems_rump_declare(NULL) == EINVAL);
  CHECK(rtems_rump_declare(&none) == EINVAL);
  CHECK(rtems_rump_declare(&once_only) == EINVAL);
  CHECK(rtems_rump_declare(&first) == 0);
  CHECK(rtems_rump_declare(&again) == EEXIST);
  CHECK(rtems_rump_declare(&second) == 0);
  CHECK(rtems_rump_declare(&second) == EEXIST);

  CHECK(rtems_rump_kernel_by_name("k1") == &k1_rtems_rump_kernel);
  CHECK(rtems_rump_kernel_by_name("k2") == &k2_rtems_rump_kernel);
  CHECK(rtems_rump_kernel_by_name("k") == NULL);
  CHECK(rtems_rump_kernel_by_name(NULL) == NULL);
  CHECK(rtems_rump_start_by_name("k3") == ENOENT);
  CHECK(rtems_rump_start_by_name(NULL) == ENOENT);
}

/* What cannot be had. */

static void
refuse(
  const struct rtems_rump_kernel *kernel,
  struct rtems_rump_config        what,
  int                             error,
  const char                     *words
)
{
  forget();
  what.restartable = true;
  what.console = listen;
  CHECK((*kernel->start)(&what) == error);
  CHECK(strstr(said, words) != NULL);
  CHECK((*kernel->end)() == EINVAL);
}

static void
ask_too_much(const struct rtems_rump_kernel *kernel)
{
  refuse(kernel,
    (struct rtems_rump_config){
      .scheduler = rtems_build_name('N', 'O', 'N', 'E') },
    EINVAL, "rtems_rump_config::scheduler is 0x4e4f4e45");
  refuse(kernel,
    (struct rtems_rump_config){ .affinity = UINT32_C(1) << 31 | 1 },
    EINVAL, "rtems_rump_config::affinity is 0x80000001");
  refuse(kernel,
    (struct rtems_rump_config){ .interrupt_affinity = UINT32_C(1) << 31 },
    EINVAL, "rtems_rump_config::interrupt_affinity is 0x80000000");
  refuse(kernel,
    (struct rtems_rump_config){ .processors = 33 },
    EINVAL, "rtems_rump_config::processors");
  refuse(kernel,
    (struct rtems_rump_config){ .memory = SIZE_MAX / 2 },
    ENOMEM, "rtems_rump_config::memory");
  /* Each virtual CPU has threads. */
  refuse(kernel,
    (struct rtems_rump_config){ .processors = 32, .memory = 8u << 20 },
    EAGAIN, "CONFIGURE_MAXIMUM_TASKS");
}

/* Lives. */

static int
end_from_inside(void *arg)
{
  const struct rtems_rump_kernel *kernel = arg;

  return (*kernel->end)();
}

static void
start_and_use(const struct user *user)
{
  const struct rtems_rump_kernel *kernel = user->kernel;
  unsigned starts = usage_of(user).starts;
  struct rtems_rump_usage usage;
  int result;

  CHECK((*kernel->start)(&config) == 0);
  CHECK((*kernel->start)(&config) == EBUSY);
  CHECK((*kernel->enter)() == 0);
  CHECK((*user->mkdir)("/directory", 0755) == 0);
  (*kernel->leave)();
  CHECK((*kernel->call)(end_from_inside, (void *)kernel, &result) == 0);
  CHECK(result == EDEADLK);

  usage = usage_of(user);
  CHECK(usage.state == RTEMS_RUMP_RUNNING);
  CHECK(usage.starts == starts + 1);
  CHECK(usage.memory_size == MEMORY);
  CHECK(usage.memory_used > 0 && usage.memory_used < MEMORY);
  CHECK(usage.tasks > 0);
  CHECK(usage.processors
    == UINT32_MAX >> (32 - rtems_scheduler_get_processor_maximum()));
}

/* It has soft interrupts at each clock tick. */
static void
use_processor_time(const struct user *user)
{
  uint64_t time = usage_of(user).cpu_time;
  uint64_t begin = target_msec();

  while (usage_of(user).cpu_time <= time) {
    CHECK(target_msec() - begin < OUT_MSEC);
    target_sleep(50);
  }
}

static int
reboot(void *arg)
{
  const struct user *user = arg;

  return (*user->reboot)(NETBSD_RB_NOSYNC, NULL);
}

/* What it has taken it still has, and cannot start on top of that. */
static void
end_itself(const struct user *user)
{
  struct rtems_rump_usage usage;
  int result, status;

  CHECK((*user->kernel->call)(reboot, (void *)user, &result) == EIO);
  CHECK((*user->kernel->wait)(&status) == 0);
  CHECK((*user->kernel->start)(&config) == EBUSY);
  usage = usage_of(user);
  CHECK(usage.state == RTEMS_RUMP_ENDING);
  CHECK(usage.memory_size == 0);
}

static void
end(const struct user *user)
{
  struct rtems_rump_usage usage;

  CHECK((*user->kernel->end)() == 0);
  CHECK((*user->kernel->end)() == EINVAL);
  usage = usage_of(user);
  CHECK(usage.state == RTEMS_RUMP_ENDED);
  CHECK(usage.status == 0);
  CHECK(usage.memory_size == 0);
  CHECK(usage.tasks == 0);
  CHECK(usage.cpu_time == 0);
}

static void
live(bool ends_itself)
{
  start_and_use(&users[0]);
  start_and_use(&users[1]);
  use_processor_time(&users[0]);
  use_processor_time(&users[1]);
  if (ends_itself) {
    end_itself(&users[1]);
  }
  end(&users[1]);
  CHECK(usage_of(&users[0]).state == RTEMS_RUMP_RUNNING);
  end(&users[0]);
}

/* A task that stays inside, and two that end the kernel. */

static rtems_binary_semaphore inside =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("inside");
static rtems_binary_semaphore release =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("release");
static rtems_binary_semaphore out =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("out");

static int
wait_for_release(void *arg)
{
  (void)arg;
  rtems_binary_semaphore_post(&inside);
  rtems_binary_semaphore_wait(&release);
  return 0;
}

static rtems_task
stay_inside(rtems_task_argument arg)
{
  int result;

  (void)arg;
  (void)(*users[0].kernel->call)(wait_for_release, NULL, &result);
  rtems_binary_semaphore_post(&out);
  rtems_task_exit();
}

static rtems_task
end_in_vain(rtems_task_argument arg)
{
  (void)arg;
  CHECK((*users[0].kernel->end)() == EBUSY);
  rtems_binary_semaphore_post(&out);
  rtems_task_exit();
}

static void
end_with_a_task_inside(void)
{
  const struct rtems_rump_kernel *kernel = users[0].kernel;

  CHECK((*kernel->start)(&config) == 0);
  (void)target_task(TARGET_PRIORITY, stay_inside, 0);
  rtems_binary_semaphore_wait(&inside);
  (void)target_task(TARGET_PRIORITY, end_in_vain, 0);
  wait_for_state(&users[0], RTEMS_RUMP_ENDING);
  CHECK((*kernel->end)() == EINVAL);
  CHECK((*kernel->start)(&config) == EBUSY);
  rtems_binary_semaphore_wait(&out);
  CHECK(usage_of(&users[0]).state == RTEMS_RUMP_ENDING);
  CHECK((*kernel->start)(&config) == EBUSY);
  rtems_binary_semaphore_post(&release);
  rtems_binary_semaphore_wait(&out);
  end(&users[0]);
}

/* The shell command. */

static char printed[2048];

static int
shell(const char *what, const char *name)
{
  char *arguments[] = { "rump", (char *)what, (char *)name, NULL };
  int count = what == NULL ? 1 : name == NULL ? 2 : 3;
  FILE *real = stdout;
  int result;

  memset(printed, 0, sizeof(printed));
  stdout = fmemopen(printed, sizeof(printed) - 1, "w");
  CHECK(stdout != NULL);
#ifdef __rtems__
  result = rtems_shell_execute_cmd("rump", count, arguments);
#else
  result = (*rtems_rump_shell_command.command)(count, arguments);
#endif
  (void)fclose(stdout);
  stdout = real;
  fputs(printed, stdout);
  return result;
}

static void
shell_says(const char *what, const char *name, int result, const char *words)
{
  CHECK(shell(what, name) == result);
  CHECK(strstr(printed, words) != NULL);
}

static void
use_shell(void)
{
  shell_says(NULL, NULL, 0, "k1           ended");
  CHECK(strstr(printed, "k2           ended") != NULL);
  CHECK(strstr(printed, "k1") < strstr(printed, "k2"));
  shell_says("start", "k1", 0, "");
  shell_says("start", "k1", 1, "rump: start k1: ");
  shell_says(NULL, NULL, 0, "k1           running");
  shell_says("usage", "k1", 0, "kernel k1: running, last end 0");
  CHECK(strstr(printed, "KiB of 4096 used") != NULL);
  shell_says("end", "k1", 0, "");
  shell_says("end", "k1", 1, "rump: end k1: ");
  shell_says("start", "k7", 1, "no kernel k7");
  shell_says("start", NULL, 1, "usage: rump ");
  shell_says("crash", "k1", 1, "usage: rump ");
  shell_says("list", NULL, 1, "usage: rump ");
  CHECK(usage_of(&users[0]).state == RTEMS_RUMP_ENDED);
}

/* The second kernel has a policy. */
static void
supervise(void)
{
  int result;

  comes_up = ends = 0;
  shell_says("start", "k2", 0, "");
  wait_for_state(&users[1], RTEMS_RUMP_RUNNING);
  shell_says("start", "k2", 1, "rump: start k2: ");
  CHECK(
    (*users[1].kernel->call)(reboot, (void *)&users[1], &result) == EIO
  );
  while (comes_up != 2) {
    target_sleep(10);
  }
  wait_for_state(&users[1], RTEMS_RUMP_RUNNING);
  shell_says("end", "k2", 0, "");
  while (ends != 2) {
    target_sleep(10);
  }
  CHECK(usage_of(&users[1]).state == RTEMS_RUMP_ENDED);
}

static rtems_task
Init(rtems_task_argument arg)
{
  rtems_resource_snapshot before, after;
  unsigned i;

  (void)arg;
  TARGET_BEGIN("INSTANCES");
  CHECK(usage_of(&users[0]).state == RTEMS_RUMP_NEVER_STARTED);
  CHECK(usage_of(&users[0]).starts == 0);
  declare();
#ifdef __rtems__
  rtems_shell_init_environment();
  CHECK(rtems_shell_lookup_cmd("rump") == &rtems_rump_shell_command);
#endif
  for (i = 0; i < 3; ++i) {
    live(i % 2 == 1);
    ask_too_much(users[0].kernel);
    /* It takes two seconds; the second time it must leave nothing behind. */
    if (i < 2) {
      end_with_a_task_inside();
    }
    use_shell();
    supervise();
    /* The tasks' memory is free as soon as they do not run any more. */
    target_sleep(50);
    rtems_resource_snapshot_take(i == 0 ? &before : &after);
    if (i > 0) {
      target_check_equal(&before, &after);
    }
  }
  TARGET_END("INSTANCES");
}

#ifdef __rtems__
#define CONFIGURE_SHELL_COMMANDS_INIT
#define CONFIGURE_SHELL_USER_COMMANDS &rtems_rump_shell_command
#include <rtems/shellconfig.h>
#endif

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
