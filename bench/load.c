/* SPDX-License-Identifier: BSD-2-Clause */

#include "load.h"

#include <stdlib.h>

#include <rtems/blkdev.h>
#include <rtems/ramdisk.h>
#include <rtems/thread.h>

#include "kernel.h"

#define DEVICE "/dev/rda"
#define DISK_BLOCK 512

#define SETTLE_TICKS 50

/* Above all kernels. */
#define BEAT_PRIORITY 50

atomic_bool load_ends;

static atomic_uint running;
static atomic_uint done;

/* The file system that was made on the host. */
__asm__(
  ".section .data.disk, \"aw\"\n"
  ".balign 4096\n"
  "disk_image:\n"
  ".incbin \"" DISK_IMAGE "\"\n"
  "disk_image_end:\n"
  ".previous\n"
);
extern char disk_image[], disk_image_end[];

struct job {
  void (*function)(unsigned number);
  unsigned number;
};

static rtems_task
run(rtems_task_argument arg)
{
  struct job *job = (struct job *)arg;

  (*job->function)(job->number);
  free(job);
  atomic_fetch_sub(&running, 1);
  rtems_task_exit();
}

void
load_task(
  rtems_task_priority priority, void (*function)(unsigned), unsigned number)
{
  struct job *job = malloc(sizeof(*job));
  rtems_id id;

  bench_check("job", job != NULL);
  *job = (struct job){ function, number };
  atomic_fetch_add(&running, 1);
  bench_check("load", rtems_task_create(
    rtems_build_name('L', 'O', 'A', 'D'),
    priority,
    16 * 1024,
    RTEMS_DEFAULT_MODES,
    RTEMS_FLOATING_POINT,
    &id
  ) == RTEMS_SUCCESSFUL);
  bench_check("start", rtems_task_start(id, run, (rtems_task_argument)job)
    == RTEMS_SUCCESSFUL);
}

static rtems_binary_semaphore beat_comes =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("beat");

static void
beat(unsigned number)
{
  (void)number;
  while (!atomic_load(&load_ends)) {
    (void)rtems_task_wake_after(1);
    rtems_binary_semaphore_post(&beat_comes);
  }
}

void
load_beat(void)
{
  load_task(BEAT_PRIORITY, beat, 0);
}

void
load_wait_for_beat(void)
{
  rtems_binary_semaphore_wait(&beat_comes);
}

static void
wait_for_all(void)
{
  while (atomic_load(&running) != 0) {
    (void)rtems_task_wake_after(1);
  }
}

void
load_settle(void)
{
  (void)rtems_task_wake_after(SETTLE_TICKS);
  atomic_store(&done, 0);
}

void
load_did(unsigned count)
{
  atomic_fetch_add(&done, count);
}

unsigned
load_end(void)
{
  unsigned did = atomic_load(&done);

  atomic_store(&load_ends, true);
  wait_for_all();
  atomic_store(&load_ends, false);
  return did;
}

void
load_call(rtems_task_priority priority, void (*function)(unsigned))
{
  load_task(priority, function, 0);
  wait_for_all();
}

void
load_make_disk(void)
{
  rtems_blkdev_bnum blocks =
    (rtems_blkdev_bnum)((disk_image_end - disk_image) / DISK_BLOCK);
  struct ramdisk *disk =
    ramdisk_allocate(disk_image, DISK_BLOCK, blocks, false);

  bench_check("disk", disk != NULL);
  bench_check("device", rtems_blkdev_create(
    DEVICE,
    DISK_BLOCK,
    blocks,
    ramdisk_ioctl,
    disk
  ) == RTEMS_SUCCESSFUL);
}
