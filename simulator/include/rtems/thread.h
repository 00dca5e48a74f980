/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Self-contained objects: mutexes, semaphores, condition variables.
 */

#ifndef _RTEMS_THREAD_H
#define _RTEMS_THREAD_H

#include <errno.h>
#include <limits.h>
#include <stdint.h>

#include <simulator/waitq.h>

typedef struct {
  struct waitq queue;
} rtems_mutex;

typedef struct {
  rtems_mutex mutex;
  unsigned int nest_level;
} rtems_recursive_mutex;

typedef struct {
  struct waitq queue;
} rtems_condition_variable;

typedef struct {
  struct waitq queue;
  unsigned int count;
  unsigned int maximum;
} rtems_counting_semaphore;

typedef struct {
  rtems_counting_semaphore counting;
} rtems_binary_semaphore;

#define RTEMS_MUTEX_INITIALIZER(name) { WAITQ_INITIALIZER(name) }
#define RTEMS_RECURSIVE_MUTEX_INITIALIZER(name) \
  { RTEMS_MUTEX_INITIALIZER(name), 0 }
#define RTEMS_CONDITION_VARIABLE_INITIALIZER(name) { WAITQ_INITIALIZER(name) }
#define RTEMS_COUNTING_SEMAPHORE_INITIALIZER(name, value) \
  { WAITQ_INITIALIZER(name), (value), UINT_MAX }
#define RTEMS_BINARY_SEMAPHORE_INITIALIZER(name) \
  { { WAITQ_INITIALIZER(name), 0, 1 } }

static inline void
rtems_mutex_init(rtems_mutex *mutex, const char *name)
{
  *mutex = (rtems_mutex)RTEMS_MUTEX_INITIALIZER(name);
}

void rtems_mutex_lock(rtems_mutex *mutex);

int rtems_mutex_try_lock(rtems_mutex *mutex);

void rtems_mutex_unlock(rtems_mutex *mutex);

#define rtems_mutex_destroy(mutex) rtems_mutex_init(mutex, NULL)

static inline void
rtems_recursive_mutex_init(rtems_recursive_mutex *mutex, const char *name)
{
  *mutex = (rtems_recursive_mutex)RTEMS_RECURSIVE_MUTEX_INITIALIZER(name);
}

void rtems_recursive_mutex_lock(rtems_recursive_mutex *mutex);

int rtems_recursive_mutex_try_lock(rtems_recursive_mutex *mutex);

void rtems_recursive_mutex_unlock(rtems_recursive_mutex *mutex);

#define rtems_recursive_mutex_destroy(mutex) \
  rtems_recursive_mutex_init(mutex, NULL)

static inline void
rtems_condition_variable_init(
  rtems_condition_variable *condition_variable,
  const char               *name
)
{
  *condition_variable =
    (rtems_condition_variable)RTEMS_CONDITION_VARIABLE_INITIALIZER(name);
}

void rtems_condition_variable_wait(
  rtems_condition_variable *condition_variable,
  rtems_mutex              *mutex
);

void rtems_condition_variable_signal(
  rtems_condition_variable *condition_variable
);

void rtems_condition_variable_broadcast(
  rtems_condition_variable *condition_variable
);

#define rtems_condition_variable_destroy(condition_variable) \
  rtems_condition_variable_init(condition_variable, NULL)

static inline void
rtems_counting_semaphore_init(
  rtems_counting_semaphore *semaphore,
  const char               *name,
  unsigned int              value
)
{
  *semaphore = (rtems_counting_semaphore)
    RTEMS_COUNTING_SEMAPHORE_INITIALIZER(name, value);
}

void rtems_counting_semaphore_wait(rtems_counting_semaphore *semaphore);

int rtems_counting_semaphore_wait_timed_ticks(
  rtems_counting_semaphore *semaphore,
  uint32_t                  ticks
);

int rtems_counting_semaphore_try_wait(rtems_counting_semaphore *semaphore);

void rtems_counting_semaphore_post(rtems_counting_semaphore *semaphore);

#define rtems_counting_semaphore_destroy(semaphore) \
  rtems_counting_semaphore_init(semaphore, NULL, 0)

static inline void
rtems_binary_semaphore_init(
  rtems_binary_semaphore *semaphore,
  const char             *name
)
{
  *semaphore =
    (rtems_binary_semaphore)RTEMS_BINARY_SEMAPHORE_INITIALIZER(name);
}

static inline void
rtems_binary_semaphore_wait(rtems_binary_semaphore *semaphore)
{
  rtems_counting_semaphore_wait(&semaphore->counting);
}

static inline int
rtems_binary_semaphore_wait_timed_ticks(
  rtems_binary_semaphore *semaphore,
  uint32_t                ticks
)
{
  return rtems_counting_semaphore_wait_timed_ticks(
    &semaphore->counting,
    ticks
  );
}

static inline int
rtems_binary_semaphore_try_wait(rtems_binary_semaphore *semaphore)
{
  return rtems_counting_semaphore_try_wait(&semaphore->counting);
}

static inline void
rtems_binary_semaphore_post(rtems_binary_semaphore *semaphore)
{
  rtems_counting_semaphore_post(&semaphore->counting);
}

#define rtems_binary_semaphore_destroy(semaphore) \
  rtems_binary_semaphore_init(semaphore, NULL)

#endif /* _RTEMS_THREAD_H */
