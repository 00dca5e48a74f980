/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Inside the simulator: tasks, processors and the one lock.
 *
 * A directive starts with sim_enter(), which takes the lock, and ends with
 * sim_leave(), which gives it back and where the caller waits if it may no
 * longer run.  All that is named below wants the lock held unless it says
 * otherwise.
 */

#ifndef SIMULATOR_SCHEDULER_H
#define SIMULATOR_SCHEDULER_H

#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>

#include <rtems.h>
#include <simulator/configuration.h>
#include <simulator/waitq.h>

#define PROCESSORS_MAX 32

/* A task whose state is 0 runs or is ready to. */
#define STATE_DORMANT 0x1 /* not started, or already ended */
#define STATE_SUSPENDED 0x2
#define STATE_WAITING 0x4 /* for a queue, for events or for time */

typedef struct _Thread_Control task;

struct events {
  rtems_event_set pending;
  rtems_event_set wanted; /* 0: not waited for */
  rtems_option option;
  rtems_event_set *out;
};

struct _Thread_Control {
  rtems_id id;
  rtems_name name;
  unsigned base_priority;
  unsigned priority; /* with what is inherited */
  unsigned state;

  /* The processor that it holds, or -1. */
  int processor;
  task *next_ready;

  /* It holds a processor and shall look after that; any thread may read. */
  atomic_bool attention;

  /* When it gives up its processor it goes behind those of its priority. */
  bool behind;

  /* Its own count; where not 0 it keeps its processor. */
  unsigned dispatch_disabled;

  /* What it waits in, and how it ended. */
  struct waitq *queue;
  bool fifo;
  task *next_waiting;
  int wait_status;

  /* When it is to be woken by time, in nanoseconds. */
  bool timed;
  int64_t deadline;
  task *next_timed;

  /* Queues that others wait in until this task surrenders. */
  struct waitq *owned;

  /* Those who wait for its end. */
  struct waitq join;
  bool terminating; /* shall end */
  bool ending;      /* is about to, and may no longer be told so */
  unsigned destructor_rounds;

  /* The pc of the code that a signal has preempted, or NULL. */
  uintptr_t *_Atomic interrupted_at;

  struct events events;
  struct events system_events;

  rtems_task_entry entry;
  rtems_task_argument argument;
  size_t stack_size;
  pthread_t thread;
  pthread_cond_t assigned; /* a processor */
  sigjmp_buf bottom;       /* of its stack, where it ends */
};

/* The calling task; NULL in an interrupt. Without the lock. */
task *sim_self(void);

/* Without the lock, or once more by who has it. */
task *sim_enter(void);

void sim_leave(void);

/* Whether the caller may not go on without sim_enter(). Without the lock. */
bool sim_has_to_dispatch(void);

/* Ends the caller's directive, blocked in STATE_WAITING. Returns unlocked. */
int sim_block(task *self);

void sim_set_state(task *t, unsigned state);

void sim_clear_state(task *t, unsigned state);

/* Ends the wait of a task that may stand in a queue and may be timed. */
void sim_wake(task *t, int status);

void sim_set_priority(task *t, unsigned priority);

/* Follows a change among those who wait for this task. */
void sim_inherit(task *t);

void sim_yield(task *self);

/* Makes a task end as soon as it runs next; the caller is another. */
void sim_terminate(task *t);

/* Ends the calling task. Entered without the lock. */
RTEMS_NO_RETURN void sim_exit(void);

/* Starts the host's thread for a task. */
void sim_start(task *t);

/* Before the first task. */
void sim_scheduler_initialize(void);

/* Reminds tasks which should long have given up their processors. */
void sim_remind(void);

/* exception.c */
void sim_exception_initialize(void);

/* clock.c */
void sim_clock_initialize(void);
int64_t sim_now(void); /* without the lock; monotonic, in nanoseconds */
int64_t sim_deadline(rtems_interval ticks);
void sim_set_timeout(task *t, int64_t deadline);
void sim_cancel_timeout(task *t);

/* object.c */
typedef rtems_status_code sim_directive(task *t, void *arg);
rtems_status_code sim_with_task(rtems_id id, sim_directive *body, void *arg);
task *sim_find(rtems_id id);
bool sim_register(task *t);
void sim_forget(task *t);
uint32_t sim_count_tasks(void);

/* waitq.c */
void sim_enqueue(struct waitq *q, task *t, bool fifo);
void sim_dequeue(task *t);
void sim_requeue(task *t); /* its priority has changed */

/* file.c and memory.c */
int sim_count_files(void);
void *sim_host_calloc(size_t count, size_t size);
void sim_host_free(void *p);

#endif /* SIMULATOR_SCHEDULER_H */
