/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Ports of serial lines on RTEMS: a device with an interrupt-driven driver
 * under termios.  One task receives; the driver's interrupt wakes it when
 * something comes (RTEMS_IO_RCVWAKEUP), so it can be ended, which a task in
 * read() cannot.  Another one sends, and waits for what is to be sent again.
 */

#include "serial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <rtems.h>
#include <rtems/termiostypes.h>
#include <rtems/thread.h>
#include <sys/ioctl.h>

/* Both make calls into the server, and one has a frame on its stack. */
#define STACK_SIZE (RTEMS_MINIMUM_STACK_SIZE + LINK_FRAME_SIZE + 4096)

#define TASKS 2

struct port {
  struct line *line;
  int fd;
  rtems_mutex lock;

  /* Something has come; something is to be sent. */
  rtems_binary_semaphore has_come, is_to_be_sent;
  bool is_ending;
  rtems_counting_semaphore ended;
  rtems_id tasks[TASKS];
};

void
port_lock(struct port *port)
{
  rtems_mutex_lock(&port->lock);
}

void
port_unlock(struct port *port)
{
  rtems_mutex_unlock(&port->lock);
}

void
port_kick(struct port *port)
{
  rtems_binary_semaphore_post(&port->is_to_be_sent);
}

void
port_pause(void)
{
  (void)rtems_task_wake_after(1);
}

uint64_t
port_now(void)
{
  return rtems_clock_get_uptime_nanoseconds() / 1000000;
}

uint32_t
port_number(void)
{
  uint32_t number = (uint32_t)rtems_clock_get_uptime_nanoseconds();
  uint32_t noise = 0;

  (void)getentropy(&noise, sizeof(noise));
  return number ^ noise;
}

static void
wake_receiver(struct termios *settings, void *arg)
{
  struct port *port = arg;

  (void)settings;
  rtems_binary_semaphore_post(&port->has_come);
}

static bool
is_ending(struct port *port)
{
  bool ending;

  port_lock(port);
  ending = port->is_ending;
  port_unlock(port);
  return ending;
}

/*
 * Whoever has got something looks again before it waits: it may not be told
 * of what comes while it reads.
 */
static void
receive(struct port *port)
{
  unsigned char bytes[256];
  ssize_t n;

  while ((n = read(port->fd, bytes, sizeof(bytes))) > 0) {
    line_input(port->line, bytes, (size_t)n);
    port_kick(port);
  }
  if (n < 0 && errno != EAGAIN) {
    line_input(port->line, NULL, 0);
  }
}

static rtems_task
run_receiver(rtems_task_argument arg)
{
  struct port *port = (struct port *)arg;

  while (!is_ending(port)) {
    receive(port);
    rtems_binary_semaphore_wait(&port->has_come);
  }
  rtems_counting_semaphore_post(&port->ended);
  rtems_task_exit();
}

static void
send_frame(struct port *port, const unsigned char *frame, size_t size)
{
  size_t done = 0;

  while (done < size) {
    ssize_t n = write(port->fd, frame + done, size - done);

    if (n <= 0) {
      line_input(port->line, NULL, 0);
      return;
    }
    done += (size_t)n;
  }
}

static void
wait_to_send(struct port *port, int timeout)
{
  uint64_t ticks = (uint64_t)timeout * rtems_clock_get_ticks_per_second();

  if (timeout < 0) {
    rtems_binary_semaphore_wait(&port->is_to_be_sent);
  } else {
    (void)rtems_binary_semaphore_wait_timed_ticks(
      &port->is_to_be_sent,
      (uint32_t)(ticks / 1000) + 1
    );
  }
}

/* What there is still goes out when it ends. */
static rtems_task
run_sender(rtems_task_argument arg)
{
  struct port *port = (struct port *)arg;
  unsigned char frame[LINK_FRAME_SIZE];
  int timeout;

  for (;;) {
    bool ending = is_ending(port);
    size_t size = line_output(port->line, frame, &timeout);

    if (size > 0) {
      send_frame(port, frame, size);
    } else if (ending) {
      break;
    } else {
      wait_to_send(port, timeout);
    }
  }
  rtems_counting_semaphore_post(&port->ended);
  rtems_task_exit();
}

static int
set_up(struct port *port, unsigned speed)
{
  struct ttywakeup wakeup = { wake_receiver, port };
  struct termios settings;
  speed_t baud = rtems_termios_number_to_baud((rtems_termios_baud_t)speed);

  if (tcgetattr(port->fd, &settings) != 0) {
    return ENOTTY;
  }
  cfmakeraw(&settings);
  settings.c_cflag |= CLOCAL | CREAD;
  settings.c_cc[VMIN] = 0;
  settings.c_cc[VTIME] = 0;
  if (cfsetispeed(&settings, baud) != 0
      || cfsetospeed(&settings, baud) != 0) {
    return EINVAL;
  }
  if (tcsetattr(port->fd, TCSANOW, &settings) != 0
      || ioctl(port->fd, RTEMS_IO_RCVWAKEUP, &wakeup) != 0) {
    return errno;
  }
  return 0;
}

/* With no wake-up any more, before the port is gone. */
static void
destroy(struct port *port)
{
  struct ttywakeup nobody = { NULL, NULL };

  (void)ioctl(port->fd, RTEMS_IO_RCVWAKEUP, &nobody);
  (void)close(port->fd);
  rtems_mutex_destroy(&port->lock);
  rtems_binary_semaphore_destroy(&port->has_come);
  rtems_binary_semaphore_destroy(&port->is_to_be_sent);
  rtems_counting_semaphore_destroy(&port->ended);
  free(port);
}

/* At the priority of the caller, in its scheduler. */
static int
create_tasks(struct port *port)
{
  static const rtems_name names[TASKS] = {
    rtems_build_name('S', 'E', 'R', 'I'), rtems_build_name('S', 'E', 'R', 'O')
  };
  rtems_task_priority priority;
  int i;

  (void)rtems_task_set_priority(RTEMS_SELF, RTEMS_CURRENT_PRIORITY, &priority);
  for (i = 0; i < TASKS; ++i) {
    if (rtems_task_create(
          names[i],
          priority,
          STACK_SIZE,
          RTEMS_DEFAULT_MODES,
          RTEMS_FLOATING_POINT,
          &port->tasks[i]
        ) != RTEMS_SUCCESSFUL) {
      while (i-- > 0) {
        (void)rtems_task_delete(port->tasks[i]);
      }
      return ENOMEM;
    }
  }
  return 0;
}

static int
start(struct port *port, unsigned speed)
{
  int error = set_up(port, speed);

  if (error == 0) {
    error = create_tasks(port);
  }
  if (error == 0) {
    (void)rtems_task_start(
      port->tasks[0], run_receiver, (rtems_task_argument)port);
    (void)rtems_task_start(
      port->tasks[1], run_sender, (rtems_task_argument)port);
  }
  return error;
}

int
port_open(const char *path, unsigned speed, struct line *line)
{
  struct port *port = calloc(1, sizeof(*port));
  int error;

  if (port == NULL) {
    return ENOMEM;
  }
  port->fd = open(path, O_RDWR);
  if (port->fd < 0) {
    error = errno;
    free(port);
    return error;
  }
  rtems_mutex_init(&port->lock, "rump serial");
  rtems_binary_semaphore_init(&port->has_come, "rump serial in");
  rtems_binary_semaphore_init(&port->is_to_be_sent, "rump serial out");
  rtems_counting_semaphore_init(&port->ended, "rump serial end", 0);
  port->line = line;
  line->port = port;
  error = start(port, speed);
  if (error != 0) {
    destroy(port);
  }
  return error;
}

void
port_close(struct port *port)
{
  int i;

  port_lock(port);
  port->is_ending = true;
  port_unlock(port);
  rtems_binary_semaphore_post(&port->has_come);
  rtems_binary_semaphore_post(&port->is_to_be_sent);
  for (i = 0; i < TASKS; ++i) {
    rtems_counting_semaphore_wait(&port->ended);
  }
  destroy(port);
}
