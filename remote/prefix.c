/* SPDX-License-Identifier: BSD-2-Clause */

#include "prefix.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>

struct prefix {
  unsigned char bytes[16];

  /* Of an address of the family; 0 is none. */
  unsigned size;
  unsigned bits;
};

static bool
parse_bits(const char *text, unsigned maximum, unsigned *bits)
{
  char *end;
  unsigned long number = strtoul(text, &end, 10);

  *bits = (unsigned)number;
  return *text >= '0' && *text <= '9' && *end == '\0' && number <= maximum;
}

static bool
parse(const char *text, struct prefix *prefix)
{
  const char *slash = strchr(text, '/');
  size_t length = slash != NULL ? (size_t)(slash - text) : strlen(text);
  char address[INET6_ADDRSTRLEN];

  if (length >= sizeof(address)) {
    return false;
  }
  memcpy(address, text, length);
  address[length] = '\0';
  if (inet_pton(AF_INET, address, prefix->bytes) == 1) {
    prefix->size = 4;
  } else if (inet_pton(AF_INET6, address, prefix->bytes) == 1) {
    prefix->size = 16;
  } else {
    return false;
  }
  prefix->bits = 8 * prefix->size;
  return slash == NULL
    || parse_bits(slash + 1, 8 * prefix->size, &prefix->bits);
}

static void
from_ipv6(const struct in6_addr *address, struct prefix *prefix)
{
  bool is_mapped = IN6_IS_ADDR_V4MAPPED(address);

  prefix->size = is_mapped ? 4 : 16;
  memcpy(
    prefix->bytes,
    address->s6_addr + 16 - prefix->size,
    prefix->size
  );
}

static void
from_address(const struct sockaddr *address, struct prefix *prefix)
{
  prefix->size = 0;
  if (address != NULL && address->sa_family == AF_INET) {
    prefix->size = 4;
    memcpy(
      prefix->bytes,
      &((const struct sockaddr_in *)address)->sin_addr,
      prefix->size
    );
  } else if (address != NULL && address->sa_family == AF_INET6) {
    from_ipv6(&((const struct sockaddr_in6 *)address)->sin6_addr, prefix);
  }
}

static bool
begins_so(const struct prefix *address, const struct prefix *prefix)
{
  unsigned whole = prefix->bits / 8;
  unsigned rest = prefix->bits % 8;

  return address->size == prefix->size
    && memcmp(address->bytes, prefix->bytes, whole) == 0
    && (rest == 0
      || (address->bytes[whole] ^ prefix->bytes[whole]) >> (8 - rest) == 0);
}

int
prefix_match(const struct sockaddr *address, const char *text)
{
  struct prefix own, wanted;

  if (!parse(text, &wanted)) {
    return EINVAL;
  }
  from_address(address, &own);
  return begins_so(&own, &wanted) ? 0 : ENOENT;
}
