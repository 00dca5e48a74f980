/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What the files of the transport over serial lines share: the line,
 * and the port that carries its bytes, of RTEMS or of a POSIX host.
 */

#ifndef RTEMS_RUMP_REMOTE_SERIAL_H
#define RTEMS_RUMP_REMOTE_SERIAL_H

#include <sys/types.h>

#include "link.h"
#include "media.h"

#define SERIAL_SPEED 115200u

/** A line, with its listener and its connection. */
struct line {
  struct transport listener, connection;
  struct port *port;

  /* Of the image's lines: the device, and the next line. */
  dev_t device;
  ino_t inode;
  struct line *next;

  /* What follows is locked, by port_lock(). */
  struct link link;
  bool is_listening, is_connected;

  /** The line has failed. */
  bool is_dead;
  unsigned armed;
  bool listener_is_armed;
  struct transport_watcher watcher, listener_watcher;

  /** Watchers that are being called. */
  unsigned tells;
};

#define line_input rtems_rump_line_input
#define line_output rtems_rump_line_output
#define port_open rtems_rump_port_open
#define port_close rtems_rump_port_close
#define port_lock rtems_rump_port_lock
#define port_unlock rtems_rump_port_unlock
#define port_kick rtems_rump_port_kick
#define port_pause rtems_rump_port_pause
#define port_now rtems_rump_port_now
#define port_number rtems_rump_port_number
#define port_wait rtems_rump_port_wait

/* The line, for the port: in its tasks, with nothing locked. */

/** What has come; nothing comes any more if the size is 0. */
void line_input(struct line *line, const unsigned char *bytes, size_t size);

/**
 * Makes a frame.
 *
 * @param[out] timeout Without a frame, milliseconds until there may be one;
 *   -1: when port_kick() is called.
 *
 * @return Its size; 0: there is none.
 */
size_t line_output(
  struct line *line, unsigned char frame[LINK_FRAME_SIZE], int *timeout);

/* The port, for the line. */

/**
 * Opens a device, whose bits come as they are, as the line's port.
 *
 * @retval 0 The line is called from now on.
 * @retval EINVAL There is no such speed.
 * @retval ENOTTY That is no serial line.
 * @retval other As of open(), or ENOMEM.
 */
int port_open(const char *path, unsigned speed, struct line *line);

/**
 * Sends what line_output() has, without waiting for answers, and ends; then
 * the line is not called.
 */
void port_close(struct port *port);

/* For the state of the line; a few copies of up to 8 KiB long. */
void port_lock(struct port *port);
void port_unlock(struct port *port);

/** There may be something to send, or news for port_wait(). */
void port_kick(struct port *port);

/** Lets a task go on that is calling a watcher. */
void port_pause(void);

/** Milliseconds that go on. */
uint64_t port_now(void);

/** A random number. */
uint32_t port_number(void);

/** With the port locked: waits for news.  Not on RTEMS. */
void port_wait(struct port *port);

#endif /* RTEMS_RUMP_REMOTE_SERIAL_H */
