/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Files and devices of RTEMS, by their paths.
 *
 * All of these may take long, so the virtual CPU is given up meanwhile.
 */

#include "file.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <rtems/libio_.h>

#include "block.h"

/* As many as RTEMS has descriptors; made with the first one. */
static struct file **files;
static struct lock files_lock = LOCK_INITIALIZER("rump files");

static size_t
files_size(void)
{
  return rtems_libio_number_iops;
}

struct file *
file_get(int fd)
{
  struct file *file = NULL;

  lock_enter(&files_lock);
  if (files != NULL && fd >= 0 && (size_t)fd < files_size()) {
    file = files[fd];
  }
  lock_exit(&files_lock);
  return file;
}

static int
files_make(void)
{
  size_t size = files_size() * sizeof(*files);

  if (files == NULL) {
    files = memory_allocate(size);
    if (files == NULL) {
      return NETBSD_ENOMEM;
    }
    memset(files, 0, size);
  }
  return 0;
}

static int
files_insert(struct file *file, int *fdp)
{
  int error;
  size_t fd = 0;

  lock_enter(&files_lock);
  error = files_make();
  while (error == 0 && fd < files_size() && files[fd] != NULL) {
    ++fd;
  }
  if (error == 0 && fd == files_size()) {
    error = hypercall_errno_to_netbsd(EMFILE);
  }
  if (error == 0) {
    files[fd] = file;
    *fdp = (int)fd;
  }
  lock_exit(&files_lock);
  return error;
}

static struct file *
files_remove(int fd)
{
  struct file *file = NULL;

  lock_enter(&files_lock);
  if (files != NULL && fd >= 0 && (size_t)fd < files_size()) {
    file = files[fd];
    files[fd] = NULL;
  }
  lock_exit(&files_lock);
  return file;
}

static int
last_error(void)
{
  return hypercall_errno_to_netbsd(errno);
}

static int
host_flags(int mode)
{
  int flags;

  switch (mode & RUMPUSER_OPEN_ACCMODE) {
    case RUMPUSER_OPEN_RDONLY:
      flags = O_RDONLY;
      break;
    case RUMPUSER_OPEN_WRONLY:
      flags = O_WRONLY;
      break;
    case RUMPUSER_OPEN_RDWR:
      flags = O_RDWR;
      break;
    default:
      return -1;
  }
  if ((mode & RUMPUSER_OPEN_CREATE) != 0) {
    flags |= O_CREAT;
  }
  if ((mode & RUMPUSER_OPEN_EXCL) != 0) {
    flags |= O_EXCL;
  }
  return flags;
}

/*
 * Block I/O goes to the driver and not through RTEMS's buffer cache, which
 * must have nothing of the device from then on.
 */
static int
open_device(struct file *file)
{
  struct stat st;

  if (fstat(file->host, &st) != 0) {
    return last_error();
  }
  if (!S_ISBLK(st.st_mode)) {
    return 0;
  }
  if (rtems_disk_fd_get_disk_device(file->host, &file->disk) != 0) {
    return last_error();
  }
  if (rtems_disk_fd_sync(file->host) != 0) {
    return last_error();
  }
  (void)rtems_disk_fd_purge(file->host);
  return 0;
}

static int
open_host(struct file *file, const char *name, int flags, bool bio)
{
  int error = 0;

  file->host = open(name, flags, 0666);
  if (file->host < 0) {
    return last_error();
  }
  if (bio) {
    error = open_device(file);
  }
  if (error == 0 && bio) {
    error = block_init();
  }
  if (error != 0) {
    (void)close(file->host);
  }
  return error;
}

static int
open_file(const char *name, int mode, int *fdp)
{
  struct file *file;
  int flags = host_flags(mode);
  int error;

  if (flags < 0) {
    return NETBSD_EINVAL;
  }
  file = memory_allocate(sizeof(*file));
  if (file == NULL) {
    return NETBSD_ENOMEM;
  }
  memset(file, 0, sizeof(*file));
  lock_init(&file->offset_lock, "rump file");
  waitq_init(&file->idle, "rump file requests");

  error = open_host(file, name, flags, (mode & RUMPUSER_OPEN_BIO) != 0);
  if (error == 0) {
    error = files_insert(file, fdp);
    if (error != 0) {
      (void)close(file->host);
    }
  }
  if (error != 0) {
    memory_release(file, sizeof(*file));
  }
  return error;
}

int
rumpuser_open(const char *name, int mode, int *fdp)
{
  int nlocks = hypercall_unschedule(NULL);
  int error = open_file(name, mode, fdp);

  hypercall_schedule(nlocks, NULL);
  return error;
}

static int
close_file(struct file *file)
{
  int error = 0;

  file_wait_for_requests(file);
  if (close(file->host) != 0) {
    error = last_error();
  }
  memory_release(file, sizeof(*file));
  return error;
}

int
rumpuser_close(int fd)
{
  int nlocks = hypercall_unschedule(NULL);
  struct file *file = files_remove(fd);
  int error = file == NULL ? NETBSD_EBADF : close_file(file);

  hypercall_schedule(nlocks, NULL);
  return error;
}

/* A block device does not tell its size by fstat(). */
static int
device_size(const char *name, uint64_t *size)
{
  uint32_t block_size;
  rtems_blkdev_bnum blocks;
  int error = 0;
  int fd = open(name, O_RDONLY);

  if (fd < 0) {
    return last_error();
  }
  if (rtems_disk_fd_get_media_block_size(fd, &block_size) == 0
      && rtems_disk_fd_get_block_count(fd, &blocks) == 0) {
    *size = (uint64_t)block_size * blocks;
  } else {
    error = last_error();
  }
  (void)close(fd);
  return error;
}

static int
file_type(mode_t mode)
{
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return RUMPUSER_FT_DIR;
    case S_IFREG:
      return RUMPUSER_FT_REG;
    case S_IFBLK:
      return RUMPUSER_FT_BLK;
    case S_IFCHR:
      return RUMPUSER_FT_CHR;
    default:
      return RUMPUSER_FT_OTHER;
  }
}

static int
file_info(const char *name, uint64_t *size, int *type)
{
  struct stat st;

  if (stat(name, &st) != 0) {
    return last_error();
  }
  if (type != NULL) {
    *type = file_type(st.st_mode);
  }
  if (size == NULL) {
    return 0;
  }
  if (S_ISBLK(st.st_mode)) {
    return device_size(name, size);
  }
  *size = (uint64_t)st.st_size;
  return 0;
}

int
rumpuser_getfileinfo(const char *name, uint64_t *size, int *type)
{
  int nlocks = hypercall_unschedule(NULL);
  int error = file_info(name, size, type);

  hypercall_schedule(nlocks, NULL);
  return error;
}

static int
transfer_here(
  struct file *file,
  bool         writing,
  bool         all,
  char        *data,
  size_t       size,
  size_t      *done
)
{
  *done = 0;
  while (*done < size) {
    ssize_t n = writing
      ? write(file->host, data + *done, size - *done)
      : read(file->host, data + *done, size - *done);

    if (n < 0) {
      return last_error();
    }
    *done += (size_t)n;
    if (n == 0 || !all) {
      break;
    }
  }
  return 0;
}

int
file_transfer(
  struct file *file,
  bool         writing,
  void        *data,
  size_t       size,
  int64_t      offset,
  size_t      *done
)
{
  int error;

  if (offset == RUMPUSER_IOV_NOSEEK) {
    /*
     * Perhaps a stream: others must be able to write while one reads, and who
     * reads wants what there is.
     */
    return transfer_here(file, writing, writing, data, size, done);
  }
  *done = 0;
  lock_enter(&file->offset_lock);
  error = lseek(file->host, (off_t)offset, SEEK_SET) < 0
    ? last_error()
    : transfer_here(file, writing, true, data, size, done);
  lock_exit(&file->offset_lock);
  return error;
}

int
file_flush(struct file *file)
{
  return fsync(file->host) == 0 ? 0 : last_error();
}

static int
transfer_vector(
  struct file                 *file,
  bool                         writing,
  const struct rumpuser_iovec *iov,
  size_t                       count,
  int64_t                      offset,
  size_t                      *done
)
{
  int error = 0;
  size_t i;

  *done = 0;
  for (i = 0; error == 0 && i < count; ++i) {
    size_t part;

    error = file_transfer(
      file,
      writing,
      iov[i].iov_base,
      iov[i].iov_len,
      offset,
      &part
    );
    *done += part;
    if (part < iov[i].iov_len) {
      break;
    }
    if (offset != RUMPUSER_IOV_NOSEEK) {
      offset += (int64_t)part;
    }
  }
  /* What has been transferred is not undone by an error after it. */
  return *done > 0 ? 0 : error;
}

static int
tell_instead(
  struct file *file, const struct rumpuser_iovec *iov, size_t count,
  size_t *done)
{
  size_t i;

  *done = 0;
  for (i = 0; i < count; ++i) {
    *done += iov[i].iov_len;
  }
  (*file->told)(file->told_arg);
  return 0;
}

static int
do_vector(
  int                          fd,
  bool                         writing,
  const struct rumpuser_iovec *iov,
  size_t                       count,
  int64_t                      offset,
  size_t                      *done
)
{
  int nlocks = hypercall_unschedule(NULL);
  struct file *file = file_get(fd);
  int error;

  if (file == NULL) {
    error = NETBSD_EBADF;
  } else if (offset < RUMPUSER_IOV_NOSEEK) {
    error = NETBSD_EINVAL;
  } else if (writing && file->told != NULL) {
    error = tell_instead(file, iov, count, done);
  } else {
    error = transfer_vector(file, writing, iov, count, offset, done);
  }
  hypercall_schedule(nlocks, NULL);
  return error;
}

int
rumpuser_iovread(
  int                    fd,
  struct rumpuser_iovec *iov,
  size_t                 count,
  int64_t                offset,
  size_t                *done
)
{
  return do_vector(fd, false, iov, count, offset, done);
}

int
rumpuser_iovwrite(
  int                          fd,
  const struct rumpuser_iovec *iov,
  size_t                       count,
  int64_t                      offset,
  size_t                      *done
)
{
  return do_vector(fd, true, iov, count, offset, done);
}

/* RTEMS flushes whole files only: more than asked for, never less. */
static int
sync_file(struct file *file, int flags)
{
  if ((flags & RUMPUSER_SYNCFD_BOTH) == 0) {
    return NETBSD_EINVAL;
  }
  file_wait_for_requests(file);
  if (file->disk != NULL) {
    return block_flush(file);
  }
  return file_flush(file);
}

int
rumpuser_syncfd(int fd, int flags, uint64_t start, uint64_t size)
{
  int nlocks = hypercall_unschedule(NULL);
  struct file *file = file_get(fd);
  int error = file == NULL ? NETBSD_EBADF : sync_file(file, flags);

  (void)start;
  (void)size;
  hypercall_schedule(nlocks, NULL);
  return error;
}

void
file_begin_request(struct file *file)
{
  struct waitq_context ctx;

  waitq_lock(&file->idle, &ctx);
  ++file->pending;
  waitq_unlock(&file->idle, &ctx);
}

void
file_end_request(struct file *file)
{
  struct waitq_context ctx;

  waitq_lock(&file->idle, &ctx);
  if (--file->pending == 0) {
    waitq_wake_all(&file->idle, &ctx);
  } else {
    waitq_unlock(&file->idle, &ctx);
  }
}

void
file_wait_for_requests(struct file *file)
{
  struct waitq_context ctx;

  occupants_urge();
  waitq_lock(&file->idle, &ctx);
  while (file->pending != 0) {
    (void)occupant_wait(&file->idle, &ctx, NULL, NULL, NULL);
    waitq_lock(&file->idle, &ctx);
  }
  waitq_unlock(&file->idle, &ctx);
}

void
file_fini(void)
{
  size_t fd;

  for (fd = 0; files != NULL && fd < files_size(); ++fd) {
    if (files[fd] != NULL) {
      (void)close(files[fd]->host);
    }
  }
  files = NULL;
}
