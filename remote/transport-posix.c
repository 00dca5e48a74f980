/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * unix://, tcp:// and tcp6://, on the sockets of a POSIX host.  They are the
 * host's also below the simulator, where nothing may block a processor: there
 * a poller (poller.c) tells when a socket is ready.
 *
 * An address of unix:// is a path, one of tcp:// is a number and a port as in
 * 127.0.0.1:7000; a listener may have * or 0 for all of the host's addresses.
 * One of tcp6:// is in brackets, as in [::1]:7000, with the name or the number
 * of an interface if it needs one: [fe80::1%eth0]:7000; a listener may have *
 * or [::] for all, which are those of IPv6 alone.
 */

#include "posix.h"
#include "prefix.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define BACKLOG 16

/* So that nobody waits at a peer that is gone without a word. */
static const struct {
  int level, option, value;
} tcp_options[] = {
  { IPPROTO_TCP, TCP_NODELAY, 1 },
  { SOL_SOCKET, SO_KEEPALIVE, 1 },
};

static int
posix_send(
  struct transport *t, const struct iovec *parts, int count, size_t *sent)
{
  struct posix *p = (struct posix *)t;
  struct msghdr message = {
    .msg_iov = (struct iovec *)parts,
    .msg_iovlen = (size_t)count
  };
  ssize_t n;

  do {
    n = sendmsg(p->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (n < 0 && errno == EINTR);
  if (n < 0) {
    return errno == EWOULDBLOCK ? EAGAIN : errno;
  }
  *sent = (size_t)n;
  return 0;
}

static int
posix_receive(
  struct transport *t, void *buffer, size_t size, size_t *received)
{
  struct posix *p = (struct posix *)t;
  ssize_t n;

  do {
    n = recv(p->fd, buffer, size, MSG_DONTWAIT);
  } while (n < 0 && errno == EINTR);
  if (n <= 0) {
    return n == 0 ? ENOTCONN : errno == EWOULDBLOCK ? EAGAIN : errno;
  }
  *received = (size_t)n;
  return 0;
}

static void
posix_shutdown(struct transport *t)
{
  struct posix *p = (struct posix *)t;

  (void)shutdown(p->fd, SHUT_RDWR);
}

static void
posix_close(struct transport *t)
{
  struct posix *p = (struct posix *)t;

  poller_forget(p);
  (void)close(p->fd);
  if (p->path != NULL) {
    (void)unlink(p->path);
  }
  free(p->path);
  free(p);
}

static int
posix_peer(struct transport *t, const char *prefix)
{
  struct posix *p = (struct posix *)t;
  struct sockaddr_storage address;
  socklen_t size = sizeof(address);
  bool is_known =
    getpeername(p->fd, (struct sockaddr *)&address, &size) == 0;

  return prefix_match(
    is_known ? (const struct sockaddr *)&address : NULL,
    prefix
  );
}

static const struct transport_ops connection_ops = {
  .send = posix_send,
  .receive = posix_receive,
  .watch = poller_watch,
  .arm = poller_arm,
  .shutdown = posix_shutdown,
  .close = posix_close,
  .peer = posix_peer,
  .wait = poller_wait
};

static void
set_tcp_options(int fd)
{
  size_t i;

  for (i = 0; i < sizeof(tcp_options) / sizeof(tcp_options[0]); ++i) {
    (void)setsockopt(
      fd,
      tcp_options[i].level,
      tcp_options[i].option,
      &tcp_options[i].value,
      sizeof(tcp_options[i].value)
    );
  }
}

/* Takes the descriptor in any case. */
static int
wrap(int fd, const struct transport_ops *ops, struct posix **made)
{
  struct posix *p = calloc(1, sizeof(*p));
  int error = p == NULL ? ENOMEM : 0;

  if (error == 0) {
    p->transport.ops = ops;
    p->fd = fd;
    error = poller_know(p);
  }
  if (error != 0) {
    free(p);
    (void)close(fd);
    return error;
  }
  *made = p;
  return 0;
}

static int
posix_accept(struct transport *t, struct transport **connection)
{
  struct posix *p = (struct posix *)t;
  struct posix *accepted;
  int fd;
  int error;

  do {
    fd = accept4(p->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
  if (fd < 0) {
    return errno == EWOULDBLOCK ? EAGAIN : errno;
  }
  if (p->path == NULL) {
    set_tcp_options(fd);
  }
  error = wrap(fd, &connection_ops, &accepted);
  if (error == 0) {
    *connection = &accepted->transport;
  }
  return error;
}

static const struct transport_ops listener_ops = {
  .accept = posix_accept,
  .watch = poller_watch,
  .arm = poller_arm,
  .shutdown = posix_shutdown,
  .close = posix_close,
  .peer = posix_peer
};

static int
listen_at(const struct sockaddr *address, socklen_t size, struct posix **made)
{
  int fd = socket(
    address->sa_family,
    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
    0
  );
  int yes = 1;
  int error;

  if (fd < 0) {
    return errno;
  }
  (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  if (address->sa_family == AF_INET6) {
    (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
  }
  if (bind(fd, address, size) != 0 || listen(fd, BACKLOG) != 0) {
    error = errno;
    (void)close(fd);
    return error;
  }
  return wrap(fd, &listener_ops, made);
}

static int
connect_to(
  const struct sockaddr *address, socklen_t size, struct transport **made)
{
  int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct posix *p;
  int error;

  if (fd < 0) {
    return errno;
  }
  while (connect(fd, address, size) != 0) {
    if (errno != EINTR) {
      error = errno;
      (void)close(fd);
      return error == ENOENT ? ECONNREFUSED : error;
    }
  }
  if (address->sa_family != AF_UNIX) {
    set_tcp_options(fd);
  }
  error = wrap(fd, &connection_ops, &p);
  if (error == 0) {
    *made = &p->transport;
  }
  return error;
}

static int
unix_address(const char *path, struct sockaddr_un *address)
{
  memset(address, 0, sizeof(*address));
  address->sun_family = AF_UNIX;
  if (strlen(path) >= sizeof(address->sun_path)) {
    return ENAMETOOLONG;
  }
  strcpy(address->sun_path, path);
  return 0;
}

/* What a server that has died has left; not a socket that is listened at. */
static void
remove_stale(const struct sockaddr_un *address)
{
  struct stat st;
  struct transport *connection;

  if (lstat(address->sun_path, &st) == 0 && S_ISSOCK(st.st_mode)) {
    if (connect_to(
          (const struct sockaddr *)address,
          sizeof(*address),
          &connection
        ) == 0) {
      transport_close(connection);
    } else {
      (void)unlink(address->sun_path);
    }
  }
}

int
unix_listen(const char *path, struct transport **listener)
{
  struct sockaddr_un address;
  struct posix *p;
  int error = unix_address(path, &address);

  if (error != 0) {
    return error;
  }
  remove_stale(&address);
  error = listen_at((struct sockaddr *)&address, sizeof(address), &p);
  if (error != 0) {
    return error;
  }
  p->path = strdup(path);
  if (p->path == NULL) {
    (void)unlink(path);
    posix_close(&p->transport);
    return ENOMEM;
  }
  *listener = &p->transport;
  return 0;
}

int
unix_connect(const char *path, struct transport **connection)
{
  struct sockaddr_un address;
  int error = unix_address(path, &address);

  return error != 0 ? error : connect_to(
    (struct sockaddr *)&address,
    sizeof(address),
    connection
  );
}

static int
port_of(const char *text, in_port_t *port)
{
  char *end;
  unsigned long number = strtoul(text, &end, 10);

  if (*text < '0' || *text > '9' || number == 0 || number > 65535
      || (*end != '\0' && strcmp(end, "/") != 0)) {
    return EINVAL;
  }
  *port = htons((in_port_t)number);
  return 0;
}

static int
tcp_address(const char *text, bool any, struct sockaddr_in *address)
{
  const char *colon = strchr(text, ':');
  char host[INET_ADDRSTRLEN];
  size_t length = colon != NULL ? (size_t)(colon - text) : 0;

  memset(address, 0, sizeof(*address));
  address->sin_family = AF_INET;
  if (length == 0 || length >= sizeof(host)) {
    return EINVAL;
  }
  memcpy(host, text, length);
  host[length] = '\0';
  if (any && (strcmp(host, "*") == 0 || strcmp(host, "0") == 0)) {
    address->sin_addr.s_addr = htonl(INADDR_ANY);
  } else if (inet_pton(AF_INET, host, &address->sin_addr) != 1) {
    return EINVAL;
  }
  return port_of(colon + 1, &address->sin_port);
}

static int
listen_on_tcp(
  const struct sockaddr *address, socklen_t size, struct transport **listener)
{
  struct posix *p;
  int error = listen_at(address, size, &p);

  if (error == 0) {
    *listener = &p->transport;
  }
  return error;
}

int
tcp_listen(const char *text, struct transport **listener)
{
  struct sockaddr_in address;
  int error = tcp_address(text, true, &address);

  return error != 0 ? error : listen_on_tcp(
    (struct sockaddr *)&address,
    sizeof(address),
    listener
  );
}

int
tcp_connect(const char *text, struct transport **connection)
{
  struct sockaddr_in address;
  int error = tcp_address(text, false, &address);

  return error != 0 ? error : connect_to(
    (struct sockaddr *)&address,
    sizeof(address),
    connection
  );
}

/* The text is changed. */
static int
parse_ipv6(char *text, struct sockaddr_in6 *address)
{
  char *zone = strchr(text, '%');

  if (zone != NULL) {
    *zone++ = '\0';
    address->sin6_scope_id = *zone >= '0' && *zone <= '9'
      ? (uint32_t)strtoul(zone, NULL, 10) : if_nametoindex(zone);
    if (address->sin6_scope_id == 0) {
      return EINVAL;
    }
  }
  return inet_pton(AF_INET6, text, &address->sin6_addr) == 1 ? 0 : EINVAL;
}

/* What is in brackets, and after them a colon. */
static int
tcp6_host(
  const char *text, const char *end, struct sockaddr_in6 *address)
{
  char host[INET6_ADDRSTRLEN + IF_NAMESIZE];
  size_t length = end != NULL ? (size_t)(end - text) - 1 : 0;

  if (end == NULL || end[1] != ':' || length >= sizeof(host)) {
    return EINVAL;
  }
  memcpy(host, text + 1, length);
  host[length] = '\0';
  return parse_ipv6(host, address);
}

static int
tcp6_address(const char *text, bool any, struct sockaddr_in6 *address)
{
  const char *port = text + 2;
  int error = 0;

  memset(address, 0, sizeof(*address));
  address->sin6_family = AF_INET6;
  if (!any || strncmp(text, "*:", 2) != 0) {
    const char *end = *text == '[' ? strchr(text, ']') : NULL;

    error = tcp6_host(text, end, address);
    port = end != NULL ? end + 2 : text;
  }
  return error != 0 ? error : port_of(port, &address->sin6_port);
}

int
tcp6_listen(const char *text, struct transport **listener)
{
  struct sockaddr_in6 address;
  int error = tcp6_address(text, true, &address);

  return error != 0 ? error : listen_on_tcp(
    (struct sockaddr *)&address,
    sizeof(address),
    listener
  );
}

int
tcp6_connect(const char *text, struct transport **connection)
{
  struct sockaddr_in6 address;
  int error = tcp6_address(text, false, &address);

  return error != 0 ? error : connect_to(
    (struct sockaddr *)&address,
    sizeof(address),
    connection
  );
}
