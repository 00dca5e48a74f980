/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief System calls of NetBSD by a client, on RTEMS and on Linux.
 *
 * The source that includes it has CHECK(), and remote_rest(), which sleeps for
 * some milliseconds.
 *
 * They return what the call does, or -1 and NetBSD's error, which is -1 if
 * there is no connection.
 */

#ifndef TEST_REMOTE_CALLS_H
#define TEST_REMOTE_CALLS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rtems-rump/remote.h>

#include "protocol.h"
#include "transport.h"

/* Of root, where the test's server has such a rule. */
#define REMOTE_KEY "the key of the test's root"

#define REMOTE_O_RDWR 0x2
#define REMOTE_O_CREAT 0x200

static inline intptr_t
remote_call2(
  struct rtems_rump_client *client,
  int                       number,
  const intptr_t           *args,
  size_t                    count,
  int                      *error,
  intptr_t                  values[2]
)
{
  intptr_t none[8] = { 0 };

  if (rtems_rump_client_syscall(
        client,
        number,
        count > 0 ? args : none,
        count > 0 ? count * sizeof(args[0]) : sizeof(none),
        error,
        values
      ) != 0) {
    *error = -1;
  }
  return *error == 0 ? values[0] : -1;
}

static inline intptr_t
remote_call(
  struct rtems_rump_client *client,
  int                       number,
  const intptr_t           *args,
  size_t                    count,
  int                      *error
)
{
  intptr_t values[2];

  return remote_call2(client, number, args, count, error, values);
}

static inline int
remote_open(
  struct rtems_rump_client *client,
  const char               *path,
  int                       flags,
  int                       mode,
  int                      *error
)
{
  const intptr_t args[] = { (intptr_t)path, flags, mode };

  return (int)remote_call(client, 5, args, 3, error);
}

static inline intptr_t
remote_read(
  struct rtems_rump_client *client, int fd, void *to, size_t size, int *error)
{
  const intptr_t args[] = { fd, (intptr_t)to, (intptr_t)size };

  return remote_call(client, 3, args, 3, error);
}

static inline intptr_t
remote_write(
  struct rtems_rump_client *client,
  int                       fd,
  const void               *from,
  size_t                    size,
  int                      *error
)
{
  const intptr_t args[] = { fd, (intptr_t)from, (intptr_t)size };

  return remote_call(client, 4, args, 3, error);
}

static inline int
remote_close(struct rtems_rump_client *client, int fd, int *error)
{
  const intptr_t args[] = { fd };

  return (int)remote_call(client, 6, args, 1, error);
}

static inline int
remote_unlink(struct rtems_rump_client *client, const char *path, int *error)
{
  const intptr_t args[] = { (intptr_t)path };

  return (int)remote_call(client, 10, args, 1, error);
}

static inline int
remote_pipe(struct rtems_rump_client *client, int fds[2], int *error)
{
  intptr_t values[2];

  if (remote_call2(client, 42, NULL, 0, error, values) == -1) {
    return -1;
  }
  fds[0] = (int)values[0];
  fds[1] = (int)values[1];
  return 0;
}

static inline intptr_t
remote_getuid(struct rtems_rump_client *client, int *error)
{
  return remote_call(client, 24, NULL, 0, error);
}

static inline intptr_t
remote_getgid(struct rtems_rump_client *client, int *error)
{
  return remote_call(client, 47, NULL, 0, error);
}

/* The kernel ends, which only its host can undo. */
static inline int
remote_reboot(struct rtems_rump_client *client, int *error)
{
  const intptr_t args[] = { 0, 0 };

  return (int)remote_call(client, 208, args, 2, error);
}

/* A client that is nobody: it may not do what root may. */
static inline void
remote_check_nobody(struct rtems_rump_client *client)
{
  const intptr_t root = 0;
  int error;

  CHECK(remote_getuid(client, &error) == 32767);
  CHECK(remote_getgid(client, &error) == 39);
  CHECK(remote_call(client, 23, &root, 1, &error) == -1 && error == 1);
  CHECK(remote_call(client, 181, &root, 1, &error) == -1 && error == 1);
  CHECK(remote_call(client, 79, &root, 1, &error) == 0);
  CHECK(remote_open(client, "/x", REMOTE_O_RDWR | REMOTE_O_CREAT, 0644,
    &error) == -1);
  CHECK(error == 13);
  CHECK(remote_reboot(client, &error) == -1 && error == 1);
}

static inline void
remote_check_file(
  struct rtems_rump_client *client, unsigned number, size_t size)
{
  unsigned char *from = malloc(size);
  unsigned char *to = calloc(1, size);
  char path[32];
  int error, fd;
  size_t i;

  CHECK(from != NULL && to != NULL);
  for (i = 0; i < size; ++i) {
    from[i] = (unsigned char)(i * 5 + number);
  }
  (void)snprintf(path, sizeof(path), "/file%u", number);
  fd = remote_open(
    client,
    path,
    REMOTE_O_RDWR | REMOTE_O_CREAT,
    0644,
    &error
  );
  CHECK(fd >= 0);
  CHECK(remote_write(client, fd, from, size, &error) == (intptr_t)size);
  CHECK(remote_close(client, fd, &error) == 0);
  fd = remote_open(client, path, REMOTE_O_RDWR, 0, &error);
  CHECK(fd >= 0);
  CHECK(remote_read(client, fd, to, size, &error) == (intptr_t)size);
  CHECK(memcmp(from, to, size) == 0);
  CHECK(remote_close(client, fd, &error) == 0);
  CHECK(remote_unlink(client, path, &error) == 0);
  free(from);
  free(to);
}

static inline bool
remote_put(struct transport *t, const void *bytes, size_t size)
{
  struct iovec part = { (void *)(uintptr_t)bytes, size };
  size_t sent;

  return transport_send(t, &part, 1, &sent) == 0 && sent == size;
}

/* Sends a frame, and gives the server some time for it. */
static inline bool
remote_put_frame(
  struct transport *t,
  enum sp_type      type,
  uint32_t          what,
  const void       *payload,
  size_t            size
)
{
  struct sp_header header = {
    .size = sizeof(header) + size,
    .class = SP_REQUEST,
    .type = type,
    .what = what
  };
  bool is_put = remote_put(t, &header, sizeof(header))
    && remote_put(t, payload, size);

  remote_rest(10);
  return is_put;
}

/*
 * Asks for a pipe and to read from it, and is gone.  Returns false if the
 * server has too many clients.
 */
static inline bool
remote_try_to_die_asleep(const char *url)
{
  const intptr_t none[8] = { 0 };
  const intptr_t args[] = { 3, 4096, 1 };
  struct transport *t;
  bool was_there;

  if (rtems_rump_transport_connect(url, &t) != 0) {
    return false;
  }
  was_there = remote_put_frame(t, SP_HANDSHAKE, SP_GUEST, "die", 4)
    && remote_put_frame(t, SP_SYSCALL, 42, none, sizeof(none))
    && remote_put_frame(t, SP_SYSCALL, 3, args, sizeof(args));
  transport_close(t);
  return was_there;
}

static inline void
remote_die_asleep(const char *url)
{
  int tries = 0;

  while (!remote_try_to_die_asleep(url)) {
    CHECK(++tries < 100);
    remote_rest(50);
  }
}

#endif /* TEST_REMOTE_CALLS_H */
