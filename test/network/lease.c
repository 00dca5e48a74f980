/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A board on a network of Linux, for the program lease: an address by DHCP and
 * one of IPv6 as a router announces it, as long as nobody connects.
 */

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rtems-rump/dhcp.h>
#include <rtems-rump/link.h>
#include <rtems-rump/netconfig.h>
#include <rtems-rump/socket.h>

#include "listen.h"

#define INTERFACE "virt0"
#define RENEW_AFTER 2

/* By the name server that the lease has named. */
static void
look_up(const char *name)
{
  const struct addrinfo hints = {
    .ai_family = AF_INET, .ai_socktype = SOCK_STREAM
  };
  struct addrinfo *found = NULL;
  char text[INET_ADDRSTRLEN] = "";

  if (getaddrinfo(name, NULL, &hints, &found) == 0) {
    (void)getnameinfo(
      found->ai_addr, found->ai_addrlen, text, sizeof(text), NULL, 0,
      NI_NUMERICHOST);
    freeaddrinfo(found);
  }
  printf("name: %s %s\n", name, text);
}

/* Tells each change until somebody connects. */
static void
tell_lease(int listener)
{
  struct rtems_rump_lease last = { .renewals = 99 };
  struct pollfd p = { .fd = listener, .events = POLLIN };

  while (poll(&p, 1, 100) == 0) {
    struct rtems_rump_lease lease;

    CHECK(rtems_rump_dhcp_get(INTERFACE, &lease) == 0);
    if (memcmp(&lease, &last, sizeof(lease)) != 0) {
      printf(
        "lease: '%s' by '%s' of '%s', %u s, renewed %u times\n",
        lease.address,
        lease.router,
        lease.server,
        lease.seconds,
        lease.renewals
      );
      last = lease;
    }
  }
}

static void
live(void)
{
  static const struct rtems_rump_link links[] = {
    { .driver = &rtems_rump_link_gem, .device = "gem0" }
  };
  static const struct rtems_rump_config config = {
    .memory = 16 << 20, .links = links, .link_count = 1
  };
  static const struct rtems_rump_interface automatic = {
    .name = INTERFACE, .autoconf6 = true
  };
  static const struct rtems_rump_dhcp dhcp = {
    .interface = INTERFACE, .renew_after = RENEW_AFTER
  };
  int listener;

  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_socket_register() == 0);
  CHECK(rtems_rump_interface_create(INTERFACE) == 0);
  CHECK(rtems_rump_interface_configure(&automatic) == 0);
  CHECK(rtems_rump_dhcp_start(&dhcp) == 0);
  look_up("station.test");
  listener = target_listen();
  tell_lease(listener);
  CHECK(close(listener) == 0);
  CHECK(rtems_rump_dhcp_stop(INTERFACE) == 0);
  target_sleep(500);
  CHECK(rtems_rump_end() == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("LEASE");
  live();
  TARGET_END("LEASE");
}

#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 32
#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#define CONFIGURE_INIT_TASK_STACK_SIZE (32 * 1024)
#include "config.h"
