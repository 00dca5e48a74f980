/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A client on RTEMS of a kernel on the host, by TCP/IP of a kernel of its own,
 * which has a network card.  The host's kernel has words of 64 bits, and so
 * aligned: described calls with structures of all kinds.
 */

#include "../target/target.h"

#include <rtems-rump/netconfig.h>
#include <rtems-rump/remote-call.h>
#include <rtems-rump/socket.h>

#include <sys/uio.h>

#define KEY "the key of the test's root"

#define SIZE 0x20000

/* NetBSD's numbers of system calls. */
enum {
  SYS_READ = 3, SYS_WRITE = 4, SYS_OPEN = 5, SYS_CLOSE = 6, SYS_UNLINK = 10,
  SYS_PIPE = 42, SYS_READV = 120, SYS_WRITEV = 121, SYS_PREAD = 173,
  SYS_LSEEK = 199, SYS_FTRUNCATE = 201, SYS_REBOOT = 208, SYS_POLL = 209,
  SYS_STATVFS = 357, SYS_UTIMES = 420, SYS_STAT = 439
};

/* Arguments of a call as an array. */
#define CALL(number, ...) \
  call(number, (const struct rtems_rump_argument[]){ __VA_ARGS__ }, \
    sizeof((const struct rtems_rump_argument[]){ __VA_ARGS__ }) \
      / sizeof(struct rtems_rump_argument))
#define NUMBER RTEMS_RUMP_ARG_NUMBER
#define NUMBER64 RTEMS_RUMP_ARG_NUMBER64
#define STRING RTEMS_RUMP_ARG_STRING
#define READS(first, size) RTEMS_RUMP_ARG_BYTES(RTEMS_RUMP_IN, first, size)
#define WRITES(first, size) RTEMS_RUMP_ARG_BYTES(RTEMS_RUMP_OUT, first, size)
#define WRITTEN(format, first) \
  RTEMS_RUMP_ARG_STRUCT(RTEMS_RUMP_OUT, format, first)

static unsigned char memory[SIZE];
static unsigned char copy[SIZE];

static const struct rtems_rump_client_config root = {
  .key = KEY, .key_size = sizeof(KEY), .user = "root", .is_neutral = true
};

static struct rtems_rump_client *client;
static struct rtems_rump_call last;

/* Returns what the call does, or -1; the rest is in the last one. */
static int64_t
call(int number, const struct rtems_rump_argument *arguments, size_t count)
{
  static char buffer[4096];

  last = (struct rtems_rump_call){
    .number = number,
    .arguments = arguments,
    .count = count,
    .buffer = buffer,
    .size = sizeof(buffer)
  };
  CHECK(rtems_rump_client_call(client, &last) == 0);
  return last.error == 0 ? last.values[0] : -1;
}

static void
use_file(void)
{
  int64_t fd;
  size_t i;

  for (i = 0; i < SIZE; ++i) {
    copy[i] = memory[i] = (unsigned char)(i * 7 % 251);
  }
  fd = CALL(SYS_OPEN, STRING("/file"),
    NUMBER(NETBSD_O_RDWR | NETBSD_O_CREAT), NUMBER(0644));
  CHECK(fd >= 0);
  CHECK(CALL(SYS_WRITE, NUMBER(fd), READS(memory, SIZE), NUMBER(SIZE))
    == SIZE);
  CHECK(CALL(SYS_CLOSE, NUMBER(fd)) == 0);
  memset(memory, 0, SIZE);
  fd = CALL(SYS_OPEN, STRING("/file"), NUMBER(NETBSD_O_RDONLY), NUMBER(0));
  CHECK(fd >= 0);
  CHECK(CALL(SYS_READ, NUMBER(fd), WRITES(memory, SIZE), NUMBER(SIZE))
    == SIZE);
  CHECK(memcmp(memory, copy, SIZE) == 0);
  CHECK(CALL(SYS_CLOSE, NUMBER(fd)) == 0);
  CHECK(CALL(SYS_UNLINK, STRING("/file")) == 0);
  CHECK(CALL(SYS_UNLINK, STRING("/file")) == -1 && last.error == 2);
  CHECK(CALL(SYS_UNLINK, NUMBER(SIZE)) == -1 && last.error == 14);
}

/* Numbers of 64 bits in registers and structures. */
static void
use_wide_numbers(void)
{
  static const int64_t place = 0x123456789;
  static const struct netbsd_timeval times[] = {
    { .tv_sec = 5, .tv_usec = 6 }, { .tv_sec = 1 << 30, .tv_usec = 999999 }
  };
  struct netbsd_stat status;
  struct netbsd_statvfs is;
  char text[5] = "";
  int64_t fd = CALL(SYS_OPEN, STRING("/file"),
    NUMBER(NETBSD_O_RDWR | NETBSD_O_CREAT), NUMBER(0640));

  CHECK(fd >= 0);
  CHECK(CALL(SYS_WRITE, NUMBER(fd), READS("0123456789", 10), NUMBER(10))
    == 10);
  CHECK(CALL(SYS_PREAD, NUMBER(fd), WRITES(text, 4), NUMBER(4), NUMBER64(3))
    == 4);
  CHECK(strcmp(text, "3456") == 0);
  CHECK(CALL(SYS_FTRUNCATE, NUMBER(fd), NUMBER64(7)) == 0);
  CHECK(CALL(SYS_LSEEK, NUMBER(fd), NUMBER64(place), NUMBER(0)) != -1);
  CHECK(last.value64 == place);
  CHECK(CALL(SYS_CLOSE, NUMBER(fd)) == 0);
  CHECK(CALL(SYS_UTIMES, STRING("/file"), RTEMS_RUMP_ARG_STRUCTS(
    RTEMS_RUMP_IN, RTEMS_RUMP_FORMAT_TIMEVAL, times, 2)) == 0);
  CHECK(CALL(SYS_STAT, STRING("/file"),
    WRITTEN(RTEMS_RUMP_FORMAT_STAT, &status)) == 0);
  CHECK(status.mode == 0100640 && status.nlink == 1 && status.uid == 0);
  CHECK(status.size == 7 && status.blksize > 0);
  CHECK(status.atim.tv_sec == 5 && status.atim.tv_nsec == 6000);
  CHECK(status.mtim.tv_sec == 1 << 30 && status.mtim.tv_nsec == 999999000);
  CHECK(CALL(SYS_UNLINK, STRING("/file")) == 0);
  CHECK(CALL(SYS_STAT, STRING("/file"),
    WRITTEN(RTEMS_RUMP_FORMAT_STAT, &status)) == -1 && last.error == 2);
  CHECK(status.size == 7);
  CHECK(CALL(SYS_STATVFS, STRING("/"),
    WRITTEN(RTEMS_RUMP_FORMAT_STATVFS, &is), NUMBER(1)) == 0);
  CHECK(is.bsize > 0 && strcmp(is.mntonname, "/") == 0);
}

/* Structures that lead to others, and arrays. */
static void
use_pipe(void)
{
  const struct iovec from[] = { { "one", 3 }, { NULL, 0 }, { "three", 5 } };
  char first[4] = "", second[8] = "";
  const struct iovec to[] = { { first, 3 }, { second, sizeof(second) } };
  struct netbsd_pollfd ready[2];
  int64_t end = CALL(SYS_PIPE, NUMBER(0));
  int64_t begin = last.values[1];

  CHECK(end >= 0 && begin >= 0);
  CHECK(CALL(SYS_WRITEV, NUMBER(begin), RTEMS_RUMP_ARG_STRUCTS(RTEMS_RUMP_IN,
    RTEMS_RUMP_FORMAT_IOVEC, from, 3), NUMBER(3)) == 8);
  ready[0] = (struct netbsd_pollfd){ .fd = (int32_t)begin, .events = 1 };
  ready[1] = (struct netbsd_pollfd){ .fd = (int32_t)end, .events = 1 };
  CHECK(CALL(SYS_POLL, RTEMS_RUMP_ARG_STRUCTS(RTEMS_RUMP_INOUT,
    RTEMS_RUMP_FORMAT_POLLFD, ready, 2), NUMBER(2), NUMBER(-1)) == 1);
  CHECK(ready[0].revents == 0 && ready[1].revents == 1);
  CHECK(ready[1].fd == end);
  CHECK(CALL(SYS_READV, NUMBER(end), RTEMS_RUMP_ARG_VECTOR(RTEMS_RUMP_IN,
    RTEMS_RUMP_FORMAT_IOVEC, to, 2, RTEMS_RUMP_OUT), NUMBER(2)) == 8);
  CHECK(strcmp(first, "one") == 0 && strcmp(second, "three") == 0);
  CHECK(CALL(SYS_CLOSE, NUMBER(begin)) == 0);
  CHECK(CALL(SYS_CLOSE, NUMBER(end)) == 0);
}

static void
use_host(void)
{
  struct rtems_rump_client_config other = root;

  /* It takes some seconds until the card has its address. */
  CHECK(rtems_rump_client_open("tcp://10.0.2.2:1", NULL, &client)
    == ECONNREFUSED);
  other.user = "nobody";
  CHECK(rtems_rump_client_open(URL, &other, &client) == EPERM);
  other.is_neutral = false;
  CHECK(rtems_rump_client_open(URL, &other, &client) == ENOTSUP);
  CHECK(rtems_rump_client_open(URL, &root, &client) == 0);
  CHECK(strcmp(rtems_rump_client_machine(client), "amd64") == 0);
  use_file();
  use_wide_numbers();
  use_pipe();
  CHECK(CALL(SYS_REBOOT, NUMBER(0), NUMBER(0)) == 0);
  rtems_rump_client_close(client);
}

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct rtems_rump_config config = {
    .memory = 16 << 20, .restartable = true
  };
  static const struct rtems_rump_interface interface = {
    .name = "vioif0", .address = "10.0.2.15/24", .gateway = "10.0.2.2"
  };

  (void)arg;
  TARGET_BEGIN("REMOTE TCP HOST");
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_socket_register() == 0);
  rtems_rump_tcp_register();
  CHECK(rtems_rump_interface_configure(&interface) == 0);
  use_host();
  CHECK(rtems_rump_end() == 0);
  TARGET_END("REMOTE TCP HOST");
}

#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "../target/config.h"
