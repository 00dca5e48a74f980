/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The kernels that the application has declared.
 */

#include <rtems-rump/kernels.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <rtems.h>
#include <rtems/thread.h>

#define SUPERVISOR_STACK_SIZE (16 * 1024)

/* Declarations are added in front and stay, so who reads needs no lock. */
static rtems_mutex lock = RTEMS_MUTEX_INITIALIZER("rump kernels");
static struct rtems_rump_declaration *_Atomic first;

const struct rtems_rump_declaration *
rtems_rump_declared(const char *name)
{
  const struct rtems_rump_declaration *declaration = atomic_load(&first);

  while (declaration != NULL && name != NULL
      && strcmp(declaration->kernel->name, name) != 0) {
    declaration = declaration->next;
  }
  return declaration;
}

const struct rtems_rump_kernel *
rtems_rump_kernel_by_name(const char *name)
{
  const struct rtems_rump_declaration *declaration =
    name == NULL ? NULL : rtems_rump_declared(name);

  return declaration == NULL ? NULL : declaration->kernel;
}

static bool
is_valid(const struct rtems_rump_declaration *declaration)
{
  return declaration != NULL
    && declaration->kernel != NULL
    && (declaration->policy == NULL
      || (declaration->config != NULL && declaration->config->restartable));
}

int
rtems_rump_declare(struct rtems_rump_declaration *declaration)
{
  int error = 0;

  if (!is_valid(declaration)) {
    return EINVAL;
  }
  rtems_mutex_lock(&lock);
  if (rtems_rump_declared(declaration->kernel->name) != NULL) {
    error = EEXIST;
  } else {
    declaration->next = atomic_load(&first);
    atomic_store(&first, declaration);
  }
  rtems_mutex_unlock(&lock);
  return error;
}

static rtems_task
supervise(rtems_task_argument arg)
{
  const struct rtems_rump_declaration *declaration =
    (const struct rtems_rump_declaration *)arg;
  int error = (*declaration->kernel->supervise)(
    declaration->config,
    declaration->policy
  );

  if (error != 0) {
    printf("rump: %s: %s\n", declaration->kernel->name, strerror(error));
  }
  rtems_task_exit();
}

static int
start_supervisor(const struct rtems_rump_declaration *declaration)
{
  rtems_task_priority priority;
  rtems_status_code sc;
  rtems_id task;

  (void)rtems_task_set_priority(
    RTEMS_SELF,
    RTEMS_CURRENT_PRIORITY,
    &priority
  );
  sc = rtems_task_create(
    rtems_build_name('R', 'U', 'M', 'P'),
    priority,
    SUPERVISOR_STACK_SIZE,
    RTEMS_DEFAULT_MODES,
    RTEMS_FLOATING_POINT,
    &task
  );
  if (sc != RTEMS_SUCCESSFUL) {
    return EAGAIN;
  }
  (void)rtems_task_start(task, supervise, (rtems_task_argument)declaration);
  return 0;
}

int
rtems_rump_start_by_name(const char *name)
{
  const struct rtems_rump_declaration *declaration =
    rtems_rump_declared(name);
  struct rtems_rump_usage usage;

  if (name == NULL || declaration == NULL) {
    return ENOENT;
  }
  if (declaration->policy == NULL) {
    return (*declaration->kernel->start)(declaration->config);
  }
  (*declaration->kernel->get_usage)(&usage);
  if (usage.state != RTEMS_RUMP_NEVER_STARTED
      && usage.state != RTEMS_RUMP_ENDED) {
    return EBUSY;
  }
  return start_supervisor(declaration);
}
