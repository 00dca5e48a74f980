/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A web server by RTEMS's calls: after the first lines of Init() nothing here
 * knows of a rump kernel.  A client that sends its request slowly keeps
 * nobody from being served.
 */

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <rtems.h>
#include <rtems/libio.h>

#include <rtems-rump/dhcp.h>
#include <rtems-rump/filesystem.h>
#include <rtems-rump/instance.h>
#include <rtems-rump/socket.h>

#include "image.h"

#define PORT 80
#define ROOT "/site"
#define CLIENTS 8

/* One that has not yet sent all of its request; fd is -1 if it is free. */
static struct client {
  int fd;
  bool is_refused;
  size_t size;
  char request[2048];
} clients[CLIENTS];

static void
check(const char *what, bool ok)
{
  if (!ok) {
    printf("http-server: %s: %s\n", what, strerror(errno));
    exit(1);
  }
}

static bool
send_all(int fd, const char *data, size_t size)
{
  while (size > 0) {
    ssize_t n = send(fd, data, size, 0);

    if (n <= 0) {
      return false;
    }
    data += n;
    size -= (size_t)n;
  }
  return true;
}

static void
send_head(int fd, const char *status, const char *type, long size)
{
  char head[160];
  int n = snprintf(head, sizeof(head), "HTTP/1.0 %s\r\nContent-Type: %s\r\n"
    "Content-Length: %ld\r\n\r\n", status, type, size);

  (void)send_all(fd, head, (size_t)n);
}

static void
send_status(int fd, const char *status)
{
  send_head(fd, status, "text/plain", (long)strlen(status));
  (void)send_all(fd, status, strlen(status));
}

static void
send_file(int fd, int file, const char *path)
{
  static char buffer[32 * 1024];
  const char *end = strrchr(path, '.');
  struct stat status;
  ssize_t n;

  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
    send_status(fd, "404 Not Found");
    return;
  }
  send_head(fd, "200 OK", end != NULL && strcmp(end, ".html") == 0
    ? "text/html" : "text/plain; charset=utf-8", (long)status.st_size);
  do {
    n = read(file, buffer, sizeof(buffer));
  } while (n > 0 && send_all(fd, buffer, (size_t)n));
}

/* Nothing that leads out of the root is served. */
static void
answer(int fd, char *request)
{
  char path[256], name[200];
  int file = -1;

  if (strncmp(request, "GET ", 4) != 0) {
    send_status(fd, "501 Not Implemented");
  } else if (sscanf(request, "GET %199[^ ?\r\n]", name) == 1
      && strlen(name) < sizeof(name) - 1 && strstr(name, "..") == NULL
      && snprintf(path, sizeof(path), ROOT "%s%s", name,
        name[strlen(name) - 1] == '/' ? "index.html" : "") > 0
      && (file = open(path, O_RDONLY)) >= 0) {
    send_file(fd, file, path);
    (void)close(file);
  } else {
    send_status(fd, "404 Not Found");
  }
}

static void
close_client(struct client *c)
{
  (void)close(c->fd);
  c->fd = -1;
}

/* If what it still sends met a closed socket, it would not read the answer. */
static void
refuse(struct client *c)
{
  send_status(c->fd, "400 Bad Request");
  (void)shutdown(c->fd, SHUT_WR);
  c->is_refused = true;
}

/* Takes what has come of a request, and answers when that is all. */
static void
serve(struct client *c)
{
  ssize_t n;

  c->size = c->is_refused ? 0 : c->size;
  n = recv(c->fd, c->request + c->size,
    sizeof(c->request) - 1 - c->size, 0);

  if (n <= 0) {
    close_client(c);
  }
  if (n <= 0 || c->is_refused) {
    return;
  }
  c->size += (size_t)n;
  c->request[c->size] = '\0';
  if (strstr(c->request, "\r\n\r\n") != NULL) {
    answer(c->fd, c->request);
    close_client(c);
  } else if (c->size == sizeof(c->request) - 1) {
    refuse(c);
  }
}

static void
take_client(int listener, struct client *c)
{
  static const struct timeval limit = { .tv_sec = 10 };

  c->size = 0;
  c->is_refused = false;
  c->fd = accept(listener, NULL, NULL);
  if (c->fd >= 0) {
    (void)setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  }
}

/* When all places are taken, who has waited longest makes room. */
static struct client *
free_place(void)
{
  static unsigned oldest;
  int i;

  for (i = 0; i < CLIENTS; ++i) {
    if (clients[i].fd < 0) {
      return &clients[i];
    }
  }
  close_client(&clients[oldest % CLIENTS]);
  return &clients[oldest++ % CLIENTS];
}

static void
run(int listener)
{
  for (;;) {
    fd_set readable;
    int i, last = listener;

    FD_ZERO(&readable);
    FD_SET(listener, &readable);
    for (i = 0; i < CLIENTS; ++i) {
      if (clients[i].fd >= 0) {
        FD_SET(clients[i].fd, &readable);
        last = clients[i].fd > last ? clients[i].fd : last;
      }
    }
    check("select", select(last + 1, &readable, NULL, NULL, NULL) > 0);
    for (i = 0; i < CLIENTS; ++i) {
      if (clients[i].fd >= 0 && FD_ISSET(clients[i].fd, &readable)) {
        serve(&clients[i]);
      }
    }
    if (FD_ISSET(listener, &readable)) {
      take_client(listener, free_place());
    }
  }
}

static int
listen_on(in_port_t port)
{
  struct sockaddr_in any = {
    .sin_len = sizeof(any), .sin_family = AF_INET, .sin_port = htons(port)
  };
  int fd = socket(AF_INET, SOCK_STREAM, 0);

  check("socket", fd >= 0);
  check("bind", bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0);
  check("listen", listen(fd, CLIENTS) == 0);
  return fd;
}

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct rtems_rump_dhcp card = { .interface = "vioif0" };
  int i;

  (void)arg;
  errno = rtems_rump_start(NULL);
  check("start", errno == 0);
  errno = rtems_rump_filesystem_register(NULL);
  check("file systems", errno == 0);
  errno = rtems_rump_socket_register();
  check("sockets", errno == 0);
  check("RAM disk", image_create_disk("/dev/rda") == RTEMS_SUCCESSFUL);
  check("mkdir", mkdir(ROOT, 0755) == 0);
  check("mount", mount("/dev/rda", ROOT, "rump-ffs",
    RTEMS_FILESYSTEM_READ_ONLY, NULL) == 0);
  for (i = 0; i < CLIENTS; ++i) {
    clients[i].fd = -1;
  }
  errno = rtems_rump_dhcp_start(&card);
  check("DHCP", errno == 0);
  i = listen_on(PORT);
  puts("http-server: ready");
  run(i);
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK /* block devices */
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
