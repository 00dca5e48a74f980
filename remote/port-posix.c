/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Ports of serial lines on a POSIX host: a terminal device, or a socket of
 * unix:// that stands for one, as QEMU has it.  A thread of the host has each;
 * below the simulator that is the port's interrupt.
 */

#include "serial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#ifdef REMOTE_SIMULATOR
#include <rtems.h>
#endif

/* For what is left to send at the end, in milliseconds. */
#define END_PATIENCE 500

struct port {
  struct line *line;
  int fd;

  /* Readable after a kick. */
  int event;
  pthread_t thread;

  /* The process that has the thread. */
  pid_t owner;
  bool is_ending;
#ifdef REMOTE_SIMULATOR
  rtems_interrupt_lock lock;

  /* Of who has the lock. */
  rtems_interrupt_lock_context context;
#else
  pthread_mutex_t lock;
  pthread_cond_t news;
#endif

  /* Of the thread. */
  unsigned char frame[LINK_FRAME_SIZE];
  size_t size, done;
};

#ifdef REMOTE_SIMULATOR

static void
lock_init(struct port *port)
{
  rtems_interrupt_lock_initialize(&port->lock, "rump serial");
}

void
port_lock(struct port *port)
{
  rtems_interrupt_lock_context context;

  rtems_interrupt_lock_acquire(&port->lock, &context);
  port->context = context;
}

void
port_unlock(struct port *port)
{
  rtems_interrupt_lock_context context = port->context;

  rtems_interrupt_lock_release(&port->lock, &context);
}

static void
give_news(struct port *port)
{
  (void)port;
}

#else

static void
lock_init(struct port *port)
{
  (void)pthread_mutex_init(&port->lock, NULL);
  (void)pthread_cond_init(&port->news, NULL);
}

void
port_lock(struct port *port)
{
  (void)pthread_mutex_lock(&port->lock);
}

void
port_unlock(struct port *port)
{
  (void)pthread_mutex_unlock(&port->lock);
}

void
port_wait(struct port *port)
{
  (void)pthread_cond_wait(&port->news, &port->lock);
}

static void
give_news(struct port *port)
{
  (void)pthread_cond_broadcast(&port->news);
}

#endif

void
port_kick(struct port *port)
{
  const uint64_t one = 1;

  (void)!write(port->event, &one, sizeof(one));
}

void
port_pause(void)
{
  (void)sched_yield();
}

uint64_t
port_now(void)
{
  struct timespec now;

  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint32_t
port_number(void)
{
  uint32_t number = (uint32_t)port_now();

  (void)getentropy(&number, sizeof(number));
  return number;
}

/* Tells others on the way what there is new since it was called last. */
static bool
is_ending(struct port *port)
{
  bool ending;

  port_lock(port);
  give_news(port);
  ending = port->is_ending;
  port_unlock(port);
  return ending;
}

/* Returns false if the line has failed. */
static bool
receive(struct port *port)
{
  unsigned char bytes[1024];
  ssize_t n = read(port->fd, bytes, sizeof(bytes));

  if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
    return true;
  }
  line_input(port->line, bytes, n > 0 ? (size_t)n : 0);
  return n > 0;
}

static void
send_some(struct port *port)
{
  ssize_t n = write(
    port->fd,
    port->frame + port->done,
    port->size - port->done
  );

  if (n > 0) {
    port->done += (size_t)n;
  }
}

static void
empty_event(struct port *port)
{
  uint64_t count;

  (void)!read(port->event, &count, sizeof(count));
}

/* Returns what poll() has to wait for; -1: for ever. */
static int
next_frame(struct port *port)
{
  int timeout = -1;

  if (port->done == port->size) {
    port->done = 0;
    port->size = line_output(port->line, port->frame, &timeout);
  }
  return port->size > 0 ? -1 : timeout;
}

static void *
run(void *arg)
{
  struct port *port = arg;
  struct pollfd fds[2] = {
    { .fd = port->fd }, { .fd = port->event, .events = POLLIN }
  };

  for (;;) {
    int timeout = next_frame(port);
    bool ending = is_ending(port);

    if (ending && (port->size == 0 || fds[0].fd < 0)) {
      break;
    }
    fds[0].events = port->size > 0 ? POLLIN | POLLOUT : POLLIN;
    if (poll(fds, 2, ending ? END_PATIENCE : timeout) == 0 && ending) {
      break;
    }
    if (fds[1].revents != 0) {
      empty_event(port);
    }
    if (fds[0].fd >= 0 && (fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0
        && !receive(port)) {
      fds[0].fd = -1;
    }
    if (fds[0].fd < 0) {
      port->done = port->size;
    } else if ((fds[0].revents & POLLOUT) != 0) {
      send_some(port);
    }
  }
  return NULL;
}

static int
connect_to(const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd;

  if (strlen(path) >= sizeof(address.sun_path)) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(address.sun_path, path);
  fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0
      && (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0
        || fcntl(fd, F_SETFL, O_NONBLOCK) != 0)) {
    int error = errno;

    (void)close(fd);
    errno = error;
    fd = -1;
  }
  return fd;
}

static bool
find_speed(unsigned number, speed_t *speed)
{
  static const struct {
    unsigned number;
    speed_t speed;
  } speeds[] = {
    { 9600, B9600 }, { 19200, B19200 }, { 38400, B38400 }, { 57600, B57600 },
    { 115200, B115200 }, { 230400, B230400 }, { 460800, B460800 },
    { 921600, B921600 }, { 1000000, B1000000 }
  };
  size_t i;

  for (i = 0; i < sizeof(speeds) / sizeof(speeds[0]); ++i) {
    if (speeds[i].number == number) {
      *speed = speeds[i].speed;
      return true;
    }
  }
  return false;
}

/* All bytes as they are. */
static int
set_raw(int fd, speed_t speed)
{
  struct termios settings;

  if (tcgetattr(fd, &settings) != 0) {
    return errno;
  }
  cfmakeraw(&settings);
  settings.c_cflag |= CLOCAL | CREAD;
  (void)cfsetispeed(&settings, speed);
  (void)cfsetospeed(&settings, speed);
  return tcsetattr(fd, TCSANOW, &settings) == 0 ? 0 : errno;
}

static int
open_device(const char *path, unsigned number, int *fd)
{
  struct stat st;
  speed_t speed;
  int error = 0;

  if (!find_speed(number, &speed)) {
    return EINVAL;
  }
  if (stat(path, &st) == 0 && S_ISSOCK(st.st_mode)) {
    *fd = connect_to(path);
    return *fd >= 0 ? 0 : errno;
  }
  *fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (*fd < 0) {
    return errno == ENOENT ? ECONNREFUSED : errno;
  }
  error = set_raw(*fd, speed);
  if (error != 0) {
    (void)close(*fd);
  }
  return error;
}

static int
start_thread(struct port *port)
{
  sigset_t all, old;
  int error;

  (void)sigfillset(&all);
  (void)pthread_sigmask(SIG_SETMASK, &all, &old);
  error = pthread_create(&port->thread, NULL, run, port);
  (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
  return error;
}

static void
destroy(struct port *port)
{
  (void)close(port->fd);
  (void)close(port->event);
  free(port);
}

int
port_open(const char *path, unsigned speed, struct line *line)
{
  struct port *port = calloc(1, sizeof(*port));
  int error;

  if (port == NULL) {
    return ENOMEM;
  }
  error = open_device(path, speed, &port->fd);
  if (error != 0) {
    free(port);
    return error;
  }
  lock_init(port);
  port->line = line;
  port->owner = getpid();
  line->port = port;
  port->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  error = port->event < 0 ? errno : start_thread(port);
  if (error != 0) {
    destroy(port);
  }
  return error;
}

/* In the child of a fork there is no thread, and the line is the parent's. */
void
port_close(struct port *port)
{
  if (port->owner == getpid()) {
    port_lock(port);
    port->is_ending = true;
    port_unlock(port);
    port_kick(port);
    (void)pthread_join(port->thread, NULL);
  }
  destroy(port);
}
