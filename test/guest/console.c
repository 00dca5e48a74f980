/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Test guest: console, message buffer and panic.
 */

#include "guest.h"

#define MESSAGE_BYTES 16384u

static struct rumpuser_mtx *console_mutex;
static char *messages; /* the last that were printed, as dmesg shows them */
static size_t message_end;
static atomic_int panicking;

struct output {
  char *next, *end;
};

static void put(struct output *output, char c)
{
  if (output->next < output->end) {
    *output->next++ = c;
  }
}

static void put_number(
  struct output *output, unsigned long long value, unsigned base, int width)
{
  char digits[24];
  int n = 0;

  do {
    digits[n++] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value != 0 || n < width);
  while (n > 0) {
    put(output, digits[--n]);
  }
}

static unsigned long long get_number(va_list *arguments, int longs)
{
  switch (longs) {
    case 0: return va_arg(*arguments, unsigned);
    case 1: return va_arg(*arguments, unsigned long);
    default: return va_arg(*arguments, unsigned long long);
  }
}

static void put_string(struct output *output, const char *s)
{
  while (*s != '\0') {
    put(output, *s++);
  }
}

static const char *convert(
  struct output *output, const char *format, va_list *arguments)
{
  int longs = 0;

  for (; *format == 'l'; format++) {
    longs++;
  }
  switch (*format) {
    case 'd':
      put_number(output, (unsigned long long)va_arg(*arguments, int), 10, 1);
      break;
    case 'u':
      put_number(output, get_number(arguments, longs), 10, 1);
      break;
    case 'x':
      put_number(output, get_number(arguments, longs), 16, 1);
      break;
    case 'p':
      put_number(output, (uintptr_t)va_arg(*arguments, void *), 16, 8);
      break;
    case 's': put_string(output, va_arg(*arguments, const char *)); break;
    default: put(output, *format); break;
  }
  return format + 1;
}

static void format_list(
  char *buffer, size_t size, const char *format, va_list *arguments)
{
  struct output output = { buffer, buffer + size - 1 };

  while (*format != '\0') {
    if (*format != '%') {
      put(&output, *format++);
    } else {
      format = convert(&output, format + 1, arguments);
    }
  }
  *output.next = '\0';
}

void format_text(char *buffer, size_t size, const char *format, ...)
{
  va_list arguments;

  va_start(arguments, format);
  format_list(buffer, size, format, &arguments);
  va_end(arguments);
}

static void print(const char *text)
{
  for (; *text != '\0'; text++) {
    rumpuser_putchar((unsigned char)*text);
    if (messages != NULL) {
      messages[message_end++ % MESSAGE_BYTES] = *text;
    }
  }
}

void kprintf(const char *format, ...)
{
  char text[160];
  va_list arguments;

  va_start(arguments, format);
  format_list(text, sizeof(text), format, &arguments);
  va_end(arguments);
  if (console_mutex != NULL) {
    kmutex_enter(console_mutex);
    print(text);
    kmutex_exit(console_mutex);
  } else {
    print(text);
  }
}

/* The message buffer is the one user of anonmmap(): it need not exist. */
void guest_console_init(void)
{
  void *p;

  if (rumpuser_anonmmap(NULL, MESSAGE_BYTES, 0, 0, &p) == 0) {
    messages = p;
    ASSERT(messages[0] == 0 && messages[MESSAGE_BYTES - 1] == 0);
  }
  console_mutex = kmutex_new(1);
}

void guest_console_end(void)
{
  kmutex_enter(console_mutex);
  if (messages != NULL) {
    rumpuser_unmap(messages, MESSAGE_BYTES);
    messages = NULL;
  }
  kmutex_exit(console_mutex);
}

void panic(const char *format, ...)
{
  char text[160];
  va_list arguments;

  if (atomic_fetch_add(&panicking, 1) != 0) {
    rumpuser_dprintf("panic while panicking: %s\n", format);
    rumpuser_exit(RUMPUSER_PANIC);
  }
  va_start(arguments, format);
  format_list(text, sizeof(text), format, &arguments);
  va_end(arguments);
  rumpuser_dprintf("panic: %s\n", text);
  rumpuser_exit(RUMPUSER_PANIC);
}
