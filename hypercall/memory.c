/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Memory: one arena, taken from the RTEMS heap at the start and given back at
 * the end.
 *
 * Its pages are managed by a binary buddy system, in which a request takes
 * just as many pages as it needs: what remains of a block goes back at once.
 * Single pages, the case that matters, come from a cache and go back to it
 * without a lock.  It is a bitmap, since a bit that is set means the same
 * whatever has happened to it before; the links of a lock-free list do not.
 * Cached pages return to the buddy system when that cannot serve a request.
 * Blocks smaller than a page are parts of a page, all of one size.
 */

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <rtems/malloc.h>

#include "lock.h"

#ifndef RTEMS_RUMP_PAGE_SHIFT
#define RTEMS_RUMP_PAGE_SHIFT 12
#endif

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

/* The kernel's page: 2^RTEMS_RUMP_PAGE_SHIFT bytes, set by the build. */
#define PAGE_SHIFT RTEMS_RUMP_PAGE_SHIFT
#define PAGE_SIZE ((size_t)1 << PAGE_SHIFT)

/* All between this and a page gets a page. */
#define SMALL_LARGEST small_size(MEMORY_SMALL_CLASSES - 1)

/* The buddy system's largest block is 2^(ORDERS - 1) pages. */
#define ORDERS 20

/* Pages of a word of the cache, and their order in the buddy system. */
#define WORD_ORDER 5
#define WORD_PAGES (UINT32_C(1) << WORD_ORDER)

/* The arena's alignment, and so the largest that a block has by itself. */
#define NATURAL_ALIGNMENT (WORD_PAGES * PAGE_SIZE)

/*
 * The last eighth of the arena is for runs of at least so many pages that find
 * no place before it, and for what is smaller only when all else is full.
 * NetBSD copies what it writes to a disk into one piece of memory, up to 64 KiB
 * and more, waits until it gets that, and frees pages only when few are left:
 * with single pages strewn all over the arena it would wait for ever.
 */
#define LARGE_PAGES 8
#define LARGE_ZONE_SHIFT 3

enum zone {
  ZONE_SMALL,
  ZONE_LARGE,
  ZONES
};

/* In place of the number of a page: there is none. */
#define NONE UINT32_MAX

enum page_kind {
  /* Whatever is not one of the others. */
  PAGE_PLAIN,
  /* First page of a free block of the buddy system. */
  PAGE_FREE,
  /* Divided into small blocks of the first class; the other classes follow. */
  PAGE_SMALL
};

struct page {
  /* In a list of free blocks or of pages with free parts. */
  uint32_t next, previous;
  /* First free part of a page of small blocks, as offset + 1, or 0. */
  uint16_t part;
  /* Parts of such a page that are in use or have never been used. */
  uint16_t parts;
  /* Of a free block. */
  uint8_t order;
};

/*
 * The tables stand at the beginning of the arena, that of the cache first: one
 * address less to load on the fast path.  The pages they take count as in use.
 */
static struct {
  /*
   * For each class of small blocks: one that is free, and the rest of a page
   * that has never been used.  These two are taken without the lock.
   */
  atomic_uintptr_t spare[MEMORY_SMALL_CLASSES];
  atomic_uintptr_t fresh[MEMORY_SMALL_CLASSES];

  union {
    char *base;

    /* The cache: a bit for each page. */
    atomic_uint *word;
  };

  size_t size;

  /* The word where to look first. */
  atomic_uint word_hint;

  uint32_t pages;

  /* A bit for each word that may not be empty. */
  atomic_uint *summary;

  /* What each page is, an enum page_kind. */
  _Atomic uint8_t *kind;

  struct page *page;
  uint32_t table_pages;

  /* The first page of the zone for large runs. */
  uint32_t large_zone;

  /* All below is guarded by the lock. */
  struct lock lock;
  uint32_t free[ZONES][ORDERS];
  _Atomic uint32_t small[MEMORY_SMALL_CLASSES];
  size_t free_pages;
  size_t least_free_pages;
  unsigned long failures;
} arena = { .lock = LOCK_INITIALIZER("rump memory") };

static inline size_t
small_size(unsigned class)
{
  return (size_t)1 << (class + MEMORY_SMALL_SHIFT);
}

static inline void *
page_address(uint32_t number)
{
  return arena.base + ((size_t)number << PAGE_SHIFT);
}

static inline uint32_t
page_number(const void *p)
{
  return (uint32_t)((size_t)((const char *)p - arena.base) >> PAGE_SHIFT);
}

static inline void
set_kind(uint32_t number, unsigned kind)
{
  atomic_store_explicit(
    &arena.kind[number],
    (uint8_t)kind,
    memory_order_relaxed
  );
}

static inline unsigned
get_kind(uint32_t number)
{
  return atomic_load_explicit(&arena.kind[number], memory_order_relaxed);
}

static SLOW_PATH void
die_of_double_free(const void *p)
{
  hypercall_die("memory at %p is freed twice", p);
}

/* The cache of single pages. */

static inline unsigned
lowest_bit(unsigned bits)
{
  return (unsigned)__builtin_ctz(bits);
}

/* Takes one bit from a word and returns all it had before; 0 if none. */
static inline unsigned
cache_take_bit(atomic_uint *word)
{
  unsigned bits = atomic_load_explicit(word, memory_order_relaxed);

  while (PREDICT_TRUE(bits != 0)) {
    unsigned old = bits;

    if (PREDICT_TRUE(atomic_compare_exchange_weak_explicit(
          word,
          &bits,
          bits & (bits - 1),
          memory_order_acquire,
          memory_order_relaxed
        ))) {
      return old;
    }
  }
  return 0;
}

static SLOW_PATH void
cache_set_summary(uint32_t word)
{
  atomic_fetch_or(
    &arena.summary[word / WORD_PAGES],
    1u << word % WORD_PAGES
  );
  atomic_store_explicit(&arena.word_hint, word, memory_order_relaxed);
}

/* A word that has become empty is noticed here, and not when it happens. */
static SLOW_PATH bool
cache_word_is_empty(uint32_t word)
{
  if (atomic_load(&arena.word[word]) != 0) {
    return false;
  }
  atomic_fetch_and(
    &arena.summary[word / WORD_PAGES],
    ~(1u << word % WORD_PAGES)
  );
  if (atomic_load(&arena.word[word]) != 0) {
    cache_set_summary(word);
    return false;
  }
  return true;
}

static SLOW_PATH uint32_t
cache_search(void)
{
  uint32_t words = (arena.pages + WORD_PAGES - 1) / WORD_PAGES;
  uint32_t i;

  for (i = 0; i * WORD_PAGES < words; ++i) {
    unsigned bits = atomic_load(&arena.summary[i]);

    for (; bits != 0; bits &= bits - 1) {
      uint32_t word = i * WORD_PAGES + lowest_bit(bits);

      if (!cache_word_is_empty(word)) {
        unsigned taken = cache_take_bit(&arena.word[word]);

        atomic_store_explicit(
          &arena.word_hint,
          word,
          memory_order_relaxed
        );
        if (taken != 0) {
          return word * WORD_PAGES + lowest_bit(taken);
        }
      }
    }
  }
  return NONE;
}

/* Lists of page numbers, doubly linked. */

static void
list_insert(uint32_t *list, uint32_t number)
{
  arena.page[number].next = *list;
  arena.page[number].previous = NONE;
  if (*list != NONE) {
    arena.page[*list].previous = number;
  }
  *list = number;
}

static void
list_remove(uint32_t *list, uint32_t number)
{
  uint32_t next = arena.page[number].next;
  uint32_t previous = arena.page[number].previous;

  if (previous == NONE) {
    *list = next;
  } else {
    arena.page[previous].next = next;
  }
  if (next != NONE) {
    arena.page[next].previous = previous;
  }
}

/* The buddy system. */

static inline enum zone
zone_of(uint32_t number)
{
  return number < arena.large_zone ? ZONE_SMALL : ZONE_LARGE;
}

static inline uint32_t *
free_list(uint32_t number, unsigned order)
{
  return &arena.free[zone_of(number)][order];
}

static SLOW_PATH void
free_block(uint32_t number, unsigned order)
{
  arena.free_pages += (size_t)1 << order;
  while (order < ORDERS - 1) {
    uint32_t buddy = number ^ UINT32_C(1) << order;

    if (buddy + (UINT32_C(1) << order) > arena.pages
        || zone_of(buddy) != zone_of(number)
        || get_kind(buddy) != PAGE_FREE
        || arena.page[buddy].order != order) {
      break;
    }
    list_remove(free_list(buddy, order), buddy);
    set_kind(buddy, PAGE_PLAIN);
    number &= ~(UINT32_C(1) << order);
    ++order;
  }
  arena.page[number].order = (uint8_t)order;
  set_kind(number, PAGE_FREE);
  list_insert(free_list(number, order), number);
}

/* Frees any run of pages, as the blocks of which it consists. */
static SLOW_PATH void
free_run(uint32_t number, uint32_t count)
{
  while (count > 0) {
    unsigned order = 0;

    while (order < ORDERS - 1
        && (number & UINT32_C(1) << order) == 0
        && UINT32_C(2) << order <= count) {
      ++order;
    }
    free_block(number, order);
    number += UINT32_C(1) << order;
    count -= UINT32_C(1) << order;
  }
}

static uint32_t
allocate_block(enum zone zone, unsigned order)
{
  uint32_t *list = arena.free[zone];
  unsigned have = order;
  uint32_t number;

  while (have < ORDERS && list[have] == NONE) {
    ++have;
  }
  if (have >= ORDERS) {
    return NONE;
  }
  number = list[have];
  list_remove(&list[have], number);
  set_kind(number, PAGE_PLAIN);
  arena.free_pages -= (size_t)1 << have;
  free_run(
    number + (UINT32_C(1) << order),
    (UINT32_C(1) << have) - (UINT32_C(1) << order)
  );
  if (arena.free_pages < arena.least_free_pages) {
    arena.least_free_pages = arena.free_pages;
  }
  return number;
}

static unsigned
order_for(uint32_t count)
{
  return count <= 1 ? 0 : 32 - (unsigned)__builtin_clz(count - 1);
}

/*
 * Pages of the zone for large runs do not stay in the cache: they would be
 * taken for single pages again and again, and the zone would be lost.  Their
 * words are always empty, hence who puts the first page there comes here.
 */
static SLOW_PATH void
cache_drain_word(uint32_t word)
{
  unsigned bits;

  lock_enter(&arena.lock);
  bits = atomic_exchange(&arena.word[word], 0);
  for (; bits != 0; bits &= bits - 1) {
    free_block(word * WORD_PAGES + lowest_bit(bits), 0);
  }
  lock_exit(&arena.lock);
}

/* The rare cases of what follows: the word was empty, or the bits were set. */
static SLOW_PATH void
cache_put_slow(atomic_uint *wordp, unsigned old, unsigned bits)
{
  uint32_t word = (uint32_t)(wordp - arena.word);

  if ((old & bits) != 0) {
    die_of_double_free(page_address(word * WORD_PAGES + lowest_bit(bits)));
  }
  if (zone_of(word * WORD_PAGES) == ZONE_LARGE) {
    cache_drain_word(word);
  } else {
    cache_set_summary(word);
  }
}

static inline void
cache_put(atomic_uint *word, unsigned bits)
{
  unsigned old =
    atomic_fetch_or_explicit(word, bits, memory_order_release);

  if (PREDICT_FALSE(old == 0 || (old & bits) != 0)) {
    cache_put_slow(word, old, bits);
  }
}

/* Returns the cached pages to the buddy system; false if there are none. */
static bool
drain_cache(void)
{
  bool drained = false;
  uint32_t number;

  while ((number = cache_search()) != NONE) {
    free_block(number, 0);
    drained = true;
  }
  return drained;
}

/* Takes a block, if need be with what the cache has. */
static uint32_t
allocate_block_for(uint32_t count)
{
  unsigned order = order_for(count);
  uint32_t number = allocate_block(ZONE_SMALL, order);

  if (number == NONE && count >= LARGE_PAGES) {
    number = allocate_block(ZONE_LARGE, order);
  }
  if (number == NONE && drain_cache()) {
    number = allocate_block(ZONE_SMALL, order);
  }
  return number == NONE ? allocate_block(ZONE_LARGE, order) : number;
}

/*
 * Takes a run of pages whose address is a multiple of align, a power of two
 * not smaller than a page.
 */
static SLOW_PATH uint32_t
allocate_run(uint32_t count, size_t align)
{
  uint32_t align_pages = (uint32_t)(align >> PAGE_SHIFT);
  uint32_t want = count > align_pages ? count : align_pages;
  uint32_t number, first;

  /* A block as large as its alignment has it, up to that of the arena. */
  if (align > NATURAL_ALIGNMENT) {
    want = count + align_pages - 1;
  }
  number = allocate_block_for(want);
  if (number == NONE) {
    ++arena.failures;
    return NONE;
  }
  first = page_number((void *)(
    ((uintptr_t)page_address(number) + align - 1) & ~(uintptr_t)(align - 1)
  ));
  free_run(number, first - number);
  free_run(
    first + count,
    number + (UINT32_C(1) << order_for(want)) - first - count
  );
  return first;
}

static SLOW_PATH void *
allocate_pages(size_t size, size_t align)
{
  uint32_t number;
  uint32_t count;

  if (size > arena.size || align > arena.size) {
    return NULL;
  }
  count = (uint32_t)((size + PAGE_SIZE - 1) >> PAGE_SHIFT);
  lock_enter(&arena.lock);
  number = allocate_run(count, align < PAGE_SIZE ? PAGE_SIZE : align);
  lock_exit(&arena.lock);
  return number == NONE ? NULL : page_address(number);
}

static SLOW_PATH void
release_pages(void *p, size_t size)
{
  uint32_t number = page_number(p);

  if (number >= arena.pages
      || number < arena.table_pages
      || get_kind(number) == PAGE_FREE) {
    hypercall_die("memory at %p is freed that is not in use", p);
  }
  lock_enter(&arena.lock);
  free_run(number, (uint32_t)((size + PAGE_SIZE - 1) >> PAGE_SHIFT));
  lock_exit(&arena.lock);
}

/* Small blocks. */

static inline uint16_t *
part_link(char *base, unsigned part)
{
  return (uint16_t *)(void *)(base + part - 1);
}

/* The lists of pages with free parts are looked at without the lock, too. */

static inline bool
small_list_is_empty(unsigned class)
{
  return atomic_load_explicit(&arena.small[class], memory_order_relaxed)
    == NONE;
}

static void
small_insert(unsigned class, uint32_t number)
{
  uint32_t list = arena.small[class];

  list_insert(&list, number);
  arena.small[class] = list;
}

static void
small_remove(unsigned class, uint32_t number)
{
  uint32_t list = arena.small[class];

  list_remove(&list, number);
  arena.small[class] = list;
}

/* Takes a part that has been used before, from the first page with one. */
static void *
take_part(unsigned class, uint32_t number)
{
  struct page *page = &arena.page[number];
  char *base = page_address(number);
  void *p = base + page->part - 1;

  ASAN_UNPOISON_MEMORY_REGION(p, sizeof(uint16_t));
  page->part = *part_link(base, page->part);
  ++page->parts;
  if (page->part == 0) {
    small_remove(class, number);
  }
  return p;
}

/* Takes a page for a class and returns its first part; the rest is fresh. */
static SLOW_PATH void *
take_page_for_parts(unsigned class)
{
  uint32_t number = allocate_run(1, PAGE_SIZE);
  char *base;

  if (number == NONE) {
    return NULL;
  }
  base = page_address(number);
  arena.page[number].part = 0;
  arena.page[number].parts = (uint16_t)(PAGE_SIZE / small_size(class));
  set_kind(number, PAGE_SMALL + class);
  atomic_store_explicit(
    &arena.fresh[class],
    (uintptr_t)base + small_size(class),
    memory_order_release
  );
  return base;
}

/* The part of a fresh page that is next; 0 at its end. */
static inline void *
take_fresh(unsigned class)
{
  uintptr_t p =
    atomic_load_explicit(&arena.fresh[class], memory_order_acquire);

  while (p % PAGE_SIZE != 0) {
    if (atomic_compare_exchange_weak_explicit(
          &arena.fresh[class],
          &p,
          p + small_size(class),
          memory_order_acquire,
          memory_order_acquire
        )) {
      return (void *)p;
    }
  }
  return NULL;
}

static SLOW_PATH void *
allocate_small_locked(unsigned class)
{
  uint32_t number;
  void *p;

  lock_enter(&arena.lock);
  number = arena.small[class];
  p = number != NONE ? take_part(class, number) : take_fresh(class);
  if (p == NULL) {
    p = take_page_for_parts(class);
  }
  lock_exit(&arena.lock);
  return p;
}

/* There is no spare block. */
static SLOW_PATH void *
allocate_part(unsigned class)
{
  void *p = small_list_is_empty(class) ? take_fresh(class) : NULL;

  return p != NULL ? p : allocate_small_locked(class);
}

/* At the kernel's start there is none most of the time. */
static inline void *
take_spare(unsigned class)
{
  if (atomic_load_explicit(&arena.spare[class], memory_order_relaxed) == 0) {
    return NULL;
  }
  return (void *)atomic_exchange_explicit(
    &arena.spare[class],
    0,
    memory_order_acquire
  );
}

static FAST_PATH void *
allocate_small(unsigned class)
{
  void *p = take_spare(class);

  return PREDICT_TRUE(p != NULL) ? p : allocate_part(class);
}

/* Gives the spare block back to its page, as another has taken its place. */
static SLOW_PATH void
release_part(const void *other, void *p)
{
  uint32_t number = page_number(p);
  unsigned class = get_kind(number) - PAGE_SMALL;
  struct page *page = &arena.page[number];
  char *base = page_address(number);
  unsigned part = (unsigned)((char *)p - base) + 1;

  if (p == other) {
    die_of_double_free(p);
  }
  lock_enter(&arena.lock);
  if (page->part == 0) {
    small_insert(class, number);
  }
  ASAN_UNPOISON_MEMORY_REGION(p, sizeof(uint16_t));
  *part_link(base, part) = page->part;
  ASAN_POISON_MEMORY_REGION(p, small_size(class));
  page->part = (uint16_t)part;
  --page->parts;
  if (page->parts == 0) {
    small_remove(class, number);
    set_kind(number, PAGE_PLAIN);
    free_block(number, 0);
  }
  lock_exit(&arena.lock);
}

FAST_PATH void
memory_give(void *p, unsigned class)
{
  void *old;

  ASAN_POISON_MEMORY_REGION(p, small_size(class));
  old = (void *)atomic_exchange_explicit(
    &arena.spare[class],
    (uintptr_t)p,
    memory_order_acq_rel
  );
  if (old != NULL) {
    release_part(p, old);
  }
}

/* The hypercalls. */

static SLOW_PATH int
allocate_other(size_t size, size_t align, void **memp)
{
  size_t least = size > align ? size : align;
  void *p;

  /* NetBSD returns what stands here to who may fail, and no error. */
  *memp = NULL;
  if ((align & (align - 1)) != 0) {
    return NETBSD_EINVAL;
  }
  if (size == 0) {
    least = size = 1;
  }
  p = least <= SMALL_LARGEST
    ? allocate_small(memory_class(least))
    : allocate_pages(size, align);
  if (p == NULL) {
    return NETBSD_ENOMEM;
  }
  ASAN_UNPOISON_MEMORY_REGION(p, size);
  *memp = p;
  return 0;
}

/*
 * The word at hand is empty.  If the whole cache is, it gets as many pages at
 * once as a word has, if there are so many side by side.
 */
static SLOW_PATH int
allocate_page(void **memp)
{
  uint32_t number = cache_search();

  if (number == NONE) {
    lock_enter(&arena.lock);
    number = allocate_block(ZONE_SMALL, WORD_ORDER);
    lock_exit(&arena.lock);
    if (number == NONE) {
      return allocate_other(PAGE_SIZE, PAGE_SIZE, memp);
    }
    atomic_store_explicit(
      &arena.word[number / WORD_PAGES],
      ~1u,
      memory_order_release
    );
    cache_set_summary(number / WORD_PAGES);
  }
  *memp = page_address(number);
  ASAN_UNPOISON_MEMORY_REGION(*memp, PAGE_SIZE);
  return 0;
}

/* Whether a block of this size is a page; beyond it the difference is huge. */
static inline bool
is_page(size_t size)
{
  return PAGE_SIZE - size < PAGE_SIZE - SMALL_LARGEST;
}

FAST_PATH int
rumpuser_malloc(size_t size, int align, void **memp)
{
  /* What the kernel asks for; the rest is served as well, if not as fast. */
  if (PREDICT_TRUE((size_t)align == size && is_page(size))) {
    /* Read once: the compiler must do so again after an atomic operation. */
    char *base = arena.base;
    size_t word =
      atomic_load_explicit(&arena.word_hint, memory_order_relaxed);
    unsigned bits = cache_take_bit((atomic_uint *)(void *)base + word);

    if (PREDICT_TRUE(bits != 0)) {
      *memp = base + ((word * WORD_PAGES + lowest_bit(bits)) << PAGE_SHIFT);
      ASAN_UNPOISON_MEMORY_REGION(*memp, PAGE_SIZE);
      return 0;
    }
    return allocate_page(memp);
  }
  return align < 0
    ? NETBSD_EINVAL
    : allocate_other(size, (size_t)align, memp);
}

static SLOW_PATH void
release_other(void *p, size_t size)
{
  if (p == NULL) {
    return;
  }
  if (page_number(p) < arena.pages
      && get_kind(page_number(p)) >= PAGE_SMALL) {
    memory_give(p, get_kind(page_number(p)) - PAGE_SMALL);
  } else {
    ASAN_POISON_MEMORY_REGION(p, size == 0 ? 1 : size);
    release_pages(p, size == 0 ? 1 : size);
  }
}

static inline void
release_page(void *p)
{
  size_t offset = (size_t)((char *)p - arena.base);

  if (PREDICT_TRUE(offset < arena.size)) {
    ASAN_POISON_MEMORY_REGION(p, PAGE_SIZE);
    cache_put(
      &arena.word[offset >> PAGE_SHIFT >> WORD_ORDER],
      1u << (offset >> PAGE_SHIFT) % WORD_PAGES
    );
  } else {
    release_other(p, PAGE_SIZE);
  }
}

FAST_PATH void
rumpuser_free(void *p, size_t size)
{
  if (PREDICT_TRUE(is_page(size))) {
    release_page(p);
  } else {
    release_other(p, size);
  }
}

int
rumpuser_anonmmap(
  void  *preferred,
  size_t size,
  int    alignbit,
  int    exec,
  void **memp
)
{
  int error;

  (void)preferred;
  (void)exec;
  if (alignbit < 0 || alignbit > 30 || size == 0) {
    return NETBSD_EINVAL;
  }
  if (size > arena.size) {
    return NETBSD_ENOMEM;
  }
  size = (size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
  error = alignbit <= PAGE_SHIFT
    ? allocate_other(size, PAGE_SIZE, memp)
    : allocate_other(size, (size_t)1 << alignbit, memp);
  if (error == 0) {
    memset(*memp, 0, size);
  }
  return error;
}

void
rumpuser_unmap(void *p, size_t size)
{
  /* What is shared with others is not of the arena. */
  if ((size_t)((char *)p - arena.base) < arena.size) {
    release_other(p, (size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1));
  }
}

int
rumpuser_getpagesize(void)
{
  return (int)PAGE_SIZE;
}

/* For the layer itself. */

void *
memory_allocate(size_t size)
{
  void *p;

  return allocate_other(size, 1, &p) == 0 ? p : NULL;
}

static SLOW_PATH void *
allocate_part_or_die(unsigned class)
{
  void *p = allocate_part(class);

  if (p == NULL) {
    hypercall_die(
      "no memory for a lock: raise rtems_rump_config::memory (%zu bytes)",
      arena.size
    );
  }
  return p;
}

FAST_PATH void *
memory_take_or_die(unsigned class)
{
  void *p = take_spare(class);

  if (PREDICT_FALSE(p == NULL)) {
    p = allocate_part_or_die(class);
  }
  ASAN_UNPOISON_MEMORY_REGION(p, small_size(class));
  return p;
}

/*
 * The kernel's limit lies below the arena by the zone for large runs and by a
 * sixteenth: it counts the bytes it asks for, not what is lost to alignment,
 * fragments and this layer's own objects.
 */
unsigned long
memory_limit(void)
{
  size_t zone = (size_t)(arena.pages - arena.large_zone) << PAGE_SHIFT;

  return (unsigned long)(arena.size - zone - arena.size / 16);
}

static void
lay_out(size_t size)
{
  size_t pages = size >> PAGE_SHIFT;
  size_t words = (pages + WORD_PAGES - 1) / WORD_PAGES;
  size_t summary_words = (words + WORD_PAGES - 1) / WORD_PAGES;
  size_t tables;

  arena.size = size;
  arena.pages = (uint32_t)pages;
  arena.summary = arena.word + words;
  arena.kind = (_Atomic uint8_t *)(arena.summary + summary_words);
  tables = (size_t)((char *)(arena.kind + pages) - arena.base);
  memset(arena.base, 0, tables);

  tables = (tables + 15) & ~(size_t)15;
  arena.page = (struct page *)(void *)(arena.base + tables);
  tables += pages * sizeof(struct page);
  arena.table_pages = (uint32_t)((tables + PAGE_SIZE - 1) >> PAGE_SHIFT);
  atomic_store(&arena.word_hint, 0);
}

/* It has whole words of the cache; a small arena has none. */
static uint32_t
begin_of_large_zone(uint32_t pages)
{
  uint32_t begin = pages - (pages >> LARGE_ZONE_SHIFT) + WORD_PAGES - 1;

  begin &= ~(WORD_PAGES - 1);
  return begin < pages ? begin : pages;
}

int
memory_init(size_t size)
{
  uint32_t i;

  size &= ~(PAGE_SIZE - 1);
  arena.base = rtems_heap_allocate_aligned_with_boundary(
    size,
    NATURAL_ALIGNMENT,
    0
  );
  if (arena.base == NULL) {
    return ENOMEM;
  }
  lock_init(&arena.lock, "rump memory");
  lay_out(size);
  for (i = 0; i < ORDERS; ++i) {
    arena.free[ZONE_SMALL][i] = NONE;
    arena.free[ZONE_LARGE][i] = NONE;
  }
  for (i = 0; i < MEMORY_SMALL_CLASSES; ++i) {
    arena.small[i] = NONE;
    arena.spare[i] = 0;
    arena.fresh[i] = 0;
  }
  arena.failures = 0;
  arena.free_pages = 0;
  arena.large_zone = begin_of_large_zone(arena.pages);
  free_run(arena.table_pages, arena.large_zone - arena.table_pages);
  free_run(arena.large_zone, arena.pages - arena.large_zone);
  arena.least_free_pages = arena.free_pages;
  ASAN_POISON_MEMORY_REGION(
    page_address(arena.table_pages),
    arena.free_pages << PAGE_SHIFT
  );
  return 0;
}

void
memory_fini(void)
{
  ASAN_UNPOISON_MEMORY_REGION(arena.base, arena.size);
  free(arena.base);
  arena.base = NULL;
  arena.size = 0;
  arena.pages = 0;
  arena.table_pages = 0;
  arena.free_pages = 0;
  arena.least_free_pages = 0;
}

static size_t
cached_pages(void)
{
  size_t count = 0;
  uint32_t word;

  for (word = 0; word * WORD_PAGES < arena.pages; ++word) {
    count += (size_t)__builtin_popcount(atomic_load(&arena.word[word]));
  }
  return count;
}

/* As long as others allocate, the cached pages are counted roughly. */
void
memory_usage(struct rtems_rump_usage *usage)
{
  size_t usable = arena.pages - arena.table_pages;

  lock_enter(&arena.lock);
  usage->memory_size = arena.size;
  usage->memory_used =
    (usable - arena.free_pages - cached_pages()) << PAGE_SHIFT;
  usage->memory_peak = (usable - arena.least_free_pages) << PAGE_SHIFT;
  usage->memory_failures = arena.failures;
  lock_exit(&arena.lock);
}

bool
memory_is_locked_by(waitq_task *task)
{
  return lock_is_held_by(&arena.lock, task);
}
