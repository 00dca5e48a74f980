/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's RAID of level 1, of two disks of RTEMS, as a block device of RTEMS:
 * what is written is on both; one fails, and nothing is lost; it is filled
 * anew, and then the other one may fail.  The next kernel finds it again.
 */

#include <rtems-rump/blockdev.h>

#include "chunk.h"
#include "said.h"
#include "vnd.h"

#define DEVICE "/dev/mirror"
#define RAID "/dev/rraid0" RAW_PARTITION
#define SECTOR 512u
#define SIZE (1u << 20)

/* Of each disk, before what is the mirror's. */
#define LABEL (64 * SECTOR)

static struct disk {
  const char *path, *name;
  atomic_bool fails;
  char content[SIZE];
} disks[2] = {
  { .path = "/dev/disk0", .name = "/disk0" },
  { .path = "/dev/disk1", .name = "/disk1" }
};

static void
transfer(struct disk *disk, rtems_blkdev_request *request)
{
  uint32_t i;

  for (i = 0; i < request->bufnum; ++i) {
    const rtems_blkdev_sg_buffer *sg = &request->bufs[i];
    char *place = disk->content + (size_t)sg->block * SECTOR;

    if (request->req == RTEMS_BLKDEV_REQ_READ) {
      memcpy(sg->buffer, place, sg->length);
    } else {
      memcpy(place, sg->buffer, sg->length);
    }
  }
}

static int
control(rtems_disk_device *dd, uint32_t command, void *arg)
{
  struct disk *disk = rtems_disk_get_driver_data(dd);
  bool fails = atomic_load(&disk->fails);

  if (command != RTEMS_BLKIO_REQUEST) {
    return rtems_blkdev_ioctl(dd, command, arg);
  }
  if (!fails) {
    transfer(disk, arg);
  }
  rtems_blkdev_request_done(arg, fails ? RTEMS_IO_ERROR : RTEMS_SUCCESSFUL);
  return 0;
}

static void
make_disks(void)
{
  size_t i;

  for (i = 0; i < 2; ++i) {
    CHECK(
      rtems_blkdev_create(
        disks[i].path, SECTOR, SIZE / SECTOR, control, &disks[i]
      ) == RTEMS_SUCCESSFUL
    );
  }
}

/* The kernel is told of RTEMS's disks, and what to make of them. */
static void
configure(int force)
{
  static struct netbsd_raid_config raid = {
    .rows = 1, .columns = 2, .unit_sectors = 32, .parity_units = 1,
    .repair_units = 1, .level = '1', .queue = "fifo", .outstanding = 10
  };
  struct netbsd_raid_config *pointer = &raid;
  size_t i;

  raid.force = force;
  CHECK(rtems_rump_enter() == 0);
  for (i = 0; i < 2; ++i) {
    strcpy(raid.disks[0][i], disks[i].name);
    CHECK(
      rump_pub_etfs_register(disks[i].name, disks[i].path, NETBSD_ETFS_BLK)
        == 0
    );
  }
  rtems_rump_leave();
  target_control(RAID, NETBSD_RAIDFRAME_CONFIGURE, &pointer);
}

/* NetBSD tells how far it is, in percents. */
static void
await_end_of(unsigned long command)
{
  int done = 0;

  while (done < 100) {
    target_sleep(20);
    target_control(RAID, command, &done);
  }
}

static void
write_anew(char c)
{
  memset(written, c, CHUNK);
  with_chunk(DEVICE, write_chunk);
}

static void
check_content(const char *what)
{
  with_chunk(DEVICE, read_chunk);
  printf("raid: %s\n", what);
  CHECK(memcmp(copy, written, CHUNK) == 0);
}

static bool
has_content(const struct disk *disk)
{
  return memcmp(disk->content + LABEL + CHUNK, written, CHUNK) == 0;
}

static void
start(int force)
{
  static const struct rtems_rump_config config = {
    .memory = 24u << 20, .restartable = true, .console = listen
  };

  forget();
  CHECK(rtems_rump_start(&config) == 0);
  configure(force);
}

static void
end(void)
{
  CHECK(unlink(DEVICE) == 0);
  target_control(RAID, NETBSD_RAIDFRAME_SHUTDOWN, NULL);
  CHECK(rtems_rump_end() == 0);
}

static void
make_mirror(void)
{
  struct netbsd_raid_label label = { .serial = 4711 };

  start(1);
  target_control(RAID, NETBSD_RAIDFRAME_INIT_LABELS, &label);
  target_control(RAID, NETBSD_RAIDFRAME_REWRITEPARITY, NULL);
  await_end_of(NETBSD_RAIDFRAME_CHECK_PARITYREWRITE_STATUS);
  CHECK(rtems_rump_blockdev_create(DEVICE, RAID) == 0);
}

static void
test_both(void)
{
  write_anew('b');
  CHECK(has_content(&disks[0]) && has_content(&disks[1]));
  check_content("read from both");
}

static void
test_failure(void)
{
  atomic_store(&disks[0].fails, true);
  check_content("read from the other one");
  write_anew('o');
  CHECK(strstr(said, "failed") != NULL);
  CHECK(!has_content(&disks[0]) && has_content(&disks[1]));
  check_content("read again");
}

static void
test_repair(void)
{
  struct netbsd_raid_disk disk = { .column = 0 };

  strcpy(disk.name, disks[0].name);
  atomic_store(&disks[0].fails, false);
  memset(disks[0].content, 0, SIZE);
  target_control(RAID, NETBSD_RAIDFRAME_REBUILD_IN_PLACE, &disk);
  await_end_of(NETBSD_RAIDFRAME_CHECK_RECON_STATUS);
  CHECK(has_content(&disks[0]));
  atomic_store(&disks[1].fails, true);
  check_content("read from the new one");
  atomic_store(&disks[1].fails, false);
}

/* By the labels alone. */
static void
test_found_again(void)
{
  start(0);
  CHECK(rtems_rump_blockdev_create(DEVICE, RAID) == 0);
  check_content("read in the next kernel");
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("raid");
  make_disks();
  make_mirror();
  test_both();
  test_failure();
  test_repair();
  end();
  test_found_again();
  end();
  TARGET_END("raid");
}

#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 10
#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
