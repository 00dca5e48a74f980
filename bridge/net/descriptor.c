/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Descriptors of RTEMS that are sockets.  They can be closed while a task is
 * in a call, which then ends.  Only the last to leave closes the kernel's, so
 * that nobody calls another socket, that has got the number meanwhile.
 */

#include "socket.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/filio.h>
#include <sys/stat.h>

static const struct socket_stack *_Atomic used_stack;

/* One for each descriptor, so that nothing is allocated with a new one. */
static struct socket *free_sockets;
RTEMS_INTERRUPT_LOCK_DEFINE(static, free_lock, "rump sockets")

static void
put_free(struct socket *socket)
{
  rtems_interrupt_lock_context context;

  rtems_interrupt_lock_acquire(&free_lock, &context);
  socket->next = free_sockets;
  free_sockets = socket;
  rtems_interrupt_lock_release(&free_lock, &context);
}

static struct socket *
take_free(void)
{
  rtems_interrupt_lock_context context;
  struct socket *socket;

  rtems_interrupt_lock_acquire(&free_lock, &context);
  socket = free_sockets;
  if (socket != NULL) {
    free_sockets = socket->next;
  }
  rtems_interrupt_lock_release(&free_lock, &context);
  return socket;
}

int
rtems_rump_socket_stack_use(const struct socket_stack *stack)
{
  const struct socket_stack *none = NULL;
  struct socket *sockets;
  uint32_t i;

  if (socket_stack() != NULL) {
    return socket_stack() == stack ? 0 : EBUSY;
  }
  sockets = calloc(rtems_libio_number_iops, sizeof(*sockets));
  if (sockets == NULL) {
    return ENOMEM;
  }
  if (!atomic_compare_exchange_strong(&used_stack, &none, stack)) {
    free(sockets);
    return none == stack ? 0 : EBUSY;
  }
  for (i = 0; i < rtems_libio_number_iops; ++i) {
    put_free(&sockets[i]);
  }
  return 0;
}

const struct socket_stack *
socket_stack(void)
{
  return atomic_load(&used_stack);
}

static int
close_kernels(struct socket *socket)
{
  return (*socket->stack->close)(socket->life, socket->fd);
}

static inline bool
is_last_user(unsigned count)
{
  return count % SOCKET_OPEN == 1;
}

/* A call that close() has ended, and what it has returned. */
static __attribute__((__noinline__, __cold__)) ssize_t
tell_closed(struct socket *socket, unsigned count, ssize_t result)
{
  if (is_last_user(count)) {
    atomic_thread_fence(memory_order_acquire);
    (void)close_kernels(socket);
  }
  if (result > 0) {
    return result;
  }
  errno = EBADF;
  return -1;
}

/* While it is open, the caller is not the last user. */
static inline __attribute__((__always_inline__)) ssize_t
leave(struct socket *socket, ssize_t result)
{
  unsigned count =
    atomic_fetch_sub_explicit(&socket->count, 1, memory_order_release);

  return count < SOCKET_OPEN ? tell_closed(socket, count, result) : result;
}

ssize_t
socket_leave(struct socket *socket, ssize_t result)
{
  return leave(socket, result);
}

static inline __attribute__((__always_inline__)) bool
enter(struct socket *socket)
{
  if (atomic_fetch_add_explicit(&socket->count, 1, memory_order_relaxed)
      >= SOCKET_OPEN) {
    return true;
  }
  (void)socket_leave(socket, -1);
  return false;
}

bool
socket_enter(struct socket *socket)
{
  return enter(socket);
}

rtems_libio_t *
socket_get(int fd)
{
  rtems_libio_t *iop = NULL;
  int error = rtems_libio_get_iop(fd, &iop);

  if (error == 0) {
    error = !socket_is(iop) ? ENOTSOCK
      : enter(socket_of(iop)) ? 0 : EBADF;
    if (error != 0) {
      rtems_libio_iop_drop(iop);
    }
  }
  if (error != 0) {
    errno = error;
    return NULL;
  }
  return iop;
}

ssize_t
socket_put(rtems_libio_t *iop, ssize_t result)
{
  result = leave(socket_of(iop), result);
  rtems_libio_iop_drop(iop);
  return result;
}

int
socket_set_nonblocking(rtems_libio_t *iop, bool nonblocking)
{
  int value = nonblocking;

  if (SOCKET_CALL(socket_of(iop), ioctl, NETBSD_FIONBIO, &value) != 0) {
    return -1;
  }
  if (nonblocking) {
    rtems_libio_iop_flags_set(iop, LIBIO_FLAGS_NO_DELAY);
  } else {
    rtems_libio_iop_flags_clear(iop, LIBIO_FLAGS_NO_DELAY);
  }
  return 0;
}

/* Only dup() opens a socket. */
static int
socket_dup(rtems_libio_t *iop, const char *path, int oflag, mode_t mode)
{
  (void)path;
  (void)oflag;
  (void)mode;
  atomic_fetch_add(&socket_of(iop)->count, SOCKET_OPEN);
  rtems_libio_iop_flags_set(iop, LIBIO_FLAGS_CLOSE_BUSY);
  return 0;
}

/* The user that all open descriptors are. */
static int
drop(struct socket *socket)
{
  return is_last_user(atomic_fetch_sub(&socket->count, 1))
    ? close_kernels(socket) : 0;
}

/*
 * The end of both directions ends what waits, but for accept() of AF_UNIX:
 * only the kernel's close() does.  There the number is free at once.
 */
static int
end_calls(struct socket *socket)
{
  (void)SOCKET_CALL(socket, shutdown, SHUT_RDWR);
  return socket->domain == AF_UNIX ? close_kernels(socket) : drop(socket);
}

static int
socket_close(rtems_libio_t *iop)
{
  struct socket *socket = socket_of(iop);
  unsigned count;

  count = atomic_fetch_sub(&socket->count, SOCKET_OPEN) - SOCKET_OPEN;
  if (count >= SOCKET_OPEN) {
    return 0;
  }
  return is_last_user(count) ? drop(socket) : end_calls(socket);
}

/* A handler's call of the kernel. */
#define CALL(socket, function, ...) \
  (socket_enter(socket) \
    ? socket_leave(socket, SOCKET_CALL(socket, function, __VA_ARGS__)) : -1)

static ssize_t
socket_read(rtems_libio_t *iop, void *data, size_t size)
{
  return CALL(socket_of(iop), read, data, size);
}

static ssize_t
socket_write(rtems_libio_t *iop, const void *data, size_t size)
{
  return CALL(socket_of(iop), write, data, size);
}

/* An iovec is the same in both worlds. */
static ssize_t
socket_readv(
  rtems_libio_t *iop, const struct iovec *iov, int count, ssize_t total)
{
  (void)total;
  return CALL(socket_of(iop), readv, iov, count);
}

static ssize_t
socket_writev(
  rtems_libio_t *iop, const struct iovec *iov, int count, ssize_t total)
{
  (void)total;
  return CALL(socket_of(iop), writev, iov, count);
}

static int
socket_ioctl(rtems_libio_t *iop, ioctl_command_t command, void *arg)
{
  struct socket *socket = socket_of(iop);

  return socket_enter(socket)
    ? (int)socket_leave(socket, ioctl_in(iop, command, arg)) : -1;
}

static off_t
socket_lseek(rtems_libio_t *iop, off_t offset, int whence)
{
  (void)iop;
  (void)offset;
  (void)whence;
  errno = ESPIPE;
  return -1;
}

static int
socket_fstat(const rtems_filesystem_location_info_t *loc, struct stat *status)
{
  memset(status, 0, sizeof(*status));
  status->st_mode = S_IFSOCK | S_IRWXU | S_IRWXG | S_IRWXO;
  status->st_ino = (ino_t)(uintptr_t)loc->node_access;
  return 0;
}

static int
socket_fcntl(rtems_libio_t *iop, int command)
{
  int nonblocking = (rtems_libio_iop_flags(iop) & LIBIO_FLAGS_NO_DELAY) != 0;

  return command == F_SETFL && socket_ioctl(iop, FIONBIO, &nonblocking) != 0
    ? errno : 0;
}

const rtems_filesystem_file_handlers_r socket_handlers = {
  .open_h = socket_dup,
  .close_h = socket_close,
  .read_h = socket_read,
  .write_h = socket_write,
  .ioctl_h = socket_ioctl,
  .lseek_h = socket_lseek,
  .fstat_h = socket_fstat,
  .ftruncate_h = rtems_filesystem_default_ftruncate,
  .fsync_h = rtems_filesystem_default_fsync_or_fdatasync,
  .fdatasync_h = rtems_filesystem_default_fsync_or_fdatasync,
  .fcntl_h = socket_fcntl,
  .poll_h = rtems_filesystem_default_poll,
  .kqfilter_h = rtems_filesystem_default_kqfilter,
  .readv_h = socket_readv,
  .writev_h = socket_writev,
  .mmap_h = rtems_filesystem_default_mmap
};

void
socket_hold(struct socket *socket)
{
  atomic_fetch_add(&socket->references, 1);
}

void
socket_drop(struct socket *socket)
{
  if (atomic_fetch_sub(&socket->references, 1) == 1) {
    put_free(socket);
  }
}

static int
clone_location(rtems_filesystem_location_info_t *loc)
{
  socket_hold(loc->node_access);
  return 0;
}

static void
free_location(const rtems_filesystem_location_info_t *loc)
{
  socket_drop(loc->node_access);
}

static void
lock_or_unlock(const rtems_filesystem_mount_table_entry_t *mt_entry)
{
  (void)mt_entry;
}

/* Sockets have no path, so nothing else is asked of their file system. */
static const rtems_filesystem_operations_table operations = {
  .lock_h = lock_or_unlock,
  .unlock_h = lock_or_unlock,
  .eval_path_h = rtems_filesystem_default_eval_path,
  .link_h = rtems_filesystem_default_link,
  .are_nodes_equal_h = rtems_filesystem_default_are_nodes_equal,
  .mknod_h = rtems_filesystem_default_mknod,
  .rmnod_h = rtems_filesystem_default_rmnod,
  .fchmod_h = rtems_filesystem_default_fchmod,
  .chown_h = rtems_filesystem_default_chown,
  .clonenod_h = clone_location,
  .freenod_h = free_location,
  .mount_h = rtems_filesystem_default_mount,
  .unmount_h = rtems_filesystem_default_unmount,
  .fsunmount_me_h = rtems_filesystem_default_fsunmount,
  .utimens_h = rtems_filesystem_default_utimens,
  .symlink_h = rtems_filesystem_default_symlink,
  .readlink_h = rtems_filesystem_default_readlink,
  .rename_h = rtems_filesystem_default_rename,
  .statvfs_h = rtems_filesystem_default_statvfs
};

static rtems_filesystem_mount_table_entry_t mount_entry = {
  .location_chain =
    RTEMS_CHAIN_INITIALIZER_EMPTY(mount_entry.location_chain),
  .ops = &operations,
  .mt_point_node = &rtems_filesystem_global_location_null,
  .mt_fs_root = &rtems_filesystem_global_location_null,
  .mounted = true,
  .writeable = true,
  .type = "socket"
};

static int
make_descriptor(struct socket *socket, rtems_libio_t *iop, unsigned flags)
{
  iop->pathinfo = (rtems_filesystem_location_info_t){
    .node_access = socket,
    .handlers = &socket_handlers,
    .mt_entry = &mount_entry
  };
  rtems_filesystem_location_add_to_mt_entry(&iop->pathinfo);
  rtems_libio_iop_flags_set(
    iop,
    LIBIO_FLAGS_OPEN | LIBIO_FLAGS_READ_WRITE | LIBIO_FLAGS_CLOSE_BUSY | flags
  );
  return rtems_libio_iop_to_descriptor(iop);
}

int
socket_open(const struct socket *like, int fd, bool is_nonblocking)
{
  struct socket *socket = take_free();
  rtems_libio_t *iop = socket == NULL ? NULL : rtems_libio_allocate();

  if (iop == NULL) {
    if (socket != NULL) {
      put_free(socket);
    }
    (void)(*like->stack->close)(like->life, fd);
    errno = ENFILE;
    return -1;
  }
  socket->stack = like->stack;
  socket->life = like->life;
  socket->fd = fd;
  socket->domain = like->domain;
  socket->protocol = like->protocol;
  atomic_init(&socket->count, SOCKET_OPEN + 1);
  atomic_init(&socket->references, 1);
  return make_descriptor(
    socket,
    iop,
    is_nonblocking ? LIBIO_FLAGS_NO_DELAY : 0
  );
}
