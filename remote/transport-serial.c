/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * serial://path and serial://path,speed: a connection over a serial line, one
 * at a time.  What is on the line is the link's (link.c), how its bytes come
 * and go the port's.
 */

#include "serial.h"
#include "sync.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>

#define PATH_SIZE 108

/* The lines of this image, each of another device. */
static struct sync_mutex lines_lock = SYNC_MUTEX_INITIALIZER("rump lines");
static struct line *lines;

static struct line *
line_of(struct transport *connection)
{
  return (struct line *)(void *)
    ((char *)connection - offsetof(struct line, connection));
}

/* Locked, as all that tells something of the line. */
static bool
is_over(const struct line *line)
{
  return line->is_dead
    || (line->link.state != LINK_IS_OPEN
      && line->link.state != LINK_IS_CALLING);
}

static bool
is_ready(const struct line *line, enum transport_event event)
{
  if (line->link.state == LINK_IS_CALLING) {
    return line->is_dead;
  }
  return is_over(line)
    || (event == TRANSPORT_RECEIVE ? link_available(&line->link) > 0
      : link_room(&line->link) > 0);
}

static bool
take_if_ready(struct line *line, enum transport_event event)
{
  if ((line->armed & event) == 0 || !is_ready(line, event)) {
    return false;
  }
  line->armed &= ~(unsigned)event;
  return true;
}

static void
tell(
  struct line *line, const struct transport_watcher *watcher,
  enum transport_event event)
{
  struct transport_watcher told = *watcher;

  ++line->tells;
  port_unlock(line->port);
  (*told.notify)(event, told.arg);
  port_lock(line->port);
  --line->tells;
}

/* After each change; the lock is released meanwhile. */
static void
tell_all(struct line *line)
{
  if (take_if_ready(line, TRANSPORT_RECEIVE)) {
    tell(line, &line->watcher, TRANSPORT_RECEIVE);
  }
  if (take_if_ready(line, TRANSPORT_SEND)) {
    tell(line, &line->watcher, TRANSPORT_SEND);
  }
  if (line->listener_is_armed && line->link.state == LINK_IS_CALLED) {
    line->listener_is_armed = false;
    tell(line, &line->listener_watcher, TRANSPORT_RECEIVE);
  }
}

void
line_input(struct line *line, const unsigned char *bytes, size_t size)
{
  port_lock(line->port);
  if (size == 0) {
    line->is_dead = true;
  } else {
    link_input(&line->link, bytes, size, port_now());
  }
  tell_all(line);
  port_unlock(line->port);
}

size_t
line_output(
  struct line *line, unsigned char frame[LINK_FRAME_SIZE], int *timeout)
{
  uint64_t now = port_now();
  size_t size;

  port_lock(line->port);
  size = link_output(&line->link, frame, now);
  *timeout = link_timeout(&line->link, now);
  tell_all(line);
  port_unlock(line->port);
  return size;
}

static int
connection_send(
  struct transport *t, const struct iovec *parts, int count, size_t *sent)
{
  struct line *line = line_of(t);
  size_t done = 0;
  bool over;
  int i;

  port_lock(line->port);
  over = is_over(line);
  for (i = 0; i < count && !over; ++i) {
    size_t size = link_write(
      &line->link,
      parts[i].iov_base,
      parts[i].iov_len,
      port_now()
    );

    done += size;
    if (size < parts[i].iov_len) {
      break;
    }
  }
  port_unlock(line->port);
  port_kick(line->port);
  *sent = done;
  return over ? ENOTCONN : done > 0 ? 0 : EAGAIN;
}

/* What came before the end is still received. */
static int
connection_receive(
  struct transport *t, void *buffer, size_t size, size_t *received)
{
  struct line *line = line_of(t);
  bool has_news, over;

  port_lock(line->port);
  *received = line->link.state == LINK_IS_ENDING ? 0
    : link_read(&line->link, buffer, size);
  over = is_over(line);
  has_news = line->link.has_to_acknowledge;
  port_unlock(line->port);
  if (has_news) {
    port_kick(line->port);
  }
  return *received > 0 ? 0 : over ? ENOTCONN : EAGAIN;
}

static void
connection_watch(struct transport *t, const struct transport_watcher *watcher)
{
  struct line *line = line_of(t);

  port_lock(line->port);
  line->watcher = *watcher;
  port_unlock(line->port);
}

static bool
connection_arm(struct transport *t, enum transport_event event)
{
  struct line *line = line_of(t);
  bool ready;

  port_lock(line->port);
  ready = is_ready(line, event);
#if defined(__rtems__) || defined(REMOTE_SIMULATOR)
  line->armed |= ready ? 0 : event;
#endif
  port_unlock(line->port);
  return ready;
}

#if defined(__rtems__) || defined(REMOTE_SIMULATOR)
#define connection_wait NULL
#else
static void
connection_wait(struct transport *t, enum transport_event event)
{
  struct line *line = line_of(t);

  port_lock(line->port);
  while (!is_ready(line, event)) {
    port_wait(line->port);
  }
  port_unlock(line->port);
}
#endif

static void
connection_shutdown(struct transport *t)
{
  struct line *line = line_of(t);

  port_lock(line->port);
  link_end(&line->link, port_now());
  tell_all(line);
  port_unlock(line->port);
  port_kick(line->port);
}

/* With the line locked. */
static void
wait_for_watchers(struct line *line)
{
  while (line->tells > 0) {
    port_unlock(line->port);
    port_pause();
    port_lock(line->port);
  }
}

/* Before it is opened: that would disturb who has it. */
static int
take_device(struct line *line, const char *path)
{
  const struct line *other;
  struct stat st;

  if (stat(path, &st) != 0) {
    /* The port says why. */
    return 0;
  }
  line->device = st.st_dev;
  line->inode = st.st_ino;
  sync_lock(&lines_lock);
  for (other = lines; other != NULL; other = other->next) {
    if (other->device == line->device && other->inode == line->inode) {
      break;
    }
  }
  if (other == NULL) {
    line->next = lines;
    lines = line;
  }
  sync_unlock(&lines_lock);
  return other == NULL ? 0 : EADDRINUSE;
}

static void
leave_device(struct line *line)
{
  struct line **at;

  sync_lock(&lines_lock);
  for (at = &lines; *at != NULL; at = &(*at)->next) {
    if (*at == line) {
      *at = line->next;
      break;
    }
  }
  sync_unlock(&lines_lock);
}

/* With the line locked; it stays as long as somebody else has it. */
static void
release(struct line *line)
{
  bool is_last = !line->is_listening && !line->is_connected;

  if (is_last) {
    link_leave(&line->link);
  }
  port_kick(line->port);
  port_unlock(line->port);
  if (is_last) {
    port_close(line->port);
    leave_device(line);
    free(line);
  }
}

static void
connection_close(struct transport *t)
{
  struct line *line = line_of(t);

  port_lock(line->port);
  line->armed = 0;
  wait_for_watchers(line);
  link_free(&line->link, port_now());
  line->is_connected = false;
  release(line);
}

static const struct transport_ops connection_ops = {
  .send = connection_send,
  .receive = connection_receive,
  .watch = connection_watch,
  .arm = connection_arm,
  .shutdown = connection_shutdown,
  .close = connection_close,
  .wait = connection_wait
};

/* The connection before may not be closed yet. */
static int
listener_accept(struct transport *t, struct transport **connection)
{
  struct line *line = (struct line *)t;
  bool is_there;

  port_lock(line->port);
  is_there = line->link.state == LINK_IS_CALLED && !line->is_connected;
  if (is_there) {
    link_accept(&line->link, port_now());
    line->is_connected = true;
  }
  port_unlock(line->port);
  if (!is_there) {
    return EAGAIN;
  }
  port_kick(line->port);
  *connection = &line->connection;
  return 0;
}

static void
listener_watch(struct transport *t, const struct transport_watcher *watcher)
{
  struct line *line = (struct line *)t;

  port_lock(line->port);
  line->listener_watcher = *watcher;
  port_unlock(line->port);
}

static bool
listener_arm(struct transport *t, enum transport_event event)
{
  struct line *line = (struct line *)t;
  bool ready;

  (void)event;
  port_lock(line->port);
  ready = line->link.state == LINK_IS_CALLED && !line->is_connected;
  line->listener_is_armed = !ready;
  port_unlock(line->port);
  return ready;
}

static void
listener_shutdown(struct transport *t)
{
  (void)t;
}

static void
listener_close(struct transport *t)
{
  struct line *line = (struct line *)t;

  port_lock(line->port);
  line->listener_is_armed = false;
  line->link.is_listening = false;
  wait_for_watchers(line);
  line->is_listening = false;
  release(line);
}

static const struct transport_ops listener_ops = {
  .accept = listener_accept,
  .watch = listener_watch,
  .arm = listener_arm,
  .shutdown = listener_shutdown,
  .close = listener_close
};

/* Splits an address into a path and a speed. */
static int
parse(const char *address, char path[PATH_SIZE], unsigned *speed)
{
  const char *comma = strrchr(address, ',');
  size_t length = comma != NULL ? (size_t)(comma - address) : strlen(address);
  char *end = NULL;

  *speed = SERIAL_SPEED;
  if (length == 0 || length >= PATH_SIZE) {
    return EINVAL;
  }
  if (comma != NULL) {
    *speed = (unsigned)strtoul(comma + 1, &end, 10);
    if (comma[1] < '0' || comma[1] > '9' || *end != '\0') {
      return EINVAL;
    }
  }
  memcpy(path, address, length);
  path[length] = '\0';
  return 0;
}

static int
line_create(const char *address, bool is_listening, struct line **made)
{
  char path[PATH_SIZE];
  unsigned speed;
  struct line *line;
  int error = parse(address, path, &speed);

  if (error != 0) {
    return error;
  }
  line = calloc(1, sizeof(*line));
  if (line == NULL) {
    return ENOMEM;
  }
  line->listener.ops = &listener_ops;
  line->connection.ops = &connection_ops;
  line->is_listening = is_listening;
  line->is_connected = !is_listening;
  link_init(&line->link, is_listening);
  if (!is_listening) {
    link_call(&line->link, port_number(), port_now());
  }
  error = take_device(line, path);
  if (error == 0) {
    error = port_open(path, speed, line);
  }
  if (error != 0) {
    leave_device(line);
    free(line);
    return error;
  }
  *made = line;
  return 0;
}

int
serial_listen(const char *address, struct transport **listener)
{
  struct line *line;
  int error = line_create(address, true, &line);

  if (error == 0) {
    *listener = &line->listener;
  }
  return error;
}

/* Whether there is a server is seen when it says something, or does not. */
int
serial_connect(const char *address, struct transport **connection)
{
  struct line *line;
  int error = line_create(address, false, &line);

  if (error == 0) {
    *connection = &line->connection;
  }
  return error;
}
