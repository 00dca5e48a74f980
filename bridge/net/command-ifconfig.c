/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The shell command "ifconfig".
 */

#include <rtems-rump/netshell.h>

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sockio.h>
#include <unistd.h>

#include "abi/net.h"
#include "command.h"
#include "route.h"

static const struct {
  int flag;
  const char *name;
} flag_names[] = {
  { IFF_UP, "up" }, { IFF_BROADCAST, "broadcast" },
  { IFF_LOOPBACK, "loopback" }, { IFF_POINTOPOINT, "pointopoint" },
  { NETBSD_IFF_RUNNING, "running" }, { IFF_PROMISC, "promisc" },
  { NETBSD_IFF_MULTICAST, "multicast" }
};

static void
set_name(struct ifreq *request, const char *name)
{
  memset(request, 0, sizeof(*request));
  strncpy(request->ifr_name, name, sizeof(request->ifr_name) - 1);
}

static void
show_interface(int fd, const char *name)
{
  struct ifreq request;
  size_t i;

  set_name(&request, name);
  printf("%s:", name);
  if (ioctl(fd, SIOCGIFFLAGS, &request) == 0) {
    for (i = 0; i < sizeof(flag_names) / sizeof(flag_names[0]); ++i) {
      if ((request.ifr_flags & flag_names[i].flag) != 0) {
        printf(" %s", flag_names[i].name);
      }
    }
  }
  if (ioctl(fd, SIOCGIFMTU, &request) == 0) {
    printf(" mtu %d", request.ifr_mtu);
  }
  putchar('\n');
}

static void
show_ipv4(int fd, const struct netbsd_ifreq *entry, const char *text)
{
  struct netbsd_ifaliasreq alias = { 0 };
  char other[COMMAND_TEXT];

  memcpy(alias.name, entry->name, sizeof(alias.name));
  memcpy(alias.address, entry->address, sizeof(alias.address));
  if (ioctl(fd, NETBSD_SIOCGIFALIAS, &alias) != 0) {
    printf("    inet %s\n", text);
    return;
  }
  (void)command_address(alias.broadcast, sizeof(alias.broadcast), other);
  printf(
    "    inet %s/%u%s%s\n",
    text,
    command_prefix(alias.mask, sizeof(alias.mask), true),
    strcmp(other, "-") == 0 ? "" : " broadcast ",
    strcmp(other, "-") == 0 ? "" : other
  );
}

static void
show_entry(int fd, const struct netbsd_ifreq *entry)
{
  char text[COMMAND_TEXT];

  (void)command_address(entry->address, sizeof(entry->address), text);
  switch (entry->address[1]) {
    case NETBSD_AF_INET:
      show_ipv4(fd, entry, text);
      break;
    case NETBSD_AF_INET6:
      printf("    inet6 %s\n", text);
      break;
    case NETBSD_AF_LINK:
      if (strcmp(text, "-") != 0) {
        printf("    address %s\n", text);
      }
      break;
    default:
      break;
  }
}

/* Those of one interface come one after the other. */
static bool
show_entries(
  int                        fd,
  const struct netbsd_ifreq *entries,
  unsigned                   count,
  const char                *only
)
{
  const char *last = "";
  bool found = false;
  unsigned i;

  for (i = 0; i < count; ++i) {
    if (only != NULL && strcmp(only, entries[i].name) != 0) {
      continue;
    }
    if (strcmp(last, entries[i].name) != 0) {
      show_interface(fd, entries[i].name);
    }
    last = entries[i].name;
    show_entry(fd, &entries[i]);
    found = true;
  }
  return found;
}

static int
show(int fd, const char *only)
{
  struct netbsd_ifreq *entries =
    calloc(INTERFACE_ADDRESSES, sizeof(*entries));
  int count = entries == NULL ? -1 : interface_list(fd, entries);
  int result = 0;

  if (count < 0) {
    result = command_failed("ifconfig", "interfaces");
  } else if (!show_entries(fd, entries, (unsigned)count, only)
      && only != NULL) {
    errno = ENXIO;
    result = command_failed("ifconfig", only);
  }
  free(entries);
  return result;
}

static int
set_address(int fd, const char *name, const char *text, bool deletes)
{
  uint8_t address[4], mask[4];
  unsigned length;

  if (!command_parse(text, address, &length)) {
    return command_usage(rtems_rump_ifconfig_command.usage);
  }
  command_mask(mask, length);
  return (deletes ? interface_delete(fd, name, address)
    : interface_add(fd, name, address, mask)) == 0
    ? 0 : command_failed("ifconfig", name);
}

static int
act(int fd, int argc, char **argv)
{
  if (argc <= 2) {
    return show(fd, argc == 2 ? argv[1] : NULL);
  }
  if (argc == 3 && (strcmp(argv[2], "up") == 0
      || strcmp(argv[2], "down") == 0)) {
    return interface_set_up(fd, argv[1], strcmp(argv[2], "up") == 0) == 0
      ? 0 : command_failed("ifconfig", argv[1]);
  }
  if (argc == 3) {
    return set_address(fd, argv[1], argv[2], false);
  }
  return argc == 4 && strcmp(argv[2], "delete") == 0
    ? set_address(fd, argv[1], argv[3], true)
    : command_usage(rtems_rump_ifconfig_command.usage);
}

static int
ifconfig(int argc, char **argv)
{
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  int result;

  if (fd < 0) {
    return command_failed("ifconfig", "socket");
  }
  result = act(fd, argc, argv);
  (void)close(fd);
  return result;
}

rtems_shell_cmd_t rtems_rump_ifconfig_command = {
  .name = "ifconfig",
  .usage = "ifconfig [INTERFACE [up | down | ADDRESS/LENGTH | "
    "delete ADDRESS]]",
  .topic = "net",
  .command = ifconfig
};
