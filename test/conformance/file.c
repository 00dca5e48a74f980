/* SPDX-License-Identifier: BSD-2-Clause */

#include "harness.h"

#include <unistd.h>

#define RW_CREATE (RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_CREATE)

/* The file of each test: made anew, and removed at its end. */

static char path[128];

static int
open_new(void)
{
  int fd = -1;

  file_name(path, "file");
  (void)unlink(path);
  CHECK_EQUAL(rumpuser_open(path, RW_CREATE, &fd), 0);
  CHECK(fd >= 0);
  return fd;
}

static void
remove_file(int fd)
{
  (void)rumpuser_close(fd);
  (void)unlink(path);
}

static int
write_at(int fd, const char *text, int64_t offset, size_t *done)
{
  struct rumpuser_iovec iov = { (void *)(uintptr_t)text, strlen(text) };

  *done = 0;
  return rumpuser_iovwrite(fd, &iov, 1, offset, done);
}

static int
read_at(int fd, char *buffer, size_t size, int64_t offset, size_t *done)
{
  struct rumpuser_iovec iov = { buffer, size };

  *done = 0;
  return rumpuser_iovread(fd, &iov, 1, offset, done);
}

static bool
has_text(int fd, const char *text)
{
  char buffer[64];
  size_t done;

  return CHECK_EQUAL(read_at(fd, buffer, sizeof(buffer), 0, &done), 0)
    && CHECK_EQUAL(done, strlen(text))
    && CHECK(memcmp(buffer, text, done) == 0);
}

/* Opening. */

static void
existing_file_is_read(void)
{
  int fd = open_new();
  int again = -1;
  size_t done;

  CLAUSE("C-FILE-01");
  CHECK_EQUAL(write_at(fd, "contents", 0, &done), 0);
  (void)rumpuser_close(fd);
  if (CHECK_EQUAL(rumpuser_open(path, RUMPUSER_OPEN_RDONLY, &again), 0)) {
    has_text(again, "contents");
  }
  remove_file(again);
}

static void
missing_file_is_told(void)
{
  uint64_t size;
  int fd = open_new();
  int type;

  remove_file(fd);
  CLAUSE("C-FILE-02");
  CHECK_EQUAL(
    rumpuser_open(path, RUMPUSER_OPEN_RDONLY, &fd),
    NETBSD_ENOENT
  );
  CHECK_EQUAL(rumpuser_open(path, RUMPUSER_OPEN_RDWR, &fd), NETBSD_ENOENT);
  CHECK_EQUAL(rumpuser_getfileinfo(path, &size, &type), NETBSD_ENOENT);
}

static void
create_keeps_contents(void)
{
  int fd = open_new();
  int again = -1;
  size_t done;

  CLAUSE("C-FILE-03");
  CHECK_EQUAL(write_at(fd, "kept", 0, &done), 0);
  (void)rumpuser_close(fd);
  if (CHECK_EQUAL(rumpuser_open(path, RW_CREATE, &again), 0)) {
    has_text(again, "kept");
  }
  remove_file(again);
}

static void
exclusive_create_refuses(void)
{
  int fd = open_new();
  int again;

  CLAUSE("C-FILE-04");
  CHECK_EQUAL(
    rumpuser_open(path, RW_CREATE | RUMPUSER_OPEN_EXCL, &again),
    NETBSD_EEXIST
  );
  remove_file(fd);
  if (CHECK_EQUAL(
        rumpuser_open(path, RW_CREATE | RUMPUSER_OPEN_EXCL, &again),
        0
      )) {
    remove_file(again);
  }
}

static void
access_mode_is_kept(void)
{
  int fd = open_new();
  int other = -1;
  char buffer[8];
  size_t done;

  CLAUSE("C-FILE-05");
  CHECK_EQUAL(write_at(fd, "abc", 0, &done), 0);
  if (CHECK_EQUAL(rumpuser_open(path, RUMPUSER_OPEN_RDONLY, &other), 0)) {
    CHECK_EQUAL(write_at(other, "x", 0, &done), NETBSD_EBADF);
    CHECK_EQUAL(read_at(other, buffer, 8, 0, &done), 0);
    (void)rumpuser_close(other);
  }
  if (CHECK_EQUAL(rumpuser_open(path, RUMPUSER_OPEN_WRONLY, &other), 0)) {
    CHECK_EQUAL(read_at(other, buffer, 8, 0, &done), NETBSD_EBADF);
    CHECK_EQUAL(write_at(other, "x", 0, &done), 0);
    (void)rumpuser_close(other);
  }
  has_text(fd, "xbc");
  remove_file(fd);
}

static void
impossible_mode_is_refused(void)
{
  int fd = open_new();
  int other;

  CLAUSE("C-FILE-06");
  CHECK_EQUAL(
    rumpuser_open(path, RUMPUSER_OPEN_ACCMODE, &other),
    NETBSD_EINVAL
  );
  remove_file(fd);
}

/* A number that hardly any host shares with NetBSD. */
static void
errors_are_netbsd_s(void)
{
  char name[2048];
  int fd;

  CLAUSE("C-FILE-07");
  (void)snprintf(name, sizeof(name), "%s", host->directory);
  memset(name + strlen(name), 'n', 1500);
  name[1600] = '\0';
  CHECK_EQUAL(rumpuser_open(name, RW_CREATE, &fd), NETBSD_ENAMETOOLONG);
}

static void
closed_means_closed(void)
{
  unsigned i;
  int fd = open_new();
  char buffer[8];
  size_t done;

  CLAUSE("C-FILE-08");
  CHECK_EQUAL(rumpuser_close(fd), 0);
  CHECK_EQUAL(read_at(fd, buffer, 8, 0, &done), NETBSD_EBADF);
  for (i = 0; i < 3000; ++i) {
    REQUIRE(rumpuser_open(path, RUMPUSER_OPEN_RDONLY, &fd) == 0);
    REQUIRE(rumpuser_close(fd) == 0);
  }
  (void)unlink(path);
}

static void
descriptors_run_out(void)
{
  static int fds[2048];
  unsigned n = 0;
  int error;
  int fd = open_new();

  CLAUSE("C-FILE-09");
  do {
    error = rumpuser_open(path, RUMPUSER_OPEN_RDONLY, &fds[n]);
  } while (error == 0 && ++n < COUNT(fds));
  CHECK(error == NETBSD_EMFILE || error == NETBSD_ENFILE);
  CHECK(n > 0);
  while (n > 0) {
    CHECK_EQUAL(rumpuser_close(fds[--n]), 0);
  }
  if (CHECK_EQUAL(rumpuser_open(path, RUMPUSER_OPEN_RDONLY, &fds[0]), 0)) {
    (void)rumpuser_close(fds[0]);
  }
  remove_file(fd);
}

/* Information. */

static void
file_info_is_true(void)
{
  int fd = open_new();
  uint64_t size = 1;
  int type = -1;
  size_t done;

  CLAUSE("C-FILE-10");
  CHECK_EQUAL(write_at(fd, "12345", 7, &done), 0);
  CHECK_EQUAL(rumpuser_getfileinfo(path, &size, &type), 0);
  CHECK_EQUAL(size, 12);
  CHECK_EQUAL(type, RUMPUSER_FT_REG);
  CHECK_EQUAL(rumpuser_getfileinfo(path, NULL, NULL), 0);
  size = 0;
  CHECK_EQUAL(rumpuser_getfileinfo(path, &size, NULL), 0);
  CHECK_EQUAL(size, 12);
  remove_file(fd);
  CHECK_EQUAL(rumpuser_getfileinfo(host->directory, NULL, &type), 0);
  CHECK_EQUAL(type, RUMPUSER_FT_DIR);
  if (host->character_device != NULL) {
    CHECK_EQUAL(rumpuser_getfileinfo(host->character_device, NULL, &type), 0);
    CHECK_EQUAL(type, RUMPUSER_FT_CHR);
  }
}

static void
device_info_is_true(void)
{
  uint64_t size = 0;
  int type = -1;

  CLAUSE("C-FILE-11");
  SKIP_UNLESS(host->disk != NULL, "no block device");
  CHECK_EQUAL(rumpuser_getfileinfo(host->disk->name, &size, &type), 0);
  CHECK_EQUAL(type, RUMPUSER_FT_BLK);
  CHECK_EQUAL(size, host->disk->size);
}

/* Transfers. */

static void
vectors_keep_their_order(void)
{
  int fd = open_new();
  char one[3] = "", two[5] = "";
  struct rumpuser_iovec out[] = {
    { (char[]){ "ab" }, 2 }, { NULL, 0 }, { (char[]){ "cdef" }, 4 },
    { (char[]){ "g" }, 1 }
  };
  struct rumpuser_iovec in[] = { { one, 2 }, { NULL, 0 }, { two, 4 } };
  size_t done = 0;

  CLAUSE("C-FILE-12");
  CHECK_EQUAL(rumpuser_iovwrite(fd, out, COUNT(out), 10, &done), 0);
  CHECK_EQUAL(done, 7);
  CHECK_EQUAL(rumpuser_iovread(fd, in, COUNT(in), 10, &done), 0);
  CHECK_EQUAL(done, 6);
  CHECK(memcmp(one, "ab", 2) == 0);
  CHECK(memcmp(two, "cdef", 4) == 0);
  /* The bytes that have been skipped read as zeros. */
  CHECK_EQUAL(rumpuser_iovread(fd, in, COUNT(in), 8, &done), 0);
  CHECK(one[0] == '\0' && one[1] == '\0');
  CHECK(memcmp(two, "abcd", 4) == 0);
  remove_file(fd);
}

static void
end_of_file_is_short(void)
{
  int fd = open_new();
  char buffer[16];
  struct rumpuser_iovec in[] = { { buffer, 4 }, { buffer + 4, 8 } };
  size_t done;

  CLAUSE("C-FILE-13");
  CHECK_EQUAL(write_at(fd, "0123456789", 0, &done), 0);
  CHECK_EQUAL(rumpuser_iovread(fd, in, COUNT(in), 4, &done), 0);
  CHECK_EQUAL(done, 6);
  CHECK(memcmp(buffer, "456789", 6) == 0);
  CHECK_EQUAL(read_at(fd, buffer, 16, 10, &done), 0);
  CHECK_EQUAL(done, 0);
  CHECK_EQUAL(read_at(fd, buffer, 16, 5000, &done), 0);
  CHECK_EQUAL(done, 0);
  remove_file(fd);
}

static void
noseek_goes_on(void)
{
  int fd = open_new();
  char buffer[8];
  size_t done;

  CLAUSE("C-FILE-14");
  CHECK_EQUAL(write_at(fd, "abc", RUMPUSER_IOV_NOSEEK, &done), 0);
  CHECK_EQUAL(write_at(fd, "def", RUMPUSER_IOV_NOSEEK, &done), 0);
  (void)rumpuser_close(fd);
  REQUIRE(rumpuser_open(path, RUMPUSER_OPEN_RDONLY, &fd) == 0);
  CHECK_EQUAL(read_at(fd, buffer, 4, RUMPUSER_IOV_NOSEEK, &done), 0);
  CHECK_EQUAL(done, 4);
  CHECK(memcmp(buffer, "abcd", 4) == 0);
  CHECK_EQUAL(read_at(fd, buffer, 4, RUMPUSER_IOV_NOSEEK, &done), 0);
  CHECK_EQUAL(done, 2);
  CHECK(memcmp(buffer, "ef", 2) == 0);
  remove_file(fd);
}

static void
negative_offsets_are_refused(void)
{
  int fd = open_new();
  char buffer[4];
  size_t done;

  CLAUSE("C-FILE-15");
  CHECK_EQUAL(write_at(fd, "abcd", 0, &done), 0);
  CHECK_EQUAL(read_at(fd, buffer, 4, -2, &done), NETBSD_EINVAL);
  CHECK_EQUAL(write_at(fd, "xxxx", INT64_MIN, &done), NETBSD_EINVAL);
  has_text(fd, "abcd");
  remove_file(fd);
}

/* Thread n reads and writes only the n-th kilobyte. */

static struct {
  int fd;
  atomic_uint next;
} shared;

static void
use_own_kilobyte(void *arg)
{
  unsigned n = atomic_fetch_add(&shared.next, 1) % 4;
  unsigned round;

  (void)arg;
  for (round = 0; round < scaled(60); ++round) {
    char mine[1024], seen[1024];
    struct rumpuser_iovec out = { mine, sizeof(mine) };
    struct rumpuser_iovec in = { seen, sizeof(seen) };
    size_t done;

    memset(mine, (int)(n * 60 + round % 50), sizeof(mine));
    CHECK_EQUAL(rumpuser_iovwrite(shared.fd, &out, 1, n * 1024, &done), 0);
    CHECK_EQUAL(rumpuser_iovread(shared.fd, &in, 1, n * 1024, &done), 0);
    if (!CHECK(memcmp(mine, seen, sizeof(mine)) == 0)) {
      break;
    }
  }
}

static void
offsets_are_independent(void)
{
  int fd = open_new();

  CLAUSE("C-FILE-16");
  shared.fd = fd;
  workers_run(4, use_own_kilobyte, NULL);
  remove_file(fd);
}

/* Giving up the virtual CPU. */

static unsigned
gaps(void)
{
  return atomic_load(&rumpuser_curlwp()->gaps);
}

#define CHECK_GAP(call) \
  do { \
    unsigned before_ = gaps(); \
    (void)(call); \
    CHECK(gaps() > before_ && #call); \
  } while (0)

static void
file_calls_release_the_cpu(void)
{
  int fd = open_new();
  int other = -1;
  char buffer[4];
  size_t done;

  CLAUSE("C-FILE-17");
  CHECK_GAP(rumpuser_open(path, RUMPUSER_OPEN_RDONLY, &other));
  CHECK_GAP(write_at(fd, "abcd", 0, &done));
  CHECK_GAP(read_at(fd, buffer, 4, 0, &done));
  CHECK_GAP(read_at(other, buffer, 4, RUMPUSER_IOV_NOSEEK, &done));
  kernel_lock(3);
  CHECK_GAP(rumpuser_close(other));
  CHECK_EQUAL(kernel_unlock(), 3);
  remove_file(fd);
}

static void
sync_checks_its_arguments(void)
{
  int fd = open_new();
  size_t done;

  CLAUSE("C-FILE-18");
  CHECK_EQUAL(write_at(fd, "abcd", 0, &done), 0);
  CHECK_EQUAL(rumpuser_syncfd(fd, 0, 0, 0), NETBSD_EINVAL);
  CHECK_EQUAL(
    rumpuser_syncfd(fd, RUMPUSER_SYNCFD_SYNC, 0, 0),
    NETBSD_EINVAL
  );
  CHECK_EQUAL(rumpuser_syncfd(fd, RUMPUSER_SYNCFD_READ, 0, 0), 0);
  CHECK_EQUAL(rumpuser_syncfd(fd, RUMPUSER_SYNCFD_WRITE, 0, 4), 0);
  CHECK_EQUAL(
    rumpuser_syncfd(
      fd,
      RUMPUSER_SYNCFD_BOTH | RUMPUSER_SYNCFD_BARRIER | RUMPUSER_SYNCFD_SYNC,
      2,
      0
    ),
    0
  );
  remove_file(fd);
  CHECK_EQUAL(
    rumpuser_syncfd(fd, RUMPUSER_SYNCFD_WRITE, 0, 0),
    NETBSD_EBADF
  );
}

static void
slow_calls_release_the_cpu(void)
{
  int fd = open_new();
  uint64_t size;

  CLAUSE("C-FILE-19");
  CHECK_GAP(rumpuser_syncfd(fd, RUMPUSER_SYNCFD_WRITE, 0, 0));
  CHECK_GAP(rumpuser_getfileinfo(path, &size, NULL));
  remove_file(fd);
}

static void
unknown_descriptors_are_told(void)
{
  static const int fds[] = { -1, 100000, INT32_MAX, INT32_MIN };
  char buffer[4];
  size_t done;
  size_t i;

  CLAUSE("C-FILE-20");
  for (i = 0; i < COUNT(fds); ++i) {
    CHECK_EQUAL(read_at(fds[i], buffer, 4, 0, &done), NETBSD_EBADF);
    CHECK_EQUAL(
      write_at(fds[i], "a", RUMPUSER_IOV_NOSEEK, &done),
      NETBSD_EBADF
    );
  }
}

static void
stream_gives_what_it_has(void)
{
  int fd = -1;
  char buffer[64];
  size_t done;

  CLAUSE("C-FILE-21");
  SKIP_UNLESS(host->stream != NULL, "no pipe");
  REQUIRE(rumpuser_open(host->stream, RUMPUSER_OPEN_RDWR, &fd) == 0);
  CHECK_EQUAL(write_at(fd, "hello", RUMPUSER_IOV_NOSEEK, &done), 0);
  CHECK_EQUAL(
    read_at(fd, buffer, sizeof(buffer), RUMPUSER_IOV_NOSEEK, &done),
    0
  );
  CHECK_EQUAL(done, 5);
  (void)rumpuser_close(fd);
}

static void
failures_are_told(void)
{
  int fd;
  char buffer[4];
  size_t done;

  CLAUSE("C-FILE-22");
  SKIP_UNLESS(host->fail_files != NULL, "no file system that can fail");
  fd = open_new();
  (*host->fail_files)(HOST_WRITE);
  CHECK_EQUAL(write_at(fd, "abcd", 0, &done), NETBSD_EIO);
  (*host->fail_files)(HOST_READ);
  CHECK_EQUAL(write_at(fd, "abcd", 0, &done), 0);
  CHECK_EQUAL(read_at(fd, buffer, 4, 0, &done), NETBSD_EIO);
  (*host->fail_files)(HOST_SYNC);
  CHECK_EQUAL(rumpuser_syncfd(fd, RUMPUSER_SYNCFD_WRITE, 0, 0), NETBSD_EIO);
  (*host->fail_files)(HOST_NOTHING);
  has_text(fd, "abcd");
  remove_file(fd);
}

const struct test file_tests[] = {
  TEST("C-FILE-01", existing_file_is_read),
  TEST("C-FILE-02", missing_file_is_told),
  TEST("C-FILE-03", create_keeps_contents),
  TEST("C-FILE-04", exclusive_create_refuses),
  TEST("C-FILE-05", access_mode_is_kept),
  TEST("C-FILE-06", impossible_mode_is_refused),
  TEST("C-FILE-07", errors_are_netbsd_s),
  TEST("C-FILE-08", closed_means_closed),
  TEST("C-FILE-09", descriptors_run_out),
  TEST("C-FILE-10", file_info_is_true),
  TEST("C-FILE-11", device_info_is_true),
  TEST("C-FILE-12", vectors_keep_their_order),
  TEST("C-FILE-13", end_of_file_is_short),
  TEST("C-FILE-14", noseek_goes_on),
  TEST("C-FILE-15", negative_offsets_are_refused),
  TEST("C-FILE-16", offsets_are_independent),
  TEST("C-FILE-17", file_calls_release_the_cpu),
  TEST("C-FILE-18", sync_checks_its_arguments),
  TEST("C-FILE-19", slow_calls_release_the_cpu),
  TEST("C-FILE-20", unknown_descriptors_are_told),
  TEST("C-FILE-21", stream_gives_what_it_has),
  TEST("C-FILE-22", failures_are_told),
  TESTS_END
};
