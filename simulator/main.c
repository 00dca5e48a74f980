/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The start and the end of the process, and kernel output.
 */

#include "scheduler.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <rtems/bspIo.h>
#include <simulator/simulator.h>

#define AT_EXIT_MAX 32

RTEMS_NO_RETURN void __real_exit(int status);
RTEMS_NO_RETURN void __wrap_exit(int status);
int __wrap_atexit(void (*function)(void));

int sim_argc;
char **sim_argv;

static void (*at_exit[AT_EXIT_MAX])(void);
static unsigned at_exit_count;

/*
 * As on RTEMS, what the application has registered runs on exit() and not on
 * rtems_shutdown_executive(); what belongs to the host (leak checkers, say)
 * runs on both.
 */
int
__wrap_atexit(void (*function)(void))
{
  int result = -1;

  sim_enter();
  if (at_exit_count < AT_EXIT_MAX) {
    at_exit[at_exit_count++] = function;
    result = 0;
  }
  sim_leave();
  return result;
}

static void
(*next_at_exit(void))(void)
{
  void (*function)(void) = NULL;

  sim_enter();
  if (at_exit_count > 0) {
    function = at_exit[--at_exit_count];
  }
  sim_leave();
  return function;
}

RTEMS_NO_RETURN void
__wrap_exit(int status)
{
  void (*function)(void);

  while ((function = next_at_exit()) != NULL) {
    (*function)();
  }
  rtems_shutdown_executive((uint32_t)status);
}

/* With the lock: no task runs any more, except outside of the simulator. */
void
rtems_shutdown_executive(uint32_t result)
{
  sim_enter();
  __real_exit((int)result);
}

void
rtems_fatal(rtems_fatal_source fatal_source, rtems_fatal_code fatal_code)
{
  printk(
    "\n*** FATAL ***\nfatal source: %d\nfatal code: %lu (0x%08lx)\n",
    (int)fatal_source,
    fatal_code,
    fatal_code
  );
  rtems_shutdown_executive(EXIT_FAILURE);
}

void
rtems_fatal_error_occurred(uint32_t fatal_code)
{
  rtems_fatal(INTERNAL_ERROR_RTEMS_API, fatal_code);
}

void
rtems_panic(const char *fmt, ...)
{
  va_list ap;

  va_start(ap, fmt);
  vprintk(fmt, ap);
  va_end(ap);
  rtems_fatal(RTEMS_FATAL_SOURCE_PANIC, 0);
}

void
rtems_putc(char c)
{
  putchar(c);
}

int
putk(const char *s)
{
  return puts(s);
}

int
vprintk(const char *fmt, va_list ap)
{
  return vprintf(fmt, ap);
}

int
printk(const char *fmt, ...)
{
  va_list ap;
  int n;

  va_start(ap, fmt);
  n = vprintk(fmt, ap);
  va_end(ap);
  return n;
}

int
main(int argc, char **argv)
{
  rtems_id id;
  rtems_status_code sc;

  sim_argc = argc;
  sim_argv = argv;
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
  sim_scheduler_initialize();
  sim_clock_initialize();
  sim_exception_initialize();
  sc = rtems_task_create(
    sim_configuration.init.name,
    sim_configuration.init.priority,
    sim_configuration.init.stack_size,
    RTEMS_DEFAULT_MODES,
    RTEMS_DEFAULT_ATTRIBUTES,
    &id
  );
  if (sc != RTEMS_SUCCESSFUL) {
    rtems_fatal(INTERNAL_ERROR_CORE, 32); /* Init task create failed */
  }
  rtems_task_start(
    id,
    sim_configuration.init.entry,
    sim_configuration.init.argument
  );
  for (;;) {
    pause();
  }
}
