/* SPDX-License-Identifier: BSD-2-Clause */

#include "harness.h"

#define PAGE ((size_t)4096)
#define CLUSTER 65536 /* NetBSD writes so much at once */

/* Ten times the arena, or what is plenty where there is none. */
static size_t
ten_arenas(void)
{
  return 10 * (host->memory != 0 ? host->memory : (size_t)16 << 20);
}

/* Blocks with a pattern that tells who has written what. */

struct block {
  unsigned char *p;
  size_t size;
  unsigned char tag;
};

static void
block_allocate(struct block *b, size_t size, unsigned char tag)
{
  void *p = NULL;

  b->p = NULL;
  if (CHECK_EQUAL(rumpuser_malloc(size, 0, &p), 0) && CHECK(p != NULL)) {
    b->p = p;
    b->size = size;
    b->tag = tag;
    memset(p, tag, size);
  }
}

static bool
block_is_whole(const struct block *b)
{
  size_t i;

  for (i = 0; i < b->size && b->p[i] == b->tag; ++i) {
  }
  return i == b->size;
}

static void
block_free(struct block *b)
{
  if (b->p != NULL) {
    CHECK(block_is_whole(b));
    rumpuser_free(b->p, b->size);
    b->p = NULL;
  }
}

/* Small ones, whole pages and odd sizes, as a kernel wants them. */
static size_t
block_size(uint32_t *state)
{
  uint32_t n = next_number(state);

  switch (n % 4) {
    case 0:
      return PAGE;
    case 1:
      return 1 + n / 4 % 20000;
    default:
      return 1 + n / 4 % 600;
  }
}

static void
shuffle_blocks(struct block *blocks, unsigned count, unsigned rounds,
  uint32_t state)
{
  unsigned i;

  memset(blocks, 0, count * sizeof(*blocks));
  for (i = 0; i < rounds; ++i) {
    struct block *b = &blocks[next_number(&state) % count];

    if (b->p != NULL) {
      block_free(b);
    } else {
      block_allocate(b, block_size(&state), (unsigned char)i);
    }
  }
  for (i = 0; i < count; ++i) {
    block_free(&blocks[i]);
  }
}

static void
blocks_are_apart(void)
{
  static struct block blocks[100];

  CLAUSE("C-MEM-01");
  shuffle_blocks(blocks, COUNT(blocks), scaled(3000), 12345);
}

static void
blocks_are_aligned(void)
{
  static const size_t sizes[] = { 1, 24, 100, 4095, PAGE, 5000, 16384 };
  size_t i;
  int align;

  CLAUSE("C-MEM-02");
  for (align = 8; align <= 65536; align *= 2) {
    for (i = 0; i < COUNT(sizes); ++i) {
      void *p;

      REQUIRE(rumpuser_malloc(sizes[i], align, &p) == 0);
      CHECK_EQUAL((uintptr_t)p % (uintptr_t)align, 0);
      memset(p, 0x11, sizes[i]);
      rumpuser_free(p, sizes[i]);
    }
  }
}

static void
no_alignment_is_natural(void)
{
  size_t size;

  CLAUSE("C-MEM-03");
  for (size = 1; size < 200; size += 7) {
    void *p;

    REQUIRE(rumpuser_malloc(size, 0, &p) == 0);
    if (size >= sizeof(int64_t)) {
      CHECK_EQUAL((uintptr_t)p % sizeof(void *), 0);
    }
    rumpuser_free(p, size);
  }
}

static void
freed_memory_comes_back(void)
{
  static struct block blocks[64];
  size_t total = 0;
  uint32_t state = 99;

  CLAUSE("C-MEM-04");
  while (total < ten_arenas() && atomic_load(&harness_running)) {
    size_t size = block_size(&state);
    struct block *b = &blocks[total % COUNT(blocks)];

    if (b->p != NULL) {
      rumpuser_free(b->p, b->size);
    }
    REQUIRE(rumpuser_malloc(size, 0, (void **)&b->p) == 0);
    b->size = size;
    b->p[0] = b->p[size - 1] = 1;
    total += size;
  }
  for (total = 0; total < COUNT(blocks); ++total) {
    if (blocks[total].p != NULL) {
      rumpuser_free(blocks[total].p, blocks[total].size);
    }
  }
}

/* Takes all there is, in a list through the blocks; returns its head. */
static void **
allocate_all(size_t size, int align, int *error)
{
  void **list = NULL;
  void *p;

  while ((*error = rumpuser_malloc(size, align, &p)) == 0) {
    *(void **)p = list;
    list = p;
  }
  return list;
}

static unsigned
free_all(void **list, size_t size)
{
  unsigned n = 0;

  while (list != NULL) {
    void **next = *list;

    rumpuser_free(list, size);
    list = next;
    ++n;
  }
  return n;
}

static void
lack_of_memory_is_told(void)
{
  static const struct {
    size_t size;
    int align;
  } kinds[] = { { PAGE, 4096 }, { 48, 0 }, { 20000, 0 }, { PAGE, 4096 } };
  unsigned first = 0;
  size_t i;

  CLAUSE("C-MEM-05");
  SKIP_UNLESS(host->memory != 0, "memory has no limit");
  for (i = 0; i < COUNT(kinds); ++i) {
    int error;
    void **list = allocate_all(kinds[i].size, kinds[i].align, &error);
    unsigned n = free_all(list, kinds[i].size);

    CHECK_EQUAL(error, NETBSD_ENOMEM);
    if (i == 0) {
      first = n;
      CHECK(n * PAGE > host->memory / 3);
    } else if (i == COUNT(kinds) - 1) {
      CHECK_EQUAL(n, first);
    }
  }
}

static void
failure_leaves_no_address(void)
{
  static const size_t sizes[] = { SIZE_MAX / 4, SIZE_MAX };
  size_t i;

  CLAUSE("C-MEM-18");
  for (i = 0; i < COUNT(sizes); ++i) {
    void *p = &i;

    CHECK(rumpuser_malloc(sizes[i], 0, &p) != 0);
    CHECK(p == NULL);
  }
  if (host->memory != 0) {
    void **list;
    int error;
    void *p = &i;

    list = allocate_all(PAGE, PAGE, &error);
    CHECK(rumpuser_malloc(PAGE, PAGE, &p) != 0);
    CHECK(p == NULL);
    (void)free_all(list, PAGE);
  }
}

static void
impossible_sizes_fail(void)
{
  static const size_t sizes[] = {
    SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - PAGE, SIZE_MAX / 2 + 1, SIZE_MAX / 4
  };
  size_t i;
  void *p;

  CLAUSE("C-MEM-06");
  for (i = 0; i < COUNT(sizes); ++i) {
    CHECK_EQUAL(rumpuser_malloc(sizes[i], 0, &p), NETBSD_ENOMEM);
    CHECK_EQUAL(rumpuser_malloc(sizes[i], 4096, &p), NETBSD_ENOMEM);
    CHECK(rumpuser_anonmmap(NULL, sizes[i] & ~(PAGE - 1), 0, 0, &p) != 0);
  }
  if (host->memory != 0) {
    CHECK_EQUAL(rumpuser_malloc(host->memory, 0, &p), NETBSD_ENOMEM);
  }
  REQUIRE(rumpuser_malloc(PAGE, 4096, &p) == 0);
  rumpuser_free(p, PAGE);
}

static void
impossible_alignments_fail(void)
{
  static const int aligns[] = { 3, 24, 4095, -1, -4096, INT32_MIN };
  size_t i;

  CLAUSE("C-MEM-07");
  for (i = 0; i < COUNT(aligns); ++i) {
    void *p;

    CHECK_EQUAL(rumpuser_malloc(100, aligns[i], &p), NETBSD_EINVAL);
    CHECK_EQUAL(rumpuser_malloc(PAGE, aligns[i], &p), NETBSD_EINVAL);
  }
}

static void
shuffler(void *arg)
{
  static atomic_uint seed;
  static struct block blocks[4][40];
  unsigned n = atomic_fetch_add(&seed, 1);

  (void)arg;
  shuffle_blocks(
    blocks[n % 4],
    COUNT(blocks[0]),
    scaled(1500),
    7777 + 13 * n
  );
}

static void
holder_of_pages(void *arg)
{
  struct barrier *barrier = arg;
  struct block b[8];
  int round, i;

  for (round = 0; round < 4; ++round) {
    for (i = 0; i < 8; ++i) {
      block_allocate(&b[i], PAGE, (unsigned char)(uintptr_t)&b[i]);
    }
    barrier_wait(barrier, 3);
    for (i = 0; i < 8; ++i) {
      block_free(&b[i]);
    }
  }
}

static void
threads_allocate(void)
{
  static struct barrier barrier;

  CLAUSE("C-MEM-08");
  atomic_store(&barrier.arrived, 0);
  workers_run(3, holder_of_pages, &barrier);
  workers_run(4, shuffler, NULL);
}

static void
memory_keeps_the_cpu(void)
{
  unsigned before = kernel_upcalls_made();
  int i;

  CLAUSE("C-MEM-09");
  for (i = 0; i < 50; ++i) {
    struct block small, large;
    void *p;

    block_allocate(&small, 100, 1);
    block_allocate(&large, 20000, 2);
    REQUIRE(rumpuser_malloc(PAGE, 4096, &p) == 0);
    rumpuser_free(p, PAGE);
    block_free(&small);
    block_free(&large);
  }
  CHECK_EQUAL(kernel_upcalls_made() - before, 0);
}

static bool
is_zero(const unsigned char *p, size_t size)
{
  size_t i;

  for (i = 0; i < size && p[i] == 0; ++i) {
  }
  return i == size;
}

static void
anonymous_memory_is_zero(void)
{
  static const size_t sizes[] = { 1, PAGE, 3 * PAGE, 5000 };
  int exec, round;
  size_t i;

  CLAUSE("C-MEM-10");
  for (round = 0; round < 3; ++round) {
    for (exec = 0; exec < 2; ++exec) {
      for (i = 0; i < COUNT(sizes); ++i) {
        void *p = NULL;

        REQUIRE(rumpuser_anonmmap(NULL, sizes[i], 0, exec, &p) == 0);
        CHECK(is_zero(p, sizes[i]));
        CHECK_EQUAL((uintptr_t)p % PAGE, 0);
        memset(p, 0xff, sizes[i]);
        rumpuser_unmap(p, sizes[i]);
      }
    }
  }
}

static void
anonymous_memory_is_aligned(void)
{
  int bit;

  CLAUSE("C-MEM-11");
  for (bit = 1; bit <= 18; ++bit) {
    void *p = NULL;

    REQUIRE(rumpuser_anonmmap(NULL, PAGE, bit, 0, &p) == 0);
    CHECK_EQUAL((uintptr_t)p & (((uintptr_t)1 << bit) - 1), 0);
    rumpuser_unmap(p, PAGE);
  }
}

static void
unmapped_memory_comes_back(void)
{
  size_t size = (size_t)128 << 10;
  size_t total;

  CLAUSE("C-MEM-12");
  for (total = 0; total < ten_arenas(); total += size) {
    void *p = NULL;

    REQUIRE(rumpuser_anonmmap(NULL, size, 0, 0, &p) == 0);
    *(char *)p = 1;
    rumpuser_unmap(p, size);
  }
}

static void
preferred_address_is_a_wish(void)
{
  void *first = NULL;
  void *second = NULL;

  CLAUSE("C-MEM-13");
  REQUIRE(rumpuser_anonmmap(NULL, 2 * PAGE, 0, 0, &first) == 0);
  memset(first, 1, 2 * PAGE);
  if (CHECK_EQUAL(rumpuser_anonmmap(first, PAGE, 0, 0, &second), 0)) {
    memset(second, 2, PAGE);
    CHECK_EQUAL(((char *)first)[0], 1);
    CHECK_EQUAL(((char *)first)[PAGE], 1);
    rumpuser_unmap(second, PAGE);
  }
  rumpuser_unmap(first, 2 * PAGE);
}

static void
page_size_is_told(void)
{
  int size;

  CLAUSE("C-MEM-14");
  SKIP_UNLESS(HAVE(rumpuser_getpagesize), "no rumpuser_getpagesize()");
  size = rumpuser_getpagesize();
  CHECK(size >= 4096);
  CHECK_EQUAL(size & (size - 1), 0);
}

static void
free_page_twice(void *arg)
{
  void *p = NULL;

  (void)arg;
  if (rumpuser_malloc(PAGE, 4096, &p) == 0) {
    rumpuser_free(p, PAGE);
    rumpuser_free(p, PAGE);
  }
}

static void
free_small_twice(void *arg)
{
  void *p = NULL;

  (void)arg;
  if (rumpuser_malloc(100, 0, &p) == 0) {
    rumpuser_free(p, 100);
    rumpuser_free(p, 100);
  }
}

/* With a free block before it, which the second is merged with. */
static void
free_pages_twice(void *arg)
{
  void *p[2] = { NULL, NULL };

  (void)arg;
  if (rumpuser_malloc(4 * PAGE, 4096, &p[0]) == 0
      && rumpuser_malloc(4 * PAGE, 4096, &p[1]) == 0) {
    rumpuser_free(p[0], 4 * PAGE);
    rumpuser_free(p[1], 4 * PAGE);
    rumpuser_free(p[1], 4 * PAGE);
  }
}

static void
double_free_is_a_panic(void)
{
  CLAUSE("C-MEM-15");
  SKIP_UNLESS(host->run_to_end != NULL, "a kernel cannot end here");
  CHECK_EQUAL((*host->run_to_end)(free_page_twice, NULL), RUMPUSER_PANIC);
  CHECK_EQUAL((*host->run_to_end)(free_pages_twice, NULL), RUMPUSER_PANIC);
  CHECK_EQUAL((*host->run_to_end)(free_small_twice, NULL), RUMPUSER_PANIC);
}

/* What a kernel without memory still has to do, to free some. */

static struct {
  struct rumpuser_mtx *mtx;
  struct rumpuser_cv *cv;
  bool wanted;
  atomic_bool helped;
} relief;

static void
help(void *arg)
{
  (void)arg;
  rumpuser_mutex_enter(relief.mtx);
  while (!relief.wanted) {
    rumpuser_cv_wait(relief.cv, relief.mtx);
  }
  atomic_store(&relief.helped, true);
  rumpuser_mutex_exit(relief.mtx);
}

static void *
never_run(void *arg)
{
  return arg;
}

static void
check_without_memory(void)
{
  char name[128];
  void *cookie;
  int fd = -1;

  CHECK_EQUAL(
    rumpuser_open(
      file_name(name, "file"),
      RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_CREATE,
      &fd
    ),
    NETBSD_ENOMEM
  );
  CHECK(rumpuser_thread_create(never_run, NULL, "none", 1, 96, -1, &cookie)
    != 0);
  rumpuser_mutex_enter(relief.mtx);
  relief.wanted = true;
  rumpuser_cv_broadcast(relief.cv);
  rumpuser_mutex_exit(relief.mtx);
  WAIT(atomic_load(&relief.helped));
}

static void
others_go_on_without_memory(void)
{
  static const size_t sizes[] = {
    PAGE, 2048, 1024, 512, 256, 128, 64, 32, 16
  };
  void **lists[COUNT(sizes)];
  struct worker *worker;
  size_t i;

  CLAUSE("C-MEM-16");
  SKIP_UNLESS(host->memory != 0, "memory has no limit");
  relief.wanted = false;
  atomic_store(&relief.helped, false);
  rumpuser_mutex_init(&relief.mtx, RUMPUSER_MTX_KMUTEX);
  rumpuser_cv_init(&relief.cv);
  worker = worker_start(help, NULL);
  WAIT(worker_is_away(worker));
  for (i = 0; i < COUNT(sizes); ++i) {
    int error;

    lists[i] = allocate_all(sizes[i], 0, &error);
  }
  check_without_memory();
  while (i > 0) {
    --i;
    (void)free_all(lists[i], sizes[i]);
  }
  worker_join(worker);
  rumpuser_cv_destroy(relief.cv);
  rumpuser_mutex_destroy(relief.mtx);
}

/* Frees pages and takes others, with a quarter of the memory left. */
static void
large_blocks_are_left(void)
{
  static void *pages[4096];
  uint32_t state = 1;
  size_t count = 0;
  size_t i, n;
  void **list = NULL;

  CLAUSE("C-MEM-17");
  SKIP_UNLESS(host->memory != 0, "memory has no limit");
  while (count < COUNT(pages)
      && rumpuser_malloc(PAGE, PAGE, &pages[count]) == 0) {
    ++count;
  }
  for (n = count / 4; n > 0; --n) {
    i = next_number(&state) % count;
    rumpuser_free(pages[i], PAGE);
    pages[i] = pages[--count];
  }
  for (n = 0; n < 16 * count; ++n) {
    i = next_number(&state) % count;
    rumpuser_free(pages[i], PAGE);
    REQUIRE(rumpuser_malloc(PAGE, PAGE, &pages[i]) == 0);
  }
  for (n = 0; n < host->memory / 16 / CLUSTER; ++n) {
    void **block;

    REQUIRE(rumpuser_malloc(CLUSTER, 0, (void **)&block) == 0);
    *block = list;
    list = block;
  }
  CHECK_EQUAL(free_all(list, CLUSTER), n);
  while (count > 0) {
    rumpuser_free(pages[--count], PAGE);
  }
}

const struct test memory_tests[] = {
  TEST("C-MEM-01", blocks_are_apart),
  TEST("C-MEM-02", blocks_are_aligned),
  TEST("C-MEM-03", no_alignment_is_natural),
  TEST("C-MEM-04", freed_memory_comes_back),
  TEST("C-MEM-05", lack_of_memory_is_told),
  TEST("C-MEM-06", impossible_sizes_fail),
  TEST("C-MEM-07", impossible_alignments_fail),
  TEST("C-MEM-08", threads_allocate),
  TEST("C-MEM-09", memory_keeps_the_cpu),
  TEST("C-MEM-10", anonymous_memory_is_zero),
  TEST("C-MEM-11", anonymous_memory_is_aligned),
  TEST("C-MEM-12", unmapped_memory_comes_back),
  TEST("C-MEM-13", preferred_address_is_a_wish),
  TEST("C-MEM-14", page_size_is_told),
  TEST("C-MEM-15", double_free_is_a_panic),
  TEST("C-MEM-16", others_go_on_without_memory),
  TEST("C-MEM-17", large_blocks_are_left),
  TEST("C-MEM-18", failure_leaves_no_address),
  TESTS_END
};
