/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The shell commands "route" and "arp".
 */

#include <rtems-rump/netshell.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "route.h"

#define ADDRESSES 8
#define ROUND_UP(size) ((size) == 0 ? 8u : ((size) + 7u) & ~7u)

/* Where the addresses of a message are; those that it has not are empty. */
struct route {
  const struct netbsd_rt_msghdr *header;
  const uint8_t *address[ADDRESSES];
  unsigned size[ADDRESSES];
};

/* Indices of some. */
enum {
  DESTINATION,
  GATEWAY,
  NETMASK
};

static bool
parse(const uint8_t *message, unsigned size, struct route *route)
{
  unsigned at = sizeof(*route->header), i;

  memset(route, 0, sizeof(*route));
  route->header = (const void *)message;
  for (i = 0; i < ADDRESSES; ++i) {
    if ((route->header->addrs & 1 << i) == 0) {
      continue;
    }
    if (at >= size || message[at] > size - at) {
      return i > NETMASK;
    }
    route->address[i] = message + at;
    route->size[i] = message[at];
    at += ROUND_UP(message[at]);
  }
  return route->address[DESTINATION] != NULL
    && route->size[DESTINATION] >= 2;
}

static const char *
text_of(const struct route *route, unsigned i, char text[COMMAND_TEXT])
{
  return route->address[i] == NULL
    ? strcpy(text, "-")
    : command_address(route->address[i], route->size[i], text);
}

static void
show_route(const struct route *route)
{
  int family = route->address[DESTINATION][1];
  bool is_ipv4 = family == NETBSD_AF_INET;
  char destination[COMMAND_TEXT], gateway[COMMAND_TEXT];
  unsigned length = is_ipv4 ? 32 : 128;

  if (!is_ipv4 && family != NETBSD_AF_INET6) {
    return;
  }
  if (route->address[NETMASK] != NULL
      && (route->header->flags & NETBSD_RTF_HOST) == 0) {
    length = command_prefix(
      route->address[NETMASK], route->size[NETMASK], is_ipv4);
  }
  printf(
    "%s/%u %s%s interface %u\n",
    text_of(route, DESTINATION, destination),
    length,
    (route->header->flags & NETBSD_RTF_GATEWAY) != 0 ? "by " : "link ",
    text_of(route, GATEWAY, gateway),
    route->header->index
  );
}

static void
show_neighbour(const struct route *route)
{
  char address[COMMAND_TEXT], link[COMMAND_TEXT];

  printf(
    "%s %s interface %u\n",
    text_of(route, DESTINATION, address),
    text_of(route, GATEWAY, link),
    route->header->index
  );
}

static void
show_messages(
  const uint8_t *bytes, size_t size, void (*show)(const struct route *route))
{
  while (size >= sizeof(struct netbsd_rt_msghdr)) {
    struct route route;
    uint16_t length;

    memcpy(&length, bytes, sizeof(length));
    if (length < sizeof(struct netbsd_rt_msghdr) || length > size) {
      break;
    }
    if (parse(bytes, length, &route)) {
      (*show)(&route);
    }
    bytes += length;
    size -= length;
  }
}

static int
show_all(
  const char *command,
  int         family,
  int         what,
  int         flags,
  void      (*show)(const struct route *route)
)
{
  const struct control_name name = {
    { NETBSD_CTL_NET, NETBSD_AF_ROUTE, 0, family, what, flags }, 6
  };
  size_t size;
  uint8_t *bytes = command_value(&name, &size);

  if (bytes == NULL) {
    return command_failed(command, "routes");
  }
  show_messages(bytes, size, show);
  free(bytes);
  return 0;
}

static int
route(int argc, char **argv)
{
  uint8_t address[4] = { 0 }, mask[4], gateway[4];
  unsigned length = 0, gateway_length;
  bool adds;

  if (argc == 1) {
    return show_all("route", 0, NETBSD_NET_RT_DUMP, 0, show_route);
  }
  adds = strcmp(argv[1], "add") == 0;
  if (argc != 4 || (!adds && strcmp(argv[1], "delete") != 0)
      || (strcmp(argv[2], "default") != 0
        && !command_parse(argv[2], address, &length))
      || !command_parse(argv[3], gateway, &gateway_length)
      || gateway_length != 32) {
    return command_usage(rtems_rump_route_command.usage);
  }
  command_mask(mask, length);
  return route_change(
    adds ? NETBSD_RTM_ADD : NETBSD_RTM_DELETE,
    address,
    mask,
    gateway
  ) == 0 ? 0 : command_failed("route", "change");
}

static int
arp(int argc, char **argv)
{
  (void)argv;
  return argc == 1
    ? show_all(
        "arp",
        NETBSD_AF_INET,
        NETBSD_NET_RT_FLAGS,
        NETBSD_RTF_LLDATA,
        show_neighbour
      )
    : command_usage(rtems_rump_arp_command.usage);
}

rtems_shell_cmd_t rtems_rump_route_command = {
  .name = "route",
  .usage = "route [add | delete default | ADDRESS[/LENGTH] GATEWAY]",
  .topic = "net",
  .command = route
};

rtems_shell_cmd_t rtems_rump_arp_command = {
  .name = "arp",
  .usage = "arp",
  .topic = "net",
  .command = arp
};
