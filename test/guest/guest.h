/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The test guest: a small kernel that uses the hypercalls of rumpuser(3) as
 * NetBSD's rump kernel does.  It is not NetBSD, it is a fixture of the tests.
 *
 * It lives in the kernel's world: apart from the headers below it has nothing
 * but hypercalls.
 */

#ifndef GUEST_H
#define GUEST_H

#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

/* What NetBSD's header has from its world. */
#ifndef __printflike
#define __printflike(f, a) __attribute__((__format__(__printf__, f, a)))
#endif
#ifndef __dead
#define __dead __attribute__((__noreturn__))
#endif
#include <rump/rumpuser.h>

/* The later vintage of version 17 has more functions and another loader. */
#if defined(RTEMS_RUMP_OWN_RUMPUSER_H) || \
  defined(RTEMS_RUMP_DL_BOOTSTRAP_EVCNT) || defined(RUMPUSER_LATER)
#define GUEST_LATER_VINTAGE
#endif

/* NetBSD's errno values. */
enum {
  NB_EPERM = 1, NB_ENOENT = 2, NB_ESRCH = 3, NB_EIO = 5, NB_ENXIO = 6,
  NB_EBADF = 9, NB_ENOMEM = 12, NB_EACCES = 13, NB_EFAULT = 14,
  NB_EBUSY = 16, NB_EEXIST = 17, NB_EXDEV = 18, NB_ENODEV = 19,
  NB_ENOTDIR = 20, NB_EISDIR = 21, NB_EINVAL = 22, NB_EMFILE = 24,
  NB_EFBIG = 27, NB_ENOSPC = 28, NB_ESPIPE = 29, NB_EROFS = 30,
  NB_EWOULDBLOCK = 35, NB_EALREADY = 37, NB_EOPNOTSUPP = 45,
  NB_ETIMEDOUT = 60, NB_ENAMETOOLONG = 63, NB_ENOTEMPTY = 66, NB_ENOSYS = 78
};

/* NetBSD's thread priorities that occur here. */
enum {
  PRIORITY_NONE = -1, PRIORITY_USER = 0, PRIORITY_KERNEL = 64,
  PRIORITY_IOFLUSH = 124, PRIORITY_PAGE_DAEMON = 126
};

#define HZ 100
#define PAGE_BYTES 4096u
#define MAXIMUM_CPUS 32u
#define MAXIMUM_IO 65536u
#define NAME_BYTES 64u

#define ASSERT(condition) \
  ((condition) ? (void)0 : \
    panic("assertion \"%s\" failed: %s:%d", #condition, __FILE__, __LINE__))

/* boot.c */
extern int guest_threads_enabled, guest_verbose;

enum component_type { COMPONENT_VFS, COMPONENT_DEVICE, COMPONENT_POST_INIT };

struct rump_component {
  enum component_type type;
  void (*init)(void);
  struct rump_component *next;
};

extern struct rump_component component_vfs, component_echo;
unsigned long parse_number(const char *text, const char **end);

/* console.c */
void guest_console_init(void);
void guest_console_end(void);
void kprintf(const char *format, ...)
  __attribute__((__format__(__printf__, 1, 2)));
void format_text(char *buffer, size_t size, const char *format, ...)
  __attribute__((__format__(__printf__, 3, 4)));
void panic(const char *format, ...)
  __attribute__((__format__(__printf__, 1, 2), __noreturn__));

/* sched.c: virtual CPUs.  Each runs one lwp at a time. */
enum { SOFTINT_CLOCK, SOFTINT_BIO, SOFTINT_SERIAL, SOFTINT_LEVELS };

struct softint_level {
  struct rumpuser_cv *cv;
  struct softint_entry *first, *last;
};

struct cpu {
  _Atomic(void *) previous; /* lwp that ran last, or BUSY, or WANTED */
  struct rumpuser_mtx *mutex;
  struct rumpuser_cv *cv;
  int waiters;
  unsigned index;

  /* What follows belongs to whoever runs on the CPU. */
  struct lwp *current;
  unsigned long fast, slow, migrated;
  struct softint_level levels[SOFTINT_LEVELS];
  struct page *pages;
  unsigned page_count;

  /* Call-outs, guarded by their own lock; see clock.c. */
  struct rumpuser_mtx *callout_mutex;
  struct rumpuser_cv *callout_cv;
  struct callout *callouts, *callout_running;
  int64_t ticks;
};

extern struct cpu guest_cpus[MAXIMUM_CPUS];
extern unsigned guest_cpu_count; /* attached so far */
extern unsigned guest_cpu_total;

void guest_scheduler_init(void);
void guest_schedule(void);
void guest_unschedule(void);
void schedule_cpu(struct lwp *l, void *interlock);
void unschedule_cpu(struct lwp *l, void *interlock);
void release_cpu(struct lwp *l, void *interlock);
void scheduler_cv_wait(struct rumpuser_cv *cv);
void yield_cpu(void);
void backend_schedule(int giant, void *interlock);
void backend_unschedule(int giant, int *count, void *interlock);

/* lwp.c */
enum {
  LWP_BOUND = 1, LWP_INTERRUPT = 2, LWP_MPSAFE = 4, LWP_EXITING = 8,
  LWP_CLEAR = 16
};

struct lwp {
  struct process *process;
  struct cpu *cpu;    /* where it runs or ran last */
  struct cpu *target; /* where it wants to run */
  atomic_int running;
  int flags;
  int references;
  int giant; /* depth of the giant lock while switched away */
  char name[16];
};

struct process {
  struct process *next;
  int pid;
  int lwps;
  struct fd_table *files;
};

extern struct lwp lwp0;
extern struct process process0;
/** Of threads that enter; replaced during boot, while components run. */
extern struct process *_Atomic init_process;
extern struct lwp *init_lwp;

void lwp_init(void);
void lwp_late_init(void);
struct lwp *lwp_alloc(struct process *process);
int lwp_rfork(int flags);
int lwp_newlwp(pid_t pid);
void lwp_switch(struct lwp *to);
void lwp_discard(struct lwp *l);
void lwp_release(void);
struct lwp *lwp_current(void);

/* thread.c */
enum { KTHREAD_MPSAFE = 1, KTHREAD_INTERRUPT = 2, KTHREAD_JOIN = 4 };
void guest_thread_init(void);
void guest_thread_allow(void);
int kthread_create(int priority, int flags, struct cpu *cpu,
  void (*function)(void *), void *argument, void **join, const char *name);
void kthread_exit(void) __attribute__((__noreturn__));

/* lock.c */
struct rumpuser_mtx *kmutex_new(int spin);
struct rumpuser_rw *krw_new(void);
struct rumpuser_cv *kcv_new(void);
void kmutex_enter(struct rumpuser_mtx *mutex);
void kmutex_exit(struct rumpuser_mtx *mutex);
int kmutex_owned(struct rumpuser_mtx *mutex);
void krw_enter(int how, struct rumpuser_rw *rw);
void krw_exit(struct rumpuser_rw *rw);
int krw_write_held(struct rumpuser_rw *rw);
void kcv_wait(struct rumpuser_cv *cv, struct rumpuser_mtx *mutex);
int kcv_timedwait(
  struct rumpuser_cv *cv, struct rumpuser_mtx *mutex, int ticks);
void giant_init(void);
void giant_lock(int count);
void giant_unlock(int count, int *held);
int giant_owned(void);

/* softint.c */
void softint_init_cpu(struct cpu *cpu);
void softint_start(void);
struct softint *softint_establish(
  int level, int mpsafe, void (*function)(void *), void *argument);
void softint_schedule(struct softint *softint);
void softint_schedule_cpu(struct softint *softint, struct cpu *cpu);
void softint_run(struct cpu *cpu);
void cross_call(void (*function)(void));

/* clock.c */
struct callout {
  struct callout *next;
  void (*function)(void *);
  void *argument;
  struct cpu *cpu;
  int64_t due;
  int mpsafe, pending;
};

void guest_clock_init(void);
void guest_clock_init_cpu(struct cpu *cpu);
void callout_init(
  struct callout *c, int mpsafe, void (*function)(void *), void *argument);
void callout_schedule(struct callout *c, int ticks);
int callout_halt(struct callout *c);
void kpause(int ticks, struct rumpuser_mtx *mutex);
void guest_time_get(int64_t *seconds, long *nanoseconds);
void guest_time_set(int64_t seconds, long nanoseconds);

/* memory.c */
enum { MEMORY_NOWAIT, MEMORY_TRY, MEMORY_WAIT };
void guest_memory_init(void);
void guest_memory_start(void);
void *hypermalloc(size_t size, int alignment, int wait);
void hyperfree(void *p, size_t size);
void *kmem_alloc(size_t size);
void *kmem_zalloc(size_t size);
char *kmem_strdup(const char *text);
void kmem_free(void *p, size_t size);
void *page_alloc(void);
void page_free(void *page);
unsigned long guest_memory_limit(void);

/* random.c */
void guest_random_init(void);
int guest_random_add_device(void);
uint32_t guest_random_number(void);

/* ramfs.c */
enum node_type { NODE_DIRECTORY, NODE_FILE, NODE_BLOCK, NODE_CHARACTER };

struct io {
  char *data;
  size_t size, done;
  int64_t offset;
  int write, append;
};

struct node;
typedef int transfer_fn(struct node *node, struct io *io);

struct node {
  enum node_type type;
  atomic_int references;
  struct mount *mount;
  transfer_fn *transfer;

  /* The tree, guarded by the lock of the name space. */
  struct node *parent, *children, *sibling;
  struct mount *mounted;
  char name[NAME_BYTES];

  /* The contents. */
  struct rumpuser_rw *lock;
  int64_t size;
  void **pages;
  size_t page_slots;
  struct disk *disk;
  char *host_path;
  int host_read, host_write, opens;
};

struct mount {
  struct node *root, *covered;
  atomic_int nodes, open_files;
  int nodes_maximum;
  atomic_long pages;
  long pages_maximum;
  int read_only, mounts;
};

extern struct rumpuser_rw *guest_names;
extern struct mount root_mount;

void ramfs_init(void);
struct node *node_new(struct mount *mount, enum node_type type);
void node_hold(struct node *node);
void node_drop(struct node *node);
int node_resize(struct node *node, int64_t size);
int ramfs_open(const char *path, int flags, struct node **node);
int ramfs_mkdir(const char *path);
int ramfs_remove(const char *path, int directory);
int ramfs_rename(const char *from, const char *to);
int ramfs_mount(const char *type, const char *path, int flags,
  const void *arguments, size_t size);
int ramfs_unmount(const char *path, int flags);
int ramfs_add_device(const char *path, transfer_fn *transfer);

/* block.c */
void guest_block_init(void);
int guest_disk_attach(const char *path, struct disk **disk, uint64_t *size);
void guest_disk_detach(struct disk *disk);
int guest_disk_flush(struct disk *disk, int every_write);
void guest_disk_flush_all(int wait);
size_t buffers_drain(unsigned count);
transfer_fn block_transfer, raw_transfer;

/* etfs.c: files and devices of the host */
void etfs_init(void);
int etfs_register(const char *key, const char *host_path, int type);
int etfs_remove(const char *key);
struct node *etfs_find(const char *path);
int etfs_open(struct node *node, int read, int write);
void etfs_close(struct node *node);

/* component.c */
void echo_end(void);

/* syscall.c */
struct fd_table *fd_table_new(struct fd_table *copy);
struct fd_table *fd_table_hold(struct fd_table *table);
void fd_table_drop(struct fd_table *table);
void fd_open_console(struct fd_table *table);
int sys_reboot(int flags);

/* What the tests look at; see guest_test.h. */
extern struct guest_counters {
  atomic_ulong page_daemon_runs, pages_reclaimed, buffers_reclaimed;
  atomic_ulong block_requests, block_in_flight, block_in_flight_maximum;
  atomic_ulong callouts, softints, threads;
} guest_counters;

#endif /* GUEST_H */
