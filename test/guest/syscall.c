/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Test guest: file descriptors and system calls, with the linker symbols that
 * NetBSD's have.
 */

#include "guest.h"

#define FILES 64
#define ACCESS 0x3
#define APPEND 0x8
#define FILE_SYNC 0x20
#define HALT 0x8
#define NO_SYNC 0x4
#define CLOCK_REAL 0
#define CLOCK_MONOTONIC 3

struct file {
  struct node *node;
  int flags;
  atomic_int references;
  struct rumpuser_mtx *mutex;
  int64_t offset;
};

struct fd_table {
  atomic_int references;
  struct rumpuser_mtx *mutex;
  struct file *files[FILES];
};

struct time {
  int64_t seconds;
  long nanoseconds;
};

static struct file *file_new(struct node *node, int flags)
{
  struct file *file = kmem_zalloc(sizeof(*file));

  file->node = node;
  file->flags = flags;
  file->mutex = kmutex_new(0);
  atomic_init(&file->references, 1);
  return file;
}

static void file_drop(struct file *file)
{
  if (atomic_fetch_sub(&file->references, 1) == 1) {
    struct node *node = file->node;

    etfs_close(node);
    rumpuser_mutex_destroy(file->mutex);
    kmem_free(file, sizeof(*file));
    atomic_fetch_sub(&node->mount->open_files, 1);
    node_drop(node);
  }
}

struct fd_table *fd_table_new(struct fd_table *copy)
{
  struct fd_table *table = kmem_zalloc(sizeof(*table));
  int fd;

  atomic_init(&table->references, 1);
  table->mutex = kmutex_new(0);
  if (copy != NULL) {
    kmutex_enter(copy->mutex);
    for (fd = 0; fd < FILES; fd++) {
      table->files[fd] = copy->files[fd];
      if (table->files[fd] != NULL) {
        atomic_fetch_add(&table->files[fd]->references, 1);
      }
    }
    kmutex_exit(copy->mutex);
  }
  return table;
}

struct fd_table *fd_table_hold(struct fd_table *table)
{
  atomic_fetch_add(&table->references, 1);
  return table;
}

void fd_table_drop(struct fd_table *table)
{
  int fd;

  if (atomic_fetch_sub(&table->references, 1) != 1) {
    return;
  }
  for (fd = 0; fd < FILES; fd++) {
    if (table->files[fd] != NULL) {
      file_drop(table->files[fd]);
    }
  }
  rumpuser_mutex_destroy(table->mutex);
  kmem_free(table, sizeof(*table));
}

static struct fd_table *my_files(void)
{
  return rumpuser_curlwp()->process->files;
}

static struct file *file_get(int fd)
{
  struct fd_table *table = my_files();
  struct file *file = NULL;

  kmutex_enter(table->mutex);
  if (fd >= 0 && fd < FILES) {
    file = table->files[fd];
  }
  if (file != NULL) {
    atomic_fetch_add(&file->references, 1);
  }
  kmutex_exit(table->mutex);
  return file;
}

static int fd_install(struct fd_table *table, struct file *file, int64_t *fd)
{
  int i;

  kmutex_enter(table->mutex);
  for (i = 0; i < FILES && table->files[i] != NULL; i++) {
  }
  if (i < FILES) {
    table->files[i] = file;
  }
  kmutex_exit(table->mutex);
  *fd = i;
  return i < FILES ? 0 : NB_EMFILE;
}

static int open_file(
  struct fd_table *table, const char *path, int flags, int64_t *fd)
{
  struct file *file;
  struct node *node;
  int error;

  if (path == NULL) {
    return NB_EFAULT;
  }
  if ((flags & ACCESS) == ACCESS) {
    return NB_EINVAL;
  }
  error = ramfs_open(path, flags, &node);
  if (error != 0) {
    return error;
  }
  error = etfs_open(node, (flags & ACCESS) != 1, (flags & ACCESS) != 0);
  if (error != 0) {
    atomic_fetch_sub(&node->mount->open_files, 1);
    node_drop(node);
    return error;
  }
  file = file_new(node, flags);
  error = fd_install(table, file, fd);
  if (error != 0) {
    file_drop(file);
  }
  return error;
}

/* The first process has 0, 1 and 2 open. */
void fd_open_console(struct fd_table *table)
{
  int64_t fd;
  int i;

  for (i = 0; i < 3; i++) {
    ASSERT(open_file(table, "/dev/console", 2, &fd) == 0 && fd == i);
  }
}

static int close_file(int fd)
{
  struct fd_table *table = my_files();
  struct file *file = NULL;

  kmutex_enter(table->mutex);
  if (fd >= 0 && fd < FILES) {
    file = table->files[fd];
    table->files[fd] = NULL;
  }
  kmutex_exit(table->mutex);
  if (file == NULL) {
    return NB_EBADF;
  }
  file_drop(file);
  return 0;
}

static int transfer(struct file *file, struct io *io, const int64_t *offset)
{
  transfer_fn *function = file->node->transfer;
  int error;

  if (function == NULL) {
    return NB_EISDIR;
  }
  io->append = io->write && (file->flags & APPEND) != 0;
  if (offset != NULL) {
    io->offset = *offset;
    return *offset < 0 ? NB_EINVAL : function(file->node, io);
  }
  kmutex_enter(file->mutex);
  io->offset = file->offset;
  error = function(file->node, io);
  file->offset = io->offset;
  kmutex_exit(file->mutex);
  return error;
}

static int do_io(int fd, struct io io, const int64_t *offset, int64_t *result)
{
  struct file *file = file_get(fd);
  int error = 0;

  if (file == NULL ||
    (file->flags & ACCESS) == (io.write ? 0 : 1)) {
    error = NB_EBADF;
  } else if (io.size > (size_t)-1 / 2) {
    error = NB_EINVAL;
  } else if (io.size > 0) {
    error = transfer(file, &io, offset);
  }
  if (file != NULL) {
    file_drop(file);
  }
  *result = (int64_t)io.done;
  return error;
}

static int64_t node_size(struct node *node)
{
  int64_t size;

  krw_enter(RUMPUSER_RW_READER, node->lock);
  size = node->size;
  krw_exit(node->lock);
  return size;
}

static int seek(int fd, int64_t offset, int whence, int64_t *result)
{
  struct file *file = file_get(fd);
  int error = 0;

  if (file == NULL) {
    return NB_EBADF;
  }
  if (whence == 2) {
    offset += node_size(file->node);
  }
  kmutex_enter(file->mutex);
  if (whence == 1) {
    offset += file->offset;
  }
  if (whence < 0 || whence > 2 || offset < 0) {
    error = NB_EINVAL;
  } else {
    file->offset = offset;
    *result = offset;
  }
  kmutex_exit(file->mutex);
  file_drop(file);
  return error;
}

static int truncate_file(int fd, int64_t size)
{
  struct file *file = file_get(fd);
  int error = 0;

  if (file == NULL) {
    return NB_EBADF;
  }
  if ((file->flags & ACCESS) == 0 || size < 0 ||
    file->node->type != NODE_FILE || file->node->host_path != NULL) {
    error = NB_EINVAL;
  } else {
    krw_enter(RUMPUSER_RW_WRITER, file->node->lock);
    error = node_resize(file->node, size);
    krw_exit(file->node->lock);
  }
  file_drop(file);
  return error;
}

static int sync_file(int fd, int every_write)
{
  struct file *file = file_get(fd);
  int error = 0;

  if (file == NULL) {
    return NB_EBADF;
  }
  if (file->node->disk != NULL) {
    error = guest_disk_flush(file->node->disk, every_write);
  } else if (file->node->host_write != -1) {
    error = rumpuser_syncfd(file->node->host_write,
      RUMPUSER_SYNCFD_WRITE | RUMPUSER_SYNCFD_SYNC, 0, 0);
  }
  file_drop(file);
  return error;
}

static int get_time(int clock, struct time *time)
{
  if (clock == CLOCK_REAL) {
    guest_time_get(&time->seconds, &time->nanoseconds);
    return 0;
  }
  return clock == CLOCK_MONOTONIC ? rumpuser_clock_gettime(
    RUMPUSER_CLOCK_ABSMONO, &time->seconds, &time->nanoseconds) : NB_EINVAL;
}

static int set_time(int clock, const struct time *time)
{
  if (clock != CLOCK_REAL || time->nanoseconds < 0 ||
    time->nanoseconds >= 1000000000) {
    return NB_EINVAL;
  }
  guest_time_set(time->seconds, time->nanoseconds);
  return 0;
}

/* As NetBSD's cpu_reboot(); never returns. */
int sys_reboot(int flags)
{
  kprintf("rump kernel halting...\n");
  if ((flags & NO_SYNC) == 0) {
    guest_disk_flush_all(1);
  }
  if ((flags & HALT) != 0) {
    kprintf("rump kernel halted\n");
    for (;;) {
      rumpuser_clock_sleep(RUMPUSER_CLOCK_RELWALL, 10, 0);
    }
  }
  guest_console_end();
  rumpuser_exit(0);
}

/* The entries.  The error is stored outside of the kernel, also if it is 0. */

static int64_t leave(int error, const int64_t *result)
{
  guest_unschedule();
  rumpuser_seterrno(error);
  return error == 0 ? *result : -1;
}

#define CALL(type, name, parameters, call) \
  type rump___sysimpl_##name parameters; \
  type rump___sysimpl_##name parameters \
  { \
    int64_t result = 0; \
    int error; \
    guest_schedule(); \
    error = call; \
    return (type)leave(error, &result); \
  }

#define READ(buffer, size) (struct io){ buffer, size, 0, 0, 0, 0 }
#define WRITE(buffer, size) \
  (struct io){ (char *)(uintptr_t)buffer, size, 0, 0, 1, 0 }

CALL(int, open, (const char *path, int flags, unsigned mode),
  ((void)mode, open_file(my_files(), path, flags, &result)))
CALL(int, close, (int fd), close_file(fd))
CALL(ssize_t, read, (int fd, void *buffer, size_t size),
  do_io(fd, READ(buffer, size), NULL, &result))
CALL(ssize_t, write, (int fd, const void *buffer, size_t size),
  do_io(fd, WRITE(buffer, size), NULL, &result))
CALL(ssize_t, pread, (int fd, void *buffer, size_t size, int64_t offset),
  do_io(fd, READ(buffer, size), &offset, &result))
CALL(ssize_t, pwrite,
  (int fd, const void *buffer, size_t size, int64_t offset),
  do_io(fd, WRITE(buffer, size), &offset, &result))
CALL(int64_t, lseek, (int fd, int64_t offset, int whence),
  seek(fd, offset, whence, &result))
CALL(int, ftruncate, (int fd, int64_t size), truncate_file(fd, size))
CALL(int, fsync, (int fd), sync_file(fd, 0))
CALL(int, fsync_range, (int fd, int flags, int64_t start, int64_t size),
  ((void)start, (void)size, sync_file(fd, (flags & FILE_SYNC) != 0)))
CALL(int, mkdir, (const char *path, uint32_t mode),
  ((void)mode, ramfs_mkdir(path)))
CALL(int, rmdir, (const char *path), ramfs_remove(path, 1))
CALL(int, unlink, (const char *path), ramfs_remove(path, 0))
CALL(int, rename, (const char *from, const char *to),
  ramfs_rename(from, to))
CALL(int, mount50, (const char *type, const char *path, int flags,
  void *arguments, size_t size),
  ramfs_mount(type, path, flags, arguments, size))
CALL(int, unmount, (const char *path, int flags), ramfs_unmount(path, flags))
CALL(int, clock_gettime50, (int clock, struct time *time),
  get_time(clock, time))
CALL(int, clock_settime50, (int clock, const struct time *time),
  set_time(clock, time))
CALL(int, reboot, (int flags, char *boot_string),
  ((void)boot_string, sys_reboot(flags)))

void rump___sysimpl_sync(void);
void rump___sysimpl_sync(void)
{
  guest_schedule();
  guest_disk_flush_all(1);
  guest_unschedule();
}

int rump___sysimpl_getpid(void);
int rump___sysimpl_getpid(void)
{
  int pid;

  guest_schedule();
  pid = rumpuser_curlwp()->process->pid;
  guest_unschedule();
  return pid;
}
