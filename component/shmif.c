/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The bus of NetBSD's component net_shmif: memory that all kernels of the
 * image share which have opened the same file.  Of the file there is only the
 * name: to write to it tells those who watch it.
 *
 * NetBSD's thread may still read the bus when NetBSD has unmapped it and closed
 * the file.  So the bus stays until NetBSD uses the descriptor for another one,
 * or the kernel ends.
 */

#include "hypercall.h"

#include <errno.h>
#include <string.h>

#include <rtems.h>

#include "file.h"
#include "shared.h"

int rumpcomp_shmif_mmap(int fd, size_t size, void **memory);
int rumpcomp_shmif_watchsetup(int *watch, int fd);
int rumpcomp_shmif_watchwait(int watch);

/* The watch of a descriptor, which is not one that can be closed. */
#define WATCH(fd) (-2 - (fd))

struct bus {
  struct bus *next;
  int fd;
  struct shared_user user;

  /* Whether there was a write since the last wait; who waits, and guard. */
  bool written;
  struct waitq queue;
};

static struct lock lock = LOCK_INITIALIZER("rump shmif");
static struct bus *buses;

static void
notify(void *arg)
{
  struct bus *bus = arg;
  struct waitq_context ctx;

  waitq_lock(&bus->queue, &ctx);
  bus->written = true;
  waitq_wake_all(&bus->queue, &ctx);
}

static void
tell(void *arg)
{
  struct bus *bus = arg;

  shared_tell(&bus->user);
}

/* Nobody is inside. */
static void
leave_all(void)
{
  struct bus *bus;

  for (bus = buses; bus != NULL; bus = bus->next) {
    if (bus->user.shared != NULL) {
      shared_leave(&bus->user);
    }
  }
  buses = NULL;
}

static struct bus *
find(int fd)
{
  struct bus *bus;

  lock_enter(&lock);
  for (bus = buses; bus != NULL && bus->fd != fd; bus = bus->next) {
  }
  lock_exit(&lock);
  return bus;
}

static struct bus *
create(int fd)
{
  static struct component component = { .end = leave_all };
  struct bus *bus = memory_allocate(sizeof(*bus));

  if (bus == NULL) {
    return NULL;
  }
  *bus = (struct bus){ .fd = fd, .user = { .notify = notify, .arg = bus } };
  waitq_init(&bus->queue, "rump shmif");
  lock_enter(&lock);
  if (buses == NULL) {
    component_add(&component);
  }
  bus->next = buses;
  buses = bus;
  lock_exit(&lock);
  return bus;
}

static int
join(struct file *file, struct bus *bus, size_t size, void **memory)
{
  struct stat st;
  int error;

  if (fstat(file->host, &st) != 0) {
    return errno;
  }
  if (bus->user.shared != NULL) {
    shared_leave(&bus->user);
    bus->user.shared = NULL;
  }
  error = shared_join(&bus->user, &st, size, memory);
  if (error == 0) {
    file->told_arg = bus;
    file->told = tell;
  }
  return error;
}

int
rumpcomp_shmif_mmap(int fd, size_t size, void **memory)
{
  int nlocks = hypercall_unschedule(NULL);
  struct file *file = file_get(fd);
  struct bus *bus = find(fd);
  int error = EBADF;

  if (file != NULL) {
    bus = bus != NULL ? bus : create(fd);
    error = bus == NULL ? ENOMEM : join(file, bus, size, memory);
  }
  hypercall_schedule(nlocks, NULL);
  return hypercall_errno_to_netbsd(error);
}

int
rumpcomp_shmif_watchsetup(int *watch, int fd)
{
  *watch = WATCH(fd);
  return 0;
}

static void
wait_for_write(struct bus *bus)
{
  struct waitq_context ctx;

  waitq_lock(&bus->queue, &ctx);
  while (!bus->written) {
    (void)occupant_wait(&bus->queue, &ctx, NULL, NULL, NULL);
    waitq_lock(&bus->queue, &ctx);
  }
  bus->written = false;
  waitq_unlock(&bus->queue, &ctx);
}

int
rumpcomp_shmif_watchwait(int watch)
{
  int nlocks = hypercall_unschedule(NULL);
  struct bus *bus = find(WATCH(watch));

  if (bus != NULL) {
    wait_for_write(bus);
  }
  hypercall_schedule(nlocks, NULL);
  return bus != NULL ? 0 : NETBSD_EBADF;
}
