/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Calls whose arguments are described.  Their memory gets addresses in a
 * window of the call, from which the kernel's copies are translated.
 */

#include <rtems-rump/remote-call.h>

#include <errno.h>
#include <string.h>

#include "format.h"
#include "neutral.h"
#include "protocol.h"

#define WINDOW_BITS 25

_Static_assert(
  ((uint64_t)NEUTRAL_CALLS + 1) << WINDOW_BITS <= (uint64_t)1 << 31
    && RTEMS_RUMP_CALL_MEMORY_MAX < 1u << WINDOW_BITS,
  "addresses fit into a word of 32 bits that has a sign"
);

static const struct layout native = LAYOUT_NATIVE;

/* Memory that the kernel may use, by an offset in the window. */
struct segment {
  unsigned char *memory;

  /* What the memory is a copy of, for the way back, or NULL. */
  const struct rtems_rump_argument *argument;
  uint32_t offset, size;

  /* Up to there the kernel has written. */
  uint32_t written;
  enum rtems_rump_direction access;
};

struct neutral_call {
  struct layout layout;

  /* 0: addresses are the client's own. */
  uint32_t base;
  uint32_t next;

  /* In the buffer segments and, from the end, the kernel's structures. */
  struct segment *segments;
  size_t count;
  unsigned char *end;

  /* Of pointers in the structure that is converted. */
  enum rtems_rump_direction reach;

  /* As many as a machine of 32 bits has. */
  unsigned registers;
  size_t size;
  unsigned char arguments[SP_REQUEST_SIZE];

  /* The first of all. */
  int error;

  unsigned char buffer[RTEMS_RUMP_CALL_BUFFER_SIZE];
};

static uint64_t
fail(struct neutral_call *c, int error)
{
  if (c->error == 0) {
    c->error = error;
  }
  return 0;
}

/* Bytes of the buffer that are not used. */
static size_t
room(const struct neutral_call *c)
{
  return (size_t)(c->end - (unsigned char *)(c->segments + c->count));
}

/* Returns the address. */
static uint64_t
add_segment(
  struct neutral_call              *c,
  const void                       *memory,
  uint64_t                          size,
  enum rtems_rump_direction            access,
  const struct rtems_rump_argument *argument
)
{
  uint32_t offset = c->next;

  if (memory == NULL || c->base == 0) {
    return (uintptr_t)memory;
  }
  if (size > RTEMS_RUMP_CALL_MEMORY_MAX
      || offset > RTEMS_RUMP_CALL_MEMORY_MAX - size
      || room(c) < sizeof(struct segment)) {
    return fail(c, ENOBUFS);
  }
  c->segments[c->count++] = (struct segment){
    .memory = (unsigned char *)(uintptr_t)memory,
    .argument = argument,
    .offset = offset,
    .size = (uint32_t)size,
    .access = access
  };
  c->next = offset + (((uint32_t)size + 15) & ~(uint32_t)15);
  return c->base + offset;
}

static uint64_t add_pointer(
  const void *memory, const char *format, uint64_t count, void *arg);

/* Structures that are the same on both sides are the client's memory. */
static uint64_t
add_structures(
  struct neutral_call *c, const struct rtems_rump_argument *argument)
{
  const struct conversion conversion = {
    &native, &c->layout, add_pointer, c
  };
  size_t size = format_size(&c->layout, argument->format, NULL);
  uint64_t address;

  if (argument->memory == NULL || c->base == 0) {
    return (uintptr_t)argument->memory;
  }
  if (argument->count > RTEMS_RUMP_CALL_MEMORY_MAX / size) {
    return fail(c, ENOBUFS);
  }
  size *= argument->count;
  if (format_is_flat(
        argument->format, layout_is_equal(&c->layout, &native))) {
    return add_segment(c, argument->memory, size, argument->access, NULL);
  }
  if (size > room(c)) {
    return fail(c, ENOBUFS);
  }
  c->end -= size;
  memset(c->end, 0, size);
  address = add_segment(c, c->end, size, argument->access,
    (argument->access & RTEMS_RUMP_OUT) != 0 ? argument : NULL);
  if ((argument->access & RTEMS_RUMP_IN) != 0) {
    c->reach = argument->reach;
    format_convert(&conversion, argument->format, argument->memory, c->end,
      argument->count);
  }
  return address;
}

/* Of a structure; structures that it leads to are not written. */
static uint64_t
add_pointer(const void *memory, const char *format, uint64_t count, void *arg)
{
  struct neutral_call *c = arg;
  struct rtems_rump_argument argument = {
    .access = format == NULL ? c->reach : RTEMS_RUMP_IN,
    .reach = c->reach,
    .format = format,
    .count = (size_t)count,
    .memory = memory
  };

  return format == NULL
    ? add_segment(c, memory, count, c->reach, NULL)
    : count > RTEMS_RUMP_CALL_MEMORY_MAX ? fail(c, ENOBUFS)
    : add_structures(c, &argument);
}

static void
put_number(struct neutral_call *c, uint64_t number, size_t size)
{
  if (size > sizeof(c->arguments) - c->size) {
    (void)fail(c, EINVAL);
    return;
  }
  format_store(&c->layout, c->arguments + c->size, size, number);
  c->size += size;
}

/* NetBSD has PAD where it would begin at an odd register. */
static void
put_number64(struct neutral_call *c, uint64_t number)
{
  if (c->registers % 2 != 0) {
    put_number(c, 0, c->layout.word_size);
    ++c->registers;
  }
  put_number(c, number, sizeof(number));
  c->registers += 2;
}

static void
put_register(struct neutral_call *c, uint64_t number)
{
  put_number(c, number, c->layout.word_size);
  ++c->registers;
}

/* Of structures on the kernel's machine. */
static uint64_t
size_there(
  const struct neutral_call *c, const struct rtems_rump_argument *argument)
{
  return (uint64_t)format_size(&c->layout, argument->format, NULL)
    * argument->count;
}

static void
add_argument(
  struct neutral_call *c, const struct rtems_rump_argument *argument)
{
  uint64_t number = (uint64_t)argument->number;
  const char *text = argument->memory;

  if (argument->format != NULL && !format_is_valid(argument->format)) {
    (void)fail(c, EINVAL);
    return;
  }
  switch (argument->kind) {
    case RTEMS_RUMP_ARGUMENT_NUMBER64:
      put_number64(c, number);
      return;
    case RTEMS_RUMP_ARGUMENT_STRING:
      number = add_segment(c, text, text == NULL ? 0 : strlen(text) + 1,
        RTEMS_RUMP_IN, NULL);
      break;
    case RTEMS_RUMP_ARGUMENT_MEMORY:
      number = add_structures(c, argument);
      break;
    case RTEMS_RUMP_ARGUMENT_SIZE:
      number = size_there(c, argument);
      break;
    case RTEMS_RUMP_ARGUMENT_COMMAND:
      number &= ~((uint64_t)0x1fff << 16);
      number |= (size_there(c, argument) & 0x1fff) << 16;
      break;
    default:
      break;
  }
  put_register(c, number);
}

static void
begin(
  struct neutral_call          *c,
  struct layout                 layout,
  const struct rtems_rump_call *call
)
{
  unsigned char *buffer = call->buffer != NULL ? call->buffer : c->buffer;
  size_t size = call->buffer != NULL ? call->size : sizeof(c->buffer);
  size_t filling = -(uintptr_t)buffer % _Alignof(struct segment);

  filling = filling < size ? filling : size;
  c->layout = layout;
  c->base = 0;
  c->next = 0;
  c->segments = (struct segment *)(void *)(buffer + filling);
  c->count = 0;
  c->end = buffer + size;
  c->registers = 0;
  c->size = 0;
  c->error = 0;
}

/* Returns whether nothing is wrong with them. */
static bool
add_arguments(struct neutral_call *c, const struct rtems_rump_call *call)
{
  size_t i;

  for (i = 0; i < call->count; ++i) {
    add_argument(c, &call->arguments[i]);
  }
  return c->error == 0;
}

/* Structures that begin where the kernel has not written stay as they are. */
static void
take_back(const struct neutral_call *c, const struct segment *segment)
{
  const struct conversion conversion = { .from = &c->layout, .to = &native };
  const struct rtems_rump_argument *argument = segment->argument;
  size_t size;

  if (argument == NULL) {
    return;
  }
  size = format_size(&c->layout, argument->format, NULL);
  format_convert(&conversion, argument->format, segment->memory,
    (unsigned char *)(uintptr_t)argument->memory,
    (segment->written + size - 1) / size);
}

/* With the client's addresses. */
static void
call_directly(
  struct rtems_rump_client *client,
  struct neutral_call      *c,
  struct rtems_rump_call   *call
)
{
  intptr_t values[2] = { 0, 0 };

  if (client_translates(client) || !layout_is_equal(&c->layout, &native)) {
    c->error = ENOTSUP;
  } else if (add_arguments(c, call)) {
    c->error = rtems_rump_client_syscall(client, call->number, c->arguments,
      c->size, &call->error, values);
    call->values[0] = values[0];
    call->values[1] = values[1];
  }
}

/* Returns whether there is one. */
static bool
take_window(struct neutral *neutral, unsigned *window)
{
  bool is_there;

  sync_lock(&neutral->lock);
  is_there = ~neutral->taken != 0;
  if (is_there) {
    *window = (unsigned)__builtin_ctzll(~neutral->taken);
    neutral->taken |= (uint64_t)1 << *window;
  }
  sync_unlock(&neutral->lock);
  return is_there;
}

static void
open_window(struct neutral *neutral, unsigned window, struct neutral_call *c)
{
  sync_lock(&neutral->lock);
  neutral->calls[window] = c;
  sync_unlock(&neutral->lock);
}

void
neutral_close(struct neutral *neutral, struct neutral_call **window)
{
  sync_lock(&neutral->lock);
  *window = NULL;
  sync_unlock(&neutral->lock);
}

/* It may never have been open, or be so still if there was no call. */
static void
give_window(struct neutral *neutral, unsigned window)
{
  sync_lock(&neutral->lock);
  neutral->calls[window] = NULL;
  neutral->taken &= ~((uint64_t)1 << window);
  sync_unlock(&neutral->lock);
}

static void
call_by_window(
  struct rtems_rump_client *client,
  struct neutral           *neutral,
  struct neutral_call      *c,
  struct rtems_rump_call   *call
)
{
  unsigned window;
  size_t i;

  if (!take_window(neutral, &window)) {
    c->error = EAGAIN;
    return;
  }
  c->base = (window + 1) << WINDOW_BITS;
  if (add_arguments(c, call)) {
    open_window(neutral, window, c);
    c->error = client_syscall(client, call->number, c->arguments, c->size,
      &call->error, call->values, &neutral->calls[window]);
  }
  give_window(neutral, window);
  for (i = 0; c->error == 0 && i < c->count; ++i) {
    take_back(c, &c->segments[i]);
  }
}

int
rtems_rump_client_call(
  struct rtems_rump_client *client, struct rtems_rump_call *call)
{
  struct neutral *neutral = client_neutral(client);
  struct neutral_call c;
  const int64_t *values = call->values;

  begin(&c, client_layout(client), call);
  if (neutral == NULL) {
    call_directly(client, &c, call);
  } else {
    call_by_window(client, neutral, &c, call);
  }
  if (c.error == 0) {
    call->value64 = c.layout.word_size == sizeof(uint64_t) ? values[0]
      : (int64_t)((uint64_t)values[!c.layout.is_big_endian] << 32
        | (uint32_t)values[c.layout.is_big_endian]);
  }
  return c.error;
}

int
rtems_rump_client_unpack(
  const struct rtems_rump_client *client,
  const char                     *format,
  const void                     *bytes,
  size_t                          size,
  void                           *structure
)
{
  struct layout layout = client_layout(client);
  const struct conversion conversion = { .from = &layout, .to = &native };
  size_t end;

  if (!format_is_valid(format)) {
    return EINVAL;
  }
  (void)format_size(&layout, format, &end);
  if (end > size) {
    return EMSGSIZE;
  }
  format_convert(&conversion, format, bytes, structure, 1);
  return 0;
}

void
neutral_init(struct neutral *neutral)
{
  sync_mutex_init(&neutral->lock, "rump client calls");
  neutral->taken = UINT64_MAX << NEUTRAL_CALLS;
}

static void *
find(struct neutral_call *c, uint64_t address, size_t size, bool is_write)
{
  size_t i;

  for (i = 0; i < c->count; ++i) {
    struct segment *s = &c->segments[i];
    uint64_t offset = address - c->base - s->offset;

    if (offset <= s->size && size <= s->size - offset
        && (s->access & (is_write ? RTEMS_RUMP_OUT : RTEMS_RUMP_IN)) != 0) {
      if (is_write && offset + size > s->written) {
        s->written = (uint32_t)(offset + size);
      }
      return s->memory + offset;
    }
  }
  return NULL;
}

void *
neutral_translate(uint64_t address, size_t size, bool is_write, void *arg)
{
  struct neutral *neutral = arg;
  uint64_t window = (address >> WINDOW_BITS) - 1;
  void *memory = NULL;

  if (window < NEUTRAL_CALLS) {
    sync_lock(&neutral->lock);
    if (neutral->calls[window] != NULL) {
      memory = find(neutral->calls[window], address, size, is_write);
    }
    sync_unlock(&neutral->lock);
  }
  return memory;
}
