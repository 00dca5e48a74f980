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

#define NEW_DESCRIPTORS 0x2 /* of rump_pub_lwproc_rfork() */

struct process {
  struct process *next;
  pid_t pid;
  unsigned users;
  uint32_t uid;
  uint32_t gid;
  size_t group_count;
  uint32_t groups[NGROUPS];
};

/* The last one is root's.  They end with the kernel. */
static struct process *processes;
static pid_t root_pid;
static struct lock processes_lock = LOCK_INITIALIZER("rump processes");

/* What the calling task is in the kernel, in one of its lives. */
static __thread struct {
  struct lwp *lwp;
  struct process *process;
  unsigned life;
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
  self.lwp = NULL;
  rump_pub_lwproc_releaselwp();
  if (--self.process->users == 0) {
    forget_process(self.process);
  }
  lock_exit(&processes_lock);
}

/* rtems_current_user_env_get(), for a task that is known. */
static inline const rtems_user_env_t *
own_user(void)
{
  const Thread_Control *task = hypercall_known_task();
  const rtems_user_env_t *user;

  if (PREDICT_FALSE(task == NULL)) {
    return rtems_current_user_env_get();
  }
  user = task->user_environment;
  return user != NULL ? user : &rtems_global_user_env;
}

static inline bool
is_bound(unsigned life)
{
  return self.lwp != NULL && self.life == life;
}

static SLOW_PATH int
bind_again(const rtems_user_env_t *user, unsigned life)
{
  if (is_bound(life)) {
    unbind_self();
  }
  return bind_self(user);
}

/* The kernel sees the task as the user that it is for RTEMS now. */
static inline int
become_self(unsigned life)
{
  const rtems_user_env_t *user = own_user();
  int error = 0;

  if (PREDICT_FALSE(!is_bound(life) || !is_process_of(self.process, user))) {
    error = bind_again(user, life);
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

/* Without what others lend the task, which rtems_task_set_priority() keeps. */
static inline rtems_task_priority
own_priority(void)
{
  const Thread_Control *task = hypercall_known_task();

  if (PREDICT_FALSE(task == NULL)) {
    task = _Thread_Get_executing();
  }
  return _RTEMS_Priority_From_core(
    _Thread_Scheduler_get_home(task),
    task->Real_priority.priority
  );
}

static void
set_priority(rtems_task_priority priority)
{
  (void)rtems_task_set_priority(RTEMS_SELF, priority, &priority);
}

/* It may have been raised while it was inside. */
static inline void
leave_as_occupant(struct visit *visit)
{
  struct occupant *occupant = &visit->occupant;

  occupant_leave(occupant);
  if (PREDICT_FALSE(
        visit->priority > caller_priority() && !occupant->is_low
      )) {
    set_priority(visit->priority);
  }
}

/*
 * A task goes on with its own priority, until somebody has to wait for what it
 * has: most often nobody has.
 */
static inline int
enter_as_occupant(struct visit *visit, unsigned life, bool urgent)
{
  struct occupant *occupant = &visit->occupant;
  rtems_task_priority priority = own_priority();
  bool is_below = priority > caller_priority();
  enum occupant_kind kind =
    is_below && !urgent ? OCCUPANT_LOW_VISITOR : OCCUPANT_VISITOR;
  int error;

  visit->priority = priority;
  if (!occupant_enter(occupant, kind)) {
    return EIO;
  }
  error = !instance_runs_in(life)
    ? EIO : priority < caller_priority() ? EPERM : 0;
  if (PREDICT_FALSE(error != 0)) {
    leave_as_occupant(visit);
  } else if (urgent && is_below) {
    set_priority(caller_priority());
  }
  return error;
}

/* Who is in the kernel already came another way, and stays until the end. */
static inline __attribute__((__always_inline__)) int
enter(struct visit *visit, unsigned life, bool urgent)
{
  visit->error = &errno;
  visit->saved_errno = *visit->error;
  visit->lwp = hypercall_lwp;
  visit->is_nested = hypercall_self.occupant != NULL;
  if (visit->is_nested) {
    return instance_runs_in(life) ? 0 : EIO;
  }
  return enter_as_occupant(visit, life, urgent);
}

static inline void
leave(struct visit *visit)
{
  hypercall_lwp = visit->lwp;
  if (!visit->is_nested) {
    leave_as_occupant(visit);
  }
}

bool
visit_begin(struct visit *visit, unsigned life, bool urgent)
{
  int error = enter(visit, life, urgent);

  if (error == 0) {
    error = become_self(life);
    if (error == 0) {
      *visit->error = 0;
      return true;
    }
    leave(visit);
  }
  *visit->error = error;
  return false;
}

void
visit_end(struct visit *visit)
{
  leave(visit);
  if (*visit->error == 0) {
    *visit->error = visit->saved_errno;
  }
}

void
visit_abandon(struct visit *visit)
{
  leave_as_occupant(visit);
  *visit->error = EIO;
}

static void
task_ends(rtems_tcb *task)
{
  struct visit visit;

  (void)task;
  if (!is_bound(instance_life())) {
    return;
  }
  if (setjmp(visit.occupant.way_out) != 0) {
    visit_abandon(&visit);
  } else if (enter(&visit, self.life, false) == 0) {
    unbind_self();
    leave(&visit);
  }
}

static int
make_extension(void)
{
  static const rtems_extensions_table table = {
    .thread_terminate = task_ends
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
