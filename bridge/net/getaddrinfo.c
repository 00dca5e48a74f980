/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The calls of <netdb.h> that find the addresses of a name.
 */

#include <netdb.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "resolve.h"
#include "services.h"

#define FLAGS (AI_PASSIVE | AI_CANONNAME | AI_NUMERICHOST | AI_NUMERICSERV)

/* What is asked for, and what is found. */
struct lookup {
  const char *node;
  int flags;
  int family;
  int type;
  int protocol;
  in_port_t port;
  struct addrinfo *first;
  struct addrinfo **end;
};

/* One block of memory each. */
struct entry {
  struct addrinfo info;
  union {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
  } address;
  char name[];
};

static const struct {
  int type;
  int protocol;
} types[] = {
  { SOCK_STREAM, IPPROTO_TCP }, { SOCK_DGRAM, IPPROTO_UDP }, { SOCK_RAW, 0 }
};

static void
set_address(
  struct entry *entry, int family, const void *address, in_port_t port)
{
  entry->info.ai_family = family;
  entry->info.ai_addr = &entry->address.any;
  if (family == AF_INET) {
    entry->info.ai_addrlen = sizeof(entry->address.ipv4);
    entry->address.ipv4.sin_port = port;
    memcpy(&entry->address.ipv4.sin_addr, address, 4);
  } else {
    entry->info.ai_addrlen = sizeof(entry->address.ipv6);
    entry->address.ipv6.sin6_port = port;
    memcpy(&entry->address.ipv6.sin6_addr, address, 16);
  }
  entry->address.any.sa_len = (uint8_t)entry->info.ai_addrlen;
  entry->address.any.sa_family = (sa_family_t)family;
}

static int
add_type(
  struct lookup *lookup, int family, const void *address, unsigned type)
{
  bool has_name =
    (lookup->flags & AI_CANONNAME) != 0 && lookup->first == NULL;
  struct entry *entry = calloc(
    1,
    sizeof(*entry) + (has_name ? strlen(lookup->node) + 1 : 0)
  );

  if (entry == NULL) {
    return EAI_MEMORY;
  }
  set_address(entry, family, address, lookup->port);
  entry->info.ai_socktype = types[type].type;
  entry->info.ai_protocol = types[type].protocol != 0
    ? types[type].protocol : lookup->protocol;
  if (has_name) {
    entry->info.ai_canonname = strcpy(entry->name, lookup->node);
  }
  *lookup->end = &entry->info;
  lookup->end = &entry->info.ai_next;
  return 0;
}

/* For each type of sockets that fits. */
static int
add(struct lookup *lookup, int family, const void *address)
{
  int error = 0;
  unsigned i;

  for (i = 0; error == 0 && i < sizeof(types) / sizeof(types[0]); ++i) {
    bool fits = lookup->type == 0
      ? types[i].protocol != 0 : lookup->type == types[i].type;

    if (fits && (lookup->protocol == 0 || types[i].protocol == 0
        || lookup->protocol == types[i].protocol)) {
      error = add_type(lookup, family, address, i);
    }
  }
  return error;
}

static bool
wants(const struct lookup *lookup, int family)
{
  return lookup->family == AF_UNSPEC || lookup->family == family;
}

/* Of this host, or of any of its interfaces. */
static int
find_own(struct lookup *lookup, bool any)
{
  struct in6_addr ipv6 = { 0 };
  struct in_addr ipv4 = { any ? 0 : htonl(INADDR_LOOPBACK) };
  int error = 0;

  ipv6.s6_addr[15] = any ? 0 : 1;
  if (wants(lookup, AF_INET6)) {
    error = add(lookup, AF_INET6, &ipv6);
  }
  if (error == 0 && wants(lookup, AF_INET)) {
    error = add(lookup, AF_INET, &ipv4);
  }
  return error;
}

/* EAI_NONAME if the node is not a number; EAI_FAMILY if of another family. */
static int
find_number(struct lookup *lookup)
{
  struct in6_addr address;
  int family;

  if (inet_pton(AF_INET, lookup->node, &address) == 1) {
    family = AF_INET;
  } else if (inet_pton(AF_INET6, lookup->node, &address) == 1) {
    family = AF_INET6;
  } else {
    return EAI_NONAME;
  }
  return wants(lookup, family) ? add(lookup, family, &address) : EAI_FAMILY;
}

static int
find_name_of(struct lookup *lookup, int family, enum dns_type type)
{
  struct dns_addresses addresses;
  int error = 0;
  unsigned i;

  if (!wants(lookup, family)) {
    return EAI_NONAME;
  }
  switch (resolve(lookup->node, type, &addresses)) {
    case DNS_FOUND:
      for (i = 0; error == 0 && i < addresses.count; ++i) {
        error = add(lookup, family, addresses.bytes[i]);
      }
      return error;
    case DNS_NO_DATA:
    case DNS_NO_NAME:
      return EAI_NONAME;
    default:
      return EAI_AGAIN;
  }
}

/* Addresses of one family are enough. */
static int
find_name(struct lookup *lookup)
{
  int error4 = find_name_of(lookup, AF_INET, DNS_A);
  int error6 = error4 == EAI_MEMORY
    ? EAI_MEMORY : find_name_of(lookup, AF_INET6, DNS_AAAA);

  if (error4 == EAI_MEMORY || error6 == EAI_MEMORY) {
    return EAI_MEMORY;
  }
  return lookup->first != NULL ? 0
    : error4 == EAI_AGAIN || error6 == EAI_AGAIN ? EAI_AGAIN : EAI_NONAME;
}

static int
find(struct lookup *lookup)
{
  int error;

  if (lookup->node == NULL) {
    return find_own(lookup, (lookup->flags & AI_PASSIVE) != 0);
  }
  error = find_number(lookup);
  if (error != EAI_NONAME || (lookup->flags & AI_NUMERICHOST) != 0) {
    return error;
  }
  return strcmp(lookup->node, "localhost") == 0
    ? find_own(lookup, false) : find_name(lookup);
}

/* For the type or the protocol that is asked for, or any. */
static const char *
protocol_name(const struct lookup *lookup)
{
  if (lookup->type == SOCK_STREAM || lookup->protocol == IPPROTO_TCP) {
    return "tcp";
  }
  return lookup->type == SOCK_DGRAM || lookup->protocol == IPPROTO_UDP
    ? "udp" : NULL;
}

static int
find_service(struct lookup *lookup, const char *name)
{
  unsigned port = (lookup->flags & AI_NUMERICSERV) != 0
    ? 0 : services_port(name, protocol_name(lookup));

  lookup->port = htons((in_port_t)port);
  return port == 0 ? EAI_SERVICE : 0;
}

static int
parse_service(struct lookup *lookup, const char *text)
{
  char *end;
  long number;

  if (text == NULL) {
    return 0;
  }
  if (*text < '0' || *text > '9') {
    return find_service(lookup, text);
  }
  number = strtol(text, &end, 10);
  if (*end != '\0' || number > 65535) {
    return EAI_SERVICE;
  }
  lookup->port = htons((in_port_t)number);
  return 0;
}

static int
check_hints(const struct addrinfo *hints)
{
  if ((hints->ai_flags & ~FLAGS) != 0) {
    return EAI_BADFLAGS;
  }
  if (hints->ai_family != AF_UNSPEC && hints->ai_family != AF_INET
      && hints->ai_family != AF_INET6) {
    return EAI_FAMILY;
  }
  return hints->ai_socktype < 0 || hints->ai_socktype > SOCK_RAW
    ? EAI_SOCKTYPE : 0;
}

int
getaddrinfo(
  const char            *node,
  const char            *service,
  const struct addrinfo *hints,
  struct addrinfo      **result
)
{
  static const struct addrinfo none;
  struct lookup lookup = { .node = node };
  int error;

  hints = hints == NULL ? &none : hints;
  error = check_hints(hints);
  if (error != 0) {
    return error;
  }
  if (node == NULL
      && (service == NULL || (hints->ai_flags & AI_CANONNAME) != 0)) {
    return service == NULL ? EAI_NONAME : EAI_BADFLAGS;
  }
  lookup.flags = hints->ai_flags;
  lookup.family = hints->ai_family;
  lookup.type = hints->ai_socktype;
  lookup.protocol = hints->ai_protocol;
  lookup.end = &lookup.first;
  error = parse_service(&lookup, service);
  if (error == 0) {
    error = find(&lookup);
  }
  if (error == 0 && lookup.first == NULL) {
    error = EAI_SOCKTYPE;
  }
  if (error != 0) {
    freeaddrinfo(lookup.first);
    return error;
  }
  *result = lookup.first;
  return 0;
}

void
freeaddrinfo(struct addrinfo *info)
{
  while (info != NULL) {
    struct addrinfo *next = info->ai_next;

    free(info);
    info = next;
  }
}

const char *
gai_strerror(int error)
{
  static const char *const texts[] = {
    [0] = "Success",
    [EAI_AGAIN] = "No name server answers",
    [EAI_BADFLAGS] = "Bad flags",
    [EAI_FAIL] = "The name server failed",
    [EAI_FAMILY] = "No address of that family",
    [EAI_MEMORY] = "Out of memory",
    [EAI_NONAME] = "No such name",
    [EAI_SERVICE] = "No such service",
    [EAI_SOCKTYPE] = "No such type of sockets",
    [EAI_SYSTEM] = "System error",
    [EAI_OVERFLOW] = "Too little room"
  };

  return error < 0 || (size_t)error >= sizeof(texts) / sizeof(texts[0])
    || texts[error] == NULL ? "Unknown error" : texts[error];
}

/* Names of addresses are not asked for: all are numbers. */
int
getnameinfo(
  const struct sockaddr *address,
  socklen_t              size,
  char                  *node,
  size_t                 node_size,
  char                  *service,
  size_t                 service_size,
  int                    flags
)
{
  const struct sockaddr_in *ipv4 = (const void *)address;
  const struct sockaddr_in6 *ipv6 = (const void *)address;
  bool is_ipv4 = address->sa_family == AF_INET;

  if (is_ipv4 ? size < sizeof(*ipv4)
      : address->sa_family != AF_INET6 || size < sizeof(*ipv6)) {
    return EAI_FAMILY;
  }
  if ((flags & NI_NAMEREQD) != 0) {
    return EAI_NONAME;
  }
  if (node != NULL && node_size > 0 && inet_ntop(
        address->sa_family,
        is_ipv4 ? (const void *)&ipv4->sin_addr : &ipv6->sin6_addr,
        node,
        (socklen_t)node_size
      ) == NULL) {
    return EAI_OVERFLOW;
  }
  return service == NULL || service_size == 0
    || (size_t)snprintf(
      service,
      service_size,
      "%u",
      ntohs(is_ipv4 ? ipv4->sin_port : ipv6->sin6_port)
    ) < service_size ? 0 : EAI_OVERFLOW;
}
