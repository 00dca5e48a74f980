/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Linked into a kernel, whose linker brings its calls here: nobody else's.
 */

#include "faulty.h"

#include "hypercall.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <rtems.h>
#include <rtems/malloc.h>

/* A function and what takes its place. */
#define WRAP(type, name, parameters) \
  type __real_##name parameters; \
  type __wrap_##name parameters; \
  type __wrap_##name parameters

static struct fault_plan plan OUTLIVES_KERNEL;
static atomic_int planned OUTLIVES_KERNEL;

void
fault_start(enum fault fault, unsigned first, unsigned count)
{
  atomic_store(&planned, (int)fault);
  fault_plan(&plan, first, count);
}

bool
fault_stop(void)
{
  return fault_unplan(&plan);
}

static bool
is_to_fail(enum fault fault)
{
  return atomic_load(&planned) == (int)fault && fault_is_due(&plan);
}

/* For calls that tell by errno. */
static bool
fails_with(enum fault fault, int error)
{
  if (!is_to_fail(fault)) {
    return false;
  }
  errno = error;
  return true;
}

WRAP(int, rumpuser_malloc, (size_t size, int align, void **memp))
{
  if (is_to_fail(FAULT_MEMORY)) {
    *memp = NULL;
    return NETBSD_ENOMEM;
  }
  return __real_rumpuser_malloc(size, align, memp);
}

WRAP(void *, memory_allocate, (size_t size))
{
  return is_to_fail(FAULT_OBJECT) ? NULL : __real_memory_allocate(size);
}

WRAP(void *, malloc, (size_t size))
{
  return is_to_fail(FAULT_NODE) ? NULL : __real_malloc(size);
}

WRAP(void *, calloc, (size_t count, size_t size))
{
  return is_to_fail(FAULT_NODE) ? NULL : __real_calloc(count, size);
}

WRAP(void *, rtems_heap_allocate_aligned_with_boundary,
  (size_t size, uintptr_t alignment, uintptr_t boundary))
{
  return is_to_fail(FAULT_HEAP) ? NULL
    : __real_rtems_heap_allocate_aligned_with_boundary(
      size, alignment, boundary);
}

WRAP(rtems_status_code, rtems_task_create,
  (rtems_name name, rtems_task_priority priority, size_t stack_size,
   rtems_mode modes, rtems_attribute attributes, rtems_id *id))
{
  return is_to_fail(FAULT_TASK) ? RTEMS_UNSATISFIED
    : __real_rtems_task_create(
      name, priority, stack_size, modes, attributes, id);
}

WRAP(int, open, (const char *path, int flags, ...))
{
  va_list ap;
  mode_t mode;

  va_start(ap, flags);
  mode = (flags & O_CREAT) != 0 ? va_arg(ap, mode_t) : 0;
  va_end(ap);
  return fails_with(FAULT_OPEN, ENFILE) ? -1 : __real_open(path, flags, mode);
}

WRAP(int, close, (int fd))
{
  int result = __real_close(fd);

  return fails_with(FAULT_CLOSE, EIO) ? -1 : result;
}

WRAP(int, stat, (const char *path, struct stat *st))
{
  return fails_with(FAULT_STAT, EIO) ? -1 : __real_stat(path, st);
}

WRAP(int, fstat, (int fd, struct stat *st))
{
  return fails_with(FAULT_STAT, EIO) ? -1 : __real_fstat(fd, st);
}

WRAP(off_t, lseek, (int fd, off_t offset, int whence))
{
  return fails_with(FAULT_SEEK, EIO) ? -1 : __real_lseek(fd, offset, whence);
}

WRAP(ssize_t, read, (int fd, void *buffer, size_t size))
{
  return fails_with(FAULT_READ, EIO) ? -1 : __real_read(fd, buffer, size);
}

WRAP(ssize_t, write, (int fd, const void *buffer, size_t size))
{
  return fails_with(FAULT_WRITE, ENOSPC)
    ? -1 : __real_write(fd, buffer, size);
}
