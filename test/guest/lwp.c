/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Test guest: lwps, processes, and which lwp a host thread has.
 */

#include "guest.h"

#define RFORK_COPY_FILES 1
#define RFORK_CLEAR_FILES 2

struct process process0, *_Atomic init_process;
struct lwp lwp0 = {
  .process = &process0, .cpu = &guest_cpus[0], .target = &guest_cpus[0],
  .references = 1
};

static struct rumpuser_mtx *process_lock;
static struct process *processes;
static int next_pid = 1;

/* So early that nothing else works. */
void lwp_init(void)
{
  rumpuser_curlwpop(RUMPUSER_LWP_CREATE, &lwp0);
  rumpuser_curlwpop(RUMPUSER_LWP_SET, &lwp0);
  guest_cpus[0].current = &lwp0;
}

void lwp_late_init(void)
{
  process_lock = kmutex_new(0);
  process0.lwps = 1;
  process0.files = fd_table_new(NULL);
  processes = &process0;
  init_process = &process0; /* until the real one exists */
}

static struct process *process_new(struct fd_table *files)
{
  struct process *process = kmem_zalloc(sizeof(*process));

  process->files = files;
  kmutex_enter(process_lock);
  process->pid = next_pid++;
  process->next = processes;
  processes = process;
  kmutex_exit(process_lock);
  return process;
}

static struct process *process_find(pid_t pid)
{
  struct process *process = processes;

  while (process != NULL && process->pid != pid) {
    process = process->next;
  }
  return process;
}

static void process_unlink(struct process *process)
{
  struct process **p = &processes;

  while (*p != process) {
    p = &(*p)->next;
  }
  *p = process->next;
}

/* Called with the process already counting the lwp. */
static void lwp_start(struct lwp *l, struct process *process)
{
  l->process = process;
  l->references = 1;
  l->cpu = &guest_cpus[0];
  l->target = &guest_cpus[0];
  rumpuser_curlwpop(RUMPUSER_LWP_CREATE, l);
}

/* Without a process it gets a new one. */
struct lwp *lwp_alloc(struct process *process)
{
  struct lwp *l = kmem_zalloc(sizeof(*l));

  if (process == NULL) {
    process = process_new(fd_table_new(NULL));
    process->lwps = 1;
  } else {
    kmutex_enter(process_lock);
    process->lwps++;
    fd_table_hold(process->files);
    kmutex_exit(process_lock);
  }
  lwp_start(l, process);
  return l;
}

int lwp_newlwp(pid_t pid)
{
  struct lwp *l = kmem_zalloc(sizeof(*l));
  struct process *process;

  kmutex_enter(process_lock);
  process = process_find(pid);
  if (process == NULL) {
    kmutex_exit(process_lock);
    kmem_free(l, sizeof(*l));
    return NB_ESRCH;
  }
  process->lwps++;
  fd_table_hold(process->files);
  kmutex_exit(process_lock);
  lwp_start(l, process);
  lwp_switch(l);
  return 0;
}

int lwp_rfork(int flags)
{
  struct process *parent = rumpuser_curlwp()->process, *process;
  struct fd_table *files;
  struct lwp *l;

  if ((flags & ~(RFORK_COPY_FILES | RFORK_CLEAR_FILES)) != 0 || flags == 3) {
    return NB_EINVAL;
  }
  if ((flags & RFORK_COPY_FILES) != 0) {
    files = fd_table_new(parent->files);
  } else if ((flags & RFORK_CLEAR_FILES) != 0) {
    files = fd_table_new(NULL);
  } else {
    files = fd_table_hold(parent->files);
  }
  process = process_new(files);
  process->lwps = 1;
  l = kmem_zalloc(sizeof(*l));
  lwp_start(l, process);
  lwp_switch(l);
  return 0;
}

/*
 * Closing files may sleep, so it is done while the lwp still has its context.
 * Returns whether it was the last of its process, which nobody finds any more.
 */
static int lwp_detach(struct lwp *l)
{
  struct process *process = l->process;
  int last;

  kmutex_enter(process_lock);
  last = --process->lwps == 0;
  if (last) {
    process_unlink(process);
  }
  kmutex_exit(process_lock);
  fd_table_drop(process->files);
  return last;
}

static void lwp_free(struct lwp *l, int last)
{
  struct process *process = l->process;

  ASSERT(l->references == 0);
  rumpuser_curlwpop(RUMPUSER_LWP_DESTROY, l);
  kmem_free(l, sizeof(*l));
  if (last) {
    kmem_free(process, sizeof(*process));
  }
}

/* Frees an lwp that never ran. */
void lwp_discard(struct lwp *l)
{
  l->references = 0;
  lwp_free(l, lwp_detach(l));
}

/* Gives the host thread another lwp, or, for NULL, none when it leaves. */
void lwp_switch(struct lwp *to)
{
  struct lwp *l = rumpuser_curlwp();
  int exiting = (l->flags & LWP_EXITING) != 0, last = 0;

  ASSERT(to != NULL || !exiting);
  if (to == NULL) {
    atomic_store(&l->running, 0);
    l->flags |= LWP_CLEAR;
    return;
  }
  if (atomic_exchange(&to->running, 1) != 0) {
    panic("lwp %p is already running", (void *)to);
  }
  if (exiting) {
    last = lwp_detach(l);
  }
  giant_unlock(0, &l->giant);
  rumpuser_curlwpop(RUMPUSER_LWP_CLEAR, l);
  to->cpu = l->cpu;
  to->target = l->cpu;
  rumpuser_curlwpop(RUMPUSER_LWP_SET, to);
  to->cpu->current = to;
  giant_lock(to->giant);
  atomic_store(&l->running, 0);
  if (exiting) {
    lwp_free(l, last);
  }
}

/* Marks the current lwp to be freed when it leaves the kernel. */
void lwp_release(void)
{
  struct lwp *l = rumpuser_curlwp();

  if (l->references == 0 || (l->flags & LWP_EXITING) != 0) {
    panic("releasing an lwp that is not the caller's");
  }
  l->references = 0;
  l->flags |= LWP_EXITING;
}

struct lwp *lwp_current(void)
{
  struct lwp *l = rumpuser_curlwp();

  return (l->flags & LWP_EXITING) == 0 ? l : NULL;
}

/* The public functions come from outside, perhaps without an lwp. */

int rump_pub_lwproc_rfork(int flags);
int rump_pub_lwproc_rfork(int flags)
{
  int error;

  guest_schedule();
  error = lwp_rfork(flags);
  guest_unschedule();
  return error;
}

int rump_pub_lwproc_newlwp(pid_t pid);
int rump_pub_lwproc_newlwp(pid_t pid)
{
  int error;

  guest_schedule();
  error = lwp_newlwp(pid);
  guest_unschedule();
  return error;
}

void rump_pub_lwproc_switch(struct lwp *l);
void rump_pub_lwproc_switch(struct lwp *l)
{
  guest_schedule();
  lwp_switch(l);
  guest_unschedule();
}

void rump_pub_lwproc_releaselwp(void);
void rump_pub_lwproc_releaselwp(void)
{
  guest_schedule();
  lwp_release();
  guest_unschedule();
}

struct lwp *rump_pub_lwproc_curlwp(void);
struct lwp *rump_pub_lwproc_curlwp(void)
{
  struct lwp *l;

  guest_schedule();
  l = lwp_current();
  guest_unschedule();
  return l;
}
