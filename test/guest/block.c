/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Test guest: disks on files and block devices of the host, raw and through a
 * buffer cache with delayed writes and read-ahead.
 */

#include "guest.h"

#define DISKS 16u
#define SECTOR_BYTES 512u
#define BUFFERS 256u
#define RAW_REQUESTS 8u
#define FAIL_SCALE 10000u

struct disk {
  char *path;
  int fd, writable;
  uint64_t size;
  unsigned writes; /* that nobody waits for one by one */
  int error;       /* of such a write */
};

struct request {
  struct disk *disk;
  void *data;
  size_t size;
  int64_t offset;
  int error, active;
  void (*finish)(struct request *);
};

enum {
  BUFFER_BUSY = 1, BUFFER_VALID = 2, BUFFER_DIRTY = 4, BUFFER_ASYNC = 8,
  BUFFER_IO = 16
};

struct buffer {
  struct request request; /* first */
  int64_t block;
  unsigned flags, stamp;
};

static struct disk disks[DISKS];
static struct buffer buffers[BUFFERS];
static unsigned buffer_count, stamp, fail_rate;
static struct rumpuser_mtx *disk_mutex, *buffer_mutex;
static struct rumpuser_cv *buffer_cv;

/* The host calls this once for each request, in a thread of the kernel. */
static void request_done(void *argument, size_t done, int error)
{
  struct request *request = argument;
  struct lwp *l = rumpuser_curlwp();

  ASSERT(l != NULL && l->cpu->current == l);
  ASSERT(request->active && done <= request->size);
  request->active = 0;
  request->error = error == 0 && done < request->size ? NB_EIO : error;
  atomic_fetch_sub(&guest_counters.block_in_flight, 1);
  request->finish(request);
}

static void start(struct request *request, int operation)
{
  unsigned long n = atomic_fetch_add(&guest_counters.block_in_flight, 1) + 1;
  unsigned long maximum = atomic_load(&guest_counters.block_in_flight_maximum);

  while (n > maximum && !atomic_compare_exchange_weak(
    &guest_counters.block_in_flight_maximum, &maximum, n)) {
  }
  atomic_fetch_add(&guest_counters.block_requests, 1);
  request->active = 1;
  if (fail_rate > 0 && guest_random_number() % FAIL_SCALE < fail_rate) {
    request_done(request, 0, NB_EIO);
  } else {
    rumpuser_bio(request->disk->fd, operation, request->data, request->size,
      request->offset, request_done, request);
  }
}

/* Raw I/O: straight from and to the caller's memory, several at a time. */

struct raw {
  struct request request; /* first */
  struct raw_io *io;
};

struct raw_io {
  struct rumpuser_mtx *mutex;
  struct rumpuser_cv *cv;
  unsigned running;
  struct raw requests[RAW_REQUESTS];
};

static void raw_done(struct request *request)
{
  struct raw_io *io = ((struct raw *)request)->io;

  kmutex_enter(io->mutex);
  io->running--;
  rumpuser_cv_signal(io->cv);
  kmutex_exit(io->mutex);
}

static int raw_batch(struct raw_io *raw, struct disk *disk, struct io *io)
{
  unsigned i, n = 0;
  int error = 0;

  raw->running = 0;
  while (n < RAW_REQUESTS && io->done < io->size) {
    struct request *request = &raw->requests[n].request;

    request->disk = disk;
    request->data = io->data + io->done;
    request->offset = io->offset;
    request->size = io->size - io->done < MAXIMUM_IO
      ? io->size - io->done : MAXIMUM_IO;
    request->finish = raw_done;
    raw->requests[n++].io = raw;
    io->done += request->size;
    io->offset += (int64_t)request->size;
    kmutex_enter(raw->mutex);
    raw->running++;
    kmutex_exit(raw->mutex);
    start(request, io->write
      ? RUMPUSER_BIO_WRITE | RUMPUSER_BIO_SYNC : RUMPUSER_BIO_READ);
  }
  kmutex_enter(raw->mutex);
  while (raw->running > 0) {
    kcv_wait(raw->cv, raw->mutex);
  }
  kmutex_exit(raw->mutex);
  for (i = 0; i < n && error == 0; i++) {
    error = raw->requests[i].request.error;
  }
  return error;
}

/* Nothing beyond the end; writing there is an error. */
static int clip(const struct disk *disk, struct io *io)
{
  uint64_t offset = (uint64_t)io->offset;

  if (io->write && !disk->writable) {
    return NB_EACCES;
  }
  if (offset >= disk->size) {
    io->size = 0;
    return io->write ? NB_ENOSPC : 0;
  }
  if (io->size > disk->size - offset) {
    io->size = (size_t)(disk->size - offset);
  }
  return 0;
}

int raw_transfer(struct node *node, struct io *io)
{
  struct raw_io *raw;
  int error = clip(node->disk, io);

  if (io->offset % SECTOR_BYTES != 0 || io->size % SECTOR_BYTES != 0) {
    return NB_EINVAL;
  }
  if (error != 0) {
    return error;
  }
  raw = kmem_zalloc(sizeof(*raw));
  raw->mutex = kmutex_new(0);
  raw->cv = kcv_new();
  while (error == 0 && io->done < io->size) {
    error = raw_batch(raw, node->disk, io);
  }
  rumpuser_mutex_destroy(raw->mutex);
  rumpuser_cv_destroy(raw->cv);
  kmem_free(raw, sizeof(*raw));
  return error;
}

/* The buffer cache. */

static void buffer_release(struct buffer *b)
{
  int waiting;

  ASSERT(kmutex_owned(buffer_mutex));
  b->flags &= ~(unsigned)(BUFFER_BUSY | BUFFER_ASYNC);
  rumpuser_cv_has_waiters(buffer_cv, &waiting);
  if (waiting) {
    rumpuser_cv_broadcast(buffer_cv);
  }
}

static void buffer_done(struct request *request)
{
  struct buffer *b = (struct buffer *)request;

  kmutex_enter(buffer_mutex);
  b->flags &= ~(unsigned)BUFFER_IO;
  if (request->error == 0) {
    b->flags |= BUFFER_VALID;
  } else {
    b->flags &= ~(unsigned)BUFFER_VALID;
  }
  if ((b->flags & BUFFER_ASYNC) != 0) {
    if (b->flags & BUFFER_DIRTY) {
      b->flags &= ~(unsigned)BUFFER_DIRTY;
      request->disk->writes--;
      request->disk->error =
        request->error != 0 ? request->error : request->disk->error;
    }
    buffer_release(b);
  } else {
    rumpuser_cv_broadcast(buffer_cv);
  }
  kmutex_exit(buffer_mutex);
}

/* All below have the mutex, and those that start I/O or wait drop it. */

static void buffer_start(struct buffer *b, int operation)
{
  struct request *request = &b->request;
  uint64_t left;

  request->offset = b->block * PAGE_BYTES;
  left = request->disk->size - (uint64_t)request->offset;
  request->size = left < PAGE_BYTES ? (size_t)left : PAGE_BYTES;
  request->finish = buffer_done;
  b->flags |= BUFFER_IO;
  kmutex_exit(buffer_mutex);
  start(request, operation);
  kmutex_enter(buffer_mutex);
}

static int buffer_wait(struct buffer *b, int operation)
{
  buffer_start(b, operation);
  while ((b->flags & BUFFER_IO) != 0) {
    kcv_wait(buffer_cv, buffer_mutex);
  }
  return b->request.error;
}

static void buffer_start_write(struct buffer *b)
{
  b->flags |= BUFFER_BUSY | BUFFER_ASYNC;
  b->request.disk->writes++;
  buffer_start(b, RUMPUSER_BIO_WRITE);
}

static int buffer_write(struct buffer *b)
{
  int error;

  b->flags |= BUFFER_BUSY;
  error = buffer_wait(b, RUMPUSER_BIO_WRITE | RUMPUSER_BIO_SYNC);
  b->flags &= ~(unsigned)BUFFER_DIRTY;
  buffer_release(b);
  return error;
}

static struct buffer *buffer_find(const struct disk *disk, int64_t block)
{
  unsigned i;

  for (i = 0; i < buffer_count; i++) {
    if (buffers[i].request.disk == disk && buffers[i].block == block) {
      return &buffers[i];
    }
  }
  return NULL;
}

/* The one that has not been used for longest, with or without such flags. */
static struct buffer *buffer_oldest(unsigned mask, unsigned flags, int memory)
{
  struct buffer *oldest = NULL;
  unsigned i;

  for (i = 0; i < buffer_count; i++) {
    struct buffer *b = &buffers[i];

    if ((b->flags & mask) == flags && !b->request.data == !memory &&
      (oldest == NULL || (int)(b->stamp - oldest->stamp) < 0)) {
      oldest = b;
    }
  }
  return oldest;
}

static struct buffer *buffer_clean(void)
{
  struct buffer *b = buffer_oldest(~0u, 0, 0);

  if (b != NULL) {
    b->request.data = hypermalloc(PAGE_BYTES, PAGE_BYTES, MEMORY_NOWAIT);
    if (b->request.data != NULL) {
      return b;
    }
  }
  return buffer_oldest(BUFFER_BUSY | BUFFER_DIRTY, 0, 1);
}

static void buffer_take(struct buffer *b, struct disk *disk, int64_t block)
{
  if (b->request.disk != disk || b->block != block) {
    b->request.disk = disk;
    b->block = block;
    b->flags = 0;
  }
  b->flags |= BUFFER_BUSY;
  b->stamp = ++stamp;
}

static struct buffer *buffer_get(struct disk *disk, int64_t block)
{
  for (;;) {
    struct buffer *b = buffer_find(disk, block);

    if (b != NULL && (b->flags & BUFFER_BUSY) != 0) {
      kcv_wait(buffer_cv, buffer_mutex);
      continue;
    }
    if (b == NULL) {
      b = buffer_clean();
    }
    if (b != NULL) {
      buffer_take(b, disk, block);
      return b;
    }
    b = buffer_oldest(BUFFER_BUSY | BUFFER_DIRTY, BUFFER_DIRTY, 1);
    if (b != NULL) {
      buffer_start_write(b);
    } else { /* all are busy, or there is no memory for the first one */
      kcv_timedwait(buffer_cv, buffer_mutex, 1);
    }
  }
}

static int buffer_fill(struct buffer *b)
{
  return (b->flags & BUFFER_VALID) != 0
    ? 0 : buffer_wait(b, RUMPUSER_BIO_READ);
}

static void read_ahead(struct disk *disk, int64_t block)
{
  struct buffer *b;

  if ((uint64_t)block * PAGE_BYTES < disk->size &&
    buffer_find(disk, block) == NULL) {
    b = buffer_clean();
    if (b != NULL) {
      buffer_take(b, disk, block);
      b->flags |= BUFFER_ASYNC;
      buffer_start(b, RUMPUSER_BIO_READ);
    }
  }
}

static int transfer_block(struct disk *disk, struct io *io)
{
  int64_t block = io->offset / PAGE_BYTES;
  size_t start_at = (size_t)(io->offset % PAGE_BYTES);
  size_t n = PAGE_BYTES - start_at;
  struct buffer *b;
  int error = 0;

  n = n < io->size - io->done ? n : io->size - io->done;
  kmutex_enter(buffer_mutex);
  b = buffer_get(disk, block);
  if (!io->write || n < PAGE_BYTES) {
    error = buffer_fill(b);
  }
  kmutex_exit(buffer_mutex);
  if (error == 0) {
    char *data = (char *)b->request.data + start_at;

    memcpy(io->write ? data : io->data + io->done,
      io->write ? io->data + io->done : data, n);
    io->done += n;
    io->offset += (int64_t)n;
  }
  kmutex_enter(buffer_mutex);
  if (error == 0 && io->write) {
    b->flags |= BUFFER_VALID | BUFFER_DIRTY;
  }
  buffer_release(b);
  if (!io->write) {
    read_ahead(disk, block + 1);
  }
  kmutex_exit(buffer_mutex);
  return error;
}

int block_transfer(struct node *node, struct io *io)
{
  int error = clip(node->disk, io);

  while (error == 0 && io->done < io->size) {
    error = transfer_block(node->disk, io);
  }
  return error;
}

static struct buffer *next_dirty(const struct disk *disk)
{
  unsigned i;

  for (i = 0; i < buffer_count; i++) {
    if (buffers[i].request.disk == disk &&
      (buffers[i].flags & (BUFFER_BUSY | BUFFER_DIRTY)) == BUFFER_DIRTY) {
      return &buffers[i];
    }
  }
  return NULL;
}

/*
 * Writes in any order, and when all are done one more synchronously, which
 * brings the others to the medium; or, if asked, each one synchronously.
 */
int guest_disk_flush(struct disk *disk, int every_write)
{
  struct buffer *last = NULL, *b;
  int error = 0, write_error;

  kmutex_enter(buffer_mutex);
  if (!every_write && (last = next_dirty(disk)) != NULL) {
    last->flags |= BUFFER_BUSY;
  }
  while ((b = next_dirty(disk)) != NULL) {
    if (every_write) {
      write_error = buffer_write(b);
      error = error != 0 ? error : write_error;
    } else {
      buffer_start_write(b);
    }
  }
  while (disk->writes > 0) {
    kcv_wait(buffer_cv, buffer_mutex);
  }
  if (last != NULL) {
    error = buffer_write(last);
  }
  error = error != 0 ? error : disk->error;
  disk->error = 0;
  kmutex_exit(buffer_mutex);
  return error;
}

void guest_disk_flush_all(int wait)
{
  unsigned i;

  for (i = 0; i < DISKS; i++) {
    struct buffer *b;

    if (wait) {
      guest_disk_flush(&disks[i], 0);
      continue;
    }
    kmutex_enter(buffer_mutex);
    while ((b = next_dirty(&disks[i])) != NULL) {
      buffer_start_write(b);
    }
    kmutex_exit(buffer_mutex);
  }
}

/* For the page daemon: frees what is clean, and cleans some for next time. */
size_t buffers_drain(unsigned count)
{
  size_t freed = 0;
  struct buffer *b;

  kmutex_enter(buffer_mutex);
  while (freed < count &&
    (b = buffer_oldest(BUFFER_BUSY | BUFFER_DIRTY, 0, 1)) != NULL) {
    hyperfree(b->request.data, PAGE_BYTES);
    memset(b, 0, sizeof(*b));
    freed++;
  }
  while (count-- > freed &&
    (b = buffer_oldest(BUFFER_BUSY | BUFFER_DIRTY, BUFFER_DIRTY, 1)) != NULL) {
    buffer_start_write(b);
    freed++;
  }
  kmutex_exit(buffer_mutex);
  atomic_fetch_add(&guest_counters.buffers_reclaimed, freed);
  return freed;
}

static void io_flush(void *argument)
{
  (void)argument;
  for (;;) {
    kpause(HZ, NULL);
    guest_disk_flush_all(0);
  }
}

static int disk_open(struct disk *disk)
{
  int error = rumpuser_open(
    disk->path, RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_BIO, &disk->fd);

  disk->writable = error == 0;
  if (error != 0) {
    error = rumpuser_open(
      disk->path, RUMPUSER_OPEN_RDONLY | RUMPUSER_OPEN_BIO, &disk->fd);
  }
  return error;
}

int guest_disk_attach(const char *path, struct disk **disk, uint64_t *size)
{
  unsigned i;
  int error = NB_EBUSY, type;

  kmutex_enter(disk_mutex);
  for (i = 0; i < DISKS && disks[i].path != NULL; i++) {
  }
  if (i < DISKS) {
    error = rumpuser_getfileinfo(path, size, &type);
  }
  if (error == 0 && type != RUMPUSER_FT_REG && type != RUMPUSER_FT_BLK &&
    type != RUMPUSER_FT_CHR) {
    error = NB_EINVAL;
  }
  if (error == 0) {
    memset(&disks[i], 0, sizeof(disks[i]));
    disks[i].size = *size;
    disks[i].path = kmem_strdup(path);
    error = disk_open(&disks[i]);
    if (error != 0) {
      kmem_free(disks[i].path, strlen(path) + 1);
      disks[i].path = NULL;
    }
    *disk = &disks[i];
  }
  kmutex_exit(disk_mutex);
  return error;
}

void guest_disk_detach(struct disk *disk)
{
  unsigned i;

  guest_disk_flush(disk, 0);
  kmutex_enter(buffer_mutex);
  for (i = 0; i < buffer_count; i++) {
    while (buffers[i].request.disk == disk &&
      (buffers[i].flags & BUFFER_BUSY) != 0) { /* read ahead */
      kcv_wait(buffer_cv, buffer_mutex);
    }
    if (buffers[i].request.disk == disk) {
      buffers[i].request.disk = NULL;
      buffers[i].flags = 0;
    }
  }
  kmutex_exit(buffer_mutex);
  rumpuser_close(disk->fd);
  kmutex_enter(disk_mutex);
  kmem_free(disk->path, strlen(disk->path) + 1);
  disk->path = NULL;
  kmutex_exit(disk_mutex);
}

static void read_parameters(void)
{
  char text[64];
  const char *end;

  if (rumpuser_getparam("RUMP_BLKFAIL", text, sizeof(text)) == 0) {
    fail_rate = (unsigned)parse_number(text, &end);
    kprintf("block: fault injection, %u of %u\n", fail_rate, FAIL_SCALE);
  }
  if (rumpuser_getparam("RUMP_BLKFAIL_SEED", text, sizeof(text)) == 0 ||
    rumpuser_getparam("RUMP_BLKSECTSHIFT", text, sizeof(text)) == 0) {
    kprintf("block: RUMP_BLKFAIL_SEED and RUMP_BLKSECTSHIFT are ignored\n");
  }
}

void guest_block_init(void)
{
  unsigned long share = guest_memory_limit() / 20 / PAGE_BYTES;

  disk_mutex = kmutex_new(0);
  buffer_mutex = kmutex_new(0);
  buffer_cv = kcv_new();
  buffer_count =
    share < 16 ? 16 : share > BUFFERS ? BUFFERS : (unsigned)share;
  read_parameters();
  if (guest_threads_enabled && kthread_create(PRIORITY_IOFLUSH, KTHREAD_MPSAFE,
    NULL, io_flush, NULL, NULL, "ioflush") != 0) {
    panic("no thread for delayed writes");
  }
}
