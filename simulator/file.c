/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Descriptors: the host's own, counted, and those of simulated block devices,
 * which are descriptors of the host for /dev/null, so that their numbers are
 * taken.
 *
 * The linker's --wrap brings the application's calls here.
 */

#include "scheduler.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rtems/blkdev.h>

#include "fault.h"
#include "file.h"

#define FILES_MAX 1024

/* Standard input, output and error are open from the start. */
#define STANDARD_FILES 3

/* A function of the host's and who takes its place. */
#define WRAP(type, name, ...) \
  type __real_##name(__VA_ARGS__); \
  type __wrap_##name(__VA_ARGS__)

WRAP(int, open, const char *path, int flags, ...);
WRAP(int, close, int fd);
WRAP(ssize_t, read, int fd, void *buffer, size_t size);
WRAP(ssize_t, write, int fd, const void *buffer, size_t size);
WRAP(ssize_t, pread, int fd, void *buffer, size_t size, off_t offset);
WRAP(ssize_t, pwrite, int fd, const void *buffer, size_t size, off_t offset);
WRAP(off_t, lseek, int fd, off_t offset, int whence);
WRAP(int, ioctl, int fd, unsigned long request, ...);
WRAP(int, fstat, int fd, struct stat *st);
WRAP(int, stat, const char *path, struct stat *st);
WRAP(int, fsync, int fd);
WRAP(int, unlink, const char *path);
int __wrap_fdatasync(int fd);

static struct {
  bool open;
  rtems_disk_device *disk; /* or NULL */
  off_t offset;            /* of a disk */
} files[FILES_MAX];

static int files_open = STANDARD_FILES;

int
sim_count_files(void)
{
  int count;

  sim_enter();
  count = files_open;
  sim_leave();
  return count;
}

static int
fail(int error)
{
  errno = error;
  return -1;
}

static bool
is_to_fail(enum sim_fault fault)
{
  return sim_fault_next(fault, &errno);
}

/* Who uses a descriptor and closes it at a time gets what he deserves. */
static rtems_disk_device *
disk_of(int fd)
{
  rtems_disk_device *dd = NULL;

  if (fd >= 0 && fd < FILES_MAX) {
    sim_enter();
    dd = files[fd].disk;
    sim_leave();
  }
  return dd;
}

static bool
reserve(void)
{
  bool free;

  sim_enter();
  free = files_open < (int)rtems_libio_number_iops;
  files_open += free;
  sim_leave();
  return free;
}

static void
give_back(void)
{
  sim_enter();
  --files_open;
  sim_leave();
}

static int
open_reserved(const char *path, int flags, mode_t mode)
{
  rtems_disk_device *dd = sim_disk_obtain(path);
  int fd = dd != NULL ?
    __real_open("/dev/null", O_RDWR | O_CLOEXEC) :
    __real_open(path, flags, mode);

  if (fd >= FILES_MAX) {
    __real_close(fd);
    fd = fail(ENFILE);
  }
  if (fd < 0) {
    if (dd != NULL) {
      sim_disk_release(dd);
    }
    return -1;
  }
  sim_enter();
  files[fd].open = true;
  files[fd].disk = dd;
  files[fd].offset = 0;
  sim_leave();
  return fd;
}

int
__wrap_open(const char *path, int flags, ...)
{
  va_list ap;
  mode_t mode;
  int fd;

  va_start(ap, flags);
  mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
  va_end(ap);
  if (is_to_fail(SIM_FAULT_OPEN)) {
    return -1;
  }
  if (!reserve()) {
    return fail(ENFILE);
  }
  fd = open_reserved(path, flags, mode);
  if (fd < 0) {
    give_back();
  }
  return fd;
}

int
__wrap_close(int fd)
{
  rtems_disk_device *dd = disk_of(fd);

  if (fd >= 0 && fd < FILES_MAX) {
    sim_enter();
    files_open -= files[fd].open;
    files[fd].open = false;
    files[fd].disk = NULL;
    sim_leave();
  }
  if (dd != NULL) {
    sim_disk_release(dd);
  }
  return __real_close(fd);
}

/* At an offset, or at the descriptor's, which then moves. */
static ssize_t
transfer(
  int                     fd,
  rtems_disk_device      *dd,
  rtems_blkdev_request_op op,
  void                   *buffer,
  size_t                  size,
  const off_t            *offset
)
{
  off_t begin = offset != NULL ? *offset : files[fd].offset;

  if (sim_disk_transfer(dd, op, begin, buffer, size) != RTEMS_SUCCESSFUL) {
    return fail(EIO);
  }
  if (offset == NULL) {
    files[fd].offset += (off_t)size;
  }
  return (ssize_t)size;
}

ssize_t
__wrap_read(int fd, void *buffer, size_t size)
{
  rtems_disk_device *dd = disk_of(fd);

  if (is_to_fail(SIM_FAULT_READ)) {
    return -1;
  }
  return dd == NULL ? __real_read(fd, buffer, size) :
    transfer(fd, dd, RTEMS_BLKDEV_REQ_READ, buffer, size, NULL);
}

ssize_t
__wrap_pread(int fd, void *buffer, size_t size, off_t offset)
{
  rtems_disk_device *dd = disk_of(fd);

  if (is_to_fail(SIM_FAULT_READ)) {
    return -1;
  }
  return dd == NULL ? __real_pread(fd, buffer, size, offset) :
    transfer(fd, dd, RTEMS_BLKDEV_REQ_READ, buffer, size, &offset);
}

ssize_t
__wrap_write(int fd, const void *buffer, size_t size)
{
  rtems_disk_device *dd = disk_of(fd);
  void *p = RTEMS_DECONST(void *, buffer);

  if (is_to_fail(SIM_FAULT_WRITE)) {
    return -1;
  }
  return dd == NULL ? __real_write(fd, buffer, size) :
    transfer(fd, dd, RTEMS_BLKDEV_REQ_WRITE, p, size, NULL);
}

ssize_t
__wrap_pwrite(int fd, const void *buffer, size_t size, off_t offset)
{
  rtems_disk_device *dd = disk_of(fd);
  void *p = RTEMS_DECONST(void *, buffer);

  if (is_to_fail(SIM_FAULT_WRITE)) {
    return -1;
  }
  return dd == NULL ? __real_pwrite(fd, buffer, size, offset) :
    transfer(fd, dd, RTEMS_BLKDEV_REQ_WRITE, p, size, &offset);
}

/* On RTEMS a block device has the size 0, too. */
off_t
__wrap_lseek(int fd, off_t offset, int whence)
{
  if (disk_of(fd) == NULL) {
    return __real_lseek(fd, offset, whence);
  }
  if (whence == SEEK_CUR) {
    offset += files[fd].offset;
  }
  if (offset < 0) {
    return fail(EINVAL);
  }
  files[fd].offset = offset;
  return offset;
}

int
__wrap_ioctl(int fd, unsigned long request, ...)
{
  rtems_disk_device *dd = disk_of(fd);
  va_list ap;
  void *argument;

  va_start(ap, request);
  argument = va_arg(ap, void *);
  va_end(ap);
  if (dd == NULL) {
    return __real_ioctl(fd, request, argument);
  }
  if (request == RTEMS_BLKIO_REQUEST) {
    return fail(EINVAL); /* as RTEMS does, since it would bypass the cache */
  }
  return (*dd->ioctl)(dd, (uint32_t)request, argument);
}

static int
stat_disk(const rtems_disk_device *dd, struct stat *st)
{
  *st = (struct stat) {
    .st_mode = S_IFBLK | S_IRWXU | S_IRWXG | S_IRWXO,
    .st_nlink = 1,
    .st_rdev = dd->dev,
    .st_blksize = dd->block_size,
    .st_blocks = dd->size
  };
  return 0;
}

int
__wrap_fstat(int fd, struct stat *st)
{
  const rtems_disk_device *dd = disk_of(fd);

  if (is_to_fail(SIM_FAULT_FSTAT)) {
    return -1;
  }
  return dd == NULL ? __real_fstat(fd, st) : stat_disk(dd, st);
}

int
__wrap_stat(const char *path, struct stat *st)
{
  rtems_disk_device *dd;

  if (is_to_fail(SIM_FAULT_FSTAT)) {
    return -1;
  }
  dd = sim_disk_obtain(path);
  if (dd == NULL) {
    return __real_stat(path, st);
  }
  stat_disk(dd, st);
  sim_disk_release(dd);
  return 0;
}

int
__wrap_fsync(int fd)
{
  rtems_disk_device *dd = disk_of(fd);

  if (is_to_fail(SIM_FAULT_FSYNC)) {
    return -1;
  }
  return dd == NULL ? __real_fsync(fd) :
    (*dd->ioctl)(dd, RTEMS_BLKIO_SYNCDEV, NULL);
}

int
__wrap_fdatasync(int fd)
{
  return __wrap_fsync(fd);
}

int
__wrap_unlink(const char *path)
{
  return sim_disk_unlink(path) ? 0 : __real_unlink(path);
}
