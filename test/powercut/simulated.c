/* SPDX-License-Identifier: BSD-2-Clause */

#include "simulated.h"

#include "target.h"

#include <rtems/blkdev.h>

#include <simulator/simulator.h>

#define SECTOR 512u
#define MAGIC UINT64_C(0x6a736677736872)
#define FLUSH 1

static char *content;
static FILE *log_file;
static bool has_cache, can_flush;
static rtems_mutex lock = RTEMS_MUTEX_INITIALIZER("log");

static void
note(const void *data, size_t size)
{
  CHECK(fwrite(data, 1, size, log_file) == size);
}

static void
note_entry(uint64_t sector, uint64_t sectors, uint64_t flags)
{
  uint64_t entry[SECTOR / sizeof(uint64_t)] = { sector, sectors, flags };

  note(entry, SECTOR);
}

static void
write_sectors(const rtems_blkdev_sg_buffer *sg)
{
  memcpy(content + (size_t)sg->block * SECTOR, sg->buffer, sg->length);
  note_entry(sg->block, sg->length / SECTOR, 0);
  note(sg->buffer, sg->length);
  if (!has_cache) {
    note_entry(0, 0, FLUSH);
  }
}

static void
serve(rtems_blkdev_request *request)
{
  uint32_t i;

  rtems_mutex_lock(&lock);
  if (request->req == RTEMS_BLKDEV_REQ_SYNC) {
    note_entry(0, 0, FLUSH);
  }
  for (i = 0; i < request->bufnum; ++i) {
    const rtems_blkdev_sg_buffer *sg = &request->bufs[i];

    if (request->req == RTEMS_BLKDEV_REQ_WRITE) {
      write_sectors(sg);
    } else if (request->req == RTEMS_BLKDEV_REQ_READ) {
      memcpy(sg->buffer, content + (size_t)sg->block * SECTOR, sg->length);
    }
  }
  rtems_mutex_unlock(&lock);
  rtems_blkdev_request_done(request, RTEMS_SUCCESSFUL);
}

static int
control(rtems_disk_device *disk, uint32_t command, void *arg)
{
  if (command == RTEMS_BLKIO_CAPABILITIES) {
    *(uint32_t *)arg = can_flush ? RTEMS_BLKDEV_CAP_SYNC : 0;
    return 0;
  }
  if (command != RTEMS_BLKIO_REQUEST) {
    return rtems_blkdev_ioctl(disk, command, arg);
  }
  serve(arg);
  return 0;
}

static uint32_t
read_image(const char *path)
{
  FILE *image = fopen(path, "rb");
  long size;

  CHECK(image != NULL && fseek(image, 0, SEEK_END) == 0);
  size = ftell(image);
  rewind(image);
  content = malloc((size_t)size);
  CHECK(content != NULL);
  CHECK(fread(content, 1, (size_t)size, image) == (size_t)size);
  CHECK(fclose(image) == 0);
  return (uint32_t)size / SECTOR;
}

void
simulated_disk_make(const char *path)
{
  uint64_t head[SECTOR / sizeof(uint64_t)] = { MAGIC, 1, 0, SECTOR };
  uint32_t sectors;

  CHECK(sim_argc == 4);
  sectors = read_image(sim_argv[1]);
  log_file = fopen(sim_argv[2], "wb");
  CHECK(log_file != NULL);
  has_cache = strcmp(sim_argv[3], "off") != 0;
  can_flush = strcmp(sim_argv[3], "flushed") == 0;
  note(head, SECTOR);
  CHECK(
    rtems_blkdev_create(path, SECTOR, sectors, control, NULL)
      == RTEMS_SUCCESSFUL
  );
}

long
simulated_disk_log(void)
{
  long size;

  rtems_mutex_lock(&lock);
  size = ftell(log_file);
  rtems_mutex_unlock(&lock);
  return size;
}
