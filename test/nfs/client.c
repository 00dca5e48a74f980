/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * All that mounting asks a server for, with a server that is in this file: it
 * answers rightly, or with what is damaged, cut, late, in pieces, or nothing.
 * The client ends, with the handle or an errno, and leaves no socket open.
 */

#include <errno.h>
#include <string.h>
#include <sys/types.h>

#include "abi/net.h"
#include "hypercall.h"
#include "nfs-message.h"
#include "nfs.h"
#include "options.h"
#include "parser.h"

#define ROUNDS 200000
#define ANSWER_MAX 16384
#define MESSAGE_MAX 5000
#define PORT 2049

/* No call waits longer than that many answers. */
#define READS_MAX 1000

/* The only socket that is open, and what waits to be read. */
static bool is_open, is_udp;
static uint8_t waiting[ANSWER_MAX];
static size_t waiting_size, waiting_next;
static unsigned reads, calls;

/* A server that answers for ever. */
static bool is_endless;

/* Of 16 answers, how many are not as they should be. */
static unsigned badness;

/* A port, or a handle of which each byte tells its place. */
static size_t
answer(uint8_t *message, const uint8_t *call)
{
  bool is_mount = call[14] == 0x86 && call[15] == 0xa5;
  uint8_t *p = message;
  unsigned i;

  memcpy(p, call, 4);
  p = nfs_put(p + 4, 1);
  for (i = 0; i < 4; ++i) {
    p = nfs_put(p, 0);
  }
  p = nfs_put(p, is_mount ? 0 : PORT);
  if (is_mount) {
    p = nfs_put(p, 16);
    for (i = 0; i < 16; ++i) {
      *p++ = (uint8_t)i;
    }
    p = nfs_put(nfs_put(p, 1), 1);
  }
  return (size_t)(p - message);
}

static size_t
damage(uint8_t *message, size_t size)
{
  unsigned i;

  switch (by_chance() % 5) {
    case 0:
      return by_chance() % (size + 1);
    case 1:
      for (i = by_chance() % 4000; i > 0; --i) {
        message[size++] = (uint8_t)by_chance();
      }
      return size;
    default:
      for (i = by_chance() % 4 + 1; i > 0; --i) {
        message[by_chance() % size] = (uint8_t)by_chance();
      }
      return size;
  }
}

static void
queue(const uint8_t *bytes, size_t size)
{
  CHECK(size <= ANSWER_MAX - waiting_size);
  memcpy(waiting + waiting_size, bytes, size);
  waiting_size += size;
}

/* In a stream, in up to three fragments, of which one may be empty. */
static void
queue_record(const uint8_t *message, size_t size)
{
  unsigned fragments = by_chance() % 3;
  uint8_t field[4];

  while (fragments-- > 0) {
    size_t part = by_chance() % (size + 1);

    (void)nfs_put(field, (uint32_t)part);
    queue(field, sizeof(field));
    queue(message, part);
    message += part;
    size -= part;
  }
  (void)nfs_put(field, 0x80000000u | (uint32_t)size);
  if (by_chance() % 16 < badness) {
    field[by_chance() % 4] = (uint8_t)by_chance();
  }
  queue(field, sizeof(field));
  queue(message, size);
}

static void
queue_answer(const uint8_t *call)
{
  uint8_t message[MESSAGE_MAX];
  size_t size = answer(message, call);

  if (by_chance() % 16 < badness) {
    size = damage(message, size);
  }
  if (is_udp) {
    queue(message, size);
  } else {
    queue_record(message, size);
  }
}

int
rump_sys_socket(int domain, int type, int protocol)
{
  (void)protocol;
  CHECK(!is_open && domain == NETBSD_AF_INET);
  is_open = true;
  is_udp = (type & 0xf) == NETBSD_SOCK_DGRAM;
  waiting_size = waiting_next = 0;
  is_endless = by_chance() % 64 < badness;
  return 7;
}

int
rump_sys_close(int fd)
{
  CHECK(fd == 7 && is_open);
  is_open = false;
  return 0;
}

int
rump_sys_bind(int fd, const void *address, uint32_t size)
{
  (void)address;
  (void)size;
  CHECK(fd == 7 && is_open);
  return by_chance() % 4 == 0 ? -1 : 0;
}

int
rump_sys_setsockopt(
  int fd, int level, int option, const void *value, uint32_t size)
{
  (void)level;
  (void)option;
  (void)value;
  (void)size;
  CHECK(fd == 7 && is_open);
  return 0;
}

int
rump_sys_connect(int fd, const void *address, uint32_t size)
{
  (void)address;
  (void)size;
  CHECK(fd == 7 && is_open);
  errno = ECONNREFUSED;
  return by_chance() % 64 < badness ? -1 : 0;
}

ssize_t
rump_sys_write(int fd, const void *data, size_t size)
{
  CHECK(fd == 7 && is_open);
  ++calls;
  queue_answer((const uint8_t *)data + (is_udp ? 0 : 4));
  return (ssize_t)size;
}

/* An answer to another call, or an empty fragment that is not the last. */
static void
refill(void)
{
  static const uint8_t nothing[16];
  unsigned own_badness = badness;

  badness = 0;
  if (is_udp || by_chance() % 1024 == 0) {
    queue_answer(nothing);
  } else {
    queue(nothing, 4);
  }
  badness = own_badness;
}

/* Any part of a stream, or one datagram, as far as there is room. */
ssize_t
rump_sys_read(int fd, void *buffer, size_t size)
{
  size_t left = waiting_size - waiting_next;
  size_t part;

  CHECK(fd == 7 && is_open && ++reads < READS_MAX);
  if (left == 0 && is_endless) {
    waiting_size = waiting_next = 0;
    refill();
    left = waiting_size;
  }
  part = size < left ? size : left;
  if (left == 0 || (!is_endless && by_chance() % 64 < badness)) {
    errno = EAGAIN;
    return by_chance() % 2 == 0 && badness > 0 ? 0 : -1;
  }
  if (!is_udp && part > 1 && by_chance() % 8 == 0) {
    part = by_chance() % (part - 1) + 1;
  }
  memcpy(buffer, waiting + waiting_next, part);
  waiting_next = is_udp ? waiting_size : waiting_next + part;
  return (ssize_t)part;
}

int
rumpuser_getrandom(void *buffer, size_t size, int flags, size_t *got)
{
  uint32_t value = by_chance();

  (void)flags;
  CHECK(size == sizeof(value));
  memcpy(buffer, &value, size);
  *got = size;
  return 0;
}

static bool
is_named_error(int error)
{
  static const int errors[] = {
    EACCES, EBADMSG, ECONNREFUSED, ECONNRESET, EINVAL, EIO, ENAMETOOLONG,
    ENOENT, ENOTDIR, ENOTSUP, EPERM, EPROTONOSUPPORT, ETIMEDOUT
  };
  size_t i;

  for (i = 0; i < sizeof(errors) / sizeof(errors[0]); ++i) {
    if (error == errors[i]) {
      return true;
    }
  }
  return false;
}

/* Returns whether the server has let it. */
static bool
mount_once(bool udp)
{
  struct fs_request *request = calloc(1, sizeof(*request));
  const struct netbsd_nfs_source *nfs = &request->args.nfs;
  bool done;

  CHECK(request != NULL);
  request->args.nfs.udp = udp;
  reads = 0;
  done = nfs_prepare(request, "10.0.0.1:/export") == 0;
  CHECK(!is_open && (done || is_named_error(errno)));
  CHECK(!done || (nfs->args.fhsize > 0 && nfs->args.fhsize <= NFS_HANDLE_MAX));
  if (done && badness == 0) {
    CHECK(nfs->args.fhsize == 16 && nfs->handle[15] == 15);
  }
  free(request);
  return done;
}

int
main(void)
{
  unsigned done = 0, i;

  for (i = 0; i < 1000; ++i) {
    CHECK(mount_once(i % 2 == 0));
  }
  CHECK(calls == 3000);
  for (i = 0; i < ROUNDS; ++i) {
    badness = i % 8 + 1;
    done += mount_once(i % 2 == 0);
  }
  CHECK(done > 0 && done < ROUNDS);
  printf("ok: nfs client, %u of %u mounted\n", done, ROUNDS);
  return 0;
}
