/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A format is walked along a structure, or along two of them at once: as one
 * machine has it, and as another one does.
 */

#include "format.h"

#define COUNT_MAX 65535u

struct field {
  char kind;
  size_t count;

  /* Of a bracket. */
  const char *inner;
};

/* Without what fills up the end. */
struct shape {
  size_t end, alignment;
};

/* Where a conversion is. */
struct walk {
  const struct conversion *conversion;

  /* The last number. */
  uint64_t number;

  /* A pointer, and where its address goes when its length is known. */
  const void *memory;
  const char *inner;
  unsigned char *place;
};

static size_t
round_up(size_t size, size_t alignment)
{
  return (size + alignment - 1) / alignment * alignment;
}

/*
 * Returns what follows, or NULL if the format cannot be.  There is no kind
 * where the format, or the bracket that this is in, ends.
 */
static const char *
next_field(const char *format, struct field *field)
{
  bool has_count = *format >= '0' && *format <= '9';
  struct field in;

  *field = (struct field){ .count = !has_count };
  for (; *format >= '0' && *format <= '9'; ++format) {
    field->count = 10 * field->count + (size_t)(*format - '0');
    if (field->count > COUNT_MAX) {
      return NULL;
    }
  }
  if (*format == '\0' || *format == ')' || *format == ']') {
    return has_count ? NULL : format;
  }
  field->kind = *format++;
  if (field->kind != '(' && field->kind != '[') {
    return format;
  }
  field->inner = format;
  do {
    format = next_field(format, &in);
  } while (format != NULL && in.kind != '\0');
  return format != NULL && *format == (field->kind == '(' ? ')' : ']')
    ? format + 1 : NULL;
}

static bool
is_pointer(const struct field *field)
{
  return strchr("*&z[", field->kind) != NULL;
}

static const char *measure(
  const struct layout *layout, const char *format, struct shape *shape);

static bool
measure_field(
  const struct layout *layout, const struct field *field, struct shape *shape)
{
  size_t size = layout->word_size;

  switch (field->kind) {
    case 's':
      size = 1;
      break;
    case 'h':
    case 'H':
      size = 2;
      break;
    case 'i':
    case 'I':
      size = 4;
      break;
    case 'q':
    case 'Q':
      size = 8;
      break;
    case 'l':
    case 'L':
    case '*':
    case '&':
    case 'z':
      break;
    case '[':
      if (measure(layout, field->inner, shape) == NULL) {
        return false;
      }
      break;
    case '(':
      return measure(layout, field->inner, shape) != NULL;
    default:
      return false;
  }
  *shape = (struct shape){ size, size == 8 ? layout->alignment64 : size };
  return true;
}

/* Returns the size of one, or 0. */
static size_t
add_field(
  const struct layout *layout, const struct field *field, struct shape *shape)
{
  struct shape one;
  size_t size;

  if (!measure_field(layout, field, &one)) {
    return 0;
  }
  size = round_up(one.end, one.alignment);
  if (field->count == 0 || size > FORMAT_SIZE_MAX / field->count) {
    return 0;
  }
  shape->end = round_up(shape->end, one.alignment) + size * field->count;
  if (one.alignment > shape->alignment) {
    shape->alignment = one.alignment;
  }
  return shape->end <= FORMAT_SIZE_MAX ? size : 0;
}

/* Returns where the format, or bracket, ends, or NULL if it cannot be. */
static const char *
measure(const struct layout *layout, const char *format, struct shape *shape)
{
  bool waits = false;
  struct field field;

  *shape = (struct shape){ 0, 1 };
  while ((format = next_field(format, &field)) != NULL
      && field.kind != '\0') {
    bool begins = field.kind == '*' || field.kind == '[';

    if ((begins && (waits || field.count > 1))
        || add_field(layout, &field, shape) == 0) {
      return NULL;
    }
    waits = begins || (waits && (is_pointer(&field) || field.kind == '('));
  }
  return waits || shape->end == 0 ? NULL : format;
}

bool
format_is_valid(const char *format)
{
  static const struct layout layout = LAYOUT_NATIVE;
  struct shape shape;
  const char *rest = measure(&layout, format, &shape);

  return rest != NULL && *rest == '\0';
}

size_t
format_size(const struct layout *layout, const char *format, size_t *end)
{
  struct shape shape;

  (void)measure(layout, format, &shape);
  if (end != NULL) {
    *end = shape.end;
  }
  return round_up(shape.end, shape.alignment);
}

bool
format_is_flat(const char *format, bool are_alike)
{
  struct field field;

  for (format = next_field(format, &field); field.kind != '\0';
      format = next_field(format, &field)) {
    if (is_pointer(&field)
        || (field.kind == '(' ? !format_is_flat(field.inner, are_alike)
          : field.kind != 's' && !are_alike)) {
      return false;
    }
  }
  return true;
}

static uint64_t
load(
  const struct layout *layout,
  const unsigned char *from,
  size_t               size,
  bool                 is_signed
)
{
  unsigned unused = 64 - 8 * (unsigned)size;
  uint64_t number = 0;
  size_t i;

  for (i = 0; i < size; ++i) {
    number = number << 8 | from[layout->is_big_endian ? i : size - 1 - i];
  }
  return is_signed ? (uint64_t)((int64_t)(number << unused) >> unused)
    : number;
}

void
format_store(
  const struct layout *layout, unsigned char *to, size_t size, uint64_t number)
{
  size_t i;

  for (i = 0; i < size; ++i) {
    to[layout->is_big_endian ? size - 1 - i : i] =
      (unsigned char)(number >> 8 * i);
  }
}

/* The length of the memory is known. */
static void
put_address(struct walk *walk, uint64_t count)
{
  const struct conversion *c = walk->conversion;

  format_store(c->to, walk->place, c->to->word_size,
    (*c->address)(walk->memory, walk->inner, count, c->arg));
  walk->place = NULL;
}

static void
convert_pointer(
  struct walk         *walk,
  const struct field  *field,
  const unsigned char *from,
  unsigned char       *to
)
{
  memcpy(&walk->memory, from, sizeof(walk->memory));
  walk->inner = field->inner;
  walk->place = to;
  if (field->kind == '&') {
    put_address(walk, walk->number);
  } else if (field->kind == 'z') {
    put_address(walk, walk->memory == NULL ? 0 : strlen(walk->memory) + 1);
  }
}

static void
convert_field(
  struct walk         *walk,
  const struct field  *field,
  const unsigned char *from,
  size_t               from_size,
  unsigned char       *to,
  size_t               to_size
)
{
  const struct conversion *c = walk->conversion;

  if (field->kind == '(') {
    format_convert(c, field->inner, from, to, 1);
  } else if (!is_pointer(field)) {
    walk->number = load(c->from, from, from_size,
      field->kind >= 'a' && field->kind != 's');
    format_store(c->to, to, to_size, walk->number);
    if (walk->place != NULL) {
      put_address(walk, walk->number);
    }
  } else if (c->address != NULL) {
    convert_pointer(walk, field, from, to);
  }
}

static void
convert(
  const struct conversion *conversion,
  const char              *format,
  const unsigned char     *from,
  unsigned char           *to
)
{
  struct walk walk = { .conversion = conversion };
  struct shape before = { 0, 1 }, after = { 0, 1 };
  struct field field;

  for (format = next_field(format, &field); field.kind != '\0';
      format = next_field(format, &field)) {
    size_t a = add_field(conversion->from, &field, &before);
    size_t b = add_field(conversion->to, &field, &after);
    size_t i;

    for (i = field.count; i > 0; --i) {
      convert_field(&walk, &field, from + before.end - i * a, a,
        to + after.end - i * b, b);
    }
  }
}

void
format_convert(
  const struct conversion *conversion,
  const char              *format,
  const unsigned char     *from,
  unsigned char           *to,
  size_t                   count
)
{
  size_t a = format_size(conversion->from, format, NULL);
  size_t b = format_size(conversion->to, format, NULL);

  for (; count > 0; --count) {
    convert(conversion, format, from, to);
    from += a;
    to += b;
  }
}
