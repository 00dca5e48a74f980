/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Broken hosts, one for each clause: the linker's --wrap brings every
 * hypercall here (wraps.txt), and the one that the environment's MUTANT names
 * is done wrong, the others by the implementation under test.
 *
 * A mutant errs only while a test runs, and with objects of the test, so that
 * it is the test that notices and not the harness that stumbles.
 */

#include "harness.h"

#include <ctype.h>
#include <stdarg.h>
#include <unistd.h>

/* Declares the implementation's function and begins the one before it. */
#define WRAP(type, name, arguments) \
  type __real_rumpuser_##name arguments; \
  type __wrap_rumpuser_##name arguments; \
  type __wrap_rumpuser_##name arguments

/* True if this mutant is wanted and may err. */
#define MUTANT(id) is_mutant(id)

static bool
is_mutant(const char *id)
{
  static const char *_Atomic wanted;
  const char *w = atomic_load_explicit(&wanted, memory_order_relaxed);

  if (w == NULL) {
    w = getenv("MUTANT");
    w = w == NULL ? "" : w;
    atomic_store_explicit(&wanted, w, memory_order_relaxed);
  }
  return atomic_load(&harness_running) && strcmp(w, id) == 0;
}

/* Objects of the test: those that were made while it ran. */

#define OBJECTS 64

static const void *_Atomic objects[OBJECTS];
static atomic_uint objects_made;

static void
object_made(const void *p)
{
  if (atomic_load(&harness_running)) {
    atomic_store(&objects[atomic_fetch_add(&objects_made, 1) % OBJECTS], p);
  }
}

static bool
is_of_test(const void *p)
{
  size_t i;

  for (i = 0; i < OBJECTS && atomic_load(&objects[i]) != p; ++i) {
  }
  return i < OBJECTS;
}

/*
 * Between the implementation and the mock kernel: upcalls that a mutant does
 * not want to be made.
 */

static struct rumpuser_hyperup up;
static _Thread_local bool keep_cpu;
static _Thread_local unsigned in_upcall;

static void
filter_unschedule(int nlocks, int *countp, void *interlock)
{
  if (keep_cpu) {
    *countp = 0;
    return;
  }
  if (MUTANT("C-CV-18") && !is_of_test(interlock)) {
    interlock = NULL;
  }
  ++in_upcall;
  (*up.hyp_backend_unschedule)(nlocks, countp, interlock);
  --in_upcall;
}

static void
filter_schedule(int nlocks, void *interlock)
{
  if (!keep_cpu) {
    ++in_upcall;
    (*up.hyp_backend_schedule)(nlocks, interlock);
    --in_upcall;
  }
}

/* Needless upcalls. */
static void
fuss(void)
{
  if (in_upcall == 0 && up.hyp_backend_unschedule != NULL) {
    int nlocks = 0;

    (*up.hyp_backend_unschedule)(0, &nlocks, NULL);
    (*up.hyp_backend_schedule)(nlocks, NULL);
  }
}

/* Makes a call of the implementation that does not give up the CPU. */
#define KEEPING_CPU(id, call) \
  do { \
    keep_cpu = MUTANT(id); \
    (call); \
    keep_cpu = false; \
  } while (0)

/* Initialization. */

static bool initialized;

WRAP(int, init, (int version, const struct rumpuser_hyperup *hyp))
{
  static struct rumpuser_hyperup filtered;
  static bool refused;
  int error;

  if (MUTANT("C-INIT-02")) {
    version = RUMPUSER_VERSION;
  }
  if (MUTANT("C-INIT-04")) {
    (void)(*hyp->hyp_lwproc_curlwp)();
  }
  if (MUTANT("C-EXIT-05")) {
    object_made(malloc(100));
  }
  up = filtered = *hyp;
  filtered.hyp_backend_unschedule = filter_unschedule;
  filtered.hyp_backend_schedule = filter_schedule;
  error = __real_rumpuser_init(version, &filtered);
  if ((MUTANT("C-INIT-03") && refused) || MUTANT("C-INIT-01")) {
    return NETBSD_EBUSY;
  }
  refused = refused || error != 0;
  initialized = error == 0;
  return error;
}

/* Memory. */

static struct {
  void *p;
  size_t size;
  struct lwp *lwp;
} last_block;

static void *last_freed;

/* A block that somebody else has. */
static bool
is_twice(size_t size)
{
  struct lwp *l = rumpuser_curlwp();

  return last_block.p != NULL && last_block.size == size
    && (MUTANT("C-MEM-01") || (MUTANT("C-MEM-08") && last_block.lwp != l));
}

void __real_rumpuser_free(void *p, size_t size);

WRAP(int, malloc, (size_t size, int align, void **memp))
{
  int error;

  if (is_twice(size)) {
    *memp = last_block.p;
    return 0;
  }
  if (MUTANT("C-MEM-02") && align > 8) {
    error = __real_rumpuser_malloc(size + 64, align, memp);
    *memp = (char *)*memp + 8;
    return error;
  }
  if (MUTANT("C-MEM-03") && align == 0) {
    return NETBSD_EINVAL;
  }
  if (MUTANT("C-MEM-06") && size > SIZE_MAX / 8) {
    size = 4096;
  }
  if (MUTANT("C-MEM-07") && (align < 0 || (align & (align - 1)) != 0)) {
    align = 0;
  }
  if (MUTANT("C-MEM-09")) {
    fuss();
  }
  error = __real_rumpuser_malloc(size, align, memp);
  if (MUTANT("C-MEM-05") && error != 0) {
    return NETBSD_EAGAIN;
  }
  if (MUTANT("C-MEM-18") && error != 0) {
    *memp = &last_block;
  }
  if (MUTANT("C-MEM-17") && size == 65536) {
    __real_rumpuser_free(*memp, size);
    return NETBSD_ENOMEM;
  }
  last_freed = NULL;
  last_block.p = *memp;
  last_block.size = size;
  last_block.lwp = rumpuser_curlwp();
  return error;
}

WRAP(void, free, (void *p, size_t size))
{
  if (MUTANT("C-MEM-04")) {
    return;
  }
  if (MUTANT("C-MEM-02") && (uintptr_t)p % 16 == 8) {
    p = (char *)p - 8;
    size += 64;
  }
  if (MUTANT("C-MEM-15") && p == last_freed) {
    return;
  }
  last_freed = p;
  if (p == last_block.p) {
    last_block.p = NULL;
  }
  __real_rumpuser_free(p, size);
}

WRAP(int, anonmmap,
  (void *preferred, size_t size, int alignbit, int exec, void **memp))
{
  int error;

  if (MUTANT("C-MEM-13") && preferred != NULL) {
    *memp = preferred;
    return 0;
  }
  if (MUTANT("C-MEM-11")) {
    size += 4096;
  }
  error = __real_rumpuser_anonmmap(preferred, size, alignbit, exec, memp);
  if (MUTANT("C-MEM-11")) {
    *memp = (char *)*memp + 4096;
  }
  if (MUTANT("C-MEM-10")) {
    *(char *)*memp = 1;
  }
  return error;
}

WRAP(void, unmap, (void *p, size_t size))
{
  if (!MUTANT("C-MEM-12")) {
    __real_rumpuser_unmap(p, size);
  }
}

WRAP(int, getpagesize, (void))
{
  return MUTANT("C-MEM-14") ? 1000 : __real_rumpuser_getpagesize();
}

/* Files. */

static int
mutate_mode(const char *name, int mode)
{
  int access_mode = mode & RUMPUSER_OPEN_ACCMODE;

  if (MUTANT("C-FILE-02")) {
    mode |= RUMPUSER_OPEN_CREATE;
  }
  if (MUTANT("C-FILE-03") && (mode & RUMPUSER_OPEN_CREATE) != 0) {
    (void)!truncate(name, 0);
  }
  if (MUTANT("C-FILE-04")) {
    mode &= ~RUMPUSER_OPEN_EXCL;
  }
  if (MUTANT("C-FILE-05")
      || (MUTANT("C-FILE-06") && access_mode == RUMPUSER_OPEN_ACCMODE)) {
    mode = (mode & ~RUMPUSER_OPEN_ACCMODE) | RUMPUSER_OPEN_RDWR;
  }
  return mode;
}

WRAP(int, open, (const char *name, int mode, int *fdp))
{
  int error;

  mode = mutate_mode(name, mode);
  KEEPING_CPU("C-FILE-17", error = __real_rumpuser_open(name, mode, fdp));
  if (MUTANT("C-FILE-01")) {
    ++*fdp;
  }
  if (MUTANT("C-MEM-16") && error == NETBSD_ENOMEM) {
    return 0;
  }
  if (MUTANT("C-FILE-07") && error == NETBSD_ENAMETOOLONG) {
    return ENAMETOOLONG;
  }
  if (MUTANT("C-FILE-09")
      && (error == NETBSD_EMFILE || error == NETBSD_ENFILE)) {
    return NETBSD_ENOMEM;
  }
  return error;
}

WRAP(int, close, (int fd))
{
  int error;

  if (MUTANT("C-FILE-08")) {
    return 0;
  }
  KEEPING_CPU("C-FILE-17", error = __real_rumpuser_close(fd));
  return error;
}

WRAP(int, getfileinfo, (const char *name, uint64_t *size, int *type))
{
  int error;
  int t = -1;

  KEEPING_CPU(
    "C-FILE-19",
    error = __real_rumpuser_getfileinfo(name, size, &t)
  );
  if (MUTANT("C-FILE-10")) {
    t = RUMPUSER_FT_OTHER;
  }
  if (MUTANT("C-FILE-11") && t == RUMPUSER_FT_BLK && size != NULL) {
    *size = 0;
  }
  if (type != NULL) {
    *type = t;
  }
  return error;
}

int __real_rumpuser_clock_sleep(int clock, int64_t sec, long nsec);

static void
pause_briefly(void)
{
  (void)__real_rumpuser_clock_sleep(RUMPUSER_CLOCK_RELWALL, 0, 2000000);
}

/* One offset for all, which others may move before it is used. */
static int64_t
mutate_offset(int64_t offset)
{
  static _Atomic int64_t position;

  if (MUTANT("C-FILE-14") && offset == RUMPUSER_IOV_NOSEEK) {
    return 0;
  }
  if (MUTANT("C-FILE-15") && offset < RUMPUSER_IOV_NOSEEK) {
    return 0;
  }
  if (MUTANT("C-FILE-16") && offset >= 0) {
    atomic_store(&position, offset);
    pause_briefly();
    offset = atomic_load(&position);
  }
  return offset;
}

static int
mutate_transfer(int error, size_t *done)
{
  if ((MUTANT("C-FILE-20") && error == NETBSD_EBADF)
      || (MUTANT("C-FILE-22") && error == NETBSD_EIO)) {
    *done = 0;
    return 0;
  }
  return error;
}

WRAP(int, iovread,
  (int fd, struct rumpuser_iovec *iov, size_t n, int64_t offset, size_t *done))
{
  int error;
  size_t i;

  offset = mutate_offset(offset);
  KEEPING_CPU(
    "C-FILE-17",
    error = __real_rumpuser_iovread(fd, iov, n, offset, done)
  );
  for (i = 0; error == 0 && i < n && MUTANT("C-FILE-13"); ++i) {
    *done = (i == 0 ? 0 : *done) + iov[i].iov_len;
  }
  /* What is not there is waited for. */
  while (MUTANT("C-FILE-21") && error == 0 && *done < iov[0].iov_len) {
    pause_briefly();
  }
  return mutate_transfer(error, done);
}

WRAP(int, iovwrite,
  (
    int                          fd,
    const struct rumpuser_iovec *iov,
    size_t                       n,
    int64_t                      offset,
    size_t                      *done
  ))
{
  struct rumpuser_iovec reversed[8];
  int error;
  size_t i;

  if (MUTANT("C-FILE-12") && n <= COUNT(reversed)) {
    for (i = 0; i < n; ++i) {
      reversed[i] = iov[n - 1 - i];
    }
    iov = reversed;
  }
  offset = mutate_offset(offset);
  KEEPING_CPU(
    "C-FILE-17",
    error = __real_rumpuser_iovwrite(fd, iov, n, offset, done)
  );
  return mutate_transfer(error, done);
}

WRAP(int, syncfd, (int fd, int flags, uint64_t start, uint64_t length))
{
  int error;

  KEEPING_CPU(
    "C-FILE-19",
    error = __real_rumpuser_syncfd(fd, flags, start, length)
  );
  return MUTANT("C-FILE-18") ? 0 : error;
}

/* Block I/O: the end of a request passes through here. */

struct transfer {
  rump_biodone_fn done;
  void *arg;
  size_t size;
  atomic_bool ended;
};

static struct transfer transfers[1024];
static atomic_uint transfers_made;
static _Thread_local bool in_end;

static void
transfer_ended(void *arg, size_t count, int error)
{
  struct transfer *t = arg;
  int nlocks;

  if (MUTANT("C-BIO-07")
      || (MUTANT("C-BIO-08") && error == NETBSD_EBADF)
      || (MUTANT("C-BIO-09") && error == NETBSD_EIO)
      || (MUTANT("C-BIO-13") && error == NETBSD_EIO)) {
    count = t->size;
    error = 0;
  }
  if (MUTANT("C-BIO-03")) {
    (*up.hyp_backend_unschedule)(0, &nlocks, NULL);
  }
  in_end = true;
  (*t->done)(t->arg, count, error);
  if (MUTANT("C-BIO-01")) {
    (*t->done)(t->arg, count, error);
  }
  in_end = false;
  if (MUTANT("C-BIO-03")) {
    (*up.hyp_backend_schedule)(nlocks, NULL);
  }
  atomic_store(&t->ended, true);
}

static void
wait_for_transfer(struct transfer *t)
{
  while (!atomic_load(&t->ended)) {
    pause_briefly();
  }
}

WRAP(void, bio,
  (
    int             fd,
    int             op,
    void           *data,
    size_t          size,
    int64_t         offset,
    rump_biodone_fn done,
    void           *arg
  ))
{
  unsigned n = atomic_fetch_add(&transfers_made, 1);
  struct transfer *t = &transfers[n % COUNT(transfers)];

  t->done = done;
  t->arg = arg;
  t->size = size;
  atomic_store(&t->ended, false);
  if ((MUTANT("C-BIO-05") && n % 50 == 49) || (MUTANT("C-BIO-11") && in_end)) {
    return;
  }
  if (MUTANT("C-BIO-02") && (op & RUMPUSER_BIO_WRITE) != 0) {
    op = RUMPUSER_BIO_READ;
  }
  if (MUTANT("C-BIO-10")) {
    op &= ~RUMPUSER_BIO_SYNC;
  }
  if (MUTANT("C-BIO-12")) {
    offset &= UINT32_MAX;
  }
  if (MUTANT("C-BIO-06") && n > 0) {
    wait_for_transfer(&transfers[(n - 1) % COUNT(transfers)]);
  }
  __real_rumpuser_bio(fd, op, data, size, offset, transfer_ended, t);
  if (MUTANT("C-BIO-04")) {
    wait_for_transfer(t);
  }
}

/* Clocks. */

WRAP(int, clock_gettime, (int clock, int64_t *sec, long *nsec))
{
  static atomic_uint calls;
  static int64_t wall_at_boot;
  int error;

  if (MUTANT("C-CLK-01")) {
    clock = RUMPUSER_CLOCK_ABSMONO;
  }
  if (MUTANT("C-CLK-07")) {
    fuss();
  }
  error = __real_rumpuser_clock_gettime(clock, sec, nsec);
  if (MUTANT("C-CLK-02") && atomic_fetch_add(&calls, 1) % 7 == 6) {
    --*sec;
  }
  if (MUTANT("C-CLK-09") && clock == RUMPUSER_CLOCK_RELWALL) {
    int64_t mono;

    (void)__real_rumpuser_clock_gettime(RUMPUSER_CLOCK_ABSMONO, &mono, nsec);
    wall_at_boot = wall_at_boot != 0 ? wall_at_boot : *sec - mono;
    *sec = wall_at_boot + mono;
  }
  return MUTANT("C-CLK-10") && error != 0 ? 0 : error;
}

/* Until the wall clock has come that far. */
static void
sleep_by_wall(int64_t nanoseconds)
{
  int64_t end = (*host->wall)() + nanoseconds;

  while ((*host->wall)() < end) {
    pause_briefly();
  }
}

static int
sleep_wrongly(int clock, int64_t sec, long nsec)
{
  static struct rumpuser_mtx *one_at_a_time;
  int64_t mono = 0;
  long fraction = 0;
  int error;

  if (MUTANT("C-CLK-03") && clock == RUMPUSER_CLOCK_RELWALL) {
    return __real_rumpuser_clock_sleep(clock, sec / 2, nsec / 2);
  }
  if (MUTANT("C-CLK-04") && clock == RUMPUSER_CLOCK_ABSMONO) {
    return __real_rumpuser_clock_sleep(clock, sec, nsec / 20000000 * 20000000);
  }
  (void)__real_rumpuser_clock_gettime(
    RUMPUSER_CLOCK_ABSMONO,
    &mono,
    &fraction
  );
  if (MUTANT("C-CLK-05") && clock == RUMPUSER_CLOCK_ABSMONO
      && (sec < mono || (sec == mono && nsec < fraction))) {
    return NETBSD_EINVAL;
  }
  if (MUTANT("C-CLK-08") && clock == RUMPUSER_CLOCK_RELWALL) {
    sleep_by_wall(sec * SECOND + nsec);
    return 0;
  }
  if (MUTANT("C-CLK-12") && sec > INT32_MAX) {
    return 0;
  }
  if (MUTANT("C-CLK-13") && nsec == 1) {
    return 0;
  }
  if (MUTANT("C-CLK-11") && nsec > 50000000) {
    if (one_at_a_time == NULL) {
      rumpuser_mutex_init(&one_at_a_time, RUMPUSER_MTX_KMUTEX);
    }
    rumpuser_mutex_enter(one_at_a_time);
    error = __real_rumpuser_clock_sleep(clock, sec, nsec);
    rumpuser_mutex_exit(one_at_a_time);
    return error;
  }
  error = __real_rumpuser_clock_sleep(clock, sec, nsec);
  return MUTANT("C-CLK-10") ? 0 : error;
}

static int leaked_errno;

void __real_rumpuser_curlwpop(int op, struct lwp *l);

WRAP(int, clock_sleep, (int clock, int64_t sec, long nsec))
{
  int error;

  KEEPING_CPU("C-CLK-06", error = sleep_wrongly(clock, sec, nsec));
  if (MUTANT("C-ERR-02") && leaked_errno != 0) {
    errno = leaked_errno;
  }
  if (MUTANT("C-LWP-05")) {
    __real_rumpuser_curlwpop(RUMPUSER_LWP_CLEAR, rumpuser_curlwp());
  }
  return error;
}

/* Parameters. */

static int
answer(const char *value, void *buffer, size_t size)
{
  (void)snprintf(buffer, size, "%s", value);
  return 0;
}

static int
getparam_wrongly(const char *name, void *buffer, size_t size, int error)
{
  char *p = buffer;

  if (MUTANT("C-PAR-03") && error == NETBSD_EINVAL) {
    return NETBSD_ENOENT;
  }
  if (MUTANT("C-PAR-04") && error == NETBSD_ENOENT) {
    return answer("", buffer, size);
  }
  if (MUTANT("C-PAR-05") && error == 0 && name[0] != '_') {
    for (; *p != '\0'; ++p) {
      *p = (char)toupper((unsigned char)*p);
    }
  }
  if (MUTANT("C-PAR-08") && error != 0) {
    return 0;
  }
  return error;
}

WRAP(int, getparam, (const char *name, void *buffer, size_t size))
{
  if (MUTANT("C-PAR-01") && strcmp(name, RUMPUSER_PARAM_NCPU) == 0) {
    return answer("0", buffer, size);
  }
  if (MUTANT("C-PAR-02") && strcmp(name, RUMPUSER_PARAM_HOSTNAME) == 0) {
    return answer("", buffer, size);
  }
  if (MUTANT("C-PAR-06") && strstr(name, "ENVIRONMENT") != NULL) {
    return NETBSD_ENOENT;
  }
  if (MUTANT("C-PAR-07") && host->parameter != NULL
      && strncmp(name, host->parameter, 8) == 0) {
    name = host->parameter;
  }
  if (MUTANT("C-PAR-09")) {
    --size;
  }
  if (MUTANT("C-PAR-10") && strcmp(name, "RUMP_MEMLIMIT") == 0) {
    return NETBSD_ENOENT;
  }
  return getparam_wrongly(
    name,
    buffer,
    size,
    __real_rumpuser_getparam(name, buffer, size)
  );
}

/* Errno. */

WRAP(void, seterrno, (int error))
{
  if (!MUTANT("C-ERR-01")) {
    __real_rumpuser_seterrno(error);
  }
  leaked_errno = errno;
}

/* Console. */

/* Two threads that print: one of them is not heard. */
static bool
is_drowned(void)
{
  static struct lwp *_Atomic last;
  struct lwp *l = rumpuser_curlwp();

  return MUTANT("C-CON-05") && atomic_exchange(&last, l) != l;
}

WRAP(void, putchar, (int c))
{
  if (MUTANT("C-CON-01")) {
    c = toupper(c);
  }
  if (MUTANT("C-CON-04")) {
    fuss();
  }
  if (!is_drowned()) {
    __real_rumpuser_putchar(c);
  }
}

WRAP(void, dprintf, (const char *format, ...))
{
  char text[2048];
  va_list ap;

  va_start(ap, format);
  (void)vsnprintf(text, sizeof(text), format, ap);
  va_end(ap);
  if (MUTANT("C-CON-02")) {
    __real_rumpuser_dprintf("%s", format);
  } else if (!(MUTANT("C-CON-03") && !initialized) && !is_drowned()) {
    __real_rumpuser_dprintf("%s", text);
  }
}

/* Randomness. */

WRAP(int, getrandom, (void *buffer, size_t size, int flags, size_t *done))
{
  int hard = flags & RUMPUSER_RANDOM_HARD;
  int nowait = flags & RUMPUSER_RANDOM_NOWAIT;
  int error;

  if (MUTANT("C-RND-02") && hard != 0 && nowait != 0) {
    *done = 0;
    return 0;
  }
  if (MUTANT("C-RND-03")) {
    flags = 0;
  }
  if (MUTANT("C-RND-04") && hard != 0 && nowait == 0) {
    return NETBSD_EAGAIN;
  }
  if (MUTANT("C-RND-06")) {
    error = __real_rumpuser_getrandom(buffer, (size + 1) / 2, flags, done);
    *done = size;
    return error;
  }
  error = __real_rumpuser_getrandom(buffer, size, flags, done);
  if (MUTANT("C-RND-01")) {
    ++*done;
  }
  if (MUTANT("C-RND-05")) {
    memset(buffer, 0x5a, *done);
  }
  return error;
}

/* Threads. */

struct start {
  void *(*entry)(void *arg);
  void *arg;
};

/* The thread gets an lwp that nobody knows. */
static void *
start_with_lwp(void *arg)
{
  static struct lwp unknown;
  struct start start = *(struct start *)arg;

  free(arg);
  __real_rumpuser_curlwpop(RUMPUSER_LWP_SET, &unknown);
  return (*start.entry)(start.arg);
}

WRAP(int, thread_create,
  (
    void      *(*entry)(void *),
    void        *arg,
    const char  *name,
    int          join,
    int          priority,
    int          cpu,
    void       **cookie
  ))
{
  static atomic_uint created;
  int error;

  if (MUTANT("C-THR-02")) {
    struct start *start = malloc(sizeof(*start));

    *start = (struct start){ entry, arg };
    entry = start_with_lwp;
    arg = start;
  }
  if (MUTANT("C-THR-03")) {
    *cookie = NULL;
  }
  if (MUTANT("C-THR-08") && name != NULL) {
    name = "x";
  }
  if (MUTANT("C-THR-09") && (priority < -1 || cpu > 100)) {
    return NETBSD_EINVAL;
  }
  if (MUTANT("C-THR-12") && name != NULL && strncmp(name, "rsi", 3) == 0) {
    name = "plain";
  }
  if (MUTANT("C-THR-13") && atomic_fetch_add(&created, 1) % 20 == 19) {
    *cookie = &created;
    return 0;
  }
  if (MUTANT("C-THR-01")) {
    (void)__real_rumpuser_thread_create(entry, arg, name, 0, priority, cpu,
      NULL);
  }
  error = __real_rumpuser_thread_create(entry, arg, name, join, priority, cpu,
    cookie);
  return MUTANT("C-THR-10") && error == NETBSD_EAGAIN ? NETBSD_ENOMEM : error;
}

void __real_rumpuser_cv_wait_nowrap(
  struct rumpuser_cv *cv, struct rumpuser_mtx *mtx);
void __real_rumpuser_mutex_enter_nowrap(struct rumpuser_mtx *mtx);

WRAP(void, thread_exit, (void))
{
  if (MUTANT("C-THR-07")) {
    struct rumpuser_mtx *mtx;
    struct rumpuser_cv *cv;

    rumpuser_mutex_init(&mtx, RUMPUSER_MTX_SPIN);
    rumpuser_cv_init(&cv);
    __real_rumpuser_mutex_enter_nowrap(mtx);
    for (;;) {
      __real_rumpuser_cv_wait_nowrap(cv, mtx);
    }
  }
  __real_rumpuser_thread_exit();
}

WRAP(int, thread_join, (void *cookie))
{
  int error;

  if (MUTANT("C-THR-04")) {
    return 0;
  }
  KEEPING_CPU("C-THR-05", error = __real_rumpuser_thread_join(cookie));
  if (MUTANT("C-THR-06")) {
    return NETBSD_ESRCH;
  }
  return MUTANT("C-THR-11") ? 0 : error;
}

/* The current lwp. */

static struct lwp *_Atomic lwp_of_all;
static struct lwp *_Atomic lwp_created;

WRAP(void, curlwpop, (int op, struct lwp *l))
{
  if (MUTANT("C-LWP-02") && op == RUMPUSER_LWP_CLEAR) {
    return;
  }
  if (MUTANT("C-LWP-06") && op == RUMPUSER_LWP_CLEAR) {
    fuss();
  }
  if (op == RUMPUSER_LWP_SET) {
    atomic_store(&lwp_of_all, l);
  } else if (op == RUMPUSER_LWP_CREATE) {
    atomic_store(&lwp_created, l);
  }
  __real_rumpuser_curlwpop(op, l);
}

WRAP(struct lwp *, curlwp, (void))
{
  struct lwp *l = __real_rumpuser_curlwp();

  if ((MUTANT("C-LWP-01") && l == NULL) || (MUTANT("C-LWP-03") && l != NULL)) {
    return atomic_load(&lwp_of_all);
  }
  if (MUTANT("C-LWP-04") && atomic_load(&lwp_created) != NULL) {
    return atomic_load(&lwp_created);
  }
  return l;
}

/* Mutexes. */

static _Thread_local struct rumpuser_mtx *entered_last;
static _Thread_local unsigned test_mutexes_held;
static _Thread_local unsigned exits_to_skip;

static bool
is_spin(struct rumpuser_mtx *mtx)
{
  return HAVE(rumpuser_mutex_spin_p) && rumpuser_mutex_spin_p(mtx) != 0;
}

WRAP(void, mutex_init, (struct rumpuser_mtx **mtxp, int flags))
{
  __real_rumpuser_mutex_init(mtxp, flags);
  object_made(*mtxp);
}

int __real_rumpuser_mutex_tryenter(struct rumpuser_mtx *mtx);
void __real_rumpuser_mutex_exit(struct rumpuser_mtx *mtx);
void __real_rumpuser_mutex_owner(struct rumpuser_mtx *mtx, struct lwp **l);

/* Whether the mutex has been entered, or is not going to be. */
static bool
enter_wrongly(struct rumpuser_mtx *mtx)
{
  if (MUTANT("C-MTX-01") && __real_rumpuser_mutex_tryenter(mtx) != 0) {
    ++exits_to_skip;
    return true;
  }
  if (MUTANT("C-MTX-01")) {
    return true;
  }
  if (MUTANT("C-MTX-06") || MUTANT("C-MTX-13")) {
    while (__real_rumpuser_mutex_tryenter(mtx) != 0) {
      if (MUTANT("C-MTX-13")) {
        pause_briefly();
      }
    }
    return true;
  }
  return MUTANT("C-MTX-15") && mtx == entered_last;
}

WRAP(void, mutex_enter, (struct rumpuser_mtx *mtx))
{
  bool of_test = is_of_test(mtx);

  if (MUTANT("C-INIT-05") || (of_test && MUTANT("C-MTX-03"))
      || (of_test && MUTANT("C-MTX-04") && is_spin(mtx))) {
    fuss();
  }
  if (!of_test || !enter_wrongly(mtx)) {
    KEEPING_CPU("C-MTX-02", __real_rumpuser_mutex_enter(mtx));
  }
  if (of_test) {
    entered_last = mtx;
    ++test_mutexes_held;
  }
}

WRAP(void, mutex_enter_nowrap, (struct rumpuser_mtx *mtx))
{
  if (is_of_test(mtx) && MUTANT("C-MTX-05")) {
    fuss();
  }
  __real_rumpuser_mutex_enter_nowrap(mtx);
}

WRAP(int, mutex_tryenter, (struct rumpuser_mtx *mtx))
{
  bool of_test = is_of_test(mtx);
  int error;

  if (of_test && MUTANT("C-MTX-09")) {
    fuss();
  }
  error = __real_rumpuser_mutex_tryenter(mtx);
  return of_test && error != 0 && MUTANT("C-MTX-07") ? NETBSD_EAGAIN : error;
}

static bool
exit_wrongly(struct rumpuser_mtx *mtx)
{
  struct lwp *owner = NULL;

  if (MUTANT("C-MTX-14")) {
    __real_rumpuser_mutex_owner(mtx, &owner);
    return owner != rumpuser_curlwp();
  }
  if (MUTANT("C-MTX-01") && exits_to_skip > 0) {
    --exits_to_skip;
    return true;
  }
  return MUTANT("C-MTX-08");
}

WRAP(void, mutex_exit, (struct rumpuser_mtx *mtx))
{
  bool of_test = is_of_test(mtx);

  if (of_test) {
    entered_last = NULL;
    test_mutexes_held -= test_mutexes_held > 0;
  }
  if (!of_test || !exit_wrongly(mtx)) {
    __real_rumpuser_mutex_exit(mtx);
  }
  if (of_test && MUTANT("C-MTX-09")) {
    fuss();
  }
  if (of_test && MUTANT("C-MTX-17")) {
    pause_briefly();
    pause_briefly();
    (void)__real_rumpuser_mutex_tryenter(mtx);
  }
}

WRAP(void, mutex_destroy, (struct rumpuser_mtx *mtx))
{
  if (MUTANT("C-MTX-11")
      || (MUTANT("C-MTX-16") && __real_rumpuser_mutex_tryenter(mtx) != 0)) {
    return;
  }
  __real_rumpuser_mutex_destroy(mtx);
}

WRAP(void, mutex_owner, (struct rumpuser_mtx *mtx, struct lwp **l))
{
  __real_rumpuser_mutex_owner(mtx, l);
  if (MUTANT("C-MTX-10")) {
    *l = rumpuser_curlwp();
  }
}

WRAP(int, mutex_spin_p, (struct rumpuser_mtx *mtx))
{
  int spin = __real_rumpuser_mutex_spin_p(mtx);

  return MUTANT("C-MTX-12") ? 0 : spin;
}

/* Reader/writer locks. */

#define READER RUMPUSER_RW_READER
#define WRITER RUMPUSER_RW_WRITER

static atomic_int writers;

int __real_rumpuser_rw_tryenter(int kind, struct rumpuser_rw *rw);
void __real_rumpuser_rw_exit(struct rumpuser_rw *rw);
void __real_rumpuser_rw_held(int kind, struct rumpuser_rw *rw, int *held);

static bool
rw_is_held(int kind, struct rumpuser_rw *rw)
{
  int held = 0;

  __real_rumpuser_rw_held(kind, rw, &held);
  return held != 0;
}

static bool
rw_enter_wrongly(int kind, struct rumpuser_rw *rw)
{
  if (MUTANT("C-RW-03") && kind == READER) {
    ++exits_to_skip;
    return true;
  }
  if (MUTANT("C-RW-16") || (MUTANT("C-RW-14") && kind == WRITER)) {
    while (__real_rumpuser_rw_tryenter(kind, rw) != 0) {
      pause_briefly();
    }
    return true;
  }
  return false;
}

WRAP(void, rw_enter, (int kind, struct rumpuser_rw *rw))
{
  if (rw_enter_wrongly(kind, rw)) {
    return;
  }
  if (MUTANT("C-RW-05")) {
    fuss();
  }
  if (MUTANT("C-RW-01")) {
    kind = WRITER;
  }
  if (MUTANT("C-RW-02")) {
    kind = READER;
  }
  KEEPING_CPU("C-RW-04", __real_rumpuser_rw_enter(kind, rw));
  atomic_fetch_add(&writers, kind == WRITER);
}

WRAP(int, rw_tryenter, (int kind, struct rumpuser_rw *rw))
{
  int error;

  if (MUTANT("C-RW-15")) {
    fuss();
  }
  error = __real_rumpuser_rw_tryenter(kind, rw);
  if (MUTANT("C-RW-06") && kind == WRITER && error != 0
      && rw_is_held(READER, rw)) {
    ++exits_to_skip;
    return 0;
  }
  if (MUTANT("C-RW-07") && kind == READER && error == 0) {
    (void)__real_rumpuser_rw_tryenter(kind, rw);
  }
  return error;
}

WRAP(int, rw_tryupgrade, (struct rumpuser_rw *rw))
{
  int error;

  if (MUTANT("C-RW-08")) {
    return NETBSD_EBUSY;
  }
  error = __real_rumpuser_rw_tryupgrade(rw);
  if (MUTANT("C-RW-09") && error != 0) {
    __real_rumpuser_rw_exit(rw);
  }
  return error;
}

void __real_rumpuser_rw_enter(int kind, struct rumpuser_rw *rw);

WRAP(void, rw_downgrade, (struct rumpuser_rw *rw))
{
  if (MUTANT("C-RW-11")) {
    __real_rumpuser_rw_exit(rw);
    pause_briefly();
    __real_rumpuser_rw_enter(READER, rw);
  } else if (!MUTANT("C-RW-10")) {
    __real_rumpuser_rw_downgrade(rw);
  }
}

WRAP(void, rw_exit, (struct rumpuser_rw *rw))
{
  if (exits_to_skip > 0 && (MUTANT("C-RW-03") || MUTANT("C-RW-06"))) {
    --exits_to_skip;
    return;
  }
  if (MUTANT("C-RW-17")) {
    return;
  }
  if (MUTANT("C-RW-19")
      && !rw_is_held(READER, rw) && !rw_is_held(WRITER, rw)) {
    return;
  }
  atomic_store(&writers, 0);
  __real_rumpuser_rw_exit(rw);
  if (MUTANT("C-RW-15")) {
    fuss();
  }
}

WRAP(void, rw_destroy, (struct rumpuser_rw *rw))
{
  if (MUTANT("C-RW-18")
      || (MUTANT("C-RW-20") && __real_rumpuser_rw_tryenter(WRITER, rw) != 0)) {
    return;
  }
  __real_rumpuser_rw_destroy(rw);
}

WRAP(void, rw_held, (int kind, struct rumpuser_rw *rw, int *held))
{
  __real_rumpuser_rw_held(kind, rw, held);
  if (MUTANT("C-RW-12") && kind == WRITER) {
    *held = atomic_load(&writers) > 0;
  }
  if (MUTANT("C-RW-13") && kind == READER) {
    *held = 1;
  }
}

/* Condition variables. */

static struct rumpuser_cv *_Atomic signaled_in_vain;

static bool
has_waiters(struct rumpuser_cv *cv)
{
  int waiters = 0;

  rumpuser_cv_has_waiters(cv, &waiters);
  return waiters != 0;
}

WRAP(void, cv_init, (struct rumpuser_cv **cvp))
{
  __real_rumpuser_cv_init(cvp);
  object_made(*cvp);
}

/* The virtual CPU and the mutex in the wrong order. */
static void
wait_out_of_order(struct rumpuser_cv *cv, struct rumpuser_mtx *mtx)
{
  bool cpu_first = MUTANT("C-CV-17");
  int nlocks;

  (*up.hyp_backend_unschedule)(0, &nlocks, mtx);
  __real_rumpuser_cv_wait_nowrap(cv, mtx);
  if (cpu_first) {
    __real_rumpuser_mutex_exit(mtx);
  }
  (*up.hyp_backend_schedule)(nlocks, mtx);
  if (cpu_first) {
    __real_rumpuser_mutex_enter_nowrap(mtx);
  }
}

static bool
wait_wrongly(struct rumpuser_cv *cv, struct rumpuser_mtx *mtx)
{
  if (MUTANT("C-CV-01")) {
    for (;;) {
      pause_briefly();
    }
  }
  if (MUTANT("C-CV-07") && cv == atomic_exchange(&signaled_in_vain, NULL)) {
    return true;
  }
  if (MUTANT("C-CV-16") || MUTANT("C-CV-17")) {
    wait_out_of_order(cv, mtx);
    return true;
  }
  if (MUTANT("C-CV-08")) {
    __real_rumpuser_mutex_exit(mtx);
    pause_briefly();
    rumpuser_mutex_enter(mtx);
  }
  return false;
}

WRAP(void, cv_wait, (struct rumpuser_cv *cv, struct rumpuser_mtx *mtx))
{
  if (!wait_wrongly(cv, mtx)) {
    KEEPING_CPU("C-CV-02", __real_rumpuser_cv_wait(cv, mtx));
  }
  if (MUTANT("C-CV-03")) {
    __real_rumpuser_mutex_exit(mtx);
  }
}

WRAP(void, cv_wait_nowrap, (struct rumpuser_cv *cv, struct rumpuser_mtx *mtx))
{
  if (is_of_test(cv) && MUTANT("C-CV-14")) {
    rumpuser_cv_wait(cv, mtx);
  } else {
    __real_rumpuser_cv_wait_nowrap(cv, mtx);
  }
}

int __real_rumpuser_cv_timedwait(
  struct rumpuser_cv *cv, struct rumpuser_mtx *mtx, int64_t sec, int64_t nsec);

/* In slices, until the wall clock says that it is enough. */
static int
wait_by_wall(struct rumpuser_cv *cv, struct rumpuser_mtx *mtx, int64_t time)
{
  int64_t end = (*host->wall)() + time;

  while ((*host->wall)() < end) {
    if (__real_rumpuser_cv_timedwait(cv, mtx, 0, 3000000) == 0) {
      return 0;
    }
  }
  return NETBSD_ETIMEDOUT;
}

WRAP(int, cv_timedwait,
  (
    struct rumpuser_cv  *cv,
    struct rumpuser_mtx *mtx,
    int64_t              sec,
    int64_t              nsec
  ))
{
  int error;

  if (wait_wrongly(cv, mtx)) {
    return 0;
  }
  if (MUTANT("C-CV-09")) {
    nsec /= 2;
  }
  if (MUTANT("C-CV-11") && sec <= 0 && nsec <= 0) {
    __real_rumpuser_cv_wait(cv, mtx);
    return 0;
  }
  if (MUTANT("C-CV-12")) {
    return wait_by_wall(cv, mtx, sec * SECOND + nsec);
  }
  if (MUTANT("C-CV-13") && sec > INT32_MAX) {
    sec = 0;
  }
  KEEPING_CPU(
    "C-CV-02",
    error = __real_rumpuser_cv_timedwait(cv, mtx, sec, nsec)
  );
  return MUTANT("C-CV-10") && error == 0 ? NETBSD_ETIMEDOUT : error;
}

void __real_rumpuser_cv_signal(struct rumpuser_cv *cv);
void __real_rumpuser_cv_broadcast(struct rumpuser_cv *cv);

/* Whether a signal or broadcast of the test gets lost. */
static bool
wake_wrongly(struct rumpuser_cv *cv)
{
  static atomic_uint wakes;

  if (MUTANT("C-CV-07") && !has_waiters(cv)) {
    atomic_store(&signaled_in_vain, cv);
  }
  if (MUTANT("C-CV-19")) {
    fuss();
  }
  return (MUTANT("C-CV-20") && test_mutexes_held == 0)
    || (MUTANT("C-CV-21") && atomic_fetch_add(&wakes, 1) % 20 == 19);
}

WRAP(void, cv_signal, (struct rumpuser_cv *cv))
{
  bool of_test = is_of_test(cv);

  if (of_test && (MUTANT("C-CV-04") || wake_wrongly(cv))) {
    return;
  }
  if (of_test && MUTANT("C-CV-05")) {
    __real_rumpuser_cv_broadcast(cv);
  } else {
    __real_rumpuser_cv_signal(cv);
  }
}

WRAP(void, cv_broadcast, (struct rumpuser_cv *cv))
{
  bool of_test = is_of_test(cv);

  if (of_test && wake_wrongly(cv)) {
    return;
  }
  if (of_test && MUTANT("C-CV-06")) {
    __real_rumpuser_cv_signal(cv);
  } else {
    __real_rumpuser_cv_broadcast(cv);
  }
}

WRAP(void, cv_has_waiters, (struct rumpuser_cv *cv, int *waiters))
{
  static bool ever;

  __real_rumpuser_cv_has_waiters(cv, waiters);
  if (MUTANT("C-CV-15")) {
    ever = ever || *waiters != 0;
    *waiters = ever;
  }
}

WRAP(void, cv_destroy, (struct rumpuser_cv *cv))
{
  if (MUTANT("C-CV-22") || (MUTANT("C-CV-23") && has_waiters(cv))) {
    return;
  }
  __real_rumpuser_cv_destroy(cv);
}

/* Loader. */

WRAP(void, dl_bootstrap,
  (
    rump_modinit_fn     modinit,
    rump_symload_fn     symload,
    rump_compload_fn    compload,
    rump_evcntattach_fn evcntattach
  ))
{
  __real_rumpuser_dl_bootstrap(modinit, symload, compload, evcntattach);
  if (MUTANT("C-LDR-01")) {
    (*compload)(NULL);
  }
  if (MUTANT("C-LDR-02")) {
    (void)(*symload)(NULL, 0, NULL, 0);
  }
  if (MUTANT("C-LDR-03")) {
    (*evcntattach)(NULL);
  }
}

/* The end. */

WRAP(void, exit, (int status))
{
  if (MUTANT("C-EXIT-01") && status != RUMPUSER_PANIC) {
    ++status;
  }
  if (MUTANT("C-EXIT-02") && status == RUMPUSER_PANIC) {
    status = 0;
  }
  __real_rumpuser_exit(status);
}

WRAP(int, kill, (int64_t pid, int signal))
{
  if (MUTANT("C-EXIT-03") && pid == RUMPUSER_PID_SELF) {
    ++signal;
  }
  if (MUTANT("C-EXIT-04") && signal > 32) {
    __real_rumpuser_exit(1);
  }
  return __real_rumpuser_kill(pid, signal);
}

/* Components. */

WRAP(void *, component_unschedule, (void))
{
  return MUTANT("C-CMP-01") ? NULL : __real_rumpuser_component_unschedule();
}

WRAP(void, component_schedule, (void *cookie))
{
  if (MUTANT("C-CMP-02")) {
    cookie = NULL;
  }
  if (!MUTANT("C-CMP-01")) {
    __real_rumpuser_component_schedule(cookie);
  }
}

WRAP(void, component_kthread, (void))
{
  if (!MUTANT("C-CMP-03")) {
    __real_rumpuser_component_kthread();
  }
}

WRAP(struct lwp *, component_curlwp, (void))
{
  struct lwp *l = __real_rumpuser_component_curlwp();

  return MUTANT("C-CMP-04") ? NULL : l;
}

WRAP(void, component_kthread_release, (void))
{
  if (!MUTANT("C-CMP-05")) {
    __real_rumpuser_component_kthread_release();
  }
}

WRAP(void, component_switchlwp, (struct lwp *l))
{
  if (!MUTANT("C-CMP-06")) {
    __real_rumpuser_component_switchlwp(l);
  }
}

WRAP(int, component_errtrans, (int error))
{
  return MUTANT("C-CMP-07")
    ? error
    : __real_rumpuser_component_errtrans(error);
}

/* Remote clients and daemon mode. */

WRAP(int, sp_init,
  (const char *url, const char *os, const char *release, const char *machine))
{
  int error;

  if (MUTANT("C-SP-01")) {
    return 0;
  }
  error = __real_rumpuser_sp_init(
    url, os, MUTANT("C-PROXY-01") ? os : release, machine);
  return error != 0 && MUTANT("C-PROXY-02") ? NETBSD_EINVAL : error;
}

WRAP(int, sp_copyin, (void *client, const void *from, void *to, size_t size))
{
  int error;

  if (MUTANT("C-SP-02")) {
    memcpy(to, from, size);
    return 0;
  }
  if (MUTANT("C-PROXY-03")) {
    --size;
  }
  KEEPING_CPU("C-PROXY-10",
    error = __real_rumpuser_sp_copyin(client, from, to, size));
  return MUTANT("C-PROXY-09") ? 0 : error;
}

WRAP(int, sp_copyinstr,
  (void *client, const void *from, void *to, size_t *size))
{
  size_t all = *size;
  int error = __real_rumpuser_sp_copyinstr(client, from, to, size);

  if (MUTANT("C-PROXY-04")) {
    *size = all;
  }
  return error;
}

WRAP(int, sp_copyout, (void *client, const void *from, void *to, size_t size))
{
  return __real_rumpuser_sp_copyout(
    client, from, to, MUTANT("C-PROXY-05") ? size - 1 : size);
}

WRAP(int, sp_copyoutstr,
  (void *client, const void *from, void *to, size_t *size))
{
  if (MUTANT("C-PROXY-06")) {
    --*size;
  }
  return __real_rumpuser_sp_copyoutstr(client, from, to, size);
}

WRAP(int, sp_anonmmap, (void *client, size_t size, void **addrp))
{
  int error = __real_rumpuser_sp_anonmmap(client, size, addrp);

  return MUTANT("C-PROXY-07") ? 0 : error;
}

WRAP(int, sp_raise, (void *client, int signal))
{
  return __real_rumpuser_sp_raise(
    client, MUTANT("C-PROXY-08") ? signal + 1 : signal);
}

WRAP(void, sp_fini, (void *client))
{
  if (MUTANT("C-SP-03")) {
    __real_rumpuser_exit(1);
  }
  __real_rumpuser_sp_fini(MUTANT("C-PROXY-11") ? NULL : client);
}

WRAP(int, daemonize_begin, (void))
{
  return MUTANT("C-SP-04") ? NETBSD_EINVAL : __real_rumpuser_daemonize_begin();
}
