/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The part of RTEMS's Classic API that the simulator serves.
 *
 * Types, values and status codes are those of RTEMS 6; its documentation
 * describes the directives; comments here only say what differs.
 */

#ifndef _RTEMS_H
#define _RTEMS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* cpu_set_t and what newlib declares by default */
#endif

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>

#include <rtems/score/basedefs.h>

/* Built for several processors. */
#define RTEMS_SMP 1

/* Status codes */

typedef enum {
  RTEMS_SUCCESSFUL = 0,
  RTEMS_TASK_EXITTED = 1,
  RTEMS_MP_NOT_CONFIGURED = 2,
  RTEMS_INVALID_NAME = 3,
  RTEMS_INVALID_ID = 4,
  RTEMS_TOO_MANY = 5,
  RTEMS_TIMEOUT = 6,
  RTEMS_OBJECT_WAS_DELETED = 7,
  RTEMS_INVALID_SIZE = 8,
  RTEMS_INVALID_ADDRESS = 9,
  RTEMS_INVALID_NUMBER = 10,
  RTEMS_NOT_DEFINED = 11,
  RTEMS_RESOURCE_IN_USE = 12,
  RTEMS_UNSATISFIED = 13,
  RTEMS_INCORRECT_STATE = 14,
  RTEMS_ALREADY_SUSPENDED = 15,
  RTEMS_ILLEGAL_ON_SELF = 16,
  RTEMS_ILLEGAL_ON_REMOTE_OBJECT = 17,
  RTEMS_CALLED_FROM_ISR = 18,
  RTEMS_INVALID_PRIORITY = 19,
  RTEMS_INVALID_CLOCK = 20,
  RTEMS_INVALID_NODE = 21,
  RTEMS_NOT_CONFIGURED = 22,
  RTEMS_NOT_OWNER_OF_RESOURCE = 23,
  RTEMS_NOT_IMPLEMENTED = 24,
  RTEMS_INTERNAL_ERROR = 25,
  RTEMS_NO_MEMORY = 26,
  RTEMS_IO_ERROR = 27,
  RTEMS_INTERRUPTED = 28,
  RTEMS_PROXY_BLOCKING = 29
} rtems_status_code;

const char *rtems_status_text(rtems_status_code status_code);

/* Types */

typedef uint32_t rtems_id;
typedef uint32_t rtems_name;
typedef uint32_t rtems_interval;
typedef uint32_t rtems_mode;
typedef uint32_t rtems_attribute;
typedef uint32_t rtems_option;
typedef uint32_t rtems_event_set;
typedef uint32_t rtems_task_priority;
typedef uintptr_t rtems_task_argument;
typedef void rtems_task;
typedef rtems_task (*rtems_task_entry)(rtems_task_argument);
typedef struct _Thread_Control rtems_tcb;

typedef struct {
  uint32_t year;
  uint32_t month;
  uint32_t day;
  uint32_t hour;
  uint32_t minute;
  uint32_t second;
  uint32_t ticks;
} rtems_time_of_day;

/* Objects */

#define RTEMS_SELF ((rtems_id)0)
#define RTEMS_ID_NONE ((rtems_id)0)
#define OBJECTS_ID_NONE ((rtems_id)0)

#define rtems_build_name(c1, c2, c3, c4) \
  ((uint32_t)(uint8_t)(c1) << 24 | (uint32_t)(uint8_t)(c2) << 16 | \
    (uint32_t)(uint8_t)(c3) << 8 | (uint32_t)(uint8_t)(c4))

char *rtems_object_get_name(rtems_id id, size_t length, char *name);

rtems_status_code rtems_object_set_name(rtems_id id, const char *name);

rtems_status_code rtems_object_get_classic_name(rtems_id id, rtems_name *name);

#define OBJECTS_CLASSIC_API 2
#define OBJECTS_RTEMS_TASKS 1

typedef struct {
  rtems_id minimum_id;
  rtems_id maximum_id;
  uint32_t maximum;
  bool auto_extend;
  uint32_t unallocated;
} rtems_object_api_class_information;

/** Knows tasks only. */
rtems_status_code rtems_object_get_class_information(
  int                                 api,
  int                                 the_class,
  rtems_object_api_class_information *info
);

/* Tasks */

#define RTEMS_CURRENT_PRIORITY 0
#define RTEMS_NO_PRIORITY RTEMS_CURRENT_PRIORITY
#define RTEMS_MINIMUM_PRIORITY 1
#define RTEMS_MAXIMUM_PRIORITY _RTEMS_Maximum_priority()
#define RTEMS_YIELD_PROCESSOR 0
#define RTEMS_CONFIGURED_MINIMUM_STACK_SIZE 0

rtems_task_priority _RTEMS_Maximum_priority(void);

/** A host needs more stack than a target; see rtems_task_create(). */
#define RTEMS_MINIMUM_STACK_SIZE ((size_t)8192)

#define RTEMS_DEFAULT_MODES 0x00000000
#define RTEMS_PREEMPT 0x00000000
#define RTEMS_NO_PREEMPT 0x00000100
#define RTEMS_NO_TIMESLICE 0x00000000
#define RTEMS_TIMESLICE 0x00000200
#define RTEMS_ASR 0x00000000
#define RTEMS_NO_ASR 0x00000400
#define RTEMS_INTERRUPT_LEVEL(level) ((level) & 0x1)

#define RTEMS_DEFAULT_ATTRIBUTES 0x00000000
#define RTEMS_NO_FLOATING_POINT 0x00000000
#define RTEMS_FLOATING_POINT 0x00000001
#define RTEMS_LOCAL 0x00000000
#define RTEMS_APPLICATION_TASK 0x00000000
#define RTEMS_SYSTEM_TASK 0x00008000

/**
 * Modes and attributes are accepted and have no effect.  Every task gets a
 * host stack of at least 256 KiB.
 */
rtems_status_code rtems_task_create(
  rtems_name          name,
  rtems_task_priority initial_priority,
  size_t              stack_size,
  rtems_mode          initial_modes,
  rtems_attribute     attribute_set,
  rtems_id           *id
);

rtems_status_code rtems_task_start(
  rtems_id            id,
  rtems_task_entry    entry_point,
  rtems_task_argument argument
);

rtems_status_code rtems_task_delete(rtems_id id);

RTEMS_NO_RETURN void rtems_task_exit(void);

rtems_id rtems_task_self(void);

rtems_status_code rtems_task_ident(
  rtems_name name,
  uint32_t   node,
  rtems_id  *id
);

#define RTEMS_SEARCH_ALL_NODES 0
#define RTEMS_SEARCH_LOCAL_NODE 0x7fffffff

rtems_status_code rtems_task_suspend(rtems_id id);

rtems_status_code rtems_task_resume(rtems_id id);

rtems_status_code rtems_task_is_suspended(rtems_id id);

rtems_status_code rtems_task_set_priority(
  rtems_id             id,
  rtems_task_priority  new_priority,
  rtems_task_priority *old_priority
);

rtems_status_code rtems_task_get_priority(
  rtems_id             task_id,
  rtems_id             scheduler_id,
  rtems_task_priority *priority
);

rtems_status_code rtems_task_wake_after(rtems_interval ticks);

rtems_status_code rtems_task_get_scheduler(
  rtems_id  task_id,
  rtems_id *scheduler_id
);

rtems_status_code rtems_task_set_scheduler(
  rtems_id            task_id,
  rtems_id            scheduler_id,
  rtems_task_priority priority
);

/** Any processor: the simulator has no affinity. */
rtems_status_code rtems_task_get_affinity(
  rtems_id   id,
  size_t     cpusetsize,
  cpu_set_t *cpuset
);

/** Checks its arguments and has no effect. */
rtems_status_code rtems_task_set_affinity(
  rtems_id         id,
  size_t           cpusetsize,
  const cpu_set_t *cpuset
);

/* Events */

#define RTEMS_EVENT_0 0x00000001
#define RTEMS_EVENT_1 0x00000002
#define RTEMS_EVENT_2 0x00000004
#define RTEMS_EVENT_3 0x00000008
#define RTEMS_EVENT_4 0x00000010
#define RTEMS_EVENT_5 0x00000020
#define RTEMS_EVENT_6 0x00000040
#define RTEMS_EVENT_7 0x00000080
#define RTEMS_EVENT_8 0x00000100
#define RTEMS_EVENT_9 0x00000200
#define RTEMS_EVENT_10 0x00000400
#define RTEMS_EVENT_11 0x00000800
#define RTEMS_EVENT_12 0x00001000
#define RTEMS_EVENT_13 0x00002000
#define RTEMS_EVENT_14 0x00004000
#define RTEMS_EVENT_15 0x00008000
#define RTEMS_EVENT_16 0x00010000
#define RTEMS_EVENT_17 0x00020000
#define RTEMS_EVENT_18 0x00040000
#define RTEMS_EVENT_19 0x00080000
#define RTEMS_EVENT_20 0x00100000
#define RTEMS_EVENT_21 0x00200000
#define RTEMS_EVENT_22 0x00400000
#define RTEMS_EVENT_23 0x00800000
#define RTEMS_EVENT_24 0x01000000
#define RTEMS_EVENT_25 0x02000000
#define RTEMS_EVENT_26 0x04000000
#define RTEMS_EVENT_27 0x08000000
#define RTEMS_EVENT_28 0x10000000
#define RTEMS_EVENT_29 0x20000000
#define RTEMS_EVENT_30 0x40000000
#define RTEMS_EVENT_31 0x80000000
#define RTEMS_ALL_EVENTS 0xffffffff
#define RTEMS_PENDING_EVENTS 0
#define RTEMS_EVENT_SYSTEM_TRANSIENT RTEMS_EVENT_31

#define RTEMS_DEFAULT_OPTIONS 0x00000000
#define RTEMS_WAIT 0x00000000
#define RTEMS_NO_WAIT 0x00000001
#define RTEMS_EVENT_ALL 0x00000000
#define RTEMS_EVENT_ANY 0x00000002
#define RTEMS_NO_TIMEOUT 0

rtems_status_code rtems_event_send(rtems_id id, rtems_event_set event_in);

rtems_status_code rtems_event_receive(
  rtems_event_set  event_in,
  rtems_option     option_set,
  rtems_interval   ticks,
  rtems_event_set *event_out
);

rtems_status_code rtems_event_system_send(
  rtems_id        id,
  rtems_event_set event_in
);

rtems_status_code rtems_event_system_receive(
  rtems_event_set  event_in,
  rtems_option     option_set,
  rtems_interval   ticks,
  rtems_event_set *event_out
);

static inline rtems_status_code
rtems_event_transient_send(rtems_id id)
{
  return rtems_event_system_send(id, RTEMS_EVENT_SYSTEM_TRANSIENT);
}

static inline rtems_status_code
rtems_event_transient_receive(rtems_option option_set, rtems_interval ticks)
{
  rtems_event_set out;

  return rtems_event_system_receive(
    RTEMS_EVENT_SYSTEM_TRANSIENT,
    RTEMS_EVENT_ALL | option_set,
    ticks,
    &out
  );
}

static inline void
rtems_event_transient_clear(void)
{
  (void)rtems_event_transient_receive(RTEMS_NO_WAIT, 0);
}

/* Processors and the scheduler */

uint32_t rtems_scheduler_get_processor_maximum(void);

uint32_t rtems_scheduler_get_processor(void);

rtems_status_code rtems_scheduler_ident(rtems_name name, rtems_id *id);

rtems_status_code rtems_scheduler_get_maximum_priority(
  rtems_id             scheduler_id,
  rtems_task_priority *priority
);

rtems_status_code rtems_scheduler_get_processor_set(
  rtems_id   scheduler_id,
  size_t     cpusetsize,
  cpu_set_t *cpuset
);

#define rtems_get_processor_count() rtems_scheduler_get_processor_maximum()
#define rtems_get_current_processor() rtems_scheduler_get_processor()

/* Clock */

void rtems_clock_get_monotonic(struct timespec *time_snapshot);

void rtems_clock_get_realtime(struct timespec *time_snapshot);

/* The time of the last clock tick. */
void rtems_clock_get_monotonic_coarse(struct timespec *time_snapshot);

rtems_status_code rtems_clock_get_uptime(struct timespec *uptime);

time_t rtems_clock_get_uptime_seconds(void);

uint64_t rtems_clock_get_uptime_nanoseconds(void);

rtems_status_code rtems_clock_set(const rtems_time_of_day *time_of_day);

rtems_status_code rtems_clock_get_tod(rtems_time_of_day *time_of_day);

rtems_status_code rtems_clock_get_tod_timeval(struct timeval *time_of_day);

rtems_interval rtems_clock_get_ticks_per_second(void);

rtems_interval rtems_clock_get_ticks_since_boot(void);

static inline rtems_interval
rtems_clock_tick_later(rtems_interval delta)
{
  return rtems_clock_get_ticks_since_boot() + delta;
}

static inline bool
rtems_clock_tick_before(rtems_interval ticks)
{
  return (int32_t)(ticks - rtems_clock_get_ticks_since_boot()) > 0;
}

/* Interrupts: threads of the simulator which are no tasks */

bool rtems_interrupt_is_in_progress(void);

typedef struct {
  int locked;
} rtems_interrupt_lock;

typedef struct {
  int unused;
} rtems_interrupt_lock_context;

#define RTEMS_INTERRUPT_LOCK_INITIALIZER(name) { 0 }
#define RTEMS_INTERRUPT_LOCK_MEMBER(designator) \
  rtems_interrupt_lock designator;
#define RTEMS_INTERRUPT_LOCK_DECLARE(specifier, designator) \
  specifier rtems_interrupt_lock designator;
#define RTEMS_INTERRUPT_LOCK_DEFINE(specifier, designator, name) \
  specifier rtems_interrupt_lock designator = { 0 };
#define rtems_interrupt_lock_initialize(lock, name) \
  ((void)((lock)->locked = 0))
#define rtems_interrupt_lock_destroy(lock) ((void)(lock))

void rtems_interrupt_lock_acquire(
  rtems_interrupt_lock         *lock,
  rtems_interrupt_lock_context *context
);

void rtems_interrupt_lock_release(
  rtems_interrupt_lock         *lock,
  rtems_interrupt_lock_context *context
);

/* Configuration */

#define RTEMS_UNLIMITED_OBJECTS 0x80000000U
#define rtems_resource_unlimited(resource) \
  ((resource) | RTEMS_UNLIMITED_OBJECTS)
#define rtems_resource_is_unlimited(resource) \
  (((resource) & RTEMS_UNLIMITED_OBJECTS) != 0)
#define rtems_resource_maximum_per_allocation(resource) \
  ((resource) & ~RTEMS_UNLIMITED_OBJECTS)

uint32_t rtems_configuration_get_maximum_tasks(void);

uint32_t rtems_configuration_get_maximum_processors(void);

uint32_t rtems_configuration_get_microseconds_per_tick(void);

uint32_t rtems_configuration_get_nanoseconds_per_tick(void);

/* Fatal errors and the end */

typedef enum {
  INTERNAL_ERROR_CORE = 0,
  INTERNAL_ERROR_RTEMS_API = 1,
  INTERNAL_ERROR_POSIX_API = 2,
  RTEMS_FATAL_SOURCE_BDBUF = 3,
  RTEMS_FATAL_SOURCE_APPLICATION = 4,
  RTEMS_FATAL_SOURCE_EXIT = 5,
  RTEMS_FATAL_SOURCE_BSP = 6,
  RTEMS_FATAL_SOURCE_ASSERT = 7,
  RTEMS_FATAL_SOURCE_STACK_CHECKER = 8,
  RTEMS_FATAL_SOURCE_EXCEPTION = 9,
  RTEMS_FATAL_SOURCE_PANIC = 11,
  RTEMS_FATAL_SOURCE_INVALID_HEAP_FREE = 12
} rtems_fatal_source;

typedef unsigned long rtems_fatal_code;

/** What the simulator has of user extensions: one, for exceptions. */
typedef struct {
  void (*fatal)(
    rtems_fatal_source source, bool always_false, rtems_fatal_code code);
} rtems_extensions_table;

/** The code of RTEMS_FATAL_SOURCE_EXCEPTION. */
typedef struct {
  uintptr_t pc, sp;

  /** The number of the host's signal. */
  unsigned vector;

  /** There is nothing to execute at the pc. */
  bool no_code;
} CPU_Exception_frame;

/** Prints source and code and ends the process with status 1. */
RTEMS_NO_RETURN void rtems_fatal(
  rtems_fatal_source fatal_source,
  rtems_fatal_code   fatal_code
);

RTEMS_NO_RETURN RTEMS_PRINTFLIKE(1, 2) void rtems_panic(const char *fmt, ...);

RTEMS_NO_RETURN void rtems_fatal_error_occurred(uint32_t fatal_code);

/** Ends the process with this status. */
RTEMS_NO_RETURN void rtems_shutdown_executive(uint32_t result);

#endif /* _RTEMS_H */
