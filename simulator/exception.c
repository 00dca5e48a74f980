/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Exceptions: signals of the host that tasks bring upon themselves.  The
 * application's fatal extension has them first, then the host.
 */

#include "scheduler.h"

#include <signal.h>
#include <ucontext.h>

#include <simulator/simulator.h>

#if defined(__x86_64__)
static CPU_Exception_frame
frame_of(int signal, const siginfo_t *info, const ucontext_t *context)
{
  const greg_t *registers = context->uc_mcontext.gregs;
  CPU_Exception_frame frame = {
    .pc = (uintptr_t)registers[REG_RIP],
    .sp = (uintptr_t)registers[REG_RSP],
    .vector = (unsigned)signal
  };

  frame.no_code = (uintptr_t)info->si_addr == frame.pc && signal == SIGSEGV;
  return frame;
}

static void
handle(int signal, siginfo_t *info, void *context)
{
  struct sigaction action = { .sa_handler = SIG_DFL };
  CPU_Exception_frame frame = frame_of(signal, info, context);
  void (*fatal)(rtems_fatal_source, bool, rtems_fatal_code) =
    sim_configuration.extension.fatal;

  if (fatal != NULL && sim_self() != NULL) {
    (*fatal)(RTEMS_FATAL_SOURCE_EXCEPTION, false, (rtems_fatal_code)&frame);
  }
  /* The instruction is tried again. */
  sigaction(signal, &action, NULL);
}

/* AddressSanitizer reports bad pointers itself. */
static const int signals[] = {
#ifndef __SANITIZE_ADDRESS__
  SIGSEGV, SIGBUS, SIGFPE,
#endif
  SIGILL
};

void
sim_exception_initialize(void)
{
  struct sigaction action = {
    .sa_sigaction = handle,
    .sa_flags = SA_SIGINFO
  };
  unsigned i;

  sigfillset(&action.sa_mask);
  for (i = 0; i < sizeof(signals) / sizeof(signals[0]); ++i) {
    sigaction(signals[i], &action, NULL);
  }
}
#else
void
sim_exception_initialize(void)
{
}
#endif

void
sim_leave_exception(void)
{
  sigset_t none;

  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, NULL);
}
