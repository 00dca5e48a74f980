/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What the files of the transports over a POSIX host's sockets share.
 */

#ifndef RTEMS_RUMP_REMOTE_POSIX_H
#define RTEMS_RUMP_REMOTE_POSIX_H

#include "media.h"

/** A socket of the host. */
struct posix {
  struct transport transport;
  int fd;

  /** Of a listener of unix://, to be removed; else NULL. */
  char *path;

  /* What follows is the poller's. */
  struct transport_watcher watcher;
  struct posix *next;
  unsigned armed;
  bool is_told;
};

/** For a listener of unix://: the path is removed with it.  0 or ENOMEM. */
int posix_set_path(struct transport *listener, const char *path);

/** From now on it can be watched.  0 or an errno value. */
int poller_know(struct posix *p);

/** When it has returned, the watcher is not called. */
void poller_forget(struct posix *p);

/* Members of struct transport_ops. */
void poller_watch(
  struct transport *t, const struct transport_watcher *watcher);
bool poller_arm(struct transport *t, enum transport_event event);
#ifdef REMOTE_SIMULATOR
#define poller_wait NULL
#else
void poller_wait(struct transport *t, enum transport_event event);
#endif

#endif /* RTEMS_RUMP_REMOTE_POSIX_H */
