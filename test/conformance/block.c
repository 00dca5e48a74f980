/* SPDX-License-Identifier: BSD-2-Clause */

#include "harness.h"

#include <unistd.h>

#define SECTOR ((size_t)512)

/* A request, and what its end has been. */
struct request {
  atomic_uint ends;
  size_t count;
  int error;
  /* Of the thread that has ended it. */
  struct lwp *lwp;
  bool has_cpu;
  unsigned char data[8 * SECTOR];
};

static void
request_done(void *arg, size_t count, int error)
{
  struct request *r = arg;

  r->count = count;
  r->error = error;
  r->lwp = rumpuser_curlwp();
  r->has_cpu = kernel_has_cpu();
  atomic_fetch_add(&r->ends, 1);
}

static void
start(struct request *r, int fd, int op, size_t size, int64_t offset)
{
  atomic_store(&r->ends, 0);
  r->count = (size_t)-1;
  r->error = -1;
  rumpuser_bio(fd, op, r->data, size, offset, request_done, r);
}

static void
finish(struct request *r)
{
  WAIT(atomic_load(&r->ends) > 0);
}

/* Starts a request and waits for its end, which must come once. */
static void
run(struct request *r, int fd, int op, size_t size, int64_t offset)
{
  start(r, fd, op, size, offset);
  finish(r);
  CHECK_EQUAL(atomic_load(&r->ends), 1);
}

static void
check_success(const struct request *r, size_t size)
{
  CHECK_EQUAL(r->error, 0);
  CHECK_EQUAL(r->count, size);
}

/* A file of some sectors, each filled with its number. */

#define SECTORS 64

static char path[128];

static int
open_image(int mode)
{
  unsigned char sector[SECTOR];
  struct rumpuser_iovec iov = { sector, sizeof(sector) };
  size_t done;
  int fd = -1;
  int i;

  file_name(path, "image");
  (void)unlink(path);
  CHECK_EQUAL(
    rumpuser_open(path, RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_CREATE, &fd),
    0
  );
  for (i = 0; i < SECTORS; ++i) {
    memset(sector, i, sizeof(sector));
    CHECK_EQUAL(
      rumpuser_iovwrite(fd, &iov, 1, i * (int64_t)SECTOR, &done),
      0
    );
  }
  (void)rumpuser_close(fd);
  CHECK_EQUAL(rumpuser_open(path, mode | RUMPUSER_OPEN_BIO, &fd), 0);
  return fd;
}

static void
close_image(int fd)
{
  (void)rumpuser_close(fd);
  (void)unlink(path);
}

static bool
is_filled(const unsigned char *p, size_t size, unsigned char value)
{
  size_t i;

  for (i = 0; i < size && p[i] == value; ++i) {
  }
  return i == size;
}

static void
reads_end_once(void)
{
  static struct request r;
  int fd = open_image(RUMPUSER_OPEN_RDWR);
  int i;

  CLAUSE("C-BIO-01");
  for (i = 0; i < SECTORS; i += 7) {
    run(&r, fd, RUMPUSER_BIO_READ, SECTOR, i * (int64_t)SECTOR);
    check_success(&r, SECTOR);
    CHECK(is_filled(r.data, SECTOR, (unsigned char)i));
  }
  run(&r, fd, RUMPUSER_BIO_READ | RUMPUSER_BIO_SYNC, 4 * SECTOR, 0);
  check_success(&r, 4 * SECTOR);
  CHECK(is_filled(r.data + 3 * SECTOR, SECTOR, 3));
  settle();
  CHECK_EQUAL(atomic_load(&r.ends), 1);
  close_image(fd);
}

static void
writes_are_written(void)
{
  static struct request r;
  int fd = open_image(RUMPUSER_OPEN_RDWR);
  int sync;

  CLAUSE("C-BIO-02");
  for (sync = 0; sync < 2; ++sync) {
    int op = RUMPUSER_BIO_WRITE | (sync != 0 ? RUMPUSER_BIO_SYNC : 0);

    memset(r.data, 0xa0 + sync, 2 * SECTOR);
    run(&r, fd, op, 2 * SECTOR, 5 * (int64_t)SECTOR);
    check_success(&r, 2 * SECTOR);
    memset(r.data, 0, sizeof(r.data));
    run(&r, fd, RUMPUSER_BIO_READ, 4 * SECTOR, 4 * (int64_t)SECTOR);
    CHECK(is_filled(r.data, SECTOR, 4));
    CHECK(is_filled(r.data + SECTOR, 2 * SECTOR, 0xa0 + sync));
    CHECK(is_filled(r.data + 3 * SECTOR, SECTOR, 7));
  }
  close_image(fd);
}

static void
end_has_a_context(void)
{
  static struct request r;
  int fd = open_image(RUMPUSER_OPEN_RDWR);

  CLAUSE("C-BIO-03");
  run(&r, fd, RUMPUSER_BIO_READ, SECTOR, 0);
  CHECK(r.lwp != NULL);
  CHECK(r.has_cpu);
  run(&r, -1, RUMPUSER_BIO_READ, SECTOR, 0);
  CHECK(r.lwp != NULL);
  CHECK(r.has_cpu);
  close_image(fd);
}

/* With the device stopped, starting must come back. */
static void
start_does_not_wait(void)
{
  static struct request r[3];
  int fd = -1;
  size_t i;

  CLAUSE("C-BIO-04");
  SKIP_UNLESS(
    host->disk != NULL && host->disk->hold != NULL,
    "no block device that can be stopped"
  );
  REQUIRE(rumpuser_open(
    host->disk->name,
    RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_BIO,
    &fd
  ) == 0);
  (*host->disk->hold)(true);
  for (i = 0; i < COUNT(r); ++i) {
    start(&r[i], fd, RUMPUSER_BIO_READ, SECTOR, (int64_t)(i * SECTOR));
  }
  settle();
  CHECK_EQUAL(atomic_load(&r[0].ends), 0);
  CLAUSE("C-BIO-06");
  CHECK_EQUAL((*host->disk->held)(), COUNT(r));
  (*host->disk->hold)(false);
  for (i = 0; i < COUNT(r); ++i) {
    finish(&r[i]);
    check_success(&r[i], SECTOR);
  }
  (void)rumpuser_close(fd);
}

/* More requests than any table has, and one virtual CPU for all. */
static void
many_requests_end(void)
{
  static struct request requests[300];
  int fd = open_image(RUMPUSER_OPEN_RDWR);
  size_t i;

  CLAUSE("C-BIO-05");
  kernel_use_cpus(1);
  nap();
  for (i = 0; i < COUNT(requests); ++i) {
    start(
      &requests[i],
      fd,
      RUMPUSER_BIO_READ,
      SECTOR,
      (int64_t)(i % SECTORS * SECTOR)
    );
  }
  for (i = 0; i < COUNT(requests); ++i) {
    finish(&requests[i]);
    check_success(&requests[i], SECTOR);
    CHECK(is_filled(requests[i].data, SECTOR, i % SECTORS));
    CHECK_EQUAL(atomic_load(&requests[i].ends), 1);
  }
  kernel_use_cpus(host->cpus);
  close_image(fd);
}

static void
end_of_file_is_told(void)
{
  static struct request r;
  int fd = open_image(RUMPUSER_OPEN_RDWR);
  int64_t end = SECTORS * (int64_t)SECTOR;

  CLAUSE("C-BIO-07");
  run(&r, fd, RUMPUSER_BIO_READ, 4 * SECTOR, end - (int64_t)SECTOR);
  CHECK(r.count == SECTOR || (r.error > 0 && r.count == 0));
  run(&r, fd, RUMPUSER_BIO_READ, SECTOR, end + 1000 * (int64_t)SECTOR);
  CHECK_EQUAL(r.count, 0);
  close_image(fd);
}

static void
errors_are_told(void)
{
  static struct request r;
  int fd = open_image(RUMPUSER_OPEN_RDONLY);

  CLAUSE("C-BIO-08");
  run(&r, fd, RUMPUSER_BIO_WRITE, SECTOR, 0);
  CHECK_EQUAL(r.error, NETBSD_EBADF);
  CHECK_EQUAL(r.count, 0);
  close_image(fd);
  run(&r, fd, RUMPUSER_BIO_READ, SECTOR, 0);
  CHECK_EQUAL(r.error, NETBSD_EBADF);
  CHECK_EQUAL(r.count, 0);
  run(&r, -1, RUMPUSER_BIO_WRITE, SECTOR, 0);
  CHECK_EQUAL(r.error, NETBSD_EBADF);
}

static int
open_disk(void)
{
  int fd = -1;

  CHECK_EQUAL(
    rumpuser_open(
      host->disk->name,
      RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_BIO,
      &fd
    ),
    0
  );
  return fd;
}

static void
device_errors_are_told(void)
{
  static struct request r;
  int fd;

  CLAUSE("C-BIO-09");
  SKIP_UNLESS(
    host->disk != NULL && host->disk->fail != NULL,
    "no block device that can fail"
  );
  fd = open_disk();
  (*host->disk->fail)(1);
  run(&r, fd, RUMPUSER_BIO_READ, SECTOR, 0);
  CHECK_EQUAL(r.error, NETBSD_EIO);
  CHECK_EQUAL(r.count, 0);
  (*host->disk->fail)(1);
  run(&r, fd, RUMPUSER_BIO_WRITE | RUMPUSER_BIO_SYNC, SECTOR, 0);
  CHECK_EQUAL(r.error, NETBSD_EIO);
  run(&r, fd, RUMPUSER_BIO_READ, SECTOR, 0);
  check_success(&r, SECTOR);
  run(&r, fd, RUMPUSER_BIO_READ, SECTOR, (int64_t)host->disk->size);
  CHECK_EQUAL(r.count, 0);
  (void)rumpuser_close(fd);
}

static void
sync_writes_reach_the_medium(void)
{
  static struct request r;
  const unsigned char *medium;
  int fd;
  int i;

  CLAUSE("C-BIO-10");
  SKIP_UNLESS(host->disk != NULL, "no block device");
  medium = host->disk->medium;
  fd = open_disk();
  for (i = 0; i < 4; ++i) {
    memset(r.data, 0x51 + i, 4 * SECTOR);
    run(
      &r,
      fd,
      RUMPUSER_BIO_WRITE | RUMPUSER_BIO_SYNC,
      4 * SECTOR,
      (2 + i) * (int64_t)SECTOR
    );
    check_success(&r, 4 * SECTOR);
    CHECK(is_filled(medium + (2 + i) * SECTOR, 4 * SECTOR, 0x51 + i));
  }
  (void)rumpuser_close(fd);
}

/* Each end but the last starts the next request. */

static struct {
  struct request r;
  atomic_int left;
  int fd;
} chain;

static void
link_done(void *arg, size_t count, int error)
{
  if (count != SECTOR || error != 0
      || atomic_fetch_sub(&chain.left, 1) == 1) {
    request_done(arg, count, error);
  } else {
    rumpuser_bio(
      chain.fd,
      RUMPUSER_BIO_READ,
      chain.r.data,
      SECTOR,
      atomic_load(&chain.left) % SECTORS * (int64_t)SECTOR,
      link_done,
      arg
    );
  }
}

static void
end_may_start_the_next(void)
{
  CLAUSE("C-BIO-11");
  chain.fd = open_image(RUMPUSER_OPEN_RDWR);
  atomic_store(&chain.r.ends, 0);
  atomic_store(&chain.left, 200);
  rumpuser_bio(
    chain.fd,
    RUMPUSER_BIO_READ,
    chain.r.data,
    SECTOR,
    0,
    link_done,
    &chain.r
  );
  finish(&chain.r);
  check_success(&chain.r, SECTOR);
  CHECK_EQUAL(atomic_load(&chain.left), 0);
  close_image(chain.fd);
}

static void
offsets_are_large(void)
{
  static struct request r;
  int64_t far = INT64_C(5) << 30;
  int fd;

  CLAUSE("C-BIO-12");
  SKIP_UNLESS(host->sparse_files, "files have no holes");
  fd = open_image(RUMPUSER_OPEN_RDWR);
  memset(r.data, 0x77, SECTOR);
  run(&r, fd, RUMPUSER_BIO_WRITE, SECTOR, far + 3 * (int64_t)SECTOR);
  check_success(&r, SECTOR);
  run(&r, fd, RUMPUSER_BIO_READ, SECTOR, (1 << 30) + 3 * (int64_t)SECTOR);
  CHECK(is_filled(r.data, SECTOR, 0));
  run(&r, fd, RUMPUSER_BIO_READ, SECTOR, far + 3 * (int64_t)SECTOR);
  CHECK(is_filled(r.data, SECTOR, 0x77));
  close_image(fd);
}

static void
check_failure(int fd, enum host_failure what, int op)
{
  static struct request r;

  (*host->fail_files)(what);
  run(&r, fd, op, SECTOR, 0);
  (*host->fail_files)(HOST_NOTHING);
  CHECK_EQUAL(r.error, NETBSD_EIO);
  CHECK_EQUAL(r.count, 0);
}

static void
file_errors_are_told(void)
{
  static struct request r;
  int fd;

  CLAUSE("C-BIO-13");
  SKIP_UNLESS(host->fail_files != NULL, "no file system that can fail");
  fd = open_image(RUMPUSER_OPEN_RDWR);
  check_failure(fd, HOST_READ, RUMPUSER_BIO_READ);
  check_failure(fd, HOST_WRITE, RUMPUSER_BIO_WRITE);
  check_failure(fd, HOST_SYNC, RUMPUSER_BIO_WRITE | RUMPUSER_BIO_SYNC);
  run(&r, fd, RUMPUSER_BIO_READ, SECTOR, SECTOR);
  check_success(&r, SECTOR);
  close_image(fd);
}

const struct test block_tests[] = {
  TEST("C-BIO-01", reads_end_once),
  TEST("C-BIO-02", writes_are_written),
  TEST("C-BIO-03", end_has_a_context),
  TEST("C-BIO-04 C-BIO-06", start_does_not_wait),
  TEST("C-BIO-05", many_requests_end),
  TEST("C-BIO-07", end_of_file_is_told),
  TEST("C-BIO-08", errors_are_told),
  TEST("C-BIO-09", device_errors_are_told),
  TEST("C-BIO-10", sync_writes_reach_the_medium),
  TEST("C-BIO-11", end_may_start_the_next),
  TEST("C-BIO-12", offsets_are_large),
  TEST("C-BIO-13", file_errors_are_told),
  TESTS_END
};
