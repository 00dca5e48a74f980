/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A client in the image of the kernel, by mem:// without frames and with the
 * frames that all other transports have, beside what RTEMS has for calls from
 * task to task.
 */

#include "remote.h"

#include <rtems.h>
#include <rtems/thread.h>

#include <rtems-rump/remote.h>

#include "kernel.h"

#define URL "mem://bench"

#define SETTLE_TICKS 200

static rtems_binary_semaphore there = RTEMS_BINARY_SEMAPHORE_INITIALIZER("to");
static rtems_binary_semaphore back = RTEMS_BINARY_SEMAPHORE_INITIALIZER("back");

/* The task is as urgent as the server's. */
static rtems_task
answer(rtems_task_argument arg)
{
  (void)arg;
  for (;;) {
    rtems_binary_semaphore_wait(&there);
    rtems_binary_semaphore_post(&back);
  }
}

static void
wake_twice(void)
{
  rtems_binary_semaphore_post(&there);
  rtems_binary_semaphore_wait(&back);
}

typedef RTEMS_MESSAGE_QUEUE_BUFFER(REMOTE_BUFFER_SIZE) message_buffer;

static rtems_id requests, answers;

static void
create_queue(rtems_id *id, message_buffer *buffer)
{
  const rtems_message_queue_config config = {
    .name = rtems_build_name('M', 'E', 'S', 'G'),
    .maximum_pending_messages = 1,
    .maximum_message_size = REMOTE_BUFFER_SIZE,
    .storage_area = buffer,
    .storage_size = sizeof(*buffer),
    .attributes = RTEMS_DEFAULT_ATTRIBUTES
  };

  bench_check("queue",
    rtems_message_queue_construct(&config, id) == RTEMS_SUCCESSFUL);
}

static void
receive_message(rtems_id queue, void *message)
{
  size_t size;

  (void)rtems_message_queue_receive(
    queue, message, &size, RTEMS_WAIT, RTEMS_NO_TIMEOUT);
}

static rtems_task
answer_messages(rtems_task_argument arg)
{
  static char message[REMOTE_BUFFER_SIZE];

  (void)arg;
  for (;;) {
    receive_message(requests, message);
    (void)rtems_message_queue_send(answers, message, sizeof(message));
  }
}

/* What RTEMS has for a call from task to task, with what it carries. */
static void
exchange_messages(void)
{
  static char message[REMOTE_BUFFER_SIZE];

  (void)rtems_message_queue_send(requests, message, REMOTE_BUFFER_SIZE);
  receive_message(answers, message);
}

static void
start_answering(rtems_task_entry entry)
{
  rtems_id id;

  bench_check("task", rtems_task_create(
    rtems_build_name('A', 'N', 'S', 'W'),
    RTEMS_RUMP_DEFAULT_CEILING + 2,
    RTEMS_MINIMUM_STACK_SIZE,
    RTEMS_DEFAULT_MODES,
    RTEMS_DEFAULT_ATTRIBUTES,
    &id
  ) == RTEMS_SUCCESSFUL);
  bench_check("task",
    rtems_task_start(id, entry, 0) == RTEMS_SUCCESSFUL);
}

/* What is asked about each copy is asked for copies by frames alone. */
static bool
may_copy(const void *address, size_t size, bool is_write, void *arg)
{
  (void)address;
  (void)size;
  (void)is_write;
  (void)arg;
  return true;
}

void
remote_measure_all(void)
{
  static const struct rtems_rump_config config = { .server = { .url = URL } };
  static const struct rtems_rump_client_config with_frames = {
    .may_copy = may_copy
  };
  static message_buffer queues[2];

  bench_check("start", bench_start(&config) == 0);
  create_queue(&requests, &queues[0]);
  create_queue(&answers, &queues[1]);
  start_answering(answer);
  start_answering(answer_messages);
  (void)rtems_task_wake_after(SETTLE_TICKS);
  remote_count("remote_two_wakeups", wake_twice);
  remote_count("remote_two_messages", exchange_messages);
  remote_measure("remote", URL, NULL);
  remote_measure("remote_frames", URL, &with_frames);
  remote_measure_direct("remote");
}
