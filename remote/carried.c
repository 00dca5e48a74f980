/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What comes along with a call: memory of the client that the kernel would
 * have asked for.
 */

#include "kernel-copy.h"
#include "server.h"

#include <string.h>

/* A part of a payload, and where the next one begins. */
struct part {
  struct sp_copy copy;
  const unsigned char *data;
  size_t next;
};

/* Returns false if there is none, or it does not end within the payload. */
static bool
part_at(const struct framed_request *request, size_t at, struct part *part)
{
  size_t left = request->filled - at;
  size_t filling;

  if (left < sizeof(part->copy)) {
    return false;
  }
  memcpy(&part->copy, request->payload + at, sizeof(part->copy));
  left -= sizeof(part->copy);
  if (part->copy.size > left) {
    return false;
  }
  filling = -part->copy.size % sizeof(part->copy);
  if (filling > left - part->copy.size) {
    return false;
  }
  part->data = request->payload + at + sizeof(part->copy);
  part->next = at + sizeof(part->copy) + part->copy.size + filling;
  return true;
}

/* All of them, up to the end, and none that stands for no memory. */
static bool
has_parts(const struct framed_request *request, size_t at)
{
  struct part part;

  while (at < request->filled) {
    if (!part_at(request, at, &part) || part.copy.size == 0
        || (uintptr_t)part.copy.address > UINTPTR_MAX - part.copy.size) {
      return false;
    }
    at = part.next;
  }
  return true;
}

bool
carried_open(struct framed_request *framed)
{
  struct request *request = &framed->request;
  struct part part;

  if (!part_at(framed, 0, &part) || part.copy.address != NULL
      || part.copy.size > SP_REQUEST_SIZE || !has_parts(framed, part.next)) {
    return false;
  }
  request->header.type = SP_SYSCALL;
  request->payload = framed->payload + sizeof(part.copy);
  request->size = part.copy.size;
  framed->carried = part.next;
  return true;
}

/* The carried bytes from there on, and how many they are; or NULL. */
static const unsigned char *
find(const struct framed_request *request, const void *from, size_t *size)
{
  size_t at = request->carried;
  struct part part;

  while (part_at(request, at, &part)) {
    uintptr_t offset = (uintptr_t)from - (uintptr_t)part.copy.address;

    if (offset < part.copy.size) {
      *size = part.copy.size - offset;
      return part.data + offset;
    }
    at = part.next;
  }
  return NULL;
}

bool
carried_copy(
  const struct framed_request *request,
  const void                  *from,
  void                        *to,
  size_t                       size
)
{
  size_t there;
  const unsigned char *data = find(request, from, &there);

  if (data == NULL || size > there) {
    return false;
  }
  kernel_copy(to, data, size);
  return true;
}

bool
carried_copy_string(
  const struct framed_request *request,
  const char                  *from,
  char                        *to,
  size_t                      *size
)
{
  size_t there;
  const unsigned char *data = find(request, from, &there);
  size_t length;

  if (data == NULL) {
    return false;
  }
  there = there < *size ? there : *size;
  length = strnlen((const char *)data, there);
  if (length == there && there < *size) {
    return false;
  }
  *size = length < there ? length + 1 : length;
  kernel_copy(to, data, *size);
  return true;
}
