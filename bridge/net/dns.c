/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Queries and answers of the domain name system.
 */

#include "dns.h"

#include <stdbool.h>
#include <string.h>

#define HEADER 12
#define LABEL_MAX 63
#define NAME_MAX_ 255
#define TYPE_CNAME 5
#define CLASS_IN 1

/* In the third and fourth byte of a header. */
#define IS_ANSWER 0x80
#define OPCODE 0x78
#define RECURSION_DESIRED 0x01
#define RESULT 0x0f
#define RESULT_NO_NAME 3

/* A name leads on to another one so often. */
#define ALIASES_MAX 8

/* A name as labels with their lengths, without capitals; the last is empty. */
struct name {
  size_t size;
  uint8_t bytes[NAME_MAX_];
};

struct message {
  const uint8_t *bytes;
  size_t size;
  size_t at;
};

/* What of a resource record counts here; its data are in the message. */
struct record {
  struct name owner;
  unsigned type;
  unsigned class;
  size_t data;
  size_t data_size;
};

static uint8_t
lower(uint8_t c)
{
  return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

static bool
append_label(struct name *name, const uint8_t *label, size_t size)
{
  size_t i;

  if (size > LABEL_MAX || name->size + 1 + size > sizeof(name->bytes)) {
    return false;
  }
  name->bytes[name->size++] = (uint8_t)size;
  for (i = 0; i < size; ++i) {
    name->bytes[name->size++] = lower(label[i]);
  }
  return true;
}

/* Labels with dots between them, and maybe one after the last. */
static bool
parse_name(const char *text, struct name *name)
{
  name->size = 0;
  while (*text != '\0') {
    size_t size = strcspn(text, ".");

    if (size == 0 || !append_label(name, (const uint8_t *)text, size)) {
      return false;
    }
    text += size + (text[size] == '.');
  }
  return name->size > 0 && append_label(name, NULL, 0);
}

static void
put16(uint8_t *to, unsigned value)
{
  to[0] = (uint8_t)(value >> 8);
  to[1] = (uint8_t)value;
}

size_t
dns_query(
  uint8_t       message[DNS_MESSAGE_MAX],
  uint16_t      id,
  const char   *text,
  enum dns_type type
)
{
  struct name name;

  if (!parse_name(text, &name)) {
    return 0;
  }
  memset(message, 0, HEADER);
  put16(message, id);
  message[2] = RECURSION_DESIRED;
  message[5] = 1;
  memcpy(message + HEADER, name.bytes, name.size);
  put16(message + HEADER + name.size, type);
  put16(message + HEADER + name.size + 2, CLASS_IN);
  return HEADER + name.size + 4;
}

static bool
get16(struct message *message, unsigned *value)
{
  const uint8_t *from = message->bytes + message->at;

  if (message->size - message->at < 2) {
    return false;
  }
  *value = (unsigned)(from[0] << 8 | from[1]);
  message->at += 2;
  return true;
}

static bool
skip(struct message *message, size_t size)
{
  if (message->size - message->at < size) {
    return false;
  }
  message->at += size;
  return true;
}

/*
 * A name can go on at an earlier place.  Each such place is before the one
 * where the part before it began, so there is an end.
 */
static bool
get_name(struct message *message, struct name *name)
{
  size_t at = message->at, begin = message->at;
  bool has_jumped = false;

  name->size = 0;
  while (at < message->size) {
    size_t size = message->bytes[at];

    if ((size & 0xc0) == 0xc0) {
      if (message->size - at < 2) {
        return false;
      }
      size = (size & 0x3f) << 8 | message->bytes[at + 1];
      message->at = has_jumped ? message->at : at + 2;
      has_jumped = true;
      if (size >= begin) {
        return false;
      }
      at = begin = size;
    } else if (message->size - at <= size
        || !append_label(name, message->bytes + at + 1, size)) {
      return false;
    } else if (size == 0) {
      message->at = has_jumped ? message->at : at + 1;
      return true;
    } else {
      at += 1 + size;
    }
  }
  return false;
}

static bool
is_same(const struct name *a, const struct name *b)
{
  return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

static bool
get_record(struct message *message, struct record *record)
{
  unsigned size = 0;

  if (!get_name(message, &record->owner)
      || !get16(message, &record->type)
      || !get16(message, &record->class)
      || !skip(message, 4)
      || !get16(message, &size)) {
    return false;
  }
  record->data = message->at;
  record->data_size = size;
  return skip(message, size);
}

/* The name goes on as another one. */
static bool
follow(
  const struct message *message,
  const struct record  *record,
  struct name          *name
)
{
  struct message data = *message;

  data.at = record->data;
  return get_name(&data, name)
    && data.at == record->data + record->data_size;
}

static void
add(
  const struct message *message,
  const struct record  *record,
  struct dns_addresses *addresses
)
{
  if (addresses->count < DNS_ADDRESSES) {
    memcpy(
      addresses->bytes[addresses->count++],
      message->bytes + record->data,
      record->data_size
    );
  }
}

/* Only what belongs to the name that was asked for, or to its aliases. */
static bool
get_answers(
  struct message       *message,
  unsigned              count,
  struct name          *name,
  unsigned              type,
  struct dns_addresses *addresses
)
{
  size_t address_size = type == DNS_A ? 4 : 16;
  unsigned aliases = 0;

  for (; count > 0; --count) {
    struct record record;

    if (!get_record(message, &record)) {
      return false;
    }
    if (record.class != CLASS_IN || !is_same(&record.owner, name)) {
      continue;
    }
    if (record.type == TYPE_CNAME) {
      if (++aliases > ALIASES_MAX || !follow(message, &record, name)) {
        return false;
      }
    } else if (record.type == type && record.data_size == address_size) {
      add(message, &record, addresses);
    }
  }
  return true;
}

/* Number, kind and question are those of the query. */
static bool
belongs(
  const uint8_t *message,
  size_t         size,
  const uint8_t *query,
  size_t         query_size
)
{
  size_t i;

  if (size < query_size || memcmp(message, query, 2) != 0
      || (message[2] & (IS_ANSWER | OPCODE)) != IS_ANSWER
      || message[4] != 0 || message[5] != 1) {
    return false;
  }
  for (i = HEADER; i < query_size; ++i) {
    if (lower(message[i]) != lower(query[i])) {
      return false;
    }
  }
  return true;
}

enum dns_status
dns_answer(
  const uint8_t        *bytes,
  size_t                size,
  const uint8_t        *query,
  size_t                query_size,
  struct dns_addresses *addresses
)
{
  struct message message = { bytes, size, HEADER };
  struct name name;
  unsigned type = 0, class;

  addresses->count = 0;
  if (!belongs(bytes, size, query, query_size)) {
    return DNS_FOREIGN;
  }
  if ((bytes[3] & RESULT) != 0) {
    return (bytes[3] & RESULT) == RESULT_NO_NAME ? DNS_NO_NAME : DNS_FAILED;
  }
  if (!get_name(&message, &name) || !get16(&message, &type)
      || !get16(&message, &class)
      || !get_answers(
        &message,
        (unsigned)(bytes[6] << 8 | bytes[7]),
        &name,
        type,
        addresses
      )) {
    return addresses->count > 0 ? DNS_FOUND : DNS_FAILED;
  }
  return addresses->count > 0 ? DNS_FOUND : DNS_NO_DATA;
}
