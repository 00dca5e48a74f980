/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Captures: one more link on the bus, which a task reads.
 *
 * The file format is libpcap's, with times in nanoseconds and all numbers in
 * the byte order of the machine, which its first number tells.
 */

#include "buffers.h"
#include "mem.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <rtems.h>
#include <rtems/thread.h>

#define BATCH 16
#define STACK_SIZE (16u << 10)

#define PCAP_MAGIC 0xa1b23c4du
#define PCAP_ETHERNET 1u

struct pcap_file {
  uint32_t magic;
  uint16_t major, minor;
  uint32_t zone, accuracy, frame_max, link_type;
};

struct pcap_record {
  uint32_t seconds, nanoseconds, stored, size;
};

struct rtems_rump_capture {
  void *port;
  void **buffers;
  void (*write)(const void *data, size_t size, void *arg);
  void *arg;
  rtems_binary_semaphore wake, ended;
  atomic_bool stops;
};

static void
wake(void *arg)
{
  struct rtems_rump_capture *capture = arg;

  rtems_binary_semaphore_post(&capture->wake);
}

static void
ignore_change(void *arg, bool is_up)
{
  (void)arg;
  (void)is_up;
}

static void
write_frame(
  struct rtems_rump_capture *capture, const struct rtems_rump_link_frame *f)
{
  struct pcap_record record = {
    .seconds = (uint32_t)(f->time / 1000000000),
    .nanoseconds = (uint32_t)(f->time % 1000000000),
    .stored = (uint32_t)f->size,
    .size = (uint32_t)f->size
  };

  (*capture->write)(&record, sizeof(record), capture->arg);
  (*capture->write)(f->data, f->size, capture->arg);
}

static bool
write_some(struct rtems_rump_capture *capture)
{
  struct rtems_rump_link_frame frames[BATCH];
  unsigned n =
    (*rtems_rump_link_mem.receive)(capture->port, frames, BATCH);
  unsigned i;

  for (i = 0; i < n; ++i) {
    write_frame(capture, &frames[i]);
  }
  (*rtems_rump_link_mem.release)(capture->port, frames, n);
  return n > 0;
}

static rtems_task
capture_main(rtems_task_argument arg)
{
  static const struct pcap_file file = {
    .magic = PCAP_MAGIC,
    .major = 2,
    .minor = 4,
    .frame_max = RTEMS_RUMP_LINK_FRAME_MAX,
    .link_type = PCAP_ETHERNET
  };
  struct rtems_rump_capture *capture = (struct rtems_rump_capture *)arg;

  (*capture->write)(&file, sizeof(file), capture->arg);
  /* What was sent before the stop is written: the order of the two tests. */
  for (;;) {
    bool stops = atomic_load(&capture->stops);

    if (!write_some(capture)) {
      if (stops) {
        break;
      }
      if (!(*rtems_rump_link_mem.arm)(capture->port)) {
        rtems_binary_semaphore_wait(&capture->wake);
      }
    }
  }
  rtems_binary_semaphore_post(&capture->ended);
  rtems_task_exit();
}

static rtems_status_code
start_task(struct rtems_rump_capture *capture, unsigned priority)
{
  rtems_id task;
  rtems_status_code sc = rtems_task_create(
    rtems_build_name('P', 'C', 'A', 'P'),
    priority,
    STACK_SIZE,
    RTEMS_DEFAULT_MODES,
    RTEMS_FLOATING_POINT,
    &task
  );

  if (sc == RTEMS_SUCCESSFUL) {
    sc = rtems_task_start(
      task,
      capture_main,
      (rtems_task_argument)capture
    );
  }
  return sc;
}

static int
open_port(
  struct rtems_rump_capture *capture, const char *device, size_t receive_size)
{
  const struct rtems_rump_link link = { .device = device };
  struct rtems_rump_link_user user = {
    .notify = wake, .changed = ignore_change, .arg = capture
  };
  uint8_t address[RTEMS_RUMP_LINK_ADDRESS] = { 0 };
  int error;

  user.buffer_count = buffers_count(receive_size);
  user.buffers = capture->buffers = buffers_make(user.buffer_count);
  if (capture->buffers == NULL) {
    return ENOMEM;
  }
  error = mem_open(&link, &user, address, MEM_CAPTURES, &capture->port);
  if (error != 0) {
    free(capture->buffers);
  }
  return error;
}

static void
close_port(struct rtems_rump_capture *capture)
{
  (*rtems_rump_link_mem.close)(capture->port);
  free(capture->buffers);
}

int
rtems_rump_capture_start(
  const char                 *device,
  size_t                      receive_size,
  unsigned                    priority,
  void                      (*write)(const void *data, size_t size, void *arg),
  void                       *arg,
  struct rtems_rump_capture **result)
{
  struct rtems_rump_capture *capture = calloc(1, sizeof(*capture));
  int error;

  if (capture == NULL) {
    return ENOMEM;
  }
  capture->write = write;
  capture->arg = arg;
  rtems_binary_semaphore_init(&capture->wake, "rump capture");
  rtems_binary_semaphore_init(&capture->ended, "rump capture end");
  error = open_port(capture, device, receive_size);
  if (error == 0 && start_task(capture, priority) != RTEMS_SUCCESSFUL) {
    close_port(capture);
    error = EAGAIN;
  }
  if (error != 0) {
    free(capture);
    return error;
  }
  *result = capture;
  return 0;
}

unsigned long
rtems_rump_capture_stop(struct rtems_rump_capture *capture)
{
  struct rtems_rump_link_usage usage = { .is_up = false };

  atomic_store(&capture->stops, true);
  rtems_binary_semaphore_post(&capture->wake);
  rtems_binary_semaphore_wait(&capture->ended);
  (*rtems_rump_link_mem.get_usage)(capture->port, &usage);
  close_port(capture);
  rtems_binary_semaphore_destroy(&capture->wake);
  rtems_binary_semaphore_destroy(&capture->ended);
  free(capture);
  return usage.dropped[RTEMS_RUMP_LINK_OVERRUN];
}
