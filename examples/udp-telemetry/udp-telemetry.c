/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Telemetry by UDP: a record each 100 ms to a host that is found by its name
 * or number, and at the same time commands from there.  After the first lines
 * of Init() nothing here knows of a rump kernel.
 */

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rtems.h>

#include <rtems-rump/dhcp.h>
#include <rtems-rump/instance.h>
#include <rtems-rump/socket.h>

#define STATION "10.0.2.2" /* QEMU's host; a name would do */
#ifndef PORT
#define PORT "9000"
#endif
#define PERIOD 100 /* ms */

static void
check(const char *what, bool ok)
{
  if (!ok) {
    printf("udp-telemetry: %s: %s\n", what, strerror(errno));
    exit(1);
  }
}

/* Only the station is heard, as the socket is connected to it. */
static int
connect_to_station(void)
{
  const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
  struct addrinfo *station;
  int error = getaddrinfo(STATION, PORT, &hints, &station);
  int fd;

  if (error != 0) {
    printf("udp-telemetry: %s: %s\n", STATION, gai_strerror(error));
    exit(1);
  }
  fd = socket(station->ai_family, station->ai_socktype, 0);
  check("socket", fd >= 0);
  check("connect",
    connect(fd, station->ai_addr, station->ai_addrlen) == 0);
  freeaddrinfo(station);
  return fd;
}

/* What a real one would measure.  A record that is lost is lost. */
static void
send_record(int fd, unsigned number, unsigned scale)
{
  struct rtems_rump_usage usage;
  char record[128];
  int size;

  rtems_rump_get_usage(&usage);
  size = snprintf(record, sizeof(record),
    "{\"record\":%u,\"uptime\":%lu,\"memory\":%lu,\"scale\":%u}\n",
    number, (unsigned long)rtems_clock_get_uptime_seconds(),
    (unsigned long)usage.memory_used, scale);
  (void)send(fd, record, (size_t)size, MSG_DONTWAIT);
}

/* "scale N" or "stop"; false at the end. */
static bool
obey(int fd, unsigned *scale)
{
  char command[32];
  ssize_t n = recv(fd, command, sizeof(command) - 1, MSG_DONTWAIT);

  if (n <= 0) {
    return true;
  }
  command[n] = '\0';
  (void)sscanf(command, "scale %u", scale);
  return strncmp(command, "stop", 4) != 0;
}

static unsigned
run(int fd)
{
  struct pollfd p = { .fd = fd, .events = POLLIN };
  unsigned number = 0, scale = 1;

  do {
    send_record(fd, ++number, scale);
    check("poll", poll(&p, 1, PERIOD) >= 0);
  } while (obey(fd, &scale));
  return number;
}

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct rtems_rump_dhcp dhcp = { .interface = "vioif0" };
  int fd;

  (void)arg;
  errno = rtems_rump_start(NULL);
  check("start", errno == 0);
  errno = rtems_rump_socket_register();
  check("sockets", errno == 0);
  errno = rtems_rump_dhcp_start(&dhcp);
  check("DHCP", errno == 0);
  fd = connect_to_station();
  puts("udp-telemetry: ready");
  printf("udp-telemetry: %u records\n", run(fd));
  check("close", close(fd) == 0);
  exit(0);
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
