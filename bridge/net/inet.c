/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Addresses as text, which <arpa/inet.h> declares and RTEMS's libraries lack.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define GROUPS 8

/* Four decimal numbers without leading zeros, and nothing after them. */
static bool
parse_ipv4(const char *text, uint8_t address[4])
{
  int i;

  for (i = 0; i < 4; ++i) {
    unsigned value = 0, digits = 0;

    while (*text >= '0' && *text <= '9') {
      if (digits > 0 && value == 0) {
        return false;
      }
      value = value * 10 + (unsigned)(*text++ - '0');
      if (++digits > 3 || value > 255) {
        return false;
      }
    }
    if (digits == 0 || *text != (i < 3 ? '.' : '\0')) {
      return false;
    }
    address[i] = (uint8_t)value;
    ++text;
  }
  return true;
}

static int
hex_digit(char c)
{
  return c >= '0' && c <= '9' ? c - '0'
    : c >= 'a' && c <= 'f' ? c - 'a' + 10
    : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Up to four digits; returns what follows, or NULL. */
static const char *
parse_group(const char *text, uint16_t *group)
{
  unsigned digits = 0;

  for (*group = 0; hex_digit(*text) >= 0; ++text) {
    if (++digits > 4) {
      return NULL;
    }
    *group = (uint16_t)(*group << 4 | hex_digit(*text));
  }
  return digits == 0 ? NULL : text;
}

static void
store_groups(const uint16_t *groups, int count, int gap, uint8_t address[16])
{
  int tail = count - gap, i;

  memset(address, 0, 2 * GROUPS);
  for (i = 0; i < count; ++i) {
    int to = i < gap ? i : GROUPS - tail + (i - gap);

    address[2 * to] = (uint8_t)(groups[i] >> 8);
    address[2 * to + 1] = (uint8_t)groups[i];
  }
}

/* The last two groups may be an IPv4 address. */
static bool
parse_tail(const char *text, uint16_t *groups, int *count)
{
  uint8_t ipv4[4];

  if (*count > GROUPS - 2 || !parse_ipv4(text, ipv4)) {
    return false;
  }
  groups[(*count)++] = (uint16_t)(ipv4[0] << 8 | ipv4[1]);
  groups[(*count)++] = (uint16_t)(ipv4[2] << 8 | ipv4[3]);
  return true;
}

/* Groups with one gap at most, which stands for zeros. */
static bool
parse_ipv6(const char *text, uint8_t address[16])
{
  uint16_t groups[GROUPS];
  int count = 0, gap = -1;

  if (text[0] == ':' && text[1] == ':') {
    gap = 0;
    text += 2;
  }
  while (*text != '\0') {
    const char *next;

    if (count == GROUPS) {
      return false;
    }
    next = parse_group(text, &groups[count]);
    if (next != NULL && *next != '.') {
      ++count;
    } else if (next != NULL && parse_tail(text, groups, &count)) {
      break;
    } else {
      return false;
    }
    if (*next == '\0') {
      break;
    }
    if (*next != ':' || next[1] == '\0') {
      return false;
    }
    text = next + 1;
    if (*text == ':') {
      if (gap >= 0) {
        return false;
      }
      gap = count;
      ++text;
    }
  }
  if (gap < 0 ? count != GROUPS : count >= GROUPS) {
    return false;
  }
  store_groups(groups, count, gap < 0 ? count : gap, address);
  return true;
}

int
inet_pton(int family, const char *text, void *address)
{
  uint8_t parsed[16];

  switch (family) {
    case AF_INET:
      if (!parse_ipv4(text, parsed)) {
        return 0;
      }
      memcpy(address, parsed, 4);
      return 1;
    case AF_INET6:
      if (!parse_ipv6(text, parsed)) {
        return 0;
      }
      memcpy(address, parsed, 16);
      return 1;
    default:
      errno = EAFNOSUPPORT;
      return -1;
  }
}

/* The first of the longest runs of two zeros or more. */
static int
find_gap(const uint16_t groups[GROUPS], int *size)
{
  int best = -1, i, k;

  *size = 1;
  for (i = 0; i < GROUPS; i = k + 1) {
    for (k = i; k < GROUPS && groups[k] == 0; ++k) {
    }
    if (k - i > *size) {
      best = i;
      *size = k - i;
    }
  }
  return best;
}

static void
print_ipv6(const uint8_t address[16], char *text)
{
  uint16_t groups[GROUPS];
  int gap, size, i;

  for (i = 0; i < GROUPS; ++i) {
    groups[i] = (uint16_t)(address[2 * i] << 8 | address[2 * i + 1]);
  }
  gap = find_gap(groups, &size);
  for (i = 0; i < GROUPS; ++i) {
    if (i == gap) {
      text += sprintf(text, i == 0 ? "::" : ":");
      i += size - 1;
    } else {
      text += sprintf(text, i < GROUPS - 1 ? "%x:" : "%x", groups[i]);
    }
  }
}

const char *
inet_ntop(int family, const void *from, char *to, socklen_t size)
{
  const uint8_t *a = from;
  char text[INET6_ADDRSTRLEN] = "";

  if (family == AF_INET) {
    sprintf(text, "%u.%u.%u.%u", a[0], a[1], a[2], a[3]);
  } else if (family == AF_INET6) {
    print_ipv6(a, text);
  } else {
    errno = EAFNOSUPPORT;
    return NULL;
  }
  if (strlen(text) >= size) {
    errno = ENOSPC;
    return NULL;
  }
  return strcpy(to, text);
}

int
inet_aton(const char *text, struct in_addr *address)
{
  return inet_pton(AF_INET, text, address) == 1;
}

in_addr_t
inet_addr(const char *text)
{
  struct in_addr address;

  return inet_aton(text, &address) ? address.s_addr : INADDR_NONE;
}

/* Each task has the result of its own last call. */
char *
inet_ntoa(struct in_addr address)
{
  static __thread char text[INET_ADDRSTRLEN];

  (void)inet_ntop(AF_INET, &address, text, sizeof(text));
  return text;
}

#ifdef __rtems__
const struct in6_addr in6addr_any = IN6ADDR_ANY_INIT;
const struct in6_addr in6addr_loopback = IN6ADDR_LOOPBACK_INIT;
#endif
