/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Calls whose arguments are described, and the addresses by which the
 * kernel knows their memory.
 */

#ifndef RTEMS_RUMP_REMOTE_NEUTRAL_H
#define RTEMS_RUMP_REMOTE_NEUTRAL_H

#include "sync.h"
#include "words.h"

/** Calls at a time.  Each has a window of addresses below 2 GiB. */
#define NEUTRAL_CALLS 63

struct neutral_call;

/** Of a client. */
struct neutral {
  struct sync_mutex lock;

  /** A bit for each window. */
  uint64_t taken;

  /** Those whose memory is complete. */
  struct neutral_call *calls[NEUTRAL_CALLS];
};

void neutral_init(struct neutral *neutral);

/** As rtems_rump_client_config::translate, with the struct neutral. */
void *neutral_translate(
  uint64_t address, size_t size, bool is_write, void *arg);

/** The kernel has no memory of that call any more. */
void neutral_close(struct neutral *neutral, struct neutral_call **window);

/* Of client.c. */

/** The kernel's machine. */
struct layout client_layout(const struct rtems_rump_client *client);

/** NULL if the client is not neutral. */
struct neutral *client_neutral(struct rtems_rump_client *client);

/** Whether the client knows other addresses than its own. */
bool client_translates(const struct rtems_rump_client *client);

/**
 * rtems_rump_client_syscall() by frames, with results of any machine.  Who
 * receives the answer closes the window: what the server sends after that must
 * not find it, as late as this task may run.
 */
int client_syscall(
  struct rtems_rump_client *client,
  int                       number,
  const void               *arguments,
  size_t                    size,
  int                      *error,
  int64_t                   values[2],
  struct neutral_call     **window);

#endif /* RTEMS_RUMP_REMOTE_NEUTRAL_H */
