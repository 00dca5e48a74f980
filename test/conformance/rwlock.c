/* SPDX-License-Identifier: BSD-2-Clause */

#include "harness.h"

#define READER RUMPUSER_RW_READER
#define WRITER RUMPUSER_RW_WRITER

static struct rumpuser_rw *rw;

static void
enter(int kind)
{
  rumpuser_rw_enter(kind, rw);
}

static void
leave(void)
{
  rumpuser_rw_exit(rw);
}

static bool
held(int kind)
{
  int result = -1;

  rumpuser_rw_held(kind, rw, &result);
  return result != 0;
}

/* A thread that holds the lock until it is told to go. */

static struct {
  atomic_bool holds;
  atomic_bool go;
} holder;

static void
hold(void *arg)
{
  enter(*(const int *)arg);
  atomic_store(&holder.holds, true);
  WAIT(atomic_load(&holder.go));
  leave();
}

static const int reader = READER;
static const int writer = WRITER;

static struct worker *
start_holder(int kind)
{
  const int *arg = kind == READER ? &reader : &writer;
  struct worker *thread;

  atomic_store(&holder.holds, false);
  atomic_store(&holder.go, false);
  thread = worker_start(hold, (void *)(uintptr_t)arg);
  WAIT(atomic_load(&holder.holds));
  return thread;
}

static void
end_holder(struct worker *thread)
{
  atomic_store(&holder.go, true);
  worker_join(thread);
}

/* Sharing and excluding. */

static struct barrier barrier;

static void
meet_inside(void *arg)
{
  (void)arg;
  enter(READER);
  barrier_wait(&barrier, 4);
  leave();
}

static void
readers_share(void)
{
  CLAUSE("C-RW-01");
  atomic_store(&barrier.arrived, 0);
  rumpuser_rw_init(&rw);
  workers_run(4, meet_inside, NULL);
  rumpuser_rw_destroy(rw);
}

/* Writers keep the two equal whenever they are outside. */
static struct {
  int a, b;
  int writers;
  atomic_int readers;
  unsigned written;
} shared;

static void
write_often(void *arg)
{
  unsigned i;

  (void)arg;
  for (i = 0; i < scaled(150); ++i) {
    enter(WRITER);
    CHECK_EQUAL(shared.writers++, 0);
    CHECK_EQUAL(atomic_load(&shared.readers), 0);
    ++shared.a;
    if (i % 15 == 0) {
      nap();
    }
    ++shared.b;
    ++shared.written;
    --shared.writers;
    leave();
  }
}

static void
read_often(void *arg)
{
  unsigned i;

  (void)arg;
  for (i = 0; i < scaled(150); ++i) {
    enter(READER);
    atomic_fetch_add(&shared.readers, 1);
    CHECK_EQUAL(shared.writers, 0);
    CHECK_EQUAL(shared.a, shared.b);
    if (i % 15 == 7) {
      nap();
      CHECK_EQUAL(shared.a, shared.b);
    }
    atomic_fetch_sub(&shared.readers, 1);
    leave();
  }
}

static void
writers_exclude_writers(void)
{
  CLAUSE("C-RW-02");
  memset(&shared, 0, sizeof(shared));
  rumpuser_rw_init(&rw);
  workers_run(5, write_often, NULL);
  CHECK_EQUAL(shared.written, 5 * scaled(150));
  rumpuser_rw_destroy(rw);
}

static void
read_or_write_often(void *arg)
{
  static atomic_uint number;

  if (atomic_fetch_add(&number, 1) % 2 == 0) {
    write_often(arg);
  } else {
    read_often(arg);
  }
}

static void
writers_exclude_readers(void)
{
  CLAUSE("C-RW-03");
  memset(&shared, 0, sizeof(shared));
  rumpuser_rw_init(&rw);
  workers_run(6, read_or_write_often, NULL);
  CHECK_EQUAL(shared.written, 3 * scaled(150));
  rumpuser_rw_destroy(rw);
}

/* Waiting. */

static struct {
  int kind;
  unsigned gaps;
  int locks;
  bool has_cpu;
  atomic_bool inside;
} waiter;

static void
wait_and_enter(void *arg)
{
  struct lwp *l = rumpuser_curlwp();
  unsigned before;

  (void)arg;
  kernel_lock(2);
  before = atomic_load(&l->gaps);
  enter(waiter.kind);
  waiter.gaps = atomic_load(&l->gaps) - before;
  waiter.has_cpu = kernel_has_cpu();
  waiter.locks = kernel_unlock();
  atomic_store(&waiter.inside, true);
  leave();
}

static void
check_wait(int held_kind, int wanted)
{
  struct worker *thread;

  rumpuser_rw_init(&rw);
  enter(held_kind);
  waiter.kind = wanted;
  atomic_store(&waiter.inside, false);
  thread = worker_start(wait_and_enter, NULL);
  WAIT(worker_is_away(thread));
  CHECK(!atomic_load(&waiter.inside));
  kernel_lock(1);
  CHECK_EQUAL(kernel_unlock(), 1);
  leave();
  worker_join(thread);
  CHECK(waiter.gaps >= 1);
  CHECK(waiter.has_cpu);
  CHECK_EQUAL(waiter.locks, 2);
  rumpuser_rw_destroy(rw);
}

static void
waiting_rwlock_releases_the_cpu(void)
{
  CLAUSE("C-RW-04");
  check_wait(WRITER, READER);
  check_wait(WRITER, WRITER);
  check_wait(READER, WRITER);
}

static void
free_rwlock_keeps_the_cpu(void)
{
  unsigned before;
  struct worker *thread;

  CLAUSE("C-RW-05");
  rumpuser_rw_init(&rw);
  before = kernel_upcalls_made();
  enter(WRITER);
  leave();
  enter(READER);
  leave();
  CHECK_EQUAL(kernel_upcalls_made() - before, 0);
  thread = start_holder(READER);
  before = kernel_upcalls_made();
  enter(READER);
  leave();
  CHECK_EQUAL(kernel_upcalls_made() - before, 0);
  end_holder(thread);
  rumpuser_rw_destroy(rw);
}

/* Trying. */

static void
check_try(int kind, int expected)
{
  int error = rumpuser_rw_tryenter(kind, rw);

  CHECK_EQUAL(error, expected);
  if (error == 0) {
    leave();
  }
}

static void
rwlock_tryenter_tells(void)
{
  struct worker *thread;

  CLAUSE("C-RW-06");
  rumpuser_rw_init(&rw);
  check_try(READER, 0);
  check_try(WRITER, 0);
  thread = start_holder(READER);
  check_try(READER, 0);
  check_try(WRITER, NETBSD_EBUSY);
  end_holder(thread);
  thread = start_holder(WRITER);
  check_try(READER, NETBSD_EBUSY);
  check_try(WRITER, NETBSD_EBUSY);
  end_holder(thread);
  check_try(WRITER, 0);
  rumpuser_rw_destroy(rw);
}

static void
tryenter_counts_once(void)
{
  int i;

  CLAUSE("C-RW-07");
  rumpuser_rw_init(&rw);
  for (i = 0; i < 3; ++i) {
    CHECK_EQUAL(rumpuser_rw_tryenter(READER, rw), 0);
    leave();
    CHECK(!held(READER));
    CHECK_EQUAL(rumpuser_rw_tryenter(WRITER, rw), 0);
    leave();
  }
  rumpuser_rw_destroy(rw);
}

static int tried;

static void
try_reader(void *arg)
{
  (void)arg;
  tried = rumpuser_rw_tryenter(READER, rw);
  if (tried == 0) {
    leave();
  }
}

static void
try_writer(void *arg)
{
  (void)arg;
  tried = rumpuser_rw_tryenter(WRITER, rw);
  if (tried == 0) {
    leave();
  }
}

static int
try_elsewhere(void (*how)(void *arg))
{
  tried = -1;
  worker_join(worker_start(how, NULL));
  return tried;
}

static void
only_reader_upgrades(void)
{
  CLAUSE("C-RW-08");
  rumpuser_rw_init(&rw);
  enter(READER);
  if (CHECK_EQUAL(rumpuser_rw_tryupgrade(rw), 0)) {
    CHECK(held(WRITER));
    CHECK(!held(READER));
    CHECK_EQUAL(try_elsewhere(try_reader), NETBSD_EBUSY);
    CHECK_EQUAL(try_elsewhere(try_writer), NETBSD_EBUSY);
  }
  leave();
  CHECK_EQUAL(try_elsewhere(try_writer), 0);
  rumpuser_rw_destroy(rw);
}

static void
one_of_readers_stays(void)
{
  struct worker *thread;

  CLAUSE("C-RW-09");
  rumpuser_rw_init(&rw);
  thread = start_holder(READER);
  enter(READER);
  CHECK_EQUAL(rumpuser_rw_tryupgrade(rw), NETBSD_EBUSY);
  CHECK(!held(WRITER));
  end_holder(thread);
  /* Still a reader. */
  CHECK_EQUAL(try_elsewhere(try_writer), NETBSD_EBUSY);
  CHECK_EQUAL(try_elsewhere(try_reader), 0);
  leave();
  CHECK_EQUAL(try_elsewhere(try_writer), 0);
  rumpuser_rw_destroy(rw);
}

static void
downgrade_shares(void)
{
  struct worker *threads[2];
  int i;

  CLAUSE("C-RW-10");
  rumpuser_rw_init(&rw);
  enter(WRITER);
  rumpuser_rw_downgrade(rw);
  CHECK(!held(WRITER));
  CHECK(held(READER));
  CHECK_EQUAL(try_elsewhere(try_reader), 0);
  CHECK_EQUAL(try_elsewhere(try_writer), NETBSD_EBUSY);
  leave();

  /* Readers that wait get in. */
  atomic_store(&barrier.arrived, 0);
  enter(WRITER);
  atomic_store(&holder.go, false);
  for (i = 0; i < 2; ++i) {
    threads[i] = worker_start(hold, (void *)(uintptr_t)&reader);
    WAIT(worker_is_away(threads[i]));
  }
  atomic_store(&holder.holds, false);
  rumpuser_rw_downgrade(rw);
  WAIT(atomic_load(&holder.holds));
  atomic_store(&holder.go, true);
  worker_join(threads[0]);
  worker_join(threads[1]);
  leave();
  CHECK_EQUAL(try_elsewhere(try_writer), 0);
  rumpuser_rw_destroy(rw);
}

static unsigned version;

static void
write_and_downgrade(void *arg)
{
  unsigned i;

  (void)arg;
  for (i = 0; i < scaled(40); ++i) {
    unsigned mine;

    enter(WRITER);
    mine = ++version;
    rumpuser_rw_downgrade(rw);
    CHECK_EQUAL(version, mine);
    if (i % 4 == 0) {
      nap();
    }
    CHECK_EQUAL(version, mine);
    leave();
  }
}

static void
downgrade_has_no_gap(void)
{
  CLAUSE("C-RW-11");
  version = 0;
  rumpuser_rw_init(&rw);
  workers_run(4, write_and_downgrade, NULL);
  CHECK_EQUAL(version, 4 * scaled(40));
  rumpuser_rw_destroy(rw);
}

static void
writer_knows_itself(void)
{
  struct worker *thread;

  CLAUSE("C-RW-12");
  rumpuser_rw_init(&rw);
  CHECK(!held(WRITER));
  enter(WRITER);
  CHECK(held(WRITER));
  leave();
  CHECK(!held(WRITER));
  enter(READER);
  CHECK(!held(WRITER));
  leave();
  thread = start_holder(WRITER);
  CHECK(!held(WRITER));
  end_holder(thread);
  rumpuser_rw_destroy(rw);
}

static void
readers_are_seen(void)
{
  CLAUSE("C-RW-13");
  rumpuser_rw_init(&rw);
  CHECK(!held(READER));
  enter(READER);
  CHECK(held(READER));
  leave();
  CHECK(!held(READER));
  enter(WRITER);
  CHECK(!held(READER));
  leave();
  rumpuser_rw_destroy(rw);
}

/*
 * Readers that hand the lock to each other, so that it is never free as long
 * as new readers are let in: a writer must not wait until they are tired.
 */
static struct {
  atomic_uint entries;
  atomic_bool stop;
  atomic_bool written;
} relay;

static void
relay_run(void *arg)
{
  (void)arg;
  while (!atomic_load(&relay.stop)) {
    unsigned mine;
    int naps = 0;

    enter(READER);
    mine = atomic_fetch_add(&relay.entries, 1);
    while (atomic_load(&relay.entries) == mine + 1 && naps < 15) {
      nap();
      ++naps;
    }
    leave();
  }
}

static void
relay_writer(void *arg)
{
  (void)arg;
  enter(WRITER);
  atomic_store(&relay.written, true);
  leave();
}

static void
writers_do_not_starve(void)
{
  struct worker *threads[4];
  unsigned wait = harness_patience() / 4;
  unsigned i;

  CLAUSE("C-RW-14");
  memset(&relay, 0, sizeof(relay));
  rumpuser_rw_init(&rw);
  for (i = 0; i < 3; ++i) {
    threads[i] = worker_start(relay_run, NULL);
  }
  WAIT(atomic_load(&relay.entries) > 6);
  threads[3] = worker_start(relay_writer, NULL);
  for (i = 0; i < wait && !atomic_load(&relay.written); ++i) {
    nap();
  }
  CHECK(atomic_load(&relay.written));
  atomic_store(&relay.stop, true);
  for (i = 0; i < 4; ++i) {
    worker_join(threads[i]);
  }
  rumpuser_rw_destroy(rw);
}

static void
rwlock_tries_keep_the_cpu(void)
{
  struct worker *thread;
  unsigned before;
  int kind;

  CLAUSE("C-RW-15");
  for (kind = READER; kind <= WRITER; ++kind) {
    rumpuser_rw_init(&rw);
    enter(kind);
    waiter.kind = WRITER;
    thread = worker_start(wait_and_enter, NULL);
    WAIT(worker_is_away(thread));
    before = kernel_upcalls_made();
    (void)held(WRITER);
    (void)held(READER);
    CHECK(rumpuser_rw_tryenter(WRITER, rw) != 0);
    if (kind == READER) {
      CHECK(rumpuser_rw_tryupgrade(rw) != 0);
    }
    leave();
    CHECK_EQUAL(kernel_upcalls_made() - before, 0);
    worker_join(thread);
    rumpuser_rw_destroy(rw);
  }
}

/* Priorities. */

static struct {
  atomic_bool held;
  int own, high, inherited, after;
} inheritance;

static void
hold_until_raised(void *arg)
{
  (void)arg;
  inheritance.own = (*host->task_priority)();
  enter(WRITER);
  atomic_store(&inheritance.held, true);
  WAIT((*host->task_priority)() != inheritance.own);
  inheritance.inherited = (*host->task_priority)();
  leave();
  inheritance.after = (*host->task_priority)();
}

static void
want_highly(void *arg)
{
  inheritance.high = (*host->task_priority)();
  enter(*(const int *)arg);
  leave();
}

static void
writer_inherits(void)
{
  static const struct worker_kind low = { "low", 1, -1 };
  static const struct worker_kind high = { "rsi0/0", -1, -1 };
  static const int *const wanted[] = { &reader, &writer };
  size_t i;

  CLAUSE("C-RW-16");
  SKIP_UNLESS(host->task_priority != NULL, "priorities cannot be seen");
  for (i = 0; i < COUNT(wanted); ++i) {
    struct worker *thread;
    struct worker *low_thread;

    rumpuser_rw_init(&rw);
    atomic_store(&inheritance.held, false);
    low_thread = worker_start_as(&low, hold_until_raised, NULL);
    WAIT(atomic_load(&inheritance.held));
    thread = worker_start_as(
      &high,
      want_highly,
      (void *)(uintptr_t)wanted[i]
    );
    worker_join(thread);
    worker_join(low_thread);
    CHECK_EQUAL(inheritance.inherited, inheritance.high);
    CHECK_EQUAL(inheritance.after, inheritance.own);
    rumpuser_rw_destroy(rw);
  }
}

static void
rwlock_exit_lets_all_in(void)
{
  struct worker *threads[4];
  int i;

  CLAUSE("C-RW-17");
  atomic_store(&barrier.arrived, 0);
  rumpuser_rw_init(&rw);
  enter(WRITER);
  for (i = 0; i < 4; ++i) {
    threads[i] = worker_start(meet_inside, NULL);
    WAIT(worker_is_away(threads[i]));
  }
  leave();
  for (i = 0; i < 4; ++i) {
    worker_join(threads[i]);
  }
  CHECK_EQUAL(rumpuser_rw_tryenter(WRITER, rw), 0);
  leave();
  rumpuser_rw_destroy(rw);
}

static void
rwlocks_leave_nothing(void)
{
  size_t n = host->memory != 0 ? host->memory / 32 : 20000;

  CLAUSE("C-RW-18");
  while (n-- > 0) {
    rumpuser_rw_init(&rw);
    rumpuser_rw_destroy(rw);
  }
}

/* What must not be done. */

static void
exit_free(void *arg)
{
  (void)arg;
  rumpuser_rw_init(&rw);
  leave();
}

static void
exit_as_stranger(void *arg)
{
  (void)arg;
  rumpuser_rw_init(&rw);
  (void)start_holder(WRITER);
  leave();
}

static void
stranger_s_rwlock_exit_is_a_panic(void)
{
  CLAUSE("C-RW-19");
  SKIP_UNLESS(host->run_to_end != NULL, "a kernel cannot end here");
  CHECK_EQUAL((*host->run_to_end)(exit_free, NULL), RUMPUSER_PANIC);
  CHECK_EQUAL((*host->run_to_end)(exit_as_stranger, NULL), RUMPUSER_PANIC);
}

static void
destroy_held(void *arg)
{
  rumpuser_rw_init(&rw);
  enter(*(const int *)arg);
  rumpuser_rw_destroy(rw);
}

static void
destroying_a_held_rwlock_is_a_panic(void)
{
  CLAUSE("C-RW-20");
  SKIP_UNLESS(host->run_to_end != NULL, "a kernel cannot end here");
  CHECK_EQUAL(
    (*host->run_to_end)(destroy_held, (void *)(uintptr_t)&reader),
    RUMPUSER_PANIC
  );
  CHECK_EQUAL(
    (*host->run_to_end)(destroy_held, (void *)(uintptr_t)&writer),
    RUMPUSER_PANIC
  );
}

const struct test rwlock_tests[] = {
  TEST("C-RW-01", readers_share),
  TEST("C-RW-02", writers_exclude_writers),
  TEST("C-RW-03", writers_exclude_readers),
  TEST("C-RW-04", waiting_rwlock_releases_the_cpu),
  TEST("C-RW-05", free_rwlock_keeps_the_cpu),
  TEST("C-RW-06", rwlock_tryenter_tells),
  TEST("C-RW-07", tryenter_counts_once),
  TEST("C-RW-08", only_reader_upgrades),
  TEST("C-RW-09", one_of_readers_stays),
  TEST("C-RW-10", downgrade_shares),
  TEST("C-RW-11", downgrade_has_no_gap),
  TEST("C-RW-12", writer_knows_itself),
  TEST("C-RW-13", readers_are_seen),
  TEST("C-RW-14", writers_do_not_starve),
  TEST("C-RW-15", rwlock_tries_keep_the_cpu),
  TEST("C-RW-16", writer_inherits),
  TEST("C-RW-17", rwlock_exit_lets_all_in),
  TEST("C-RW-18", rwlocks_leave_nothing),
  TEST("C-RW-19", stranger_s_rwlock_exit_is_a_panic),
  TEST("C-RW-20", destroying_a_held_rwlock_is_a_panic),
  TESTS_END
};
