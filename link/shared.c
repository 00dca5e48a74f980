/* SPDX-License-Identifier: BSD-2-Clause */

#include "shared.h"

#include <errno.h>
#include <stdlib.h>

#include <rtems/thread.h>

struct shared {
  struct shared *next;
  dev_t device;
  ino_t file;
  size_t size;
  struct shared_user *users;
  void *memory;
};

static rtems_mutex lock = RTEMS_MUTEX_INITIALIZER("rump shared memory");
static struct shared *all;

/* With the lock, as what follows. */
static struct shared *
find(const struct stat *file)
{
  struct shared *shared = all;

  while (shared != NULL
      && (shared->device != file->st_dev || shared->file != file->st_ino)) {
    shared = shared->next;
  }
  return shared;
}

static struct shared *
create(const struct stat *file, size_t size)
{
  struct shared *shared = malloc(sizeof(*shared));
  void *memory = calloc(1, size);

  if (shared == NULL || memory == NULL) {
    free(shared);
    free(memory);
    return NULL;
  }
  *shared = (struct shared){
    .next = all, .device = file->st_dev, .file = file->st_ino, .size = size,
    .memory = memory
  };
  all = shared;
  return shared;
}

static void
destroy(struct shared *shared)
{
  struct shared **p = &all;

  while (*p != shared) {
    p = &(*p)->next;
  }
  *p = shared->next;
  free(shared->memory);
  free(shared);
}

static int
join(struct shared_user *user, const struct stat *file, size_t size)
{
  struct shared *shared = find(file);

  if (shared == NULL) {
    shared = create(file, size);
  }
  if (shared == NULL) {
    return ENOMEM;
  }
  if (shared->size != size) {
    return EINVAL;
  }
  user->shared = shared;
  user->next = shared->users;
  shared->users = user;
  return 0;
}

int
shared_join(
  struct shared_user *user, const struct stat *file, size_t size,
  void **memory)
{
  int error;

  rtems_mutex_lock(&lock);
  error = join(user, file, size);
  if (error == 0) {
    *memory = user->shared->memory;
  }
  rtems_mutex_unlock(&lock);
  return error;
}

void
shared_leave(struct shared_user *user)
{
  struct shared *shared = user->shared;
  struct shared_user **p = &shared->users;

  rtems_mutex_lock(&lock);
  while (*p != user) {
    p = &(*p)->next;
  }
  *p = user->next;
  if (shared->users == NULL) {
    destroy(shared);
  }
  rtems_mutex_unlock(&lock);
}

void
shared_tell(struct shared_user *user)
{
  struct shared_user *to;

  rtems_mutex_lock(&lock);
  for (to = user->shared->users; to != NULL; to = to->next) {
    (*to->notify)(to->arg);
  }
  rtems_mutex_unlock(&lock);
}
