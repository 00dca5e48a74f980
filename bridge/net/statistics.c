/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the kernel has counted.  The words are for the counters of NetBSD's
 * headers, in their order.
 */

#include "statistics.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "abi/net.h"
#include "command.h"

#define SIZE(array) (sizeof(array) / sizeof((array)[0]))

static const char *const of_ip[] = {
  "received", "with bad checksum", "too short", "shorter than said",
  "with bad header length", "with bad length", "fragments received",
  "fragments dropped", "fragments timed out", "forwarded",
  "forwarded fast", "not to be forwarded", "redirects sent",
  "of unknown protocol", "delivered", "sent from here",
  "dropped when sent, no memory", "reassembled", "fragmented",
  "fragments made", "not to be fragmented", "with bad options",
  "without route", "of another version", "sent raw", "bad fragments",
  "fragments dropped, no memory", "too long", "without tunnel",
  "with bad address"
};

static const char *const of_icmp[] = {
  "errors to send", "no error for short", "no error for ICMP",
  "with bad code", "too short", "with bad checksum", "with bad length",
  "answered", "changes of path MTU", "echoes to all dropped",
  "timestamps to all dropped"
};

static const char *const of_tcp[] = {
  "connections begun", "connections accepted", "connections established",
  "connections dropped", "connections dropped early", "connections closed",
  "segments timed", "times of round trips", "acknowledgements delayed",
  "dropped by time-out", "time-outs", "time-outs of windows",
  "time-outs of keepalive", "probes of keepalive", "dropped by keepalive",
  "dropped by time-out of window", "drained, no memory",
  "black holes of path MTU", "sent", "sent with data", "bytes sent",
  "sent again", "bytes sent again", "sent to acknowledge",
  "sent to probe window", "sent as urgent", "sent to update window",
  "sent to control", "received", "received in order", "bytes in order",
  "with bad checksum", "with bad offset", "dropped, no memory", "too short",
  "received again", "bytes received again", "in part received again",
  "bytes in part received again", "out of order", "bytes out of order",
  "after window", "bytes after window", "after close", "probes of window",
  "duplicate acknowledgements", "acknowledgements of nothing sent",
  "acknowledgements", "bytes acknowledged", "updates of window",
  "dropped as old", "acknowledgements predicted", "data predicted",
  "not found by hash", "without socket", "with bad SYN",
  "freed late", "embryonic added", "embryonic completed",
  "embryonic timed out", "embryonic dropped, too many", "embryonic reset",
  "embryonic unreachable", "embryonic dropped, bucket full",
  "embryonic aborted", "embryonic SYN again", "embryonic SYN dropped",
  "embryonic collisions", "embryonic sent again", "embryonic freed late",
  "not sent, no memory", "with bad signature", "with good signature",
  "with ECN", "with congestion told", "with transport for ECN"
};

static const char *const of_udp[] = {
  "received", "too short", "with bad checksum", "with bad length",
  "without socket", "to all without socket", "dropped, socket full",
  "not found by hash", "sent"
};

static const char *const of_ip6[] = {
  "received", "too short", "shorter than said", "fragments received",
  "fragments dropped", "fragments timed out", "fragments over limit",
  "forwarded", "not to be forwarded", "redirects sent", "delivered",
  "sent from here", "dropped when sent, no memory", "reassembled",
  "fragmented", "fragments made", "not to be fragmented",
  "with bad options", "without route", "of another version", "sent raw",
  "with bad scope", "to groups not joined"
};

static const char *const of_icmp6[] = {
  "errors to send", "no error for such", "no error, too frequent"
};

static const char *const of_icmp6_input[] = {
  "with bad code", "too short", "with bad checksum", "with bad length",
  "answered"
};

static const char *const of_neighbours[] = {
  "changes of path MTU", "bad options of discovery",
  "bad solicitations of neighbours", "bad advertisements of neighbours",
  "bad solicitations of routers", "bad advertisements of routers",
  "bad redirects", "routes of routers dropped"
};

static const char *const of_udp6[] = {
  "received", "too short", "with bad checksum", "without checksum",
  "with bad length", "without socket", "to groups without socket",
  "dropped, socket full", "not found in cache", "sent"
};

/* In their order, some from the counter `first` on. */
static const struct protocol {
  const char *name;
  const char *variable;
  const char *const *words;
  unsigned first;
  unsigned count;
} protocols[] = {
  { "ip", "net.inet.ip.stats", of_ip, 0, SIZE(of_ip) },
  { "icmp", "net.inet.icmp.stats", of_icmp, 0, SIZE(of_icmp) },
  { "tcp", "net.inet.tcp.stats", of_tcp, 0, SIZE(of_tcp) },
  { "udp", "net.inet.udp.stats", of_udp, 0, SIZE(of_udp) },
  { "ip6", "net.inet6.ip6.stats", of_ip6, 0, SIZE(of_ip6) },
  { "icmp6", "net.inet6.icmp6.stats", of_icmp6, 0, SIZE(of_icmp6) },
  { "icmp6", "net.inet6.icmp6.stats", of_icmp6_input, 259,
    SIZE(of_icmp6_input) },
  { "icmp6", "net.inet6.icmp6.stats", of_neighbours, 534,
    SIZE(of_neighbours) },
  { "udp6", "net.inet6.udp6.stats", of_udp6, 0, SIZE(of_udp6) }
};

static void
show(const struct protocol *protocol, const uint64_t *counters, size_t count)
{
  size_t i;

  for (i = 0; i < protocol->count && protocol->first + i < count; ++i) {
    uint64_t value = counters[protocol->first + i];

    if (value != 0) {
      printf(
        "%-6s %12" PRIu64 " %s\n",
        protocol->name,
        value,
        protocol->words[i]
      );
    }
  }
}

/* RTEMS's error number; a protocol that the kernel has not has no counters. */
static int
show_protocol(
  const struct rtems_rump_kernel *kernel, const struct protocol *protocol)
{
  struct control_name name;
  uint64_t *counters;
  size_t size;
  int error = control_find(kernel, protocol->variable, &name);

  if (error != 0) {
    return error == ENOENT ? 0 : error;
  }
  counters = command_value(&name, &size);
  if (counters == NULL) {
    return errno;
  }
  show(protocol, counters, size / sizeof(*counters));
  free(counters);
  return 0;
}

int
statistics_of_protocols(const struct rtems_rump_kernel *kernel)
{
  size_t i;

  for (i = 0; i < SIZE(protocols); ++i) {
    errno = show_protocol(kernel, &protocols[i]);
    if (errno != 0) {
      return command_failed("netstat", protocols[i].name);
    }
  }
  return 0;
}

/* By type, in NetBSD's order; the first are those that are free. */
static void
show_mbufs(const struct netbsd_mbstat *statistics)
{
  static const char *const types[] = {
    "free", "data", "headers", "addresses", "options", "fragments", "control",
    "urgent data"
  };
  size_t i;

  for (i = 1; i < SIZE(types); ++i) {
    printf("mbufs  %12u %s\n", statistics->used[i], types[i]);
  }
  printf(
    "mbufs  %12lu times no memory\n"
    "mbufs  %12lu times waited\n"
    "mbufs  %12lu times taken from protocols\n",
    statistics->drops,
    statistics->waits,
    statistics->drains
  );
}

int
statistics_of_memory(const struct rtems_rump_kernel *kernel)
{
  struct netbsd_mbstat *statistics = NULL;
  struct control_name name;
  size_t size = 0;

  errno = control_find(kernel, "kern.mbuf.stats", &name);
  if (errno == 0) {
    statistics = command_value(&name, &size);
  }
  if (statistics == NULL) {
    return command_failed("netstat", "mbufs");
  }
  if (size >= sizeof(*statistics)) {
    show_mbufs(statistics);
  }
  free(statistics);
  return 0;
}
