/* SPDX-License-Identifier: BSD-2-Clause */

/* RTEMS without a kernel: what it does for any application. */

#include "load.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <rtems/thread.h>

#include "kernel.h"

#define BLOCKS 64
#define HOLDERS 3

static rtems_mutex mutex = RTEMS_MUTEX_INITIALIZER("load");
static rtems_id queue;

/* First fit among many holes. */
static void
heap(unsigned number)
{
  void *blocks[BLOCKS] = { NULL };
  unsigned state = number;

  while (!atomic_load(&load_ends)) {
    unsigned i;

    state = state * 1664525 + 1013904223;
    i = (state >> 8) % BLOCKS;
    free(blocks[i]);
    blocks[i] = malloc(16 + (state >> 16) % 4096);
    load_did(1);
  }
  for (number = 0; number < BLOCKS; ++number) {
    free(blocks[number]);
  }
}

static rtems_task
short_life(rtems_task_argument arg)
{
  (void)arg;
  rtems_task_exit();
}

static void
tasks(unsigned number)
{
  (void)number;
  while (!atomic_load(&load_ends)) {
    rtems_id id;

    bench_check("create", rtems_task_create(
      rtems_build_name('L', 'I', 'F', 'E'),
      LOAD_PRIORITY + 20,
      RTEMS_MINIMUM_STACK_SIZE,
      RTEMS_DEFAULT_MODES,
      RTEMS_DEFAULT_ATTRIBUTES,
      &id
    ) == RTEMS_SUCCESSFUL);
    (void)rtems_task_start(id, short_life, 0);
    (void)rtems_task_wake_after(1);
    (void)rtems_task_delete(id);
  }
}

/* Each more urgent than the one before, who so has the mutex when it comes. */
static void
holder(unsigned number)
{
  while (!atomic_load(&load_ends)) {
    unsigned i;

    rtems_mutex_lock(&mutex);
    for (i = 0; i < 20000; ++i) {
      __asm__ volatile("" : "+r" (i));
    }
    rtems_mutex_unlock(&mutex);
    (void)rtems_task_wake_after(number);
  }
}

static void
sender(unsigned number)
{
  while (!atomic_load(&load_ends)) {
    (void)rtems_message_queue_send(queue, &number, sizeof(number));
    (void)rtems_task_wake_after(RTEMS_YIELD_PROCESSOR);
  }
  number = 0;
  (void)rtems_message_queue_urgent(queue, &number, sizeof(number));
}

static void
receiver(unsigned number)
{
  unsigned message = number;
  size_t size;

  while (message != 0) {
    (void)rtems_message_queue_receive(
      queue,
      &message,
      &size,
      RTEMS_WAIT,
      RTEMS_NO_TIMEOUT
    );
  }
  (void)rtems_message_queue_delete(queue);
}

/* Through the cache of block devices. */
static void
disk(unsigned number)
{
  static char buffer[8192];
  int fd = open("/dev/rda", O_RDWR);

  (void)number;
  bench_check("open", fd >= 0);
  while (!atomic_load(&load_ends)) {
    off_t at = (off_t)(rand() % 512) * (off_t)sizeof(buffer);

    bench_check("seek", lseek(fd, at, SEEK_SET) == at);
    bench_check("read", read(fd, buffer, sizeof(buffer))
      == (ssize_t)sizeof(buffer));
    bench_check("seek", lseek(fd, at, SEEK_SET) == at);
    bench_check("write", write(fd, buffer, sizeof(buffer))
      == (ssize_t)sizeof(buffer));
    (void)rtems_task_wake_after(RTEMS_YIELD_PROCESSOR);
  }
  bench_check("sync", fsync(fd) == 0);
  bench_check("close", close(fd) == 0);
}

void
load_rtems(void)
{
  unsigned i;

  bench_check("queue", rtems_message_queue_create(
    rtems_build_name('L', 'O', 'A', 'D'),
    16,
    sizeof(unsigned),
    RTEMS_DEFAULT_ATTRIBUTES,
    &queue
  ) == RTEMS_SUCCESSFUL);
  load_task(LOAD_PRIORITY - 5, tasks, 0);
  for (i = 1; i <= HOLDERS; ++i) {
    load_task(LOAD_PRIORITY - i, holder, i);
  }
  load_task(LOAD_PRIORITY - 4, receiver, 1);
  load_task(LOAD_PRIORITY, sender, 1);
  load_task(LOAD_PRIORITY, disk, 0);
  load_task(LOAD_PRIORITY + 1, heap, 1);
}
