/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A client on RTEMS of a kernel on the host, by TCP/IP of a kernel of its own,
 * which has a network card.  The host's kernel has words of 64 bits.
 */

#include "../target/target.h"

#include <rtems-rump/netconfig.h>
#include <rtems-rump/remote.h>
#include <rtems-rump/socket.h>

#define KEY "the key of the test's root"

#define O_RDWR_CREAT 0x202

/* Places in the client's memory, as the kernel sees it. */
#define PATH 0x1000
#define DATA 0x2000
#define SIZE 0x20000

static unsigned char memory[SIZE];
static unsigned char copy[SIZE];

static void *
translate(uint64_t address, size_t size, bool is_write, void *arg)
{
  (void)is_write;
  (void)arg;
  return address <= SIZE && size <= SIZE - address ? memory + address : NULL;
}

static const struct rtems_rump_client_config root = {
  .key = KEY, .key_size = sizeof(KEY), .user = "root", .translate = translate
};

static struct rtems_rump_client *client;

static intptr_t
call(int number, int *error, uint64_t a, uint64_t b, uint64_t c)
{
  const uint64_t args[] = { a, b, c };
  intptr_t values[2] = { -1, -1 };

  CHECK(rtems_rump_client_syscall(
    client, number, args, sizeof(args), error, values) == 0);
  return *error == 0 ? values[0] : -1;
}

static void
use_file(void)
{
  size_t size = SIZE - DATA;
  int error;
  intptr_t fd;
  size_t i;

  strcpy((char *)memory + PATH, "/file");
  for (i = 0; i < size; ++i) {
    copy[i] = memory[DATA + i] = (unsigned char)(i * 7 % 251);
  }
  fd = call(5, &error, PATH, O_RDWR_CREAT, 0644);
  CHECK(fd >= 0);
  CHECK(call(4, &error, (uint64_t)fd, DATA, size) == (intptr_t)size);
  CHECK(call(6, &error, (uint64_t)fd, 0, 0) == 0);
  memset(memory + DATA, 0, size);
  fd = call(5, &error, PATH, 0, 0);
  CHECK(fd >= 0);
  CHECK(call(3, &error, (uint64_t)fd, DATA, size) == (intptr_t)size);
  CHECK(memcmp(memory + DATA, copy, size) == 0);
  CHECK(call(6, &error, (uint64_t)fd, 0, 0) == 0);
  CHECK(call(10, &error, PATH, 0, 0) == 0);
  CHECK(call(10, &error, PATH, 0, 0) == -1 && error == 2);
  CHECK(call(10, &error, SIZE, 0, 0) == -1 && error == 14);
}

static void
use_host(void)
{
  struct rtems_rump_client_config other = root;
  int error;

  /* It takes some seconds until the card has its address. */
  CHECK(rtems_rump_client_open("tcp://10.0.2.2:1", NULL, &client)
    == ECONNREFUSED);
  other.user = "nobody";
  CHECK(rtems_rump_client_open(URL, &other, &client) == EPERM);
  other.translate = NULL;
  CHECK(rtems_rump_client_open(URL, &other, &client) == ENOTSUP);
  CHECK(rtems_rump_client_open(URL, &root, &client) == 0);
  CHECK(strcmp(rtems_rump_client_machine(client), "amd64") == 0);
  use_file();
  CHECK(call(208, &error, 0, 0, 0) == 0);
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
