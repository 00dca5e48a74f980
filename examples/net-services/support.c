/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the services want beside sockets.  Messages go to the console, but for
 * those of what is only good to know.
 */

#include "include/resolv.h"

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

void
vsyslog(int priority, const char *format, va_list arguments)
{
  if (LOG_PRI(priority) <= LOG_NOTICE) {
    (void)vprintf(format, arguments);
    (void)putchar('\n');
  }
}

void
syslog(int priority, const char *format, ...)
{
  va_list arguments;

  va_start(arguments, format);
  vsyslog(priority, format, arguments);
  va_end(arguments);
}

void
openlog(const char *name, int options, int facility)
{
  (void)name;
  (void)options;
  (void)facility;
}

void
closelog(void)
{
}

int
res_init(void)
{
  return 0;
}

/* ntpd and ntpq are programs, each with what its task has opened. */
struct rtems_bsd_program_control;
struct rtems_bsd_program_control *rtems_bsd_program_get_control_or_null(void);
int rtems_bsd_program_set_control(struct rtems_bsd_program_control *control);

static __thread struct rtems_bsd_program_control *program;

struct rtems_bsd_program_control *
rtems_bsd_program_get_control_or_null(void)
{
  return program;
}

int
rtems_bsd_program_set_control(struct rtems_bsd_program_control *control)
{
  program = control;
  return 0;
}
