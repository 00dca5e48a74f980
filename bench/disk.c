/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Requests to a disk: to NetBSD's driver of a virtio disk, by its raw device,
 * beside requests to RTEMS's driver of an IDE disk.  Nothing is cached.
 * bench/plugin-processors.c counts, until the request is done.
 */

#include <fcntl.h>
#include <string.h>

#include <rtems.h>
#include <rtems/blkdev.h>
#include <rtems/diskdevs.h>
#include <rtems/thread.h>

#include "kernel.h"
#include "region.h"

#define REPETITIONS 32
#define LARGEST (64u << 10)

static char buffer[LARGEST] __attribute__((__aligned__(4096)));

/* NetBSD's. */

static int ld;

static void
ld_read(size_t size)
{
  bench_check("read", rump_sys_pread(ld, buffer, size, 0) == (ssize_t)size);
}

static void
ld_write(size_t size)
{
  bench_check("write", rump_sys_pwrite(ld, buffer, size, 0) == (ssize_t)size);
}

/* RTEMS's. */

static rtems_disk_device *ide;
static rtems_binary_semaphore ide_done =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("ide");

static void
ide_is_done(rtems_blkdev_request *request, rtems_status_code status)
{
  request->status = status;
  rtems_binary_semaphore_post(&ide_done);
}

static void
ide_transfer(rtems_blkdev_request_op op, size_t size)
{
  static struct {
    rtems_blkdev_request request;
    rtems_blkdev_sg_buffer buffer;
  } one;

  one.request = (rtems_blkdev_request){
    .req = op, .done = ide_is_done, .bufnum = 1
  };
  one.request.bufs[0] = (rtems_blkdev_sg_buffer){
    .length = size, .buffer = buffer
  };
  bench_check(
    "ioctl",
    (*ide->ioctl)(ide->phys_dev, RTEMS_BLKIO_REQUEST, &one.request) == 0
  );
  rtems_binary_semaphore_wait(&ide_done);
  bench_check("request", one.request.status == RTEMS_SUCCESSFUL);
}

static void
ide_read(size_t size)
{
  ide_transfer(RTEMS_BLKDEV_REQ_READ, size);
}

static void
ide_write(size_t size)
{
  ide_transfer(RTEMS_BLKDEV_REQ_WRITE, size);
}

/* What is written is what is read. */
static void
check_data(void (*read)(size_t size), void (*write)(size_t size), char fill)
{
  size_t i;

  memset(buffer, fill, LARGEST);
  (*write)(LARGEST);
  memset(buffer, 0, LARGEST);
  (*read)(LARGEST);
  for (i = 0; i < LARGEST; ++i) {
    bench_check("compare", buffer[i] == fill);
  }
}

static void
measure(const char *name, size_t size, void (*operate)(size_t size))
{
  int i;

  printf("BENCH PHASE %s %u\n", name, (unsigned)size);
  for (i = 0; i < REPETITIONS; ++i) {
    rtems_task_wake_after(2);
    bench_begin();
    (*operate)(size);
    bench_end();
  }
  bench_phase();
}

static void
open_disks(void)
{
  int fd = open("/dev/hda", O_RDWR);

  bench_check("/dev/hda", fd >= 0);
  bench_check("disk", rtems_disk_fd_get_disk_device(fd, &ide) == 0);
  ld = rump_sys_open("/dev/rld0d", NETBSD_O_RDWR);
  bench_check("/dev/rld0d", ld >= 0);
  check_data(ld_read, ld_write, 'l');
  check_data(ide_read, ide_write, 'i');
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  bench_check("start", bench_start(NULL) == 0);
  bench_enter();
  open_disks();
  bench_phase();
  measure("disk_read_4k", 4096, ld_read);
  measure("disk_write_4k", 4096, ld_write);
  measure("disk_read_64k", LARGEST, ld_read);
  measure("disk_write_64k", LARGEST, ld_write);
  measure("disk_read_4k:ide", 4096, ide_read);
  measure("disk_write_4k:ide", 4096, ide_write);
  measure("disk_read_64k:ide", LARGEST, ide_read);
  measure("disk_write_64k:ide", LARGEST, ide_write);
  puts("BENCH END");
  exit(0);
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#define CONFIGURE_APPLICATION_NEEDS_IDE_DRIVER
#define CONFIGURE_MAXIMUM_DRIVERS 8
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
