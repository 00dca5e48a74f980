/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The messages by which an NFS client learns of a file handle: calls of
 * the port mapper and of the mount protocol, version 3, by ONC RPC.
 *
 * Knows neither RTEMS nor NetBSD, but for errno.
 */

#ifndef RTEMS_RUMP_NFS_MESSAGE_H
#define RTEMS_RUMP_NFS_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

/** The longest path, and the longest handle. */
#define NFS_PATH_MAX 1024
#define NFS_HANDLE_MAX 64

/** Room for each call, and for each answer that may be right. */
#define NFS_MESSAGE_MAX 1536

#define NFS_PORT_MAPPER 111
#define NFS_PROGRAM 100003
#define NFS_PROGRAM_MOUNT 100005
#define NFS_VERSION 3

/** Puts a number as XDR has it, and returns what is behind it. */
static inline uint8_t *
nfs_put(uint8_t *p, uint32_t value)
{
  p[0] = (uint8_t)(value >> 24);
  p[1] = (uint8_t)(value >> 16);
  p[2] = (uint8_t)(value >> 8);
  p[3] = (uint8_t)value;
  return p + 4;
}

struct nfs_handle {
  size_t size;
  uint8_t bytes[NFS_HANDLE_MAX];
};

/** What an answer is that belongs to another call. */
#define NFS_OTHER_CALL (-1)

/**
 * Makes a call: at which port is version 3 of a program?
 *
 * @param protocol That of IP: 6 or 17.
 * @return The size.
 */
size_t nfs_call_port(
  uint8_t message[NFS_MESSAGE_MAX], uint32_t xid, uint32_t program,
  uint32_t protocol);

/** Makes a call for the handle of a path of at most NFS_PATH_MAX bytes. */
size_t nfs_call_mount(
  uint8_t message[NFS_MESSAGE_MAX], uint32_t xid, const char *path);

/**
 * Reads the answer to nfs_call_port().
 *
 * @return 0, NFS_OTHER_CALL, or an errno value: EBADMSG if it is damaged,
 * EPROTONOSUPPORT if the program is not there.
 */
int nfs_read_port(
  const uint8_t *message, size_t size, uint32_t xid, uint16_t *port);

/** Reads the answer to nfs_call_mount(); also the server's errors. */
int nfs_read_handle(
  const uint8_t *message, size_t size, uint32_t xid,
  struct nfs_handle *handle);

#endif /* RTEMS_RUMP_NFS_MESSAGE_H */
