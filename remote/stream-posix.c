/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Sockets of a POSIX host as transports.  Below the simulator nothing may
 * block a processor: there a poller (poller.c) tells when a socket is ready.
 */

#include "posix.h"
#include "prefix.h"
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/socket.h>

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

static int
wrap(int fd, const struct transport_ops *ops, struct transport **made)
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
  *made = &p->transport;
  return 0;
}

static int
posix_accept(struct transport *t, struct transport **connection)
{
  struct posix *p = (struct posix *)t;
  int fd;

  do {
    fd = accept4(p->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
  if (fd < 0) {
    return errno == EWOULDBLOCK ? EAGAIN : errno;
  }
  if (p->path == NULL) {
    stream_set_options(fd);
  }
  return wrap(fd, &connection_ops, connection);
}

static const struct transport_ops listener_ops = {
  .accept = posix_accept,
  .watch = poller_watch,
  .arm = poller_arm,
  .shutdown = posix_shutdown,
  .close = posix_close,
  .peer = posix_peer
};

int
stream_of_listener(int fd, struct transport **listener)
{
  (void)fcntl(fd, F_SETFL, O_NONBLOCK);
  return wrap(fd, &listener_ops, listener);
}

int
stream_of_connection(int fd, struct transport **connection)
{
  return wrap(fd, &connection_ops, connection);
}

int
posix_set_path(struct transport *listener, const char *path)
{
  struct posix *p = (struct posix *)listener;

  p->path = strdup(path);
  return p->path != NULL ? 0 : ENOMEM;
}
