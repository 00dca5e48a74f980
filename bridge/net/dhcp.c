/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A client of DHCP.  Before it has an address it sends by a raw socket, since
 * UDP would have no route; the kernel then wants an address of zeros.
 */

#include <rtems-rump/dhcp.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <rtems.h>
#include <rtems/thread.h>

#include <rtems-rump/resolver.h>

#include "dhcp-message.h"
#include "route.h"

#define SERVER_PORT 67
#define CLIENT_PORT 68
#define IP_HEADER 20
#define UDP_HEADER 8

/* In milliseconds. */
#define SECOND INT64_C(1000)
#define FIRST_TRY SECOND
#define LAST_TRY (16 * SECOND)
#define FIRST_RENEWAL (4 * SECOND)
#define LAST_RENEWAL (60 * SECOND)
#define READY_TIMEOUT (20 * SECOND)

/* In seconds. */
#define DEFAULT_TIMEOUT 30

#define NAME_SIZE 16

struct client {
  struct client *next;
  char interface[NAME_SIZE];
  unsigned renew_after;
  bool keep_name_servers;
  atomic_bool is_ending;

  /* For what comes, and for what is sent without an address. */
  int fd;
  int raw;

  struct dhcp_client self;
  struct dhcp_lease lease;
  bool has_lease;
  int64_t since;
  unsigned renewals;
};

static const uint8_t zeros[4];
static const uint8_t all_ones[4] = { 255, 255, 255, 255 };

/* Guards the list and what others are told of a lease. */
static rtems_mutex lock = RTEMS_MUTEX_INITIALIZER("rump DHCP");
static struct client *clients;

static int64_t
now(void)
{
  struct timespec time;

  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * SECOND + time.tv_nsec / 1000000;
}

/* The kernel's address of the link, with the interface's number. */
static int
find_interface(struct client *client, uint32_t *index)
{
  struct netbsd_ifreq *entries =
    calloc(INTERFACE_ADDRESSES, sizeof(*entries));
  int count = entries == NULL ? -1 : interface_list(client->fd, entries);
  int error = count < 0 ? errno : ENXIO;
  int i;

  for (i = 0; i < count; ++i) {
    struct netbsd_sockaddr_dl link;

    memcpy(&link, entries[i].address, sizeof(link));
    if (strcmp(entries[i].name, client->interface) == 0
        && link.family == NETBSD_AF_LINK && link.address_size == 6
        && link.name_size <= sizeof(link.data) - 6) {
      memcpy(client->self.link_address, link.data + link.name_size, 6);
      *index = link.index;
      error = 0;
    }
  }
  free(entries);
  return error;
}

static int
set(int fd, int level, int option, const void *value, socklen_t size)
{
  return setsockopt(fd, level, option, value, size) == 0 ? 0 : errno;
}

/* Broadcasts of a raw socket leave by this interface. */
static int
open_raw(struct client *client, uint32_t index)
{
  int on = 1;
  int error;

  index = htonl(index);
  client->raw = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
  if (client->raw < 0) {
    return errno;
  }
  error = set(client->raw, IPPROTO_IP, IP_HDRINCL, &on, sizeof(on));
  if (error == 0) {
    error = set(client->raw, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on));
  }
  return error != 0 ? error
    : set(client->raw, IPPROTO_IP, IP_MULTICAST_IF, &index, sizeof(index));
}

static int
open_sockets(struct client *client)
{
  struct sockaddr_in any = {
    .sin_len = sizeof(any),
    .sin_family = AF_INET,
    .sin_port = htons(CLIENT_PORT)
  };
  uint32_t index = 0;
  int on = 1;
  int error;

  client->raw = -1;
  client->fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (client->fd < 0) {
    return errno;
  }
  error = find_interface(client, &index);
  if (error == 0) {
    error = set(client->fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
  }
  if (error == 0
      && bind(client->fd, (struct sockaddr *)&any, sizeof(any)) != 0) {
    error = errno;
  }
  return error != 0 ? error : open_raw(client, index);
}

static void
close_sockets(struct client *client)
{
  if (client->fd >= 0) {
    (void)close(client->fd);
  }
  if (client->raw >= 0) {
    (void)close(client->raw);
  }
}

/* The kernel wants the length in its own order, and computes the checksum. */
static void
make_headers(uint8_t *packet)
{
  uint16_t size = IP_HEADER + UDP_HEADER + DHCP_SENT;

  memset(packet, 0, IP_HEADER + UDP_HEADER);
  packet[0] = 0x45;
  memcpy(packet + 2, &size, sizeof(size));
  packet[8] = 64;
  packet[9] = IPPROTO_UDP;
  memset(packet + 16, 255, 4);
  packet[IP_HEADER + 1] = CLIENT_PORT;
  packet[IP_HEADER + 3] = SERVER_PORT;
  packet[IP_HEADER + 4] = (UDP_HEADER + DHCP_SENT) >> 8;
  packet[IP_HEADER + 5] = (UDP_HEADER + DHCP_SENT) & 0xff;
}

static struct sockaddr_in
server_at(const uint8_t address[4])
{
  struct sockaddr_in server = {
    .sin_len = sizeof(server),
    .sin_family = AF_INET,
    .sin_port = htons(SERVER_PORT)
  };

  memcpy(&server.sin_addr, address, 4);
  return server;
}

static void
broadcast(
  struct client           *client,
  enum dhcp_type           type,
  const struct dhcp_lease *lease,
  bool                     is_own
)
{
  struct sockaddr_in all = server_at(all_ones);
  uint8_t packet[IP_HEADER + UDP_HEADER + DHCP_SENT];

  make_headers(packet);
  dhcp_make(
    packet + IP_HEADER + UDP_HEADER, &client->self, type, lease, is_own);
  (void)sendto(
    client->raw, packet, sizeof(packet), 0, (struct sockaddr *)&all,
    sizeof(all));
}

/* To the server that has given the lease. */
static void
send_to_server(struct client *client, enum dhcp_type type)
{
  struct sockaddr_in server = server_at(client->lease.server);
  uint8_t message[DHCP_SENT];

  dhcp_make(message, &client->self, type, &client->lease, true);
  (void)sendto(
    client->fd, message, sizeof(message), 0, (struct sockaddr *)&server,
    sizeof(server));
}

/* Waits until an answer comes that is this client's, or the time is out. */
static enum dhcp_type
receive(struct client *client, int64_t until, struct dhcp_lease *lease)
{
  int64_t left;

  while (!client->is_ending && (left = until - now()) > 0) {
    struct pollfd p = { .fd = client->fd, .events = POLLIN };
    uint8_t message[DHCP_RECEIVED];
    enum dhcp_type type;
    ssize_t n;
    int ready = poll(&p, 1, left > 3600 * SECOND ? 3600 * SECOND : (int)left);

    if (ready < 0) {
      client->is_ending = true;
    }
    if (ready <= 0) {
      continue;
    }
    n = recv(client->fd, message, sizeof(message), MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN) {
      client->is_ending = true;
    }
    type = n < 0
      ? DHCP_FOREIGN
      : dhcp_read(message, (size_t)n, &client->self, lease);
    if (type != DHCP_FOREIGN) {
      return type;
    }
  }
  return DHCP_FOREIGN;
}

static int64_t
earlier(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

/* From nothing to a lease; sends again after 1, 2, 4 seconds and so on. */
static bool
acquire(struct client *client, int64_t until, struct dhcp_lease *lease)
{
  int64_t wait = FIRST_TRY;
  struct dhcp_lease offer;

  while (!client->is_ending && now() < until) {
    int64_t limit = earlier(now() + wait, until);

    (void)getentropy(&client->self.id, sizeof(client->self.id));
    broadcast(client, DHCP_DISCOVER, NULL, false);
    if (receive(client, limit, &offer) == DHCP_OFFER) {
      broadcast(client, DHCP_REQUEST, &offer, false);
      limit = earlier(now() + wait, until);
      if (receive(client, limit, lease) == DHCP_ACK) {
        return true;
      }
    }
    wait = earlier(2 * wait, LAST_TRY);
  }
  return false;
}

static const char *
text_of(const uint8_t address[4], char text[16])
{
  return inet_ntop(AF_INET, address, text, 16);
}

static void
set_name_servers(const struct client *client)
{
  struct rtems_rump_resolver resolver = { .timeout = 0 };
  char texts[DHCP_NAME_SERVERS][16];
  unsigned i;

  if (client->keep_name_servers || client->lease.name_server_count == 0) {
    return;
  }
  for (i = 0; i < client->lease.name_server_count; ++i) {
    resolver.servers[i] = text_of(client->lease.name_servers[i], texts[i]);
  }
  (void)rtems_rump_resolver_set(&resolver);
}

/* Until then the kernel takes no packet to the address. */
static int
wait_until_ready(struct client *client, const uint8_t address[4])
{
  const struct timespec rest = { .tv_nsec = 100000000 };
  int64_t until = now() + READY_TIMEOUT;
  int ready;

  while ((ready = interface_is_ready(
      client->fd,
      client->interface,
      address
    )) == 0 && now() < until) {
    (void)nanosleep(&rest, NULL);
  }
  return ready < 0 ? errno : 0;
}

/* If another host has the address its server shall know. */
static int
set_address(struct client *client, const struct dhcp_lease *lease)
{
  int error;

  if (interface_add(
        client->fd,
        client->interface,
        lease->address,
        lease->mask
      ) != 0) {
    return errno;
  }
  error = wait_until_ready(client, lease->address);
  if (error != 0) {
    (void)interface_delete(client->fd, client->interface, lease->address);
  }
  if (error == EADDRINUSE) {
    broadcast(client, DHCP_DECLINE, lease, false);
  }
  return error;
}

/* There may be a default route already, which is another's then. */
static int
use_lease(struct client *client, const struct dhcp_lease *lease)
{
  int error = set_address(client, lease);

  if (error != 0) {
    return error;
  }
  if (lease->has_router) {
    (void)route_change(NETBSD_RTM_ADD, zeros, zeros, lease->router);
  }
  rtems_mutex_lock(&lock);
  client->lease = *lease;
  client->has_lease = true;
  client->since = now();
  rtems_mutex_unlock(&lock);
  set_name_servers(client);
  return 0;
}

static void
drop_lease(struct client *client)
{
  const struct dhcp_lease *lease = &client->lease;

  if (!client->has_lease) {
    return;
  }
  if (lease->has_router) {
    (void)route_change(NETBSD_RTM_DELETE, zeros, zeros, lease->router);
  }
  (void)interface_delete(client->fd, client->interface, lease->address);
  rtems_mutex_lock(&lock);
  client->has_lease = false;
  rtems_mutex_unlock(&lock);
}

static int
get_lease(struct client *client, int64_t until)
{
  struct dhcp_lease lease;
  int error = EADDRINUSE;

  if (interface_add(client->fd, client->interface, zeros, all_ones) != 0) {
    return errno;
  }
  while (error == EADDRINUSE) {
    error = acquire(client, until, &lease)
      ? use_lease(client, &lease) : ETIMEDOUT;
  }
  (void)interface_delete(client->fd, client->interface, zeros);
  return error;
}

/* A server may change all but the address. */
static void
renewed(struct client *client, const struct dhcp_lease *lease)
{
  rtems_mutex_lock(&lock);
  client->lease = *lease;
  client->since = now();
  ++client->renewals;
  rtems_mutex_unlock(&lock);
  set_name_servers(client);
}

/* Asks its own server, later all; false if the lease is lost. */
static bool
renew(struct client *client)
{
  const struct dhcp_lease *own = &client->lease;
  int64_t end = client->since + own->seconds * SECOND;
  int64_t rebind = client->since + own->rebind * SECOND;
  int64_t wait = FIRST_RENEWAL;

  while (!client->is_ending && now() < end) {
    struct dhcp_lease lease;
    enum dhcp_type type;

    (void)getentropy(&client->self.id, sizeof(client->self.id));
    if (now() < rebind) {
      send_to_server(client, DHCP_REQUEST);
    } else {
      broadcast(client, DHCP_REQUEST, own, true);
    }
    type = receive(client, earlier(now() + wait, end), &lease);
    wait = earlier(2 * wait, LAST_RENEWAL);
    if (type == DHCP_NAK
        || (type == DHCP_ACK && memcmp(lease.address, own->address, 4) != 0)) {
      return false;
    }
    if (type == DHCP_ACK) {
      renewed(client, &lease);
      return true;
    }
  }
  return client->is_ending;
}

static void
keep(struct client *client)
{
  while (!client->is_ending) {
    uint32_t seconds = client->lease.renew;
    struct dhcp_lease ignored;

    if (client->renew_after != 0 && client->renew_after < seconds) {
      seconds = client->renew_after;
    }
    while (!client->is_ending
        && now() < client->since + seconds * SECOND) {
      (void)receive(client, client->since + seconds * SECOND, &ignored);
    }
    if (!renew(client)) {
      drop_lease(client);
      while (!client->is_ending
          && get_lease(client, now() + 60 * SECOND) != 0) {
      }
    }
  }
}

static void
forget(struct client *client)
{
  struct client **p = &clients;

  rtems_mutex_lock(&lock);
  while (*p != client) {
    p = &(*p)->next;
  }
  *p = client->next;
  rtems_mutex_unlock(&lock);
  close_sockets(client);
  free(client);
}

static rtems_task
task(rtems_task_argument arg)
{
  struct client *client = (struct client *)arg;

  keep(client);
  if (client->has_lease) {
    send_to_server(client, DHCP_RELEASE);
  }
  drop_lease(client);
  forget(client);
  rtems_task_exit();
}

static struct client *
find(const char *interface)
{
  struct client *client = clients;

  while (client != NULL && strcmp(client->interface, interface) != 0) {
    client = client->next;
  }
  return client;
}

static int
add(struct client *client)
{
  int error = EBUSY;

  rtems_mutex_lock(&lock);
  if (find(client->interface) == NULL) {
    client->next = clients;
    clients = client;
    error = 0;
  }
  rtems_mutex_unlock(&lock);
  return error;
}

static int
start_task(struct client *client)
{
  rtems_task_priority priority;
  rtems_id id;

  (void)rtems_task_set_priority(
    RTEMS_SELF, RTEMS_CURRENT_PRIORITY, &priority);
  if (rtems_task_create(
        rtems_build_name('D', 'H', 'C', 'P'),
        priority,
        16 * 1024,
        RTEMS_DEFAULT_MODES,
        RTEMS_FLOATING_POINT,
        &id
      ) != RTEMS_SUCCESSFUL) {
    return EAGAIN;
  }
  (void)rtems_task_start(id, task, (rtems_task_argument)client);
  return 0;
}

static int
start(struct client *client, unsigned timeout)
{
  int error = open_sockets(client);

  if (error == 0
      && interface_set_up(client->fd, client->interface, true) != 0) {
    error = errno;
  }
  if (error == 0) {
    error = get_lease(client, now() + timeout * SECOND);
  }
  if (error == 0) {
    error = start_task(client);
    if (error != 0) {
      drop_lease(client);
    }
  }
  return error;
}

int
rtems_rump_dhcp_start(const struct rtems_rump_dhcp *dhcp)
{
  struct client *client;
  int error;

  if (dhcp->interface == NULL || dhcp->interface[0] == '\0'
      || strlen(dhcp->interface) >= NAME_SIZE) {
    return EINVAL;
  }
  client = calloc(1, sizeof(*client));
  if (client == NULL) {
    return ENOMEM;
  }
  strcpy(client->interface, dhcp->interface);
  client->renew_after = dhcp->renew_after;
  client->keep_name_servers = dhcp->keep_name_servers;
  client->fd = client->raw = -1;
  error = add(client);
  if (error != 0) {
    free(client);
    return error;
  }
  error = start(
    client,
    dhcp->timeout != 0 ? dhcp->timeout : DEFAULT_TIMEOUT
  );
  if (error != 0) {
    forget(client);
  }
  return error;
}

/* The end of what comes wakes the task; it closes its sockets itself. */
int
rtems_rump_dhcp_stop(const char *interface)
{
  struct client *client;

  rtems_mutex_lock(&lock);
  client = find(interface);
  if (client != NULL) {
    client->is_ending = true;
    (void)shutdown(client->fd, SHUT_RD);
  }
  rtems_mutex_unlock(&lock);
  return client == NULL ? ENOENT : 0;
}

static void
tell(const struct client *client, struct rtems_rump_lease *lease)
{
  const struct dhcp_lease *own = &client->lease;
  unsigned i;

  lease->renewals = client->renewals;
  if (!client->has_lease) {
    return;
  }
  lease->seconds = own->seconds;
  (void)text_of(own->address, lease->address);
  (void)text_of(own->server, lease->server);
  if (own->has_router) {
    (void)text_of(own->router, lease->router);
  }
  for (i = 0; i < own->name_server_count; ++i) {
    (void)text_of(own->name_servers[i], lease->name_servers[i]);
  }
}

int
rtems_rump_dhcp_get(const char *interface, struct rtems_rump_lease *lease)
{
  struct client *client;

  memset(lease, 0, sizeof(*lease));
  rtems_mutex_lock(&lock);
  client = find(interface);
  if (client != NULL) {
    tell(client, lease);
  }
  rtems_mutex_unlock(&lock);
  return client == NULL ? ENOENT : 0;
}
