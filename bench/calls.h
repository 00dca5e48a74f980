/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Ways to call sockets.
 */

#ifndef RTEMS_RUMP_BENCH_CALLS_H
#define RTEMS_RUMP_BENCH_CALLS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * RTEMS's calls or NetBSD's.  What the program uses of types, levels, options
 * and addresses is the same in both worlds.
 */
struct calls {
  /** Behind the names of rows. */
  const char *name;

  /** What a task does before it calls and after; may do nothing. */
  void (*enter)(void);
  void (*leave)(void);

  int (*socket)(int domain, int type, int protocol);
  int (*bind)(int fd, const void *address, uint32_t size);
  int (*listen)(int fd, int backlog);
  int (*connect)(int fd, const void *address, uint32_t size);
  int (*accept)(int fd, void *address, uint32_t *size);
  ssize_t (*read)(int fd, void *buffer, size_t size);
  ssize_t (*write)(int fd, const void *buffer, size_t size);
  ssize_t (*sendto)(
    int fd, const void *data, size_t size, int flags, const void *address,
    uint32_t address_size);
  ssize_t (*recvfrom)(
    int fd, void *data, size_t size, int flags, void *address,
    uint32_t *address_size);
  int (*close)(int fd);
  int (*setsockopt)(
    int fd, int level, int option, const void *value, uint32_t size);
};

/** The calls of RTEMS's headers, whoever serves them. */
void calls_rtems(
  struct calls *calls, const char *name, void (*enter)(void),
  void (*leave)(void));

/** Does nothing: for such calls. */
void calls_nothing(void);

#endif /* RTEMS_RUMP_BENCH_CALLS_H */
