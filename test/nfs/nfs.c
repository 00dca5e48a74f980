/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Files of a server on the host, by NFS, and servers that answer badly or no
 * more.  check-nfs runs it, and does what lines say that begin with "host:".
 * A server that is not the test's own is only used as servers are.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <rtems/libio.h>

#include <rtems-rump/filesystem.h>
#include <rtems-rump/link.h>

#include "abi/net.h"
#include "addresses.h"

/* On the board by its Ethernet; on a PC NetBSD has a driver. */
#ifndef INTERFACE
#define INTERFACE "virt0"
#define LINK
#endif

#define SERVER "10.0.2.2:"
#define FOLDER "/net"
#define SIZE 200000
#define ENTRIES 120

/* How often a server's answers are damaged, each time otherwise. */
#ifndef ROUNDS
#define ROUNDS 3
#endif

static unsigned char content[SIZE], copy[SIZE];
static char ports[64];
static bool is_own;

static void
fill(unsigned seed)
{
  unsigned i;

  for (i = 0; i < SIZE; ++i) {
    seed = 1664525 * seed + 1013904223;
    content[i] = (unsigned char)(seed >> 24);
  }
}

static int
mount_export(const char *export, const char *options)
{
  char source[64], all[128];

  snprintf(source, sizeof(source), SERVER "%s", export);
  snprintf(all, sizeof(all), "%s,%s", ports, options);
  return mount(
    source, FOLDER, "rump-nfs", RTEMS_FILESYSTEM_READ_WRITE, all);
}

static void
write_content(const char *path, unsigned seed)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0640);

  fill(seed);
  CHECK(fd >= 0);
  CHECK(write(fd, content, SIZE) == SIZE);
  CHECK(fsync(fd) == 0);
  CHECK(close(fd) == 0);
}

static void
check_content(const char *path, unsigned seed)
{
  int fd = open(path, O_RDONLY);
  size_t done = 0;

  fill(seed);
  CHECK(fd >= 0);
  while (done < SIZE) {
    ssize_t n = read(fd, copy + done, SIZE - done);

    CHECK(n > 0);
    done += (size_t)n;
  }
  CHECK(read(fd, copy, 1) == 0);
  CHECK(memcmp(copy, content, SIZE) == 0);
  CHECK(close(fd) == 0);
}

static unsigned
count_entries(const char *path)
{
  DIR *dir = opendir(path);
  const struct dirent *entry;
  unsigned count = 0;

  CHECK(dir != NULL);
  while ((entry = readdir(dir)) != NULL) {
    count += entry->d_name[0] != '.';
  }
  CHECK(closedir(dir) == 0);
  return count;
}

/* check-nfs has put some there, and compares what stays. */
static void
use_files(void)
{
  struct statvfs statvfs_;
  struct stat status;
  char name[32];

  check_content(FOLDER "/from-host", 1);
  CHECK(count_entries(FOLDER "/many") == ENTRIES);
  CHECK(stat(FOLDER "/from-host", &status) == 0);
  CHECK(status.st_size == SIZE && S_ISREG(status.st_mode));
  CHECK_ERRNO(stat(FOLDER "/none", &status), ENOENT);
  CHECK(statvfs(FOLDER, &statvfs_) == 0 && statvfs_.f_blocks > 0);

  write_content(FOLDER "/from-target", 2);
  check_content(FOLDER "/from-target", 2);
  CHECK(chmod(FOLDER "/from-target", 0604) == 0);
  CHECK(mkdir(FOLDER "/folder", 0755) == 0);
  write_content(FOLDER "/folder/moves", 3);
  CHECK(rename(FOLDER "/folder/moves", FOLDER "/moved") == 0);
  check_content(FOLDER "/moved", 3);
  CHECK(symlink("moved", FOLDER "/link") == 0);
  check_content(FOLDER "/link", 3);
  CHECK(readlink(FOLDER "/link", name, sizeof(name)) == 5);
  CHECK(link(FOLDER "/moved", FOLDER "/folder/other") == 0);
  CHECK(truncate(FOLDER "/moved", 1000) == 0);
  CHECK(stat(FOLDER "/folder/other", &status) == 0);
  CHECK(status.st_size == 1000 && status.st_nlink == 2);
  CHECK_ERRNO(rmdir(FOLDER "/folder"), ENOTEMPTY);
  CHECK_ERRNO(open(FOLDER "/moved", O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST);
  write_content(FOLDER "/goes", 4);
  CHECK(unlink(FOLDER "/goes") == 0);
  CHECK(mkdir(FOLDER "/goes", 0700) == 0);
  CHECK(rmdir(FOLDER "/goes") == 0);
}

static void
use_unlinked(void)
{
  int fd = open(FOLDER "/unlinked", O_RDWR | O_CREAT, 0600);

  CHECK(fd >= 0 && write(fd, "still", 5) == 5);
  CHECK(unlink(FOLDER "/unlinked") == 0);
  CHECK(lseek(fd, 0, SEEK_SET) == 0 && read(fd, copy, 9) == 5);
  CHECK(close(fd) == 0);
}

static void
test_files(const char *options)
{
  CHECK(mount_export("/export", options) == 0);
  use_files();
  use_unlinked();
  CHECK(unlink(FOLDER "/from-target") == 0 && unlink(FOLDER "/link") == 0);
  CHECK(unlink(FOLDER "/folder/other") == 0);
  CHECK(unlink(FOLDER "/moved") == 0 && rmdir(FOLDER "/folder") == 0);
  CHECK(unmount(FOLDER) == 0);
  printf("nfs: all operations with %s\n", options);
}

/* The host looks at what stays. */
static void
leave_files(void)
{
  CHECK(mount_export("/export", "noresvport") == 0);
  use_files();
  CHECK(unmount(FOLDER) == 0);
  puts("host: compare");
}

/* Each datagram that has no answer is sent three times. */
static void
test_bad_answers(void)
{
  static const struct {
    const char *export;
    int error;
    const char *options;
  } bad[] = {
    { "/bad/short", EBADMSG, "" },
    { "/bad/empty", EBADMSG, "" },
    { "/bad/cut", EBADMSG, "" },
    { "/bad/cut", EBADMSG, "udp" },
    { "/bad/long-handle", EBADMSG, "" },
    { "/bad/huge-handle", EBADMSG, "" },
    { "/bad/huge-handle", EBADMSG, "udp" },
    { "/bad/no-handle", EBADMSG, "" },
    { "/bad/huge-verifier", EBADMSG, "" },
    { "/bad/long", EBADMSG, "" },
    { "/bad/call", EBADMSG, "" },
    { "/bad/denied", EACCES, "" },
    { "/bad/no-program", EPROTONOSUPPORT, "" },
    { "/bad/other-call", ETIMEDOUT, "" },
    { "/bad/silent", ETIMEDOUT, "" },
    { "/bad/silent", ETIMEDOUT, "udp" },
    { "/none", ENOENT, "" }
  };
  size_t i;

  for (i = 0; i < sizeof(bad) / sizeof(bad[0]); ++i) {
    printf("nfs: %s %s\n", bad[i].export, bad[i].options);
    CHECK_ERRNO(mount_export(bad[i].export, bad[i].options), bad[i].error);
  }
}

static void
test_bad_sources(void)
{
  static const char *const bad[] = {
    "10.0.2.2", "10.0.2.2:export", "10.0.2:/export", "10.0.2.256:/export",
    "10.0.2.2.1:/export", "1000.0.2.2:/export", ":/export", "a.b.c.d:/export"
  };
  size_t i;

  for (i = 0; i < sizeof(bad) / sizeof(bad[0]); ++i) {
    CHECK_ERRNO(
      mount(bad[i], FOLDER, "rump-nfs", RTEMS_FILESYSTEM_READ_WRITE, NULL),
      EINVAL
    );
  }
  CHECK_ERRNO(mount_export("/export", "port=70000"), EINVAL);
  CHECK_ERRNO(mount_export("/export", "mountport=1"), ECONNREFUSED);
}

static void
test_server_gone(void)
{
  struct stat status;
  int fd;

  CHECK(mount_export("/export", "soft,timeo=1,retrans=2") == 0);
  fd = open(FOLDER "/from-host", O_RDONLY);
  CHECK(fd >= 0);
  CHECK(read(fd, copy, 100) == 100);
  puts("host: silent");
  rtems_task_wake_after(2 * rtems_clock_get_ticks_per_second());
  CHECK(stat(FOLDER "/many/none", &status) == -1);
  printf("nfs: of a server that is gone: %s\n", strerror(errno));
  CHECK(errno == ETIMEDOUT || errno == EINTR);
  CHECK(close(fd) == 0);
  CHECK(unmount(FOLDER) == 0);
  puts("host: back");
  rtems_task_wake_after(2 * rtems_clock_get_ticks_per_second());
  CHECK(mount_export("/export", "soft") == 0);
  check_content(FOLDER "/from-host", 1);
  CHECK(unmount(FOLDER) == 0);
}

static void
start(void)
{
#ifdef LINK
  static const struct rtems_rump_link links[] = {
    { .driver = &rtems_rump_link_gem, .device = "gem0" }
  };
#endif
  static const struct rtems_rump_config config = {
    .memory = 32 << 20, .restartable = true,
#ifdef LINK
    .links = links, .link_count = 1
#endif
  };

  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  addresses_at_once();
#ifdef LINK
  CHECK(rump_pub_netconfig_ifcreate(INTERFACE) == 0);
#endif
  CHECK(rump_pub_netconfig_ifup(INTERFACE) == 0);
  CHECK(rump_pub_netconfig_ipv4_ifaddr_cidr(INTERFACE, "10.0.2.15", 24) == 0);
  rtems_rump_leave();
}

/* By TCP a call waits for the server, which comes back after some seconds. */
static void
test_server_returns(void)
{
  int fd;

  CHECK(mount_export("/export", "noac") == 0);
  fd = open(FOLDER "/from-host", O_RDONLY);
  CHECK(fd >= 0 && read(fd, copy, 100) == 100);
  puts("host: gone");
  rtems_task_wake_after(rtems_clock_get_ticks_per_second());
  check_content(FOLDER "/from-host", 1);
  CHECK(write(fd, copy, 1) == -1 && close(fd) == 0);
  CHECK(unmount(FOLDER) == 0);
  puts("nfs: the server has come back");
}

/* Whatever each call says: it ends. */
static void
call_all(void)
{
  struct statvfs statvfs_;
  struct stat status;
  DIR *dir = opendir(FOLDER "/many");
  int fd = open(FOLDER "/from-host", O_RDONLY);
  int made = open(FOLDER "/made", O_RDWR | O_CREAT, 0600);

  if (dir != NULL) {
    while (readdir(dir) != NULL) {
    }
    (void)closedir(dir);
  }
  if (fd >= 0) {
    (void)read(fd, copy, 50000);
    (void)fstat(fd, &status);
    (void)close(fd);
  }
  if (made >= 0) {
    (void)write(made, content, 20000);
    (void)fsync(made);
    (void)ftruncate(made, 10);
    (void)close(made);
  }
  (void)stat(FOLDER "/many/none", &status);
  (void)statvfs(FOLDER, &statvfs_);
  (void)mkdir(FOLDER "/deep", 0755);
  (void)rename(FOLDER "/made", FOLDER "/deep/made");
  (void)symlink("x", FOLDER "/deep/link");
  (void)readlink(FOLDER "/deep/link", (char *)copy, 100);
  (void)link(FOLDER "/deep/made", FOLDER "/deep/other");
  (void)chmod(FOLDER "/deep/made", 0400);
  (void)unlink(FOLDER "/deep/other");
  (void)unlink(FOLDER "/deep/link");
  (void)unlink(FOLDER "/deep/made");
  (void)rmdir(FOLDER "/deep");
}

static bool
is_running(void)
{
  struct rtems_rump_usage usage;

  rtems_rump_get_usage(&usage);
  return usage.state == RTEMS_RUMP_RUNNING;
}

/* The host may not have read yet that the server is to be honest. */
static void
mount_for_damage(void)
{
  int tries = 0;

  while (mount_export("/export", "soft,noac,timeo=1,retrans=2") != 0) {
    CHECK(++tries < 100);
    rtems_task_wake_after(5);
  }
}

/* NetBSD believes its server; then its kernel ends alone, and is started. */
static void
test_damaged_answers(void)
{
  unsigned ended = 0;
  int i;

  for (i = 0; i < ROUNDS; ++i) {
    mount_for_damage();
    printf("host: damage %d\n", i);
    call_all();
    puts("host: honest");
    CHECK(unmount(FOLDER) == 0);
    if (!is_running()) {
      ++ended;
      CHECK(rtems_rump_end() == 0);
      start();
    }
  }
  puts("host: clean");
  printf("nfs: damaged %d times, the kernel has ended %u times\n", i, ended);
}

static void
read_line(char line[32])
{
  line[0] = '\0';
  clearerr(stdin);
  (void)fgets(line, 32, stdin);
}

/*
 * The server's ports come from the console, which may lose characters, and
 * whether it can be told to answer badly.
 */
static void
ask_for_ports(void)
{
  char line[32], again[32];
  int port, mount_port, own;

  do {
    rtems_task_wake_after(20);
    puts("host: ports?");
    read_line(line);
    read_line(again);
  } while (strcmp(line, again) != 0
    || sscanf(line, "%d %d %d", &port, &mount_port, &own) != 3);
  snprintf(ports, sizeof(ports), "port=%d,mountport=%d", port, mount_port);
  is_own = own != 0;
}

static void
test_own_server(void)
{
  test_server_gone();
  test_server_returns();
  test_bad_sources();
  test_bad_answers();
  test_damaged_answers();
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("NFS");
  start();
  CHECK(rtems_rump_filesystem_register(NULL) == 0);
  CHECK(mkdir(FOLDER, 0755) == 0);
  ask_for_ports();
  if (is_own) {
    test_own_server();
  }
  test_files("rsize=16384,wsize=16384");
  test_files("soft,rsize=4096,wsize=4096");
  test_files("udp,rdirplus,noac");
  leave_files();
  TARGET_END("NFS");
}

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
