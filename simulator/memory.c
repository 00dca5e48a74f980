/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The heap: the host's, with failures on demand and a count of what is in use.
 *
 * Only the application's own calls come here (by the linker's --wrap).  What
 * the host's library allocates and the application frees would spoil the
 * count, so its common allocators are wrapped too.
 */

#include "scheduler.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <rtems/libcsupport.h>
#include <rtems/malloc.h>

#include "fault.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
int __wrap_posix_memalign(void **p, size_t alignment, size_t size);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);
void __wrap_free(void *p);

#define HEAP_SIZE ((size_t)1 << 30)

static atomic_size_t blocks;
static atomic_size_t bytes;

static bool
is_to_fail(size_t size)
{
  if (size > malloc_free_space()) {
    errno = ENOMEM;
    return true;
  }
  return sim_fault_next(SIM_FAULT_ALLOCATE, &errno);
}

static void *
count(void *p)
{
  if (p != NULL) {
    atomic_fetch_add(&blocks, 1);
    atomic_fetch_add(&bytes, malloc_usable_size(p));
  }
  return p;
}

static void
discount(void *p)
{
  if (p != NULL) {
    atomic_fetch_sub(&blocks, 1);
    atomic_fetch_sub(&bytes, malloc_usable_size(p));
  }
}

void *
sim_host_calloc(size_t n, size_t size)
{
  return __real_calloc(n, size);
}

void
sim_host_free(void *p)
{
  __real_free(p);
}

void *
__wrap_malloc(size_t size)
{
  return is_to_fail(size) ? NULL : count(__real_malloc(size));
}

void *
__wrap_calloc(size_t n, size_t size)
{
  size_t all;

  if (__builtin_mul_overflow(n, size, &all)) {
    all = SIZE_MAX;
  }
  return is_to_fail(all) ? NULL : count(__real_calloc(n, size));
}

void *
__wrap_realloc(void *p, size_t size)
{
  void *new;

  if (is_to_fail(size)) {
    return NULL;
  }
  discount(p);
  new = __real_realloc(p, size);
  if (new == NULL && size != 0) {
    count(p);
  }
  return count(new);
}

void *
__wrap_aligned_alloc(size_t alignment, size_t size)
{
  return is_to_fail(size) ?
    NULL : count(__real_aligned_alloc(alignment, size));
}

int
__wrap_posix_memalign(void **p, size_t alignment, size_t size)
{
  *p = __wrap_aligned_alloc(alignment, RTEMS_ALIGN_UP(size, alignment));
  return *p != NULL ? 0 : ENOMEM;
}

char *
__wrap_strndup(const char *s, size_t n)
{
  size_t length = strnlen(s, n);
  char *copy = __wrap_malloc(length + 1);

  if (copy != NULL) {
    memcpy(copy, s, length);
    copy[length] = '\0';
  }
  return copy;
}

char *
__wrap_strdup(const char *s)
{
  return __wrap_strndup(s, strlen(s));
}

void
__wrap_free(void *p)
{
  discount(p);
  __real_free(p);
}

void *
rtems_malloc(size_t size)
{
  return size != 0 ? __wrap_malloc(size) : NULL;
}

void *
rtems_calloc(size_t nelem, size_t elsize)
{
  return __wrap_calloc(nelem, elsize);
}

int
rtems_memalign(void **pointer, size_t alignment, size_t size)
{
  return __wrap_posix_memalign(pointer, alignment, size);
}

/* Memory of this size aligned by the boundary does not cross one. */
void *
rtems_heap_allocate_aligned_with_boundary(
  size_t    size,
  uintptr_t alignment,
  uintptr_t boundary
)
{
  if (boundary != 0 && (size > boundary || alignment > boundary)) {
    return NULL;
  }
  if (size > HEAP_SIZE) {
    return NULL; /* and nothing overflows below */
  }
  if (alignment < boundary) {
    alignment = boundary;
  }
  if (alignment < _Alignof(max_align_t)) {
    alignment = _Alignof(max_align_t);
  }
  return __wrap_aligned_alloc(alignment, RTEMS_ALIGN_UP(size, alignment));
}

size_t
malloc_free_space(void)
{
  size_t used = atomic_load(&bytes);

  return used < HEAP_SIZE ? HEAP_SIZE - used : 0;
}

void
rtems_resource_snapshot_take(rtems_resource_snapshot *snapshot)
{
  memset(snapshot, 0, sizeof(*snapshot));
  snapshot->heap_info.Used.number = atomic_load(&blocks);
  snapshot->heap_info.Used.total = atomic_load(&bytes);
  sim_enter();
  snapshot->rtems_api.active_tasks = sim_count_tasks();
  sim_leave();
  snapshot->open_files = sim_count_files();
}

bool
rtems_resource_snapshot_equal(
  const rtems_resource_snapshot *a,
  const rtems_resource_snapshot *b
)
{
  return memcmp(a, b, sizeof(*a)) == 0;
}

bool
rtems_resource_snapshot_check(const rtems_resource_snapshot *snapshot)
{
  rtems_resource_snapshot now;

  rtems_resource_snapshot_take(&now);
  return rtems_resource_snapshot_equal(&now, snapshot);
}
