/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Console output: RTEMS's kernel I/O, which works before anything else does
 * and takes no lock that a task could hold.
 */

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include <rtems/bspIo.h>

#include "hypercall.h"

/* The last of what was printed; any task may print at any time. */
static _Atomic char messages[RTEMS_RUMP_MESSAGES];
static atomic_uint messages_next;

const char *
console_messages(void)
{
  static char text[RTEMS_RUMP_MESSAGES + 1];
  unsigned next = atomic_load(&messages_next);
  unsigned length = 0;
  unsigned i;

  for (i = 0; i < RTEMS_RUMP_MESSAGES; ++i) {
    char c = atomic_load_explicit(
      &messages[(next + i) % RTEMS_RUMP_MESSAGES],
      memory_order_relaxed
    );

    if (c != '\0') {
      text[length++] = c;
    }
  }
  text[length] = '\0';
  return text;
}

static void
put(char c)
{
  unsigned i =
    atomic_fetch_add_explicit(&messages_next, 1, memory_order_relaxed);

  atomic_store_explicit(
    &messages[i % RTEMS_RUMP_MESSAGES],
    c,
    memory_order_relaxed
  );
  if (hypercall_config.console != NULL) {
    (*hypercall_config.console)(c);
  } else {
    rtems_putc(c);
  }
}

void
rumpuser_putchar(int c)
{
  put((char)c);
}

static void
console_vprintf(const char *format, va_list ap)
{
  /* What is longer is cut. */
  char line[1024];
  const char *p;

  (void)vsnprintf(line, sizeof(line), format, ap);
  for (p = line; *p != '\0'; ++p) {
    put(*p);
  }
}

void
rumpuser_dprintf(const char *format, ...)
{
  va_list ap;

  va_start(ap, format);
  console_vprintf(format, ap);
  va_end(ap);
}

void
hypercall_die(const char *format, ...)
{
  va_list ap;

  rumpuser_dprintf("rump kernel panic: ");
  va_start(ap, format);
  console_vprintf(format, ap);
  va_end(ap);
  rumpuser_dprintf("\n");
  rumpuser_exit(RUMPUSER_PANIC);
}
