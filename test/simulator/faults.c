/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What only the simulator has: failures on demand, and block devices which
 * complete requests late and in any order.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rtems.h>
#include <rtems/libcsupport.h>
#include <rtems/malloc.h>
#include <rtems/ramdisk.h>
#include <rtems/thread.h>
#include <simulator/simulator.h>

#define CHECK(cond) check((cond), #cond, __LINE__)
#define OK(sc) check((sc) == RTEMS_SUCCESSFUL, #sc, __LINE__)

#define BLOCK 512
#define BLOCKS 64

static unsigned checks;

static void
check(bool ok, const char *what, int line)
{
  ++checks;
  if (!ok) {
    printf("faults.c:%d: failed: %s\n", line, what);
    exit(1);
  }
}

static void
end_task(rtems_task_argument arg)
{
  rtems_event_send((rtems_id)arg, RTEMS_EVENT_0);
  rtems_task_exit();
}

static rtems_status_code
create_task(rtems_id *id)
{
  return rtems_task_create(
    rtems_build_name('T', 'E', 'S', 'T'),
    1,
    RTEMS_MINIMUM_STACK_SIZE,
    RTEMS_DEFAULT_MODES,
    RTEMS_DEFAULT_ATTRIBUTES,
    id
  );
}

static void
test_tasks(void)
{
  rtems_event_set out;
  rtems_id id;

  sim_fault_start(SIM_FAULT_TASK_CREATE, 2, 1, 0);
  OK(create_task(&id));
  OK(rtems_task_delete(id));
  CHECK(create_task(&id) == RTEMS_UNSATISFIED);
  OK(create_task(&id));
  OK(rtems_task_start(id, end_task, rtems_task_self()));
  OK(rtems_event_receive(RTEMS_EVENT_0, RTEMS_WAIT, 0, &out));
  (void)rtems_task_delete(id); /* on another processor it may still be there */
  CHECK(sim_fault_stop(SIM_FAULT_TASK_CREATE) == 1);
  sim_fault_start(
    SIM_FAULT_TASK_CREATE,
    1,
    SIM_FAULT_FOREVER,
    RTEMS_TOO_MANY
  );
  CHECK(create_task(&id) == RTEMS_TOO_MANY);
  CHECK(create_task(&id) == RTEMS_TOO_MANY);
  CHECK(sim_fault_stop(SIM_FAULT_TASK_CREATE) == 2);
  CHECK(sim_fault_stop(SIM_FAULT_TASK_CREATE) == 2);
}

/* Three allocations, of which the first, second or third fails, or none. */
static bool
allocate_thrice(void)
{
  char *a = malloc(10);
  char *b = a != NULL ? strdup("abc") : NULL;
  void *c = b != NULL ?
    rtems_heap_allocate_aligned_with_boundary(100, 64, 0) : NULL;
  bool done = c != NULL;

  free(c);
  free(b);
  free(a);
  return done;
}

static void
test_memory(void)
{
  rtems_resource_snapshot snapshot;
  unsigned n = 1;

  rtems_resource_snapshot_take(&snapshot);
  for (;; ++n) {
    bool done;

    sim_fault_start(SIM_FAULT_ALLOCATE, n, 1, 0);
    done = allocate_thrice();
    CHECK(rtems_resource_snapshot_check(&snapshot));
    if (sim_fault_stop(SIM_FAULT_ALLOCATE) == 0) {
      CHECK(done);
      break;
    }
    CHECK(!done);
    CHECK(errno == ENOMEM);
  }
  CHECK(n == 4);
}

/* What fails with its default, or with ENOSPC. */
static void
fail_once(enum sim_fault fault, int error)
{
  sim_fault_start(fault, 1, 1, error);
}

static void
test_files(void)
{
  struct stat st;
  char c;
  int fd;

  fail_once(SIM_FAULT_OPEN, 0);
  CHECK(open("/dev/null", O_RDWR) == -1 && errno == EIO);
  fd = open("/dev/null", O_RDWR);
  CHECK(fd >= 0);
  fail_once(SIM_FAULT_READ, 0);
  CHECK(read(fd, &c, 1) == -1 && errno == EIO);
  CHECK(read(fd, &c, 1) == 0);
  fail_once(SIM_FAULT_WRITE, ENOSPC);
  CHECK(pwrite(fd, "a", 1, 0) == -1 && errno == ENOSPC);
  CHECK(write(fd, "a", 1) == 1);
  fail_once(SIM_FAULT_FSYNC, 0);
  CHECK(fsync(fd) == -1 && errno == EIO);
  fail_once(SIM_FAULT_FSTAT, 0);
  CHECK(fstat(fd, &st) == -1 && errno == EIO);
  CHECK(fstat(fd, &st) == 0);
  CHECK(close(fd) == 0);
}

/* Requests to a disk, many at a time. */

struct request {
  union {
    rtems_blkdev_request base;
    char room[
      sizeof(rtems_blkdev_request) + 2 * sizeof(rtems_blkdev_sg_buffer)
    ];
  } u;
  char content[2 * BLOCK];
  bool in_interrupt;
};

static rtems_counting_semaphore done =
  RTEMS_COUNTING_SEMAPHORE_INITIALIZER("done", 0);
static struct request *order[16];
static unsigned order_length;

static void
request_done(rtems_blkdev_request *req, rtems_status_code status)
{
  struct request *r = req->done_arg;

  req->status = status;
  r->in_interrupt = rtems_interrupt_is_in_progress();
  order[order_length++ % 16] = r;
  rtems_counting_semaphore_post(&done);
}

static void
start_request(
  rtems_disk_device      *dd,
  struct request         *r,
  rtems_blkdev_request_op op,
  rtems_blkdev_bnum       block,
  rtems_blkdev_bnum       second_block
)
{
  r->u.base.req = op;
  r->u.base.done = request_done;
  r->u.base.done_arg = r;
  r->u.base.bufnum = op == RTEMS_BLKDEV_REQ_SYNC ? 0 : 2;
  for (unsigned i = 0; i < r->u.base.bufnum; ++i) {
    r->u.base.bufs[i].block = i == 0 ? block : second_block;
    r->u.base.bufs[i].length = BLOCK;
    r->u.base.bufs[i].buffer = r->content + i * BLOCK;
  }
  CHECK((*dd->ioctl)(dd, RTEMS_BLKIO_REQUEST, &r->u.base) == 0);
}

static rtems_status_code
request(
  rtems_disk_device      *dd,
  rtems_blkdev_request_op op,
  rtems_blkdev_bnum       block,
  rtems_blkdev_bnum       second_block
)
{
  static struct request r;

  start_request(dd, &r, op, block, second_block);
  rtems_counting_semaphore_wait(&done);
  order_length = 0;
  return r.u.base.status;
}

static rtems_disk_device *
disk_at(const char *path)
{
  rtems_disk_device *dd;
  int fd = open(path, O_RDWR);

  CHECK(fd >= 0);
  CHECK(rtems_disk_fd_get_disk_device(fd, &dd) == 0);
  CHECK(close(fd) == 0);
  return dd;
}

static void
test_request_errors(unsigned flags)
{
  struct sim_disk *disk = sim_disk_create("/dev/sim", BLOCK, BLOCKS, flags);
  rtems_disk_device *dd = disk_at("/dev/sim");
  bool any_order = (flags & SIM_DISK_CONTIGUOUS) == 0;
  bool has_sync = (flags & SIM_DISK_SYNC) != 0;
  rtems_blkdev_request_op read = RTEMS_BLKDEV_REQ_READ;

  CHECK(sim_disk_create("/dev/sim", BLOCK, BLOCKS, flags) == NULL);
  OK(request(dd, read, 0, 1));
  OK(request(dd, read, BLOCKS - 2, BLOCKS - 1));
  CHECK(request(dd, read, BLOCKS - 1, BLOCKS) == RTEMS_IO_ERROR);
  CHECK(request(dd, read, 0xffffffff, 0) == RTEMS_IO_ERROR);
  CHECK((request(dd, read, 7, 3) == RTEMS_SUCCESSFUL) == any_order);
  CHECK(
    (request(dd, RTEMS_BLKDEV_REQ_SYNC, 0, 0) == RTEMS_SUCCESSFUL) == has_sync
  );
  CHECK(sim_disk_syncs(disk) == 1);
  sim_fault_start(SIM_FAULT_BLOCK_REQUEST, 2, 1, RTEMS_TIMEOUT);
  OK(request(dd, read, 0, 1));
  CHECK(request(dd, read, 0, 1) == RTEMS_TIMEOUT);
  CHECK(sim_fault_stop(SIM_FAULT_BLOCK_REQUEST) == 1);
  CHECK(sim_disk_pending(disk) == 0);
  sim_disk_delete(disk);
}

static bool
is_in_order(const struct request *r, unsigned n)
{
  for (unsigned i = 0; i < n; ++i) {
    if (order[i] != &r[i]) {
      return false;
    }
  }
  return true;
}

static void
test_many_requests(unsigned flags)
{
  static struct request r[8];
  struct sim_disk *disk = sim_disk_create("/dev/sim", BLOCK, BLOCKS, flags);
  rtems_disk_device *dd = disk_at("/dev/sim");

  order_length = 0;
  sim_disk_hold(disk, true);
  for (unsigned i = 0; i < 8; ++i) {
    memset(r[i].content, 'a' + (int)i, sizeof(r[i].content));
    start_request(dd, &r[i], RTEMS_BLKDEV_REQ_WRITE, 2 * i, 2 * i + 1);
  }
  CHECK(sim_disk_pending(disk) == 8);
  CHECK(rtems_counting_semaphore_wait_timed_ticks(&done, 2) == ETIMEDOUT);
  sim_disk_hold(disk, false);
  for (unsigned i = 0; i < 8; ++i) {
    rtems_counting_semaphore_wait(&done);
  }
  CHECK(order_length == 8);
  CHECK(is_in_order(r, 8) == ((flags & SIM_DISK_REORDER) == 0));
  for (unsigned i = 0; i < 8; ++i) {
    const char *there = (char *)sim_disk_content(disk) + 2 * i * BLOCK;

    OK(r[i].u.base.status);
    CHECK(r[i].in_interrupt);
    CHECK(memcmp(there, r[i].content, sizeof(r[i].content)) == 0);
  }
  sim_disk_delete(disk);
}

static void
test_bytes(unsigned flags)
{
  struct sim_disk *disk = sim_disk_create("/dev/sim", BLOCK, BLOCKS, flags);
  int fd = open("/dev/sim", O_RDWR);
  char c[4];

  CHECK(pwrite(fd, "abcd", 4, BLOCK - 2) == 4);
  CHECK(memcmp((char *)sim_disk_content(disk) + BLOCK - 2, "abcd", 4) == 0);
  sim_fault_start(SIM_FAULT_BLOCK_REQUEST, 2, 1, 0);
  CHECK(pread(fd, c, 4, BLOCK - 2) == -1 && errno == EIO);
  CHECK(pread(fd, c, 4, BLOCK - 2) == 4 && memcmp(c, "abcd", 4) == 0);
  CHECK(fsync(fd) == 0);
  CHECK(sim_disk_syncs(disk) == (flags & SIM_DISK_SYNC ? 1 : 0));
  CHECK(close(fd) == 0);
  sim_disk_delete(disk);
}

static void
test_disks(void)
{
  const unsigned late = SIM_DISK_ASYNCHRONOUS;
  rtems_resource_snapshot snapshot;

  rtems_resource_snapshot_take(&snapshot);
  test_request_errors(0);
  test_request_errors(SIM_DISK_CONTIGUOUS | SIM_DISK_SYNC);
  test_request_errors(late | SIM_DISK_SYNC);
  test_bytes(SIM_DISK_SYNC);
  test_bytes(late | SIM_DISK_REORDER);
  test_many_requests(late);
  test_many_requests(late | SIM_DISK_REORDER);
  CHECK(rtems_resource_snapshot_check(&snapshot));

  OK(ramdisk_register(BLOCK, BLOCKS, false, "/dev/rda"));
  fail_once(SIM_FAULT_BLOCK_REQUEST, 0);
  CHECK(request(disk_at("/dev/rda"), RTEMS_BLKDEV_REQ_READ, 0, 1) ==
    RTEMS_IO_ERROR);
  OK(request(disk_at("/dev/rda"), RTEMS_BLKDEV_REQ_READ, 0, 1));
}

static void
print_end(void)
{
  printf("*** END OF TEST FAULTS ***\n");
}

static void
print_checks(void)
{
  printf("%u checks\n", checks);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  printf("*** BEGIN OF TEST FAULTS ***\n");
  CHECK(sim_argc >= 1 && sim_argv[0] != NULL);
  test_tasks();
  test_memory();
  test_files();
  test_disks();
  CHECK(atexit(print_end) == 0);
  CHECK(atexit(print_checks) == 0);
  exit(0);
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT_TASK_ENTRY_POINT Init
#define CONFIGURE_UNLIMITED_OBJECTS
#define CONFIGURE_UNIFIED_WORK_AREAS
#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 16
#define CONFIGURE_MAXIMUM_PROCESSORS 4
#define CONFIGURE_INIT
#include <rtems/confdefs.h>
