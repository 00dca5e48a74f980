/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The shell command "netstat": sockets and interfaces.
 */

#include <rtems-rump/netshell.h>

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/net.h"
#include "command.h"
#include "socket.h"
#include "statistics.h"

#define PATH_AT 2
#define PORT_AT 2
#define LINK_DATA 8


static const struct kind {
  const char *name;
  const char *variable;
} kinds[] = {
  { "tcp", "net.inet.tcp.pcblist" },
  { "tcp6", "net.inet6.tcp6.pcblist" },
  { "udp", "net.inet.udp.pcblist" },
  { "udp6", "net.inet6.udp6.pcblist" },
  { "raw", "net.inet.raw.pcblist" },
  { "raw6", "net.inet6.raw6.pcblist" },
  { "stream", "net.local.stream.pcblist" },
  { "dgram", "net.local.dgram.pcblist" },
  { "seqpacket", "net.local.seqpacket.pcblist" }
};

static const char *
state_name(const struct kind *kind, const struct netbsd_kinfo_pcb *pcb)
{
  static const char *const names[] = {
    "closed", "listen", "syn-sent", "syn-received", "established",
    "close-wait", "fin-wait-1", "closing", "last-ack", "fin-wait-2",
    "time-wait"
  };
  size_t state = (size_t)pcb->tcp_state;

  return strncmp(kind->name, "tcp", 3) == 0
    && state < sizeof(names) / sizeof(names[0]) ? names[state] : "";
}

/* The name of a local one has no end if it is as long as it can be. */
static const char *
end_text(const uint8_t end[264], char *text, size_t size)
{
  char address[COMMAND_TEXT];

  if (end[1] == NETBSD_AF_LOCAL) {
    int length = end[0] > PATH_AT ? end[0] - PATH_AT : 0;

    (void)snprintf(text, size, "%.*s", length, (const char *)end + PATH_AT);
  } else if (end[1] == NETBSD_AF_INET || end[1] == NETBSD_AF_INET6) {
    (void)snprintf(
      text,
      size,
      end[1] == NETBSD_AF_INET ? "%s:%u" : "[%s]:%u",
      command_address(end, 264, address),
      end[PORT_AT] << 8 | end[PORT_AT + 1]
    );
  } else {
    text[0] = '\0';
  }
  return text[0] == '\0' ? "*" : text;
}

static void
show_socket(const struct kind *kind, const struct netbsd_kinfo_pcb *pcb)
{
  char own[264], peer[264];

  printf(
    "%-9s %8" PRIu64 " %8" PRIu64 " %-25s %-25s %s\n",
    kind->name,
    pcb->to_read,
    pcb->to_send,
    end_text(pcb->own, own, sizeof(own)),
    end_text(pcb->peer, peer, sizeof(peer)),
    state_name(kind, pcb)
  );
}

/* Of which there are none if the kernel has no such protocol. */
static int
show_kind(const struct rtems_rump_kernel *kernel, const struct kind *kind)
{
  struct netbsd_kinfo_pcb *pcbs;
  struct control_name name;
  size_t size, i;
  int error = control_find(kernel, kind->variable, &name);

  if (error != 0) {
    return error == ENOENT ? 0 : error;
  }
  name.numbers[name.depth++] = 0;
  name.numbers[name.depth++] = 0;
  name.numbers[name.depth++] = sizeof(*pcbs);
  name.numbers[name.depth++] = INT_MAX;
  pcbs = command_value(&name, &size);
  if (pcbs == NULL) {
    return errno;
  }
  for (i = 0; i < size / sizeof(*pcbs); ++i) {
    show_socket(kind, &pcbs[i]);
  }
  free(pcbs);
  return 0;
}

static int
show_sockets(const struct rtems_rump_kernel *kernel)
{
  size_t i;

  printf(
    "%-9s %8s %8s %-25s %-25s %s\n",
    "protocol", "to read", "to send", "own address", "peer", "state"
  );
  for (i = 0, errno = 0; i < sizeof(kinds) / sizeof(kinds[0]); ++i) {
    errno = show_kind(kernel, &kinds[i]);
    if (errno != 0) {
      break;
    }
  }
  return errno == 0 ? 0 : command_failed("netstat", "sockets");
}

/* The interface's name is in the address, as much of that as there is. */
static void
show_interface(const struct netbsd_if_msghdr *header)
{
  const struct netbsd_sockaddr_dl *link = (const void *)(header + 1);
  size_t room = header->msglen - sizeof(*header);

  if (room < LINK_DATA || link->name_size > room - LINK_DATA) {
    return;
  }
  printf(
    "%-8.*s %5" PRIu64 " %10" PRIu64 " %12" PRIu64 " %6" PRIu64 " %6" PRIu64
      " %10" PRIu64 " %12" PRIu64 " %6" PRIu64 "\n",
    link->name_size,
    (const char *)link->data,
    header->mtu,
    header->ipackets,
    header->ibytes,
    header->ierrors,
    header->iqdrops,
    header->opackets,
    header->obytes,
    header->oerrors
  );
}

static int
show_interfaces(const struct rtems_rump_kernel *kernel)
{
  static const struct control_name name = {
    { NETBSD_CTL_NET, NETBSD_AF_ROUTE, 0, 0, NETBSD_NET_RT_IFLIST, 0 }, 6
  };
  const struct netbsd_if_msghdr *header;
  size_t size, at;
  uint8_t *bytes = command_value(&name, &size);

  (void)kernel;
  if (bytes == NULL) {
    return command_failed("netstat", "interfaces");
  }
  printf(
    "%-8s %5s %10s %12s %6s %6s %10s %12s %6s\n",
    "name", "mtu", "received", "bytes", "errors", "drops", "sent", "bytes",
    "errors"
  );
  for (at = 0; at + sizeof(*header) <= size; at += header->msglen) {
    header = (const void *)(bytes + at);
    if (header->msglen < 4 || header->msglen > size - at) {
      break;
    }
    if (header->type == NETBSD_RTM_IFINFO
        && header->msglen >= sizeof(*header)) {
      show_interface(header);
    }
  }
  free(bytes);
  return 0;
}

static const struct {
  const char *option;
  int (*function)(const struct rtems_rump_kernel *kernel);
} actions[] = {
  { "-i", show_interfaces }, { "-m", statistics_of_memory },
  { "-s", statistics_of_protocols }
};

static int
netstat(int argc, char **argv)
{
  const struct socket_stack *stack = socket_stack();
  size_t i;

  if (stack == NULL) {
    errno = EAFNOSUPPORT;
    return command_failed("netstat", "no kernel");
  }
  if (argc == 1) {
    return show_sockets(stack->kernel);
  }
  if (argc == 2 && strcmp(argv[1], "-r") == 0) {
    return (*rtems_rump_route_command.command)(1, argv);
  }
  for (i = 0; argc == 2 && i < sizeof(actions) / sizeof(actions[0]); ++i) {
    if (strcmp(argv[1], actions[i].option) == 0) {
      return (*actions[i].function)(stack->kernel);
    }
  }
  return command_usage(rtems_rump_netstat_command.usage);
}

rtems_shell_cmd_t rtems_rump_netstat_command = {
  .name = "netstat",
  .usage = "netstat [-i | -m | -r | -s]",
  .topic = "net",
  .command = netstat
};
