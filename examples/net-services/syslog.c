/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * RTEMS declares these calls; the services want them.  Messages go to the
 * console, but for those of what is only good to know.
 */

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
