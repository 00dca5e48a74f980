/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Queries of name servers by UDP.  Each has a number and a port of its own,
 * which whoever forges an answer would have to guess.
 */

#include "resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <rtems/thread.h>

#include <rtems-rump/resolver.h>

#define TIMEOUT 3000
#define ATTEMPTS 2
#define DNS_PORT 53

union server {
  struct sockaddr any;
  struct sockaddr_in ipv4;
  struct sockaddr_in6 ipv6;
};

struct setting {
  unsigned count;
  union server servers[RTEMS_RUMP_NAME_SERVERS];
  unsigned timeout;
  unsigned attempts;
};

static rtems_mutex lock = RTEMS_MUTEX_INITIALIZER("rump resolver");
static struct setting current;

static bool
parse_server(const char *text, in_port_t port, union server *server)
{
  memset(server, 0, sizeof(*server));
  if (inet_pton(AF_INET, text, &server->ipv4.sin_addr) == 1) {
    server->ipv4.sin_len = sizeof(server->ipv4);
    server->ipv4.sin_family = AF_INET;
    server->ipv4.sin_port = htons(port);
    return true;
  }
  server->ipv6.sin6_len = sizeof(server->ipv6);
  server->ipv6.sin6_family = AF_INET6;
  server->ipv6.sin6_port = htons(port);
  return inet_pton(AF_INET6, text, &server->ipv6.sin6_addr) == 1;
}

int
rtems_rump_resolver_set(const struct rtems_rump_resolver *resolver)
{
  struct setting new = {
    .timeout = resolver->timeout != 0 ? resolver->timeout : TIMEOUT,
    .attempts = resolver->attempts != 0 ? resolver->attempts : ATTEMPTS
  };
  in_port_t port = resolver->port != 0 ? resolver->port : DNS_PORT;

  while (new.count < RTEMS_RUMP_NAME_SERVERS
      && resolver->servers[new.count] != NULL) {
    if (!parse_server(
          resolver->servers[new.count],
          port,
          &new.servers[new.count]
        )) {
      return EINVAL;
    }
    ++new.count;
  }
  rtems_mutex_lock(&lock);
  current = new;
  rtems_mutex_unlock(&lock);
  return 0;
}

static int64_t
now(void)
{
  struct timespec time;

  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* What is no answer to the query does not end the wait, nor prolong it. */
static enum dns_status
wait_for_answer(
  int                   fd,
  unsigned              timeout,
  const uint8_t        *query,
  size_t                query_size,
  struct dns_addresses *addresses
)
{
  int64_t deadline = now() + timeout;
  int64_t left;

  while ((left = deadline - now()) > 0) {
    struct pollfd p = { .fd = fd, .events = POLLIN };
    uint8_t answer[DNS_MESSAGE_MAX];
    enum dns_status status;
    ssize_t n;

    if (poll(&p, 1, (int)left) <= 0) {
      break;
    }
    n = recv(fd, answer, sizeof(answer), MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN) {
      break;
    }
    status = dns_answer(
      answer,
      n < 0 ? 0 : (size_t)n,
      query,
      query_size,
      addresses
    );
    if (status != DNS_FOREIGN) {
      return status;
    }
  }
  return DNS_FAILED;
}

/* The kernel drops what comes from elsewhere, as the socket is connected. */
static enum dns_status
ask(
  const union server   *server,
  unsigned              timeout,
  const char           *name,
  enum dns_type         type,
  struct dns_addresses *addresses
)
{
  enum dns_status status = DNS_FAILED;
  uint8_t query[DNS_MESSAGE_MAX];
  uint16_t id = 0;
  size_t size;
  int fd;

  (void)getentropy(&id, sizeof(id));
  size = dns_query(query, id, name, type);
  if (size == 0) {
    return DNS_NO_NAME;
  }
  fd = socket(server->any.sa_family, SOCK_DGRAM, 0);
  if (fd < 0) {
    return DNS_FAILED;
  }
  if (connect(fd, &server->any, server->any.sa_len) == 0
      && send(fd, query, size, 0) == (ssize_t)size) {
    status = wait_for_answer(fd, timeout, query, size, addresses);
  }
  (void)close(fd);
  return status;
}

enum dns_status
resolve(
  const char *name, enum dns_type type, struct dns_addresses *addresses)
{
  enum dns_status status = DNS_FAILED;
  struct setting setting;
  unsigned i;

  rtems_mutex_lock(&lock);
  setting = current;
  rtems_mutex_unlock(&lock);
  addresses->count = 0;
  for (i = 0; i < setting.attempts * setting.count && status == DNS_FAILED;
      ++i) {
    status = ask(
      &setting.servers[i % setting.count],
      setting.timeout,
      name,
      type,
      addresses
    );
  }
  return status;
}
