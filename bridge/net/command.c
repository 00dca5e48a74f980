/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the shell's commands for the network share: addresses of NetBSD.
 */

#include "command.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "socket.h"

/* Where the address is in those of the families. */
#define IPV4_AT 4
#define IPV6_AT 8
#define LINK_DATA 8

int
command_failed(const char *command, const char *what)
{
  printf("%s: %s: %s\n", command, what, strerror(errno));
  return 1;
}

int
command_usage(const char *usage)
{
  printf("usage: %s\n", usage);
  return 1;
}

/* Asked twice: for the size, and with room for some that come meanwhile. */
void *
command_value(const struct control_name *name, size_t *size)
{
  const struct socket_stack *stack = socket_stack();
  size_t room;
  void *value;

  *size = 0;
  errno = stack == NULL ? EAFNOSUPPORT
    : control_value(stack->kernel, name, NULL, size, NULL, 0);
  if (errno != 0) {
    return NULL;
  }
  *size += 1024;
  room = *size;
  value = malloc(room);
  if (value == NULL) {
    return NULL;
  }
  errno = control_value(stack->kernel, name, value, size, NULL, 0);
  if (errno != 0) {
    free(value);
    return NULL;
  }
  *size = *size < room ? *size : room;
  return value;
}

/* The address follows the interface's name. */
static const char *
print_link(const uint8_t *address, unsigned size, char text[COMMAND_TEXT])
{
  unsigned begin = LINK_DATA + address[5], count = address[6], i;
  char *end = text;

  if (count == 0 || count > 8 || begin + count > size) {
    return strcpy(text, "-");
  }
  for (i = 0; i < count; ++i) {
    end += sprintf(end, i == 0 ? "%02x" : ":%02x", address[begin + i]);
  }
  return text;
}

/* NetBSD has the number of the interface in the second group of these. */
static const char *
print_ipv6(const uint8_t *address, char text[COMMAND_TEXT])
{
  uint8_t copy[16];

  memcpy(copy, address, sizeof(copy));
  if ((copy[0] == 0xfe && (copy[1] & 0xc0) == 0x80)
      || (copy[0] == 0xff && (copy[1] & 0xf) <= 2)) {
    copy[2] = copy[3] = 0;
  }
  return inet_ntop(AF_INET6, copy, text, COMMAND_TEXT);
}

const char *
command_address(
  const uint8_t *address, unsigned size, char text[COMMAND_TEXT])
{
  size = size >= 2 && address[0] < size ? address[0] : size;
  if (size >= IPV4_AT + 4 && address[1] == NETBSD_AF_INET) {
    return inet_ntop(AF_INET, address + IPV4_AT, text, COMMAND_TEXT);
  }
  if (size >= IPV6_AT + 16 && address[1] == NETBSD_AF_INET6) {
    return print_ipv6(address + IPV6_AT, text);
  }
  if (size >= LINK_DATA && address[1] == NETBSD_AF_LINK) {
    return print_link(address, size, text);
  }
  return strcpy(text, "-");
}

unsigned
command_prefix(const uint8_t *mask, unsigned size, bool is_ipv4)
{
  unsigned begin = is_ipv4 ? IPV4_AT : IPV6_AT, bits = 0, i;
  unsigned end = begin + (is_ipv4 ? 4 : 16);

  size = size > 0 && mask[0] < size ? mask[0] : size;
  for (i = begin; i < end && i < size; ++i) {
    bits += (unsigned)__builtin_popcount(mask[i]);
  }
  return bits;
}

bool
command_parse(const char *text, uint8_t address[4], unsigned *length)
{
  char copy[INET_ADDRSTRLEN];
  size_t size = strcspn(text, "/");
  char *end;

  *length = 32;
  if (text[size] == '/') {
    *length = (unsigned)strtoul(text + size + 1, &end, 10);
    if (text[size + 1] < '0' || text[size + 1] > '9' || *end != '\0'
        || *length > 32) {
      return false;
    }
  }
  if (size >= sizeof(copy)) {
    return false;
  }
  memcpy(copy, text, size);
  copy[size] = '\0';
  return inet_pton(AF_INET, copy, address) == 1;
}

void
command_mask(uint8_t to[4], unsigned length)
{
  uint32_t bits = length == 0 ? 0 : ~(uint32_t)0 << (32 - length);

  bits = htonl(bits);
  memcpy(to, &bits, sizeof(bits));
}
