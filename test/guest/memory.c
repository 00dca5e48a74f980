/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Test guest: memory from the host, its limit, and the page daemon.
 *
 * Freed pages are kept, some by each CPU and the rest in a list.  When nine
 * tenths of the limit are used the page daemon gives kept pages back to the
 * host and shrinks the buffer cache; who finds the limit reached waits for it.
 */

#include "guest.h"

#define UNLIMITED (~0ul)
#define DAEMON_RESERVE (2ul * MAXIMUM_IO)
#define CPU_PAGES 16u

struct page {
  struct page *next;
};

static unsigned long limit = UNLIMITED, daemon_limit = UNLIMITED;
static unsigned long daemon_mark = UNLIMITED;
static atomic_ulong used;

static struct rumpuser_mtx *daemon_mutex, *page_mutex;
static struct rumpuser_cv *daemon_cv, *memory_cv;
static _Atomic(struct lwp *) daemon_lwp;
static unsigned waiters, passes;
static size_t last_pass;
static struct page *free_pages;

static unsigned long parse_limit(const char *text)
{
  const char *end;
  unsigned long value = parse_number(text, &end), scale = 1;

  switch (*end) {
    case 'g': scale *= 1024; /* fall through */
    case 'm': scale *= 1024; /* fall through */
    case 'k': scale *= 1024; end++; break;
    default: break;
  }
  if (*end != '\0' || end == text) {
    panic("invalid RUMP_MEMLIMIT: %s", text);
  }
  if (value * scale / scale != value) {
    panic("RUMP_MEMLIMIT overflow: %s", text);
  }
  return value * scale;
}

void guest_memory_init(void)
{
  char text[64];

  if (rumpuser_getparam("RUMP_MEMLIMIT", text, sizeof(text)) == 0) {
    daemon_limit = parse_limit(text);
    if (daemon_limit <= DAEMON_RESERVE) {
      panic("the system reserves %lu bytes of memory, only %lu are given",
        DAEMON_RESERVE, daemon_limit);
    }
    limit = daemon_limit - DAEMON_RESERVE;
    daemon_mark = limit / 10 * 9;
  }
  daemon_mutex = kmutex_new(0);
  page_mutex = kmutex_new(1);
  daemon_cv = kcv_new();
  memory_cv = kcv_new();
}

unsigned long guest_memory_limit(void)
{
  return limit;
}

static int short_of_memory(void)
{
  return atomic_load(&used) > daemon_mark;
}

/* Says whether the page daemon could free anything. */
static int wait_for_memory(void)
{
  unsigned pass;
  int freed;

  if (!guest_threads_enabled || atomic_load(&daemon_lwp) == NULL ||
    atomic_load(&daemon_lwp) == rumpuser_curlwp()) {
    panic("out of memory");
  }
  kmutex_enter(daemon_mutex);
  waiters++;
  rumpuser_cv_signal(daemon_cv);
  /* A pass that has begun already may have looked too early. */
  pass = passes + 2;
  while ((int)(passes - pass) < 0) {
    kcv_wait(memory_cv, daemon_mutex);
    if (last_pass > 0) {
      break;
    }
  }
  freed = last_pass > 0;
  waiters--;
  kmutex_exit(daemon_mutex);
  return freed;
}

static void *try_malloc(size_t size, int alignment)
{
  unsigned long maximum =
    rumpuser_curlwp() == atomic_load(&daemon_lwp) ? daemon_limit : limit;
  void *p;

  if (atomic_fetch_add(&used, size) + size <= maximum &&
    rumpuser_malloc(size, alignment, &p) == 0) {
    ASSERT(p != NULL);
    ASSERT(alignment == 0 || (uintptr_t)p % (unsigned)alignment == 0);
    return p;
  }
  atomic_fetch_sub(&used, size);
  return NULL;
}

void *hypermalloc(size_t size, int alignment, int wait)
{
  int hopeless = wait == MEMORY_NOWAIT;
  void *p;

  if (short_of_memory() && daemon_cv != NULL) {
    rumpuser_cv_signal(daemon_cv);
  }
  /* After the last pass once more: others have freed memory meanwhile. */
  while ((p = try_malloc(size, alignment)) == NULL && !hopeless) {
    hopeless = !wait_for_memory() && wait == MEMORY_TRY;
  }
  return p;
}

void hyperfree(void *p, size_t size)
{
  atomic_fetch_sub(&used, size);
  rumpuser_free(p, size);
}

void *kmem_alloc(size_t size)
{
  return hypermalloc(size, 0, MEMORY_WAIT);
}

void *kmem_zalloc(size_t size)
{
  return memset(kmem_alloc(size), 0, size);
}

void kmem_free(void *p, size_t size)
{
  hyperfree(p, size);
}

char *kmem_strdup(const char *text)
{
  size_t size = strlen(text) + 1;

  return memcpy(kmem_alloc(size), text, size);
}

/* Not zeroed.  NULL if even the page daemon cannot help. */
void *page_alloc(void)
{
  struct cpu *cpu = rumpuser_curlwp()->cpu;
  struct page *page = cpu->pages;

  if (page != NULL) {
    cpu->pages = page->next;
    cpu->page_count--;
    return page;
  }
  kmutex_enter(page_mutex);
  page = free_pages;
  if (page != NULL) {
    free_pages = page->next;
  }
  kmutex_exit(page_mutex);
  if (page == NULL) {
    page = hypermalloc(PAGE_BYTES, PAGE_BYTES, MEMORY_TRY);
  }
  return page;
}

static void page_put(struct page *page)
{
  kmutex_enter(page_mutex);
  page->next = free_pages;
  free_pages = page;
  kmutex_exit(page_mutex);
}

void page_free(void *p)
{
  struct cpu *cpu = rumpuser_curlwp()->cpu;
  struct page *page = p;

  if (cpu->page_count < CPU_PAGES) {
    page->next = cpu->pages;
    cpu->pages = page;
    cpu->page_count++;
  } else {
    page_put(page);
  }
}

static void drain_cpu(void)
{
  struct cpu *cpu = rumpuser_curlwp()->cpu;
  struct page *page;

  while ((page = cpu->pages) != NULL) {
    cpu->pages = page->next;
    cpu->page_count--;
    page_put(page); /* a spin mutex: the CPU is kept */
  }
}

static size_t pages_drain(void)
{
  struct page *page, *next;
  size_t freed = 0;

  cross_call(drain_cpu);
  kmutex_enter(page_mutex);
  page = free_pages;
  free_pages = NULL;
  kmutex_exit(page_mutex);
  for (; page != NULL; page = next) {
    next = page->next;
    hyperfree(page, PAGE_BYTES);
    freed++;
  }
  atomic_fetch_add(&guest_counters.pages_reclaimed, freed);
  return freed;
}

static void page_daemon(void *argument)
{
  size_t freed;
  int wanted;

  (void)argument;
  atomic_store(&daemon_lwp, rumpuser_curlwp());
  kmutex_enter(daemon_mutex);
  for (;;) {
    if (waiters == 0) {
      kcv_wait(daemon_cv, daemon_mutex);
    }
    wanted = waiters > 0;
    kmutex_exit(daemon_mutex);
    atomic_fetch_add(&guest_counters.page_daemon_runs, 1);
    freed = pages_drain();
    if (wanted && (freed == 0 || short_of_memory())) {
      freed += buffers_drain(10);
    }
    kmutex_enter(daemon_mutex);
    passes++;
    last_pass = freed;
    rumpuser_cv_broadcast(memory_cv);
    if (freed == 0 && waiters > 0) {
      rumpuser_dprintf("test guest: page daemon has nothing to free\n");
      kpause(HZ / 20, daemon_mutex);
    }
  }
}

void guest_memory_start(void)
{
  if (guest_threads_enabled && kthread_create(PRIORITY_PAGE_DAEMON,
    KTHREAD_MPSAFE, NULL, page_daemon, NULL, NULL, "pdaemon") != 0) {
    panic("no thread for the page daemon");
  }
}
