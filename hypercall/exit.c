/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The end of a kernel, and signals to its host process.
 */

#include <stdatomic.h>
#include <stdlib.h>

#include <rtems.h>

#include "hypercall.h"

void (*hypercall_on_end)(int status);

/* For an occupant there is a way out, and RTEMS runs on. */
static void
end_kernel_alone(struct occupant *self, int status)
{
  hypercall_self.occupant = NULL;
  (void)occupants_expel(self);
  (*hypercall_on_end)(status);
  hypercall_self.occupant = self;
}

/* Not on the stack, of which there may be little left. */
static void
tell(int status, const struct place *place)
{
  static struct rtems_rump_exit told;

  if (hypercall_config.on_exit != NULL) {
    told.kernel = rump_link_name == NULL ? "" : rump_link_name;
    told.status = status;
    told.vector = place->vector;
    told.backtrace_depth =
      backtrace(place, told.backtrace, RTEMS_RUMP_BACKTRACE);
    told.messages = console_messages();
    (*hypercall_config.on_exit)(&told);
  }
}

void
hypercall_end_kernel(int status, const struct place *place)
{
  static atomic_bool ending;
  struct occupant *self = hypercall_self.occupant;
  bool alone = hypercall_config.restartable && self != NULL;

  if (!atomic_exchange(&ending, true)) {
    tell(status, place);
    if (alone) {
      end_kernel_alone(self, status);
    }
  }
  if (alone) {
    occupant_escape();
  }
  if (status < 0) {
    rtems_fatal(RTEMS_FATAL_SOURCE_PANIC, (rtems_fatal_code)status);
  }
  exit(status);
}

void
rumpuser_exit(int status)
{
  struct place place = {
    .ra = (uintptr_t)__builtin_return_address(0),
    .sp = (uintptr_t)__builtin_frame_address(0),
    .occupant = hypercall_self.occupant
  };

  hypercall_end_kernel(status, &place);
}

/* All local processes of the kernel are one RTEMS application. */
int
rumpuser_kill(int64_t pid, int signal)
{
  (void)pid;
  if (hypercall_config.on_signal == NULL) {
    return NETBSD_ENOSYS;
  }
  return (*hypercall_config.on_signal)(signal);
}

/* There is no terminal to detach from. */
int
rumpuser_daemonize_begin(void)
{
  return 0;
}

int
rumpuser_daemonize_done(int error)
{
  return error;
}
