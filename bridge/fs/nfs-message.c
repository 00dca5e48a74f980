/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Calls are made as RFC 5531, 1833 and 1813 tell.  Nothing is believed of what
 * an answer says.
 */

#include "nfs-message.h"

#include <errno.h>
#include <string.h>

/* Of RPC. */
#define CALL 0
#define REPLY 1
#define RPC_VERSION 2
#define ACCEPTED 0
#define SUCCESS 0
#define AUTH_NONE 0
#define AUTH_SYS 1
#define VERIFIER_MAX 400

#define PORT_MAPPER_PROGRAM 100000
#define PORT_MAPPER_VERSION 2
#define GET_PORT 3
#define MOUNT_VERSION 3
#define MNT 1

/* Padded with zeros to a multiple of four. */
static uint8_t *
put_bytes(uint8_t *p, const char *bytes, size_t size)
{
  size_t padded = (size + 3) / 4 * 4;

  p = nfs_put(p, (uint32_t)size);
  memset(p, 0, padded);
  memcpy(p, bytes, size);
  return p + padded;
}

/* Who calls is the superuser of a machine without a name of its own. */
static uint8_t *
put_caller(uint8_t *p)
{
  static const char machine[] = "rtems";
  uint8_t *size = nfs_put(p, AUTH_SYS);

  p = nfs_put(size + 4, 0);
  p = put_bytes(p, machine, sizeof(machine) - 1);
  p = nfs_put(p, 0);
  p = nfs_put(p, 0);
  p = nfs_put(p, 0);
  (void)nfs_put(size, (uint32_t)(p - size - 4));
  p = nfs_put(p, AUTH_NONE);
  return nfs_put(p, 0);
}

static uint8_t *
put_call(
  uint8_t *p, uint32_t xid, uint32_t program, uint32_t version,
  uint32_t procedure)
{
  p = nfs_put(p, xid);
  p = nfs_put(p, CALL);
  p = nfs_put(p, RPC_VERSION);
  p = nfs_put(p, program);
  p = nfs_put(p, version);
  p = nfs_put(p, procedure);
  return put_caller(p);
}

size_t
nfs_call_port(
  uint8_t message[NFS_MESSAGE_MAX], uint32_t xid, uint32_t program,
  uint32_t protocol)
{
  uint8_t *p = put_call(
    message, xid, PORT_MAPPER_PROGRAM, PORT_MAPPER_VERSION, GET_PORT);

  p = nfs_put(p, program);
  p = nfs_put(p, NFS_VERSION);
  p = nfs_put(p, protocol);
  p = nfs_put(p, 0);
  return (size_t)(p - message);
}

size_t
nfs_call_mount(
  uint8_t message[NFS_MESSAGE_MAX], uint32_t xid, const char *path)
{
  uint8_t *p = put_call(message, xid, NFS_PROGRAM_MOUNT, MOUNT_VERSION, MNT);

  p = put_bytes(p, path, strlen(path));
  return (size_t)(p - message);
}

/* Past the end there is nothing but an error. */
struct reader {
  const uint8_t *next;
  size_t left;
  int error;
};

static const uint8_t *
take(struct reader *r, size_t size)
{
  const uint8_t *p = r->next;

  if (size > r->left) {
    r->error = EBADMSG;
    r->left = 0;
    return NULL;
  }
  r->next += size;
  r->left -= size;
  return p;
}

static uint32_t
take_number(struct reader *r)
{
  const uint8_t *p = take(r, 4);

  return p == NULL ? 0 : (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16
    | (uint32_t)p[2] << 8 | p[3];
}

/* Of at most 400 bytes, so that padding cannot overflow. */
static const uint8_t *
take_bytes(struct reader *r, uint32_t most, size_t *size)
{
  *size = take_number(r);
  if (*size > most) {
    r->error = EBADMSG;
    r->left = 0;
    return NULL;
  }
  return take(r, (*size + 3) / 4 * 4);
}

/* What each answer begins with. */
static int
read_header(struct reader *r, uint32_t xid)
{
  uint32_t got = take_number(r);
  size_t size;

  if (r->error != 0 || take_number(r) != REPLY) {
    return EBADMSG;
  }
  if (got != xid) {
    return NFS_OTHER_CALL;
  }
  if (take_number(r) != ACCEPTED) {
    return r->error != 0 ? EBADMSG : EACCES;
  }
  (void)take_number(r);
  (void)take_bytes(r, VERIFIER_MAX, &size);
  if (take_number(r) != SUCCESS) {
    return r->error != 0 ? EBADMSG : EPROTONOSUPPORT;
  }
  return r->error;
}

int
nfs_read_port(
  const uint8_t *message, size_t size, uint32_t xid, uint16_t *port)
{
  struct reader r = { message, size, 0 };
  int error = read_header(&r, xid);
  uint32_t number;

  if (error != 0) {
    return error;
  }
  number = take_number(&r);
  if (r.error != 0 || number > UINT16_MAX) {
    return EBADMSG;
  }
  *port = (uint16_t)number;
  return number == 0 ? EPROTONOSUPPORT : 0;
}

static int
error_of_mount(uint32_t status)
{
  switch (status) {
    case 1:
      return EPERM;
    case 2:
      return ENOENT;
    case 13:
      return EACCES;
    case 20:
      return ENOTDIR;
    case 22:
      return EINVAL;
    case 63:
      return ENAMETOOLONG;
    case 10004:
      return ENOTSUP;
    default:
      return EIO;
  }
}

/* The ways to authenticate that follow are not of interest. */
int
nfs_read_handle(
  const uint8_t *message, size_t size, uint32_t xid,
  struct nfs_handle *handle)
{
  struct reader r = { message, size, 0 };
  int error = read_header(&r, xid);
  const uint8_t *bytes;
  uint32_t status;

  if (error != 0) {
    return error;
  }
  status = take_number(&r);
  if (r.error == 0 && status != 0) {
    return error_of_mount(status);
  }
  bytes = take_bytes(&r, NFS_HANDLE_MAX, &handle->size);
  if (r.error != 0 || handle->size == 0) {
    return EBADMSG;
  }
  memcpy(handle->bytes, bytes, handle->size);
  return 0;
}
