/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's client wants the handle of the server's folder, which on NetBSD its
 * command mount_nfs asks the server for.
 */

#include "nfs.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "abi/net.h"
#include "nfs-message.h"
#include "options.h"
#include "hypercall.h"

#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17

#define SECONDS 3
#define TRIES 3

/* So many answers to other calls, or parts of one, and no more. */
#define PARTS 64

/* Ports that a server takes for those of a machine's superuser. */
#define FIRST_RESERVED 1023
#define LAST_RESERVED 600

#define RECORD_ENDS 0x80

struct peer {
  struct netbsd_sockaddr_in address;
  bool is_udp;
};

/* A message, with room before it for its size in a stream. */
struct packet {
  uint8_t size_field[4];
  uint8_t message[NFS_MESSAGE_MAX];
};

static void
set_port(struct netbsd_sockaddr_in *address, unsigned port)
{
  address->port[0] = (uint8_t)(port >> 8);
  address->port[1] = (uint8_t)port;
}

/* Servers may ask for it; if none is free, they are asked without. */
static void
bind_reserved(int fd)
{
  struct netbsd_sockaddr_in own = {
    .len = sizeof(own), .family = NETBSD_AF_INET
  };
  unsigned port = FIRST_RESERVED;

  do {
    set_port(&own, port);
  } while (rump_sys_bind(fd, &own, sizeof(own)) != 0
    && --port >= LAST_RESERVED);
}

static void
limit_waiting(int fd, bool is_udp)
{
  const struct netbsd_timeval timeout = { .tv_sec = SECONDS };
  int seconds = SECONDS * TRIES;

  (void)rump_sys_setsockopt(
    fd, NETBSD_SOL_SOCKET, NETBSD_SO_RCVTIMEO, &timeout, sizeof(timeout));
  (void)rump_sys_setsockopt(
    fd, NETBSD_SOL_SOCKET, NETBSD_SO_SNDTIMEO, &timeout, sizeof(timeout));
  if (!is_udp) {
    (void)rump_sys_setsockopt(
      fd, PROTOCOL_TCP, NETBSD_TCP_KEEPINIT, &seconds, sizeof(seconds));
  }
}

static int
connect_to(const struct peer *peer)
{
  int fd = rump_sys_socket(
    NETBSD_AF_INET,
    (peer->is_udp ? NETBSD_SOCK_DGRAM : NETBSD_SOCK_STREAM)
      | NETBSD_SOCK_NOSIGPIPE,
    0
  );

  if (fd < 0) {
    return -1;
  }
  bind_reserved(fd);
  limit_waiting(fd, peer->is_udp);
  if (rump_sys_connect(fd, &peer->address, sizeof(peer->address)) != 0) {
    int error = errno;

    (void)rump_sys_close(fd);
    errno = error;
    return -1;
  }
  return fd;
}

static int
receive_all(int fd, uint8_t *bytes, size_t size)
{
  int parts;

  for (parts = 0; size > 0 && parts < PARTS; ++parts) {
    ssize_t n = rump_sys_read(fd, bytes, size);

    if (n <= 0) {
      errno = n == 0 ? ECONNRESET : errno;
      return -1;
    }
    bytes += n;
    size -= (size_t)n;
  }
  errno = size == 0 ? errno : EBADMSG;
  return size == 0 ? 0 : -1;
}

/* A message in a stream is a record, which may come in fragments. */
static ssize_t
receive_record(int fd, uint8_t *message)
{
  size_t done = 0;
  uint8_t field[4];
  int parts;

  for (parts = 0; parts < PARTS; ++parts) {
    size_t size;

    if (receive_all(fd, field, sizeof(field)) != 0) {
      return -1;
    }
    size = (size_t)(field[0] & ~RECORD_ENDS) << 24
      | (size_t)field[1] << 16 | (size_t)field[2] << 8 | field[3];
    if (size > NFS_MESSAGE_MAX - done) {
      break;
    }
    if (receive_all(fd, message + done, size) != 0) {
      return -1;
    }
    done += size;
    if ((field[0] & RECORD_ENDS) != 0) {
      return (ssize_t)done;
    }
  }
  errno = EBADMSG;
  return -1;
}

static bool
send_call(int fd, struct packet *packet, size_t size, bool is_udp)
{
  if (is_udp) {
    return rump_sys_write(fd, packet->message, size) == (ssize_t)size;
  }
  packet->size_field[0] = RECORD_ENDS;
  packet->size_field[1] = 0;
  packet->size_field[2] = (uint8_t)(size >> 8);
  packet->size_field[3] = (uint8_t)size;
  size += sizeof(packet->size_field);
  return rump_sys_write(fd, packet, size) == (ssize_t)size;
}

static ssize_t
receive_answer(int fd, uint8_t *message, bool is_udp)
{
  return is_udp ? rump_sys_read(fd, message, NFS_MESSAGE_MAX)
    : receive_record(fd, message);
}

/* What is asked, and where the answer goes. */
struct question {
  uint32_t xid;
  uint32_t program;
  const char *path;
  uint16_t port;
  struct nfs_handle *handle;
};

static size_t
make_call(const struct question *q, uint8_t *message, bool is_udp)
{
  return q->path != NULL ? nfs_call_mount(message, q->xid, q->path)
    : nfs_call_port(
        message, q->xid, q->program, is_udp ? PROTOCOL_UDP : PROTOCOL_TCP);
}

static int
read_answer(struct question *q, const uint8_t *message, size_t size)
{
  return q->path != NULL ? nfs_read_handle(message, size, q->xid, q->handle)
    : nfs_read_port(message, size, q->xid, &q->port);
}

/* An answer that is late is one to another call. */
static int
await_answer(int fd, struct question *q, struct packet *packet, bool is_udp)
{
  int error = NFS_OTHER_CALL;
  int parts;

  for (parts = 0; parts < PARTS && error == NFS_OTHER_CALL; ++parts) {
    ssize_t size = receive_answer(fd, packet->message, is_udp);

    if (size < 0) {
      return errno;
    }
    error = read_answer(q, packet->message, (size_t)size);
  }
  return error == NFS_OTHER_CALL ? EBADMSG : error;
}

static int
ask(const struct peer *peer, struct question *q)
{
  struct packet *packet = malloc(sizeof(*packet));
  int tries = peer->is_udp ? TRIES : 1;
  int fd = packet == NULL ? -1 : connect_to(peer);
  int error = packet == NULL ? ENOMEM : errno;

  if (fd >= 0) {
    do {
      size_t size = make_call(q, packet->message, peer->is_udp);

      error = send_call(fd, packet, size, peer->is_udp)
        ? await_answer(fd, q, packet, peer->is_udp) : errno;
    } while (error == EAGAIN && --tries > 0);
    (void)rump_sys_close(fd);
  }
  free(packet);
  return error == EAGAIN ? ETIMEDOUT : error;
}

static uint32_t
new_xid(void)
{
  uint32_t xid = 0;
  size_t got;

  (void)rumpuser_getrandom(&xid, sizeof(xid), 0, &got);
  return xid;
}

/* The port of a program, unless an option has told it. */
static int
find_port(struct peer *peer, uint32_t program, uint32_t told)
{
  struct question q = { .xid = new_xid(), .program = program };
  int error = 0;

  if (told == 0) {
    set_port(&peer->address, NFS_PORT_MAPPER);
    error = ask(peer, &q);
    told = q.port;
  }
  set_port(&peer->address, told);
  return error;
}

static int
find_handle(
  struct peer *peer, struct netbsd_nfs_source *nfs, const char *path)
{
  struct nfs_handle handle = { .size = 0 };
  struct question q = {
    .xid = new_xid(), .path = path, .handle = &handle
  };
  int error = find_port(peer, NFS_PROGRAM_MOUNT, nfs->mount_port);

  if (error == 0) {
    error = ask(peer, &q);
  }
  if (error == 0) {
    memcpy(nfs->handle, handle.bytes, handle.size);
    nfs->args.fh = nfs->handle;
    nfs->args.fhsize = (int32_t)handle.size;
  }
  return error;
}

/* Numbers with dots between them. */
static bool
parse_address(const char *text, size_t size, uint8_t address[4])
{
  const char *end = text + size;
  int i;

  for (i = 0; i < 4; ++i) {
    unsigned number = 0;
    const char *begin = text;

    while (text < end && *text >= '0' && *text <= '9' && text < begin + 3) {
      number = 10 * number + (unsigned)(*text++ - '0');
    }
    if (text == begin || number > 255
        || (i < 3 && (text == end || *text++ != '.'))) {
      return false;
    }
    address[i] = (uint8_t)number;
  }
  return text == end;
}

static int
complete(struct netbsd_nfs_source *nfs, struct peer *peer, const char *source)
{
  int error = find_handle(peer, nfs, strchr(source, ':') + 1);

  if (error == 0) {
    error = find_port(peer, NFS_PROGRAM, nfs->port);
  }
  if (error == 0) {
    memcpy(&nfs->address, &peer->address, sizeof(nfs->address));
    nfs->args.addr = &nfs->address;
    nfs->args.addrlen = sizeof(nfs->address);
    nfs->args.sotype =
      peer->is_udp ? NETBSD_SOCK_DGRAM : NETBSD_SOCK_STREAM;
    nfs->args.proto = peer->is_udp ? PROTOCOL_UDP : PROTOCOL_TCP;
    nfs->args.hostname = source;
  }
  return error;
}

/* By TCP NetBSD connects anew for ever, whatever "soft" says. */
static bool
uses_udp(const struct netbsd_nfs_source *nfs)
{
  return nfs->udp != 0 || (nfs->args.flags & NETBSD_NFSMNT_SOFT) != 0;
}

int
nfs_prepare(struct fs_request *request, const char *source)
{
  struct netbsd_nfs_source *nfs = &request->args.nfs;
  struct peer peer = {
    .address = { .len = sizeof(peer.address), .family = NETBSD_AF_INET },
    .is_udp = uses_udp(nfs)
  };
  const char *colon = source == NULL ? NULL : strchr(source, ':');
  int error;

  if (colon == NULL || colon[1] != '/'
      || !parse_address(source, (size_t)(colon - source), peer.address.addr)
      || nfs->port > UINT16_MAX || nfs->mount_port > UINT16_MAX) {
    error = EINVAL;
  } else if (strlen(colon + 1) > NFS_PATH_MAX) {
    error = ENAMETOOLONG;
  } else {
    error = complete(nfs, &peer, source);
  }
  errno = error;
  return error == 0 ? 0 : -1;
}
