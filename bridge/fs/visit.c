/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Tasks in the kernel, and who they are there.
 *
 * NetBSD's processes hold credentials, so there is one for each set of these.
 * The first one is root's: it has the table of descriptors that all share, and
 * lives as long as the kernel.  The others live while a task is in them.
 */

#include "visit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rtems/libio_.h>
#include <rtems/rtems/tasksimpl.h>
#include <rtems/score/threadimpl.h>
#include <rtems/thread.h>

#include "abi/file.h"
#include "instance.h"
#include "lock.h"
#include "visitor.h"

#define NEW_DESCRIPTORS 0x2 /* of rump_pub_lwproc_rfork() */

struct process {
  struct process *next;
  pid_t pid;
  unsigned users;
  uid_t uid;
  gid_t gid;
  size_t group_count;
  uint32_t groups[NGROUPS];
};

/* The last one is root's.  They end with the kernel. */
static struct process *processes;
static pid_t root_pid;
static struct lock processes_lock = LOCK_INITIALIZER("rump processes");

/* What the calling task is in the kernel. */
static __thread struct {
  /* In all lives, from the first visit on until the task ends. */
  struct occupant occupant;
  bool is_visitor;

  /*
   * Its priority in RTEMS's scheduler, of which the upper half never differs,
   * and what it means in the last life.
   */
  uint32_t core_priority;
  rtems_task_priority priority;
  bool is_low;

  /* In one life. */
  unsigned life;
  struct lwp *lwp;
  struct process *process;
} self;

static bool
is_process_of(const struct process *process, const rtems_user_env_t *user)
{
  size_t i;

  if (process->uid != user->euid || process->gid != user->egid
      || process->group_count != user->ngroups) {
    return false;
  }
  for (i = 0; i < process->group_count; ++i) {
    if (process->groups[i] != user->groups[i]) {
      return false;
    }
  }
  return true;
}

static struct process *
process_make(const rtems_user_env_t *user)
{
  struct process *process = memory_allocate(sizeof(*process));
  size_t i;

  if (process != NULL) {
    process->users = 0;
    process->uid = user->euid;
    process->gid = user->egid;
    process->group_count = user->ngroups;
    for (i = 0; i < user->ngroups; ++i) {
      process->groups[i] = user->groups[i];
    }
  }
  return process;
}

/* Each name that RTEMS has and each directory on the way may be open. */
static int
make_root_process(void)
{
  struct netbsd_rlimit limit = { .cur = 1024, .max = 1024 };
  int error = rump_pub_lwproc_rfork(NEW_DESCRIPTORS);

  if (error == 0) {
    root_pid = rump_sys_getpid();
    (void)rump_sys_umask(0);
    (void)rump_sys_setrlimit(NETBSD_RLIMIT_NOFILE, &limit);
    /* Its first thread stays, for ever outside. */
    hypercall_lwp = NULL;
  }
  return error;
}

/* A new process has the calling task for its first thread. */
static int
fork_process(struct process *process)
{
  struct lwp *roots, *own;
  int error = rump_pub_lwproc_newlwp(root_pid);

  if (error != 0) {
    return error;
  }
  roots = hypercall_lwp;
  error = rump_pub_lwproc_rfork(0);
  own = error == 0 ? hypercall_lwp : NULL;
  hypercall_lwp = roots;
  rump_pub_lwproc_releaselwp();
  hypercall_lwp = own;
  if (error == 0) {
    process->pid = rump_sys_getpid();
    (void)rump_sys_setgroups((int)process->group_count, process->groups);
    (void)rump_sys_setgid(process->gid);
    (void)rump_sys_setuid(process->uid);
  }
  return error;
}

static int
join_process(const rtems_user_env_t *user, struct process **result)
{
  struct process *process = processes;
  int error;

  while (process != NULL && !is_process_of(process, user)) {
    process = process->next;
  }
  if (process != NULL) {
    error = rump_pub_lwproc_newlwp(process->pid);
  } else {
    process = process_make(user);
    error = process == NULL ? NETBSD_ENOMEM : fork_process(process);
    if (error == 0) {
      process->next = processes;
      processes = process;
    } else if (process != NULL) {
      memory_release(process, sizeof(*process));
    }
  }
  *result = process;
  return error;
}

static int
bind_self(const rtems_user_env_t *user)
{
  struct process *process = NULL;
  int error = 0;

  hypercall_lwp = NULL;
  lock_enter(&processes_lock);
  if (root_pid == 0) {
    error = make_root_process();
  }
  if (error == 0) {
    error = join_process(user, &process);
  }
  if (error == 0) {
    ++process->users;
    self.lwp = hypercall_lwp;
    self.process = process;
    self.life = instance_life();
  }
  lock_exit(&processes_lock);
  return hypercall_errno_from_netbsd(error);
}

static void
forget_process(struct process *process)
{
  struct process **p = &processes;

  while (*p != process) {
    p = &(*p)->next;
  }
  *p = process->next;
  memory_release(process, sizeof(*process));
}

/* A process ends with its last thread, before another may look for it. */
static void
unbind_self(void)
{
  lock_enter(&processes_lock);
  hypercall_lwp = self.lwp;
  self.life = 0;
  rump_pub_lwproc_releaselwp();
  if (--self.process->users == 0) {
    forget_process(self.process);
  }
  lock_exit(&processes_lock);
}

/* rtems_current_user_env_get() */
static inline const rtems_user_env_t *
user_of(const Thread_Control *task)
{
  const rtems_user_env_t *user = task->user_environment;

  return user != NULL ? user : &rtems_global_user_env;
}

static inline bool
is_bound(unsigned life)
{
  return self.life == life;
}

/* The kernel sees the task as the user that it is for RTEMS now. */
static int
become_self(unsigned life)
{
  const rtems_user_env_t *user = rtems_current_user_env_get();
  int error = 0;

  if (is_bound(life) && !is_process_of(self.process, user)) {
    unbind_self();
  }
  if (!is_bound(life)) {
    error = bind_self(user);
  }
  hypercall_lwp = self.lwp;
  return error;
}

struct lwp *
visit_as_root(void)
{
  struct lwp *own = hypercall_lwp;

  if (self.process->uid == 0) {
    return NULL;
  }
  hypercall_lwp = NULL;
  (void)rump_pub_lwproc_newlwp(root_pid);
  return own;
}

void
visit_as_self(struct lwp *own)
{
  if (own != NULL) {
    rump_pub_lwproc_releaselwp();
    hypercall_lwp = own;
  }
}

static void
set_priority(rtems_task_priority priority)
{
  (void)rtems_task_set_priority(RTEMS_SELF, priority, &priority);
}

/*
 * The first visit, the first in this life, or with this priority, which is
 * without what others lend the task: rtems_task_set_priority() keeps that.
 */
static int
introduce_self(void)
{
  const Thread_Control *task = _Thread_Get_executing();
  Priority_Control core = task->Real_priority.priority;
  rtems_task_priority priority =
    _RTEMS_Priority_From_core(_Thread_Scheduler_get_home(task), core);

  if (priority < caller_priority()) {
    return EPERM;
  }
  if (!self.is_visitor) {
    occupant_add(&self.occupant);
    self.is_visitor = true;
  }
  self.core_priority = (uint32_t)core;
  self.priority = priority;
  self.is_low = priority > caller_priority();
  return 0;
}

/* It may have been raised while it was inside. */
static void
go(const struct visit *visit)
{
  if (visitor_go(&self.occupant) || visit->kind == VISIT_RAISED) {
    set_priority(self.priority);
  }
}

/*
 * A task goes on with its own priority, until somebody has to wait for what it
 * has: most often nobody has.
 */
static inline __attribute__((__always_inline__)) bool
come(struct visit *visit, unsigned life, bool is_low)
{
  visit->kind = is_low ? VISIT_LOW : VISIT_EQUAL;
  visit->lwp = hypercall_lwp;
  self.occupant.way_out = &visit->way_out;
  return PREDICT_TRUE(visitor_come(&self.occupant, is_low, life));
}

static void
raise_self(struct visit *visit)
{
  visit->kind = VISIT_RAISED;
  set_priority(caller_priority());
}

/* Who is in the kernel already came another way, and stays until the end. */
static int
enter(struct visit *visit, unsigned life, bool urgent)
{
  int error;

  if (hypercall_self.occupant != NULL) {
    visit->kind = VISIT_NESTED;
    visit->lwp = hypercall_lwp;
    return instance_runs_in(life) ? 0 : EIO;
  }
  error = introduce_self();
  if (error != 0) {
    return error;
  }
  if (!come(visit, life, self.is_low && !urgent)) {
    return EIO;
  }
  if (self.is_low && urgent) {
    raise_self(visit);
  }
  return 0;
}

static __attribute__((__noipa__)) void
leave(const struct visit *visit)
{
  hypercall_lwp = visit->lwp;
  if (visit->kind != VISIT_NESTED) {
    go(visit);
  }
}

static SLOW_PATH bool
begin_anew(struct visit *visit, unsigned life, bool urgent)
{
  int error = enter(visit, life, urgent);

  if (error == 0) {
    error = become_self(life);
    if (error == 0) {
      return true;
    }
    leave(visit);
  }
  errno = error;
  return false;
}

/* The task has been here in this life. */
static inline __attribute__((__always_inline__)) bool
begin_again(
  struct visit         *visit,
  const Thread_Control *task,
  unsigned              life,
  bool                  is_low
)
{
  if (!come(visit, life, is_low)) {
    errno = EIO;
    return false;
  }
  if (PREDICT_FALSE(!is_process_of(self.process, user_of(task)))) {
    leave(visit);
    return begin_anew(visit, life, false);
  }
  hypercall_lwp = self.lwp;
  return true;
}

static FAST_PATH __attribute__((__noinline__)) bool
begin_low(
  struct visit         *visit,
  const Thread_Control *task,
  unsigned              life,
  bool                  urgent
)
{
  bool begins = begin_again(visit, task, life, !urgent);

  if (begins && urgent) {
    raise_self(visit);
  }
  return begins;
}

FAST_PATH bool
visit_begin(struct visit *visit, unsigned life, bool urgent)
{
  const Thread_Control *task = hypercall_known_task();

  if (PREDICT_FALSE(
        task == NULL || hypercall_self.occupant != NULL || !is_bound(life)
          || self.core_priority != (uint32_t)task->Real_priority.priority
      )) {
    return begin_anew(visit, life, urgent);
  }
  return PREDICT_TRUE(!self.is_low)
    ? begin_again(visit, task, life, false)
    : begin_low(visit, task, life, urgent);
}

FAST_PATH void
visit_end(const struct visit *visit)
{
  if (PREDICT_TRUE(
        visit->kind == VISIT_EQUAL && visitor_go_at_once(&self.occupant)
      )) {
    hypercall_lwp = visit->lwp;
  } else {
    leave(visit);
  }
}

void
visit_abandon(const struct visit *visit)
{
  go(visit);
  errno = EIO;
}

static void
leave_process(void)
{
  struct visit visit;

  if (setjmp(visit.way_out) != 0) {
    visit_abandon(&visit);
  } else if (enter(&visit, self.life, false) == 0) {
    unbind_self();
    leave(&visit);
  }
}

/* Nothing of the task's own is there any more afterwards. */
static void
task_ends(rtems_tcb *task)
{
  (void)task;
  if (self.life != 0 && is_bound(instance_life())) {
    leave_process();
  }
  if (self.is_visitor) {
    occupant_remove(&self.occupant);
    self.is_visitor = false;
  }
}

static void
task_restarts(rtems_tcb *task, rtems_tcb *same)
{
  (void)same;
  task_ends(task);
}

static int
make_extension(void)
{
  static const rtems_extensions_table table = {
    .thread_terminate = task_ends,
    .thread_restart = task_restarts
  };
  rtems_id id;

  if (rtems_extension_create(
        rtems_build_name('R', 'U', 'M', 'P'),
        &table,
        &id
      ) == RTEMS_SUCCESSFUL) {
    return 0;
  }
  rumpuser_dprintf(
    "rump: no user extension is left: raise "
    "CONFIGURE_MAXIMUM_USER_EXTENSIONS by 1\n"
  );
  return EAGAIN;
}

int
visit_init(void)
{
  static rtems_mutex lock OUTLIVES_KERNEL =
    RTEMS_MUTEX_INITIALIZER("rump extension");
  static bool has_extension OUTLIVES_KERNEL;
  int error = 0;

  rtems_mutex_lock(&lock);
  if (!has_extension) {
    error = make_extension();
    has_extension = error == 0;
  }
  rtems_mutex_unlock(&lock);
  return error;
}
