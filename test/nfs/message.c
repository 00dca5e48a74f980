/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the mount protocol's answers are taken for, right, cut, and damaged.
 */

#include <errno.h>
#include <string.h>

#include "nfs-message.h"
#include "parser.h"

#define XID 0x12345678
#define ROUNDS 200000

/* Of the mount protocol, with a handle of six bytes; a port would be there. */
static const uint8_t right[] = {
  0x12, 0x34, 0x56, 0x78, 0, 0, 0, 1, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 6, 'h', 'a', 'n', 'd', 'l', 'e', 0, 0,
  0, 0, 0, 1, 0, 0, 0, 1
};

#define PORT_ANSWER 28

/* In memory of just that size, so that checkers see what reads beyond it. */
static int
read_copy(const uint8_t *message, size_t size, struct nfs_handle *handle)
{
  uint8_t *copy = malloc(size + (size == 0));
  uint16_t port;
  int error;

  CHECK(copy != NULL);
  memcpy(copy, message, size);
  (void)nfs_read_port(copy, size, XID, &port);
  error = nfs_read_handle(copy, size, XID, handle);
  free(copy);
  return error;
}

static void
check_right(void)
{
  struct nfs_handle handle;
  uint8_t port_answer[PORT_ANSWER];
  uint16_t port = 0;

  CHECK(read_copy(right, sizeof(right), &handle) == 0);
  CHECK(handle.size == 6);
  CHECK(memcmp(handle.bytes, "handle", 6) == 0);
  CHECK(nfs_read_handle(right, sizeof(right), XID + 1, &handle)
      == NFS_OTHER_CALL);
  memcpy(port_answer, right, sizeof(port_answer));
  CHECK(nfs_read_port(port_answer, PORT_ANSWER, XID, &port)
    == EPROTONOSUPPORT);
  port_answer[26] = 8;
  port_answer[27] = 1;
  CHECK(nfs_read_port(port_answer, PORT_ANSWER, XID, &port) == 0
    && port == 2049);
  port_answer[25] = 1;
  CHECK(nfs_read_port(port_answer, PORT_ANSWER, XID, &port)
    == EBADMSG);
}

static void
check_cut(void)
{
  struct nfs_handle handle;
  size_t size;

  for (size = 0; size < 40; ++size) {
    CHECK(read_copy(right, size, &handle) == EBADMSG);
  }
}

static void
check_long(void)
{
  uint8_t message[32 + 2 * NFS_HANDLE_MAX] = { 0 };
  struct nfs_handle handle;

  memcpy(message, right, 32);
  message[31] = NFS_HANDLE_MAX;
  CHECK(read_copy(message, sizeof(message), &handle) == 0);
  message[31] = NFS_HANDLE_MAX + 1;
  CHECK(read_copy(message, sizeof(message), &handle) == EBADMSG);
}

static void
check_damaged(void)
{
  struct nfs_handle handle;
  unsigned i, j;

  for (i = 0; i < ROUNDS; ++i) {
    uint8_t message[sizeof(right)];

    memcpy(message, right, sizeof(message));
    for (j = 0; j <= i % 4; ++j) {
      message[by_chance() % sizeof(message)] = (uint8_t)by_chance();
    }
    if (read_copy(message, sizeof(message) - i % 3, &handle) == 0) {
      CHECK(handle.size > 0 && handle.size <= NFS_HANDLE_MAX);
    }
  }
}

static void
check_calls(void)
{
  static char path[NFS_PATH_MAX + 1];
  uint8_t *message = malloc(NFS_MESSAGE_MAX);

  CHECK(message != NULL);
  memset(path, 'p', NFS_PATH_MAX);
  CHECK(nfs_call_mount(message, XID, path)
    == 24 + 36 + 8 + 4 + NFS_PATH_MAX);
  CHECK(nfs_call_mount(message, XID, "/a") % 4 == 0);
  CHECK(nfs_call_port(message, XID, NFS_PROGRAM, 6)
    == 24 + 36 + 8 + 16);
  free(message);
}

int
main(void)
{
  check_right();
  check_cut();
  check_long();
  check_damaged();
  check_calls();
  puts("ok: nfs messages");
  return 0;
}
