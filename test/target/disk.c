/* SPDX-License-Identifier: BSD-2-Clause */

#include "disk.h"

#include <rtems/blkdev.h>
#include <rtems/diskdevs.h>
#include <rtems/ramdisk.h>

#define DEVICE "/dev/rda"

struct disk_behaviour disk_behaviour;

/* The image that was made on the host; the tests write to it. */
__asm__(
  ".section .data.disk, \"aw\"\n"
  ".balign 4096\n"
  "disk_image:\n"
  ".incbin \"" DISK_IMAGE "\"\n"
  "disk_image_end:\n"
  ".previous\n"
);
extern char disk_image[], disk_image_end[];

/* Requests that end later, in the order of their arrival. */
static rtems_blkdev_request *late[256];
static atomic_uint late_in, late_out;
static rtems_counting_semaphore late_work =
  RTEMS_COUNTING_SEMAPHORE_INITIALIZER("late", 0);
static rtems_mutex late_lock = RTEMS_MUTEX_INITIALIZER("late");

static rtems_blkdev_bnum
disk_blocks(void)
{
  return (rtems_blkdev_bnum)((disk_image_end - disk_image) / DISK_BLOCK);
}

void
disk_make_ramdisk(void)
{
  struct ramdisk *disk =
    ramdisk_allocate(disk_image, DISK_BLOCK, disk_blocks(), false);

  CHECK(disk != NULL);
  CHECK(
    rtems_blkdev_create(
      DEVICE,
      DISK_BLOCK,
      disk_blocks(),
      ramdisk_ioctl,
      disk
    ) == RTEMS_SUCCESSFUL
  );
}

void
disk_restore(void)
{
  static char *first_content;
  size_t size = (size_t)(disk_image_end - disk_image);

  if (first_content == NULL) {
    first_content = malloc(size);
    CHECK(first_content != NULL);
    memcpy(first_content, disk_image, size);
  } else {
    memcpy(disk_image, first_content, size);
  }
}

char *
disk_content(void)
{
  return disk_image;
}

static bool
transfer(const rtems_blkdev_request *request)
{
  unsigned end = atomic_load(&disk_behaviour.shrunk_to);
  unsigned i;

  if (atomic_load(&disk_behaviour.fails)
      || fault_is_due(&disk_behaviour.plan)) {
    return false;
  }
  for (i = 0; i < request->bufnum; ++i) {
    const rtems_blkdev_sg_buffer *sg = &request->bufs[i];
    char *place = disk_image + (size_t)sg->block * DISK_BLOCK;

    if (end != 0 && sg->block + sg->length / DISK_BLOCK > end) {
      return false;
    }
    if (request->req == RTEMS_BLKDEV_REQ_READ) {
      memcpy(sg->buffer, place, sg->length);
    } else {
      memcpy(place, sg->buffer, sg->length);
    }
  }
  return true;
}

static void
serve(rtems_blkdev_request *request)
{
  bool good = request->req == RTEMS_BLKDEV_REQ_SYNC || transfer(request);

  atomic_fetch_add(&disk_behaviour.requests, 1);
  if (!good) {
    atomic_fetch_add(&disk_behaviour.failures, 1);
  }
  rtems_blkdev_request_done(
    request,
    good ? RTEMS_SUCCESSFUL : RTEMS_IO_ERROR
  );
}

static rtems_task
serve_late(rtems_task_argument arg)
{
  (void)arg;
  for (;;) {
    rtems_blkdev_request *request;

    rtems_counting_semaphore_wait(&late_work);
    request = late[atomic_fetch_add(&late_out, 1) % 256];
    (void)rtems_task_wake_after(atomic_load(&disk_behaviour.delay));
    serve(request);
  }
}

static int
control(rtems_disk_device *disk, uint32_t command, void *arg)
{
  const rtems_blkdev_request *request = arg;

  if (command == RTEMS_BLKIO_CAPABILITIES && disk_behaviour.on_sync != NULL) {
    *(uint32_t *)arg = RTEMS_BLKDEV_CAP_SYNC;
    return 0;
  }
  if (command != RTEMS_BLKIO_REQUEST) {
    return rtems_blkdev_ioctl(disk, command, arg);
  }
  if (request->req == RTEMS_BLKDEV_REQ_SYNC) {
    serve(arg);
    (*disk_behaviour.on_sync)();
    return 0;
  }
  if (atomic_load(&disk_behaviour.delay) == 0) {
    serve(arg);
    return 0;
  }
  rtems_mutex_lock(&late_lock);
  late[atomic_fetch_add(&late_in, 1) % 256] = arg;
  rtems_mutex_unlock(&late_lock);
  rtems_counting_semaphore_post(&late_work);
  return 0;
}

void
disk_make_unreliable(void)
{
  /* As urgent as an interrupt. */
  (void)target_task(2, serve_late, 0);
  CHECK(
    rtems_blkdev_create(
      DEVICE,
      DISK_BLOCK,
      disk_blocks(),
      control,
      NULL
    ) == RTEMS_SUCCESSFUL
  );
}

void
disk_mount(void)
{
  struct netbsd_ufs_args args = { .fspec = "/dev/disk" };

  CHECK(rump_pub_etfs_register("/dev/disk", DEVICE, NETBSD_ETFS_BLK) == 0);
  CHECK(rump_sys_mkdir("/disk", 0755) == 0);
  CHECK(rump_sys_mount("ffs", "/disk", 0, &args, sizeof(args)) == 0);
}

void
disk_unmount(void)
{
  CHECK(rump_sys_unmount("/disk", 0) == 0);
  CHECK(rump_sys_rmdir("/disk") == 0);
  CHECK(rump_pub_etfs_remove("/dev/disk") == 0);
}
