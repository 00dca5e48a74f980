/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Block I/O.
 *
 * Requests to a block device go to its driver in the caller's context, as many
 * as the kernel has in flight.  A driver that serves one at once lets the
 * caller complete it; else a task does, told by the driver's interrupt.
 * Requests to files are served by a few tasks.
 */

#include "block.h"

#include <errno.h>
#include <string.h>

#include <rtems.h>

/* Where a request to a driver stands; the later of two decides. */
enum {
  /* The request has ended, or never was the driver's. */
  ENDED,
  /* The driver has been called and has not returned. */
  STARTED,
  /* The driver has returned, and the request goes on. */
  RUNNING
};

struct request {
  struct request *next;
  struct file *file;
  int op;
  void *data;
  size_t size;
  int64_t offset;
  rump_biodone_fn done;
  void *arg;

  /* The result. */
  size_t transferred;
  int error;

  /* For a driver; the request ends with an array of one. */
  atomic_int state;
  bool flushing;
  rtems_blkdev_request blkdev;
  rtems_blkdev_sg_buffer buffer;
};

/* Free requests and those for the tasks; each guarded by its queue. */
static struct waitq free_queue = WAITQ_INITIALIZER("rump block free");
static struct request *free_requests;
static struct waitq work_queue = WAITQ_INITIALIZER("rump block work");
static struct request *work_first;
static struct request **work_last = &work_first;

/* Requests that a driver has ended, the latest first. */
static _Atomic(struct request *) ended;
static struct waitq ended_queue = WAITQ_INITIALIZER("rump block ended");

static struct request *requests;
static struct lock init_lock = LOCK_INITIALIZER("rump block init");
static bool initialized;
static unsigned tasks;

static atomic_uint pending;
static atomic_ulong completed;

static struct request *
try_take_request(struct waitq_context *ctx)
{
  struct request *request;

  waitq_lock(&free_queue, ctx);
  request = free_requests;
  if (request != NULL) {
    free_requests = request->next;
    waitq_unlock(&free_queue, ctx);
  }
  return request;
}

/* Takes a request, without a virtual CPU held: all may be in flight. */
static struct request *
wait_for_request(void)
{
  struct waitq_context ctx;
  struct request *request;

  while ((request = try_take_request(&ctx)) == NULL) {
    (void)occupant_wait(&free_queue, &ctx, NULL, NULL, NULL);
  }
  return request;
}

static struct request *
take_request(void)
{
  struct waitq_context ctx;
  struct request *request = try_take_request(&ctx);

  if (PREDICT_FALSE(request == NULL)) {
    int nlocks;

    waitq_unlock(&free_queue, &ctx);
    nlocks = hypercall_unschedule(NULL);
    occupants_urge();
    request = wait_for_request();
    hypercall_schedule(nlocks, NULL);
  }
  return request;
}

static void
give_back_request(struct request *request)
{
  struct waitq_context ctx;

  waitq_lock(&free_queue, &ctx);
  request->next = free_requests;
  free_requests = request;
  waitq_wake_one(&free_queue, &ctx);
}

/*
 * Tells the kernel that a request has ended, with a virtual CPU held.  The
 * request is free by then: the kernel may start the next from there.
 */
static void
complete(struct request *request)
{
  rump_biodone_fn done = request->done;
  void *arg = request->arg;
  size_t transferred = request->transferred;
  int error = request->error;

  atomic_fetch_sub_explicit(&pending, 1, memory_order_relaxed);
  atomic_fetch_add_explicit(&completed, 1, memory_order_relaxed);
  file_end_request(request->file);
  give_back_request(request);
  (*done)(arg, transferred, error);
}

static void
begin_request(struct request *request, struct file *file, int op)
{
  request->file = file;
  request->op = op;
  request->flushing = false;
  atomic_fetch_add_explicit(&pending, 1, memory_order_relaxed);
  file_begin_request(file);
}

/* Devices. */

static bool
is_read(const struct request *request)
{
  return (request->op & RUMPUSER_BIO_READ) != 0;
}

static bool
must_flush(const struct request *request)
{
  return (request->op & RUMPUSER_BIO_SYNC) != 0
    && !is_read(request)
    && !request->flushing
    && (request->file->disk->capabilities & RTEMS_BLKDEV_CAP_SYNC) != 0;
}

static void
end_request(struct request *request, size_t transferred, int error)
{
  request->transferred = transferred;
  request->error = error;
}

/* The driver's word that a request has ended; also from interrupts. */
static void
device_done(rtems_blkdev_request *blkdev, rtems_status_code status)
{
  struct request *request = blkdev->done_arg;

  blkdev->status = status;
  if (atomic_exchange(&request->state, ENDED) == RUNNING) {
    struct request *first =
      atomic_load_explicit(&ended, memory_order_relaxed);

    do {
      request->next = first;
    } while (!atomic_compare_exchange_weak_explicit(
      &ended,
      &first,
      request,
      memory_order_release,
      memory_order_relaxed
    ));
    waitq_signal(&ended_queue);
  }
}

/*
 * Calls the driver.  Returns true if the request has ended by then; else it is
 * no longer ours.
 */
static bool
call_driver(struct request *request, rtems_blkdev_request_op op)
{
  rtems_disk_device *disk = request->file->disk;
  int started = STARTED;

  request->blkdev.req = op;
  request->blkdev.done = device_done;
  request->blkdev.done_arg = request;
  request->blkdev.status = RTEMS_SUCCESSFUL;
  request->blkdev.bufnum = op == RTEMS_BLKDEV_REQ_SYNC ? 0 : 1;
  request->blkdev.io_task = rtems_task_self();
  atomic_store(&request->state, STARTED);

  if ((*disk->ioctl)(
        disk->phys_dev,
        RTEMS_BLKIO_REQUEST,
        &request->blkdev
      ) != 0) {
    /* Refused, and nobody will call device_done(). */
    request->blkdev.status = RTEMS_IO_ERROR;
    return true;
  }
  return !atomic_compare_exchange_strong(&request->state, &started, RUNNING);
}

/*
 * The driver has ended its part.  Returns true if the whole request has ended;
 * if not, a write that must be on the medium is being flushed.
 */
static bool
device_ended(struct request *request)
{
  if (request->blkdev.status != RTEMS_SUCCESSFUL) {
    end_request(request, 0, NETBSD_EIO);
    return true;
  }
  if (must_flush(request)) {
    request->flushing = true;
    if (!call_driver(request, RTEMS_BLKDEV_REQ_SYNC)) {
      return false;
    }
    return device_ended(request);
  }
  end_request(request, request->size, 0);
  return true;
}

/* Returns true if the request has ended already. */
static bool
start_on_device(struct request *request)
{
  rtems_disk_device *disk = request->file->disk;
  uint32_t block_size = disk->media_block_size;
  uint64_t blocks = request->size / block_size;
  uint64_t first = (uint64_t)request->offset / block_size;

  if (request->offset < 0
      || (uint64_t)request->offset % block_size != 0
      || request->size % block_size != 0) {
    end_request(request, 0, NETBSD_EINVAL);
    return true;
  }
  if (first + blocks > disk->size) {
    end_request(request, 0, NETBSD_EIO);
    return true;
  }
  request->buffer.block = (rtems_blkdev_bnum)(disk->start + first);
  request->buffer.length = (uint32_t)request->size;
  request->buffer.buffer = request->data;
  request->buffer.user = NULL;
  if (!call_driver(
        request,
        is_read(request) ? RTEMS_BLKDEV_REQ_READ : RTEMS_BLKDEV_REQ_WRITE
      )) {
    return false;
  }
  return device_ended(request);
}

static void
bio_to_device(struct request *request)
{
  int nlocks = hypercall_unschedule(NULL);
  bool has_ended = start_on_device(request);

  hypercall_schedule(nlocks, NULL);
  if (has_ended) {
    complete(request);
  }
}

/* The latest comes first in the list; the kernel hears of the oldest first. */
static struct request *
take_ended(void)
{
  struct request *list =
    atomic_exchange_explicit(&ended, NULL, memory_order_acquire);
  struct request *reversed = NULL;

  while (list != NULL) {
    struct request *next = list->next;

    list->next = reversed;
    reversed = list;
    list = next;
  }
  return reversed;
}

/* Completes all of a list that have ended, with one virtual CPU for them. */
static void
complete_list(struct request *list)
{
  struct request *all_ended = NULL;
  struct request **last = &all_ended;

  while (list != NULL) {
    struct request *next = list->next;

    if (device_ended(list)) {
      list->next = NULL;
      *last = list;
      last = &list->next;
    }
    list = next;
  }
  if (all_ended == NULL) {
    return;
  }
  (*hypercall_up.hyp_schedule)();
  while (all_ended != NULL) {
    struct request *next = all_ended->next;

    complete(all_ended);
    all_ended = next;
  }
  (*hypercall_up.hyp_unschedule)();
}

/* Gives a task of this file a thread context of its own in the kernel. */
static void
become_kernel_thread(void)
{
  (*hypercall_up.hyp_schedule)();
  (void)(*hypercall_up.hyp_lwproc_newlwp)(0);
  (*hypercall_up.hyp_unschedule)();
}

static void
wait_for_ended(void)
{
  struct waitq_context ctx;

  waitq_lock(&ended_queue, &ctx);
  while (atomic_load_explicit(&ended, memory_order_relaxed) == NULL) {
    (void)occupant_wait(&ended_queue, &ctx, NULL, NULL, NULL);
    waitq_lock(&ended_queue, &ctx);
  }
  waitq_unlock(&ended_queue, &ctx);
}

static void *
device_task(void *arg)
{
  (void)arg;
  become_kernel_thread();
  for (;;) {
    wait_for_ended();
    complete_list(take_ended());
  }
  return NULL;
}

/* Who waits for a flush. */
struct flush {
  struct waitq queue;
  bool ended;
  int error;
};

static void
flush_done(void *arg, size_t transferred, int error)
{
  struct flush *flush = arg;
  struct waitq_context ctx;

  (void)transferred;
  waitq_lock(&flush->queue, &ctx);
  flush->ended = true;
  flush->error = error;
  waitq_wake_one(&flush->queue, &ctx);
}

static int
wait_for_flush(struct flush *flush)
{
  struct waitq_context ctx;

  waitq_lock(&flush->queue, &ctx);
  while (!flush->ended) {
    (void)occupant_wait(&flush->queue, &ctx, NULL, NULL, NULL);
    waitq_lock(&flush->queue, &ctx);
  }
  waitq_unlock(&flush->queue, &ctx);
  return flush->error;
}

int
block_flush(struct file *file)
{
  struct flush flush = { .queue = WAITQ_INITIALIZER("rump flush") };
  struct request *request;

  if ((file->disk->capabilities & RTEMS_BLKDEV_CAP_SYNC) == 0) {
    return 0;
  }
  request = wait_for_request();
  begin_request(request, file, RUMPUSER_BIO_WRITE);
  request->size = 0;
  request->done = flush_done;
  request->arg = &flush;
  request->flushing = true;
  if (call_driver(request, RTEMS_BLKDEV_REQ_SYNC)) {
    (void)device_ended(request);
    complete(request);
  }
  return wait_for_flush(&flush);
}

/* Files. */

static void
serve_file(struct request *request)
{
  struct file *file = request->file;
  int error = 0;

  request->transferred = 0;
  if ((request->op & RUMPUSER_BIO_SYNC) != 0 && is_read(request)) {
    error = file_flush(file);
  }
  if (error == 0) {
    error = file_transfer(
      file,
      !is_read(request),
      request->data,
      request->size,
      request->offset,
      &request->transferred
    );
  }
  if (error == 0 && request->transferred != request->size) {
    error = NETBSD_EIO;
  }
  if (error == 0 && !is_read(request)
      && (request->op & RUMPUSER_BIO_SYNC) != 0) {
    error = file_flush(file);
  }
  if (error != 0) {
    request->transferred = 0;
  }
  request->error = error;
}

static void
bio_to_file(struct request *request)
{
  struct waitq_context ctx;

  request->next = NULL;
  waitq_lock(&work_queue, &ctx);
  *work_last = request;
  work_last = &request->next;
  waitq_wake_one(&work_queue, &ctx);
}

static struct request *
take_work(void)
{
  struct waitq_context ctx;
  struct request *request;

  waitq_lock(&work_queue, &ctx);
  while (work_first == NULL) {
    (void)occupant_wait(&work_queue, &ctx, NULL, NULL, NULL);
    waitq_lock(&work_queue, &ctx);
  }
  request = work_first;
  work_first = request->next;
  if (work_first == NULL) {
    work_last = &work_first;
  }
  waitq_unlock(&work_queue, &ctx);
  return request;
}

static void *
file_task(void *arg)
{
  (void)arg;
  become_kernel_thread();
  for (;;) {
    struct request *request = take_work();

    serve_file(request);
    (*hypercall_up.hyp_schedule)();
    complete(request);
    (*hypercall_up.hyp_unschedule)();
  }
  return NULL;
}

/* The hypercall. */

void
rumpuser_bio(
  int             fd,
  int             op,
  void           *data,
  size_t          size,
  int64_t         offset,
  rump_biodone_fn done,
  void           *arg
)
{
  struct file *file = file_get(fd);
  struct request *request;

  occupant_check();
  if (file == NULL || block_init() != 0) {
    (*done)(arg, 0, file == NULL ? NETBSD_EBADF : NETBSD_ENOMEM);
    return;
  }
  request = take_request();
  begin_request(request, file, op);
  request->data = data;
  request->size = size;
  request->offset = offset;
  request->done = done;
  request->arg = arg;
  if (file->disk != NULL) {
    bio_to_device(request);
  } else {
    bio_to_file(request);
  }
}

/* Goes on where it could not go on the last time. */
static int
make_tasks(void)
{
  int error = 0;

  while (error == 0 && tasks <= hypercall_config.block_tasks) {
    error = tasks == 0
      ? thread_start(device_task, NULL, "rumpbio", 1, -1, false, NULL)
      : thread_start(file_task, NULL, "rumpfile", 1, -1, false, NULL);
    if (error == 0) {
      ++tasks;
    }
  }
  return error;
}

static int
make_requests(void)
{
  size_t count = hypercall_config.block_requests;
  size_t i;

  requests = memory_allocate(count * sizeof(*requests));
  if (requests == NULL) {
    return NETBSD_ENOMEM;
  }
  memset(requests, 0, count * sizeof(*requests));
  for (i = 0; i < count; ++i) {
    requests[i].next = free_requests;
    free_requests = &requests[i];
  }
  return 0;
}

/* Most kernels have no disk: the first use makes what it takes. */
int
block_init(void)
{
  int error = 0;

  lock_enter(&init_lock);
  if (!initialized) {
    if (requests == NULL) {
      error = make_requests();
    }
    if (error == 0) {
      error = make_tasks();
    }
    initialized = error == 0;
  }
  lock_exit(&init_lock);
  return error;
}

/* Ticks after which a driver has lost a request. */
#define PATIENCE 1000

static bool
is_idle(void)
{
  size_t i;

  for (i = 0; requests != NULL && i < hypercall_config.block_requests; ++i) {
    if (atomic_load(&requests[i].state) != ENDED) {
      return false;
    }
  }
  return true;
}

/* Drivers give back what they have of the kernel's memory when they want. */
bool
block_fini(void)
{
  unsigned ticks = 0;

  while (!is_idle()) {
    if (ticks == PATIENCE) {
      return false;
    }
    rtems_task_wake_after(1);
    ++ticks;
  }
  requests = NULL;
  free_requests = NULL;
  initialized = false;
  tasks = 0;
  atomic_store(&pending, 0);
  return true;
}

void
block_usage(struct rtems_rump_usage *usage)
{
  usage->block_pending = atomic_load(&pending);
  usage->block_done = atomic_load(&completed);
}
