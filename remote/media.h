/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The transports that there are.
 *
 * REMOTE_MEMORY: connections within one image.  REMOTE_POSIX: sockets of a
 * POSIX host, also below the simulator, and with REMOTE_TLS encrypted ones.
 * Serial lines are everywhere.  On RTEMS tcp:// and tls:// are there when the
 * application has registered them.
 */

#ifndef RTEMS_RUMP_REMOTE_MEDIA_H
#define RTEMS_RUMP_REMOTE_MEDIA_H

#include "transport.h"

/** A transport; the addresses are what comes after "://" in a URL. */
struct medium {
  const char *name;
  int (*listen)(const char *address, struct transport **listener);
  int (*connect)(const char *address, struct transport **connection);
};

#define media_register rtems_rump_media_register
#define memory_listen rtems_rump_memory_listen
#define memory_connect rtems_rump_memory_connect
#define unix_listen rtems_rump_unix_listen
#define unix_connect rtems_rump_unix_connect
#define tcp_listen rtems_rump_tcp_listen
#define tcp_connect rtems_rump_tcp_connect
#define tcp6_listen rtems_rump_tcp6_listen
#define tcp6_connect rtems_rump_tcp6_connect
#define tls_listen rtems_rump_tls_listen
#define tls_connect rtems_rump_tls_connect
#define tls6_listen rtems_rump_tls6_listen
#define tls6_connect rtems_rump_tls6_connect
#define serial_listen rtems_rump_serial_listen
#define serial_connect rtems_rump_serial_connect

#ifdef __rtems__
/** Two transports of an application. */
struct media {
  struct medium pair[2];
  struct media *next;
};

/** Once or more often. */
void media_register(struct media *media);
#endif

int memory_listen(const char *address, struct transport **listener);
int memory_connect(const char *address, struct transport **connection);
int unix_listen(const char *address, struct transport **listener);
int unix_connect(const char *address, struct transport **connection);
int tcp_listen(const char *address, struct transport **listener);
int tcp_connect(const char *address, struct transport **connection);
int tcp6_listen(const char *address, struct transport **listener);
int tcp6_connect(const char *address, struct transport **connection);
int tls_listen(const char *address, struct transport **listener);
int tls_connect(const char *address, struct transport **connection);
int tls6_listen(const char *address, struct transport **listener);
int tls6_connect(const char *address, struct transport **connection);
int serial_listen(const char *address, struct transport **listener);
int serial_connect(const char *address, struct transport **connection);

#endif /* RTEMS_RUMP_REMOTE_MEDIA_H */
