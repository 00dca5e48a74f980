/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The life of a kernel.  It ends by rtems_rump_end(), or by itself: then its
 * tasks leave, but what it has of RTEMS is given back by rtems_rump_end().
 */

#include "instance.h"

#include <errno.h>
#include <stdatomic.h>

atomic_uint instance_lives OUTLIVES_KERNEL;

/* The last life that has ended, and how. */
static struct {
  struct waitq queue;
  unsigned life;
  int status;
} ends OUTLIVES_KERNEL = { .queue = WAITQ_INITIALIZER("rump end") };

atomic_int instance_state OUTLIVES_KERNEL = RTEMS_RUMP_NEVER_STARTED;

static bool
has_ended(void)
{
  return ends.life == instance_life();
}

static void
tell_end(int status)
{
  struct waitq_context ctx;

  waitq_lock(&ends.queue, &ctx);
  ends.life = instance_life();
  ends.status = status;
  waitq_wake_all(&ends.queue, &ctx);
}

/* Of the component kern_sysproxy. */
int rump_init_server(const char *url) __attribute__((__weak__));

static int
serve(const char *url)
{
  if (rump_init_server == NULL) {
    rumpuser_dprintf(
      "rump: a kernel without the component kern_sysproxy has no remote "
      "clients: link it, or leave rtems_rump_server::url out\n"
    );
    return ENOSYS;
  }
  return hypercall_errno_from_netbsd(rump_init_server(url));
}

static int
boot(void)
{
  int error = hypercall_errno_from_netbsd(rump_init());

  if (error == 0 && hypercall_config.server.url != NULL) {
    error = serve(hypercall_config.server.url);
  }
  if (error == 0) {
    error = wallclock_follow();
  }
  if (error == 0 && hypercall_config.watchdog > 0) {
    error = watchdog_start();
  }
  return error;
}

/* A kernel may end before it has started. */
static int
boot_as_occupant(void)
{
  struct occupant occupant;
  jmp_buf way_out;
  int error;

  occupant.way_out = &way_out;
  if (setjmp(way_out) != 0) {
    occupant_leave(&occupant);
    return EIO;
  }
  (void)occupant_enter(&occupant, OCCUPANT_CALLER);
  error = boot();
  occupant_leave(&occupant);
  return error;
}

/* What can be tried again: NetBSD has not run yet. */
static int
configure(const struct rtems_rump_config *config)
{
  static const struct rtems_rump_config defaults;
  struct rtems_rump_config complete = config != NULL ? *config : defaults;
  int error = 0;

  /* There it is told what is wrong. */
  hypercall_config.console = complete.console;
  if (complete.restartable) {
    error = image_save();
  }
  if (error == 0) {
    error = placement_configure(&complete);
  }
  if (error == 0) {
    error = hypercall_configure(&complete);
  }
  if (error != 0) {
    return error;
  }
  error = check_rtems();
  if (error != 0) {
    memory_fini();
  }
  return error;
}

/* If not all have left the kernel it goes on ending, and so for ever. */
static int
end(void)
{
  wallclock_leave();
  if (!hypercall_end()) {
    atomic_store(&instance_state, RTEMS_RUMP_RUNNING);
    return EBUSY;
  }
  atomic_store(&instance_state, RTEMS_RUMP_ENDED);
  if (!has_ended()) {
    tell_end(0);
  }
  return 0;
}

static int
start(const struct rtems_rump_config *config, int state_before)
{
  int error = configure(config);

  if (error != 0) {
    atomic_store(&instance_state, state_before);
    return error;
  }
  atomic_fetch_add(&instance_lives, 1);
  hypercall_on_end = tell_end;
  if (hypercall_config.restartable) {
    exception_guard();
  }
  error = boot_as_occupant();
  if (error != 0) {
    (void)end();
    return error;
  }
  atomic_store(&instance_state, RTEMS_RUMP_RUNNING);
  occupants_invite(instance_life());
  return 0;
}

static bool
go_on_to(enum rtems_rump_state next, int from)
{
  return atomic_compare_exchange_strong(&instance_state, &from, next);
}

int
rtems_rump_start(const struct rtems_rump_config *config)
{
  if (go_on_to(RTEMS_RUMP_STARTING, RTEMS_RUMP_NEVER_STARTED)) {
    return start(config, RTEMS_RUMP_NEVER_STARTED);
  }
  if (!image_is_saved()
      || !go_on_to(RTEMS_RUMP_STARTING, RTEMS_RUMP_ENDED)) {
    return EBUSY;
  }
  image_restore();
  return start(config, RTEMS_RUMP_ENDED);
}

int
rtems_rump_end(void)
{
  if (hypercall_self.occupant != NULL) {
    return EDEADLK;
  }
  if (!go_on_to(RTEMS_RUMP_ENDING, RTEMS_RUMP_RUNNING)) {
    return EINVAL;
  }
  return end();
}

int
rtems_rump_wait(int *status)
{
  struct waitq_context ctx;

  if (atomic_load(&instance_state) == RTEMS_RUMP_NEVER_STARTED) {
    return EINVAL;
  }
  waitq_lock(&ends.queue, &ctx);
  while (!has_ended()) {
    (void)waitq_wait(&ends.queue, &ctx, NULL, NULL, NULL);
    waitq_lock(&ends.queue, &ctx);
  }
  *status = ends.status;
  waitq_unlock(&ends.queue, &ctx);
  return 0;
}

void
instance_usage(struct rtems_rump_usage *usage)
{
  struct waitq_context ctx;

  usage->state = (enum rtems_rump_state)atomic_load(&instance_state);
  usage->starts = instance_life();
  waitq_lock(&ends.queue, &ctx);
  usage->status = ends.status;
  waitq_unlock(&ends.queue, &ctx);
}
