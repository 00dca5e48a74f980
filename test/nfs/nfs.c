/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Files of a server on the host, by NFS, and servers that answer badly or no
 * more.  check-nfs runs it, and does what lines say that begin with "host:".
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
#include "target.h"

#define SERVER "10.0.2.2:"
#define FOLDER "/net"
#define SIZE 200000
#define ENTRIES 120

static unsigned char content[SIZE], copy[SIZE];
static char ports[64];

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

  CHECK(mount_export("/export", "soft,timeo=5,retrans=2") == 0);
  fd = open(FOLDER "/from-host", O_RDONLY);
  CHECK(fd >= 0);
  CHECK(read(fd, copy, 100) == 100);
  puts("host: silent");
  rtems_task_wake_after(2 * rtems_clock_get_ticks_per_second());
  CHECK(stat(FOLDER "/many/none", &status) == -1);
  printf("nfs: of a server that is gone: %s\n", strerror(errno));
  CHECK(errno == ETIMEDOUT || errno == EINTR);
  CHECK(close(fd) == 0);
  puts("host: back");
  rtems_task_wake_after(2 * rtems_clock_get_ticks_per_second());
  check_content(FOLDER "/from-host", 1);
  CHECK(unmount(FOLDER) == 0);
}

/* NetBSD takes no packets before it knows that nobody else has the address. */
static void
wait_for_address(void)
{
  struct netbsd_ifreq request = { .name = "virt0" };
  const struct netbsd_sockaddr_in address = {
    .len = sizeof(address), .family = NETBSD_AF_INET, .addr = { 10, 0, 2, 15 }
  };
  int fd = rump_sys_socket(NETBSD_AF_INET, NETBSD_SOCK_DGRAM, 0);

  CHECK(fd >= 0);
  do {
    rtems_task_wake_after(10);
    memcpy(request.address, &address, sizeof(address));
    CHECK(rump_sys_ioctl(fd, NETBSD_SIOCGIFAFLAG_IN, &request) == 0);
  } while ((request.number
    & (NETBSD_IN_IFF_TENTATIVE | NETBSD_IN_IFF_TRYTENTATIVE)) != 0);
  CHECK(rump_sys_close(fd) == 0);
}

static void
start(void)
{
  static const struct rtems_rump_link links[] = {
    { .driver = &rtems_rump_link_gem, .device = "gem0" }
  };
  static const struct rtems_rump_config config = {
    .memory = 32 << 20, .links = links, .link_count = 1
  };

  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  CHECK(rump_pub_netconfig_ifcreate("virt0") == 0);
  CHECK(rump_pub_netconfig_ifup("virt0") == 0);
  CHECK(rump_pub_netconfig_ipv4_ifaddr_cidr("virt0", "10.0.2.15", 24) == 0);
  wait_for_address();
  rtems_rump_leave();
  CHECK(rtems_rump_filesystem_register(NULL) == 0);
  CHECK(mkdir(FOLDER, 0755) == 0);
}

static int
read_number(void)
{
  char line[16] = "";

  clearerr(stdin);
  return fgets(line, sizeof(line), stdin) == NULL ? 0 : atoi(line);
}

/* The server's port comes from the console, which may lose characters. */
static void
ask_for_port(void)
{
  int port;

  do {
    rtems_task_wake_after(20);
    puts("host: port?");
    port = read_number();
  } while (port < 1024 || read_number() != port);
  snprintf(ports, sizeof(ports), "port=%d,mountport=%d", port, port);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("NFS");
  start();
  ask_for_port();
  test_server_gone();
  test_files("rsize=16384,wsize=16384");
  test_files("soft,rsize=4096,wsize=4096");
  test_files("udp,rdirplus,noac");
  test_bad_sources();
  test_bad_answers();
  leave_files();
  TARGET_END("NFS");
}

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
