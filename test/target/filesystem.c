/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's file systems by RTEMS's own calls: what is done here to tmpfs and
 * to FFS on a RAM disk knows of no rump kernel but for its start.
 */

#include "disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <rtems/blkdev.h>
#include <rtems/libio.h>
#include <rtems/ramdisk.h>
#include <rtems/userenv.h>

#include <rtems-rump/filesystem.h>

#define DEVICE "/dev/rda"
#define FILES 60

/* In blocks of a disk; the image has 6 MiB. */
#define PARTITION_START 63
#define PARTITION_BLOCKS 12288

static const struct rtems_rump_config config = { .memory = 12u << 20 };

static char buffer[100000], copy[sizeof(buffer)];

static void
make_pattern(unsigned seed)
{
  uint32_t x = seed;
  size_t i;

  for (i = 0; i < sizeof(buffer); ++i) {
    x = x * 1664525u + 1013904223u;
    buffer[i] = (char)(x >> 24);
  }
}

/* With no other file system's calls in between. */
static void
write_file(const char *path, const char *text)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

  CHECK(fd >= 0);
  CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
  CHECK(close(fd) == 0);
}

static void
check_file(const char *path, const char *text)
{
  int fd = open(path, O_RDONLY);

  CHECK(fd >= 0);
  memset(copy, 0, sizeof(copy));
  CHECK(read(fd, copy, sizeof(copy)) == (ssize_t)strlen(text));
  CHECK(strcmp(copy, text) == 0);
  CHECK(close(fd) == 0);
}

static struct stat
status_of(const char *path)
{
  struct stat status;

  CHECK(stat(path, &status) == 0);
  return status;
}

static void
test_read_write(void)
{
  struct stat status;
  int fd = open("data", O_RDWR | O_CREAT | O_EXCL, 0666);

  CHECK(fd >= 0);
  make_pattern(1);
  CHECK(write(fd, buffer, sizeof(buffer)) == (ssize_t)sizeof(buffer));
  CHECK(lseek(fd, 0, SEEK_CUR) == (off_t)sizeof(buffer));
  CHECK(read(fd, copy, 1) == 0);
  CHECK(lseek(fd, 0, SEEK_SET) == 0);
  CHECK(read(fd, copy, sizeof(copy)) == (ssize_t)sizeof(copy));
  CHECK(memcmp(buffer, copy, sizeof(copy)) == 0);
  CHECK(lseek(fd, -10, SEEK_END) == (off_t)sizeof(buffer) - 10);
  CHECK(read(fd, copy, 100) == 10);
  CHECK(memcmp(buffer + sizeof(buffer) - 10, copy, 10) == 0);
  CHECK_ERRNO(lseek(fd, -1, SEEK_SET), EINVAL);

  CHECK(fstat(fd, &status) == 0);
  CHECK(S_ISREG(status.st_mode) && (status.st_mode & 0777) == 0644);
  CHECK(status.st_size == (off_t)sizeof(buffer));
  CHECK(status.st_nlink == 1 && status.st_uid == 0);
  CHECK(status.st_ino == status_of("data").st_ino);
  CHECK(status.st_dev == status_of(".").st_dev);
  CHECK(status.st_dev != status_of("/").st_dev);
  CHECK((size_t)status.st_blocks * 512 >= sizeof(buffer));
  CHECK(status.st_mtime > time(NULL) - 10 && status.st_mtime < time(NULL) + 2);

  CHECK(fsync(fd) == 0 && fdatasync(fd) == 0);
  CHECK(ftruncate(fd, 5) == 0 && ftruncate(fd, 10) == 0);
  CHECK(lseek(fd, 0, SEEK_SET) == 0);
  CHECK(read(fd, copy, 100) == 10);
  CHECK(memcmp(buffer, copy, 5) == 0 && memcmp(copy + 5, "\0\0\0\0", 5) == 0);
  CHECK(close(fd) == 0);
  CHECK_ERRNO(close(fd), EBADF);
  CHECK(truncate("data", 3) == 0 && status_of("data").st_size == 3);
  CHECK_ERRNO(open("data", O_RDWR | O_CREAT | O_EXCL, 0666), EEXIST);
  /* That there is one comes before a mode that RTEMS refuses. */
  CHECK_ERRNO(open("data", O_RDWR | O_CREAT | O_EXCL, S_IFDIR), EEXIST);
  CHECK_ERRNO(open("none", O_RDWR | O_CREAT | O_EXCL, S_IFDIR), EINVAL);

  fd = open("data", O_RDONLY);
  CHECK(fsync(fd) == 0);
  CHECK_ERRNO(write(fd, "x", 1), EBADF);
  CHECK_ERRNO(ftruncate(fd, 0), EINVAL);
  CHECK(close(fd) == 0);
  fd = open("new", O_RDONLY | O_CREAT, 0400);
  CHECK(fd >= 0 && (status_of("new").st_mode & 0777) == 0400);
  CHECK_ERRNO(write(fd, "x", 1), EBADF);
  CHECK(close(fd) == 0 && unlink("new") == 0);
  CHECK(unlink("data") == 0);
  CHECK_ERRNO(open("data", O_RDWR), ENOENT);
}

static void
test_vectors(void)
{
  char a[3], b[4];
  struct iovec out[] = { { "abc", 3 }, { "", 0 }, { "defg", 4 } };
  struct iovec in[] = { { a, 3 }, { b, 4 } };
  int fd = open("vector", O_RDWR | O_CREAT, 0644);

  CHECK(writev(fd, out, 3) == 7);
  CHECK(lseek(fd, 0, SEEK_SET) == 0);
  CHECK(readv(fd, in, 2) == 7);
  CHECK(memcmp(a, "abc", 3) == 0 && memcmp(b, "defg", 4) == 0);
  CHECK(close(fd) == 0 && unlink("vector") == 0);
}

static void
test_append_and_dup(void)
{
  int fd = open("log", O_WRONLY | O_CREAT | O_APPEND, 0644);
  int other = open("log", O_RDWR);
  int twin;

  CHECK(write(fd, "one", 3) == 3 && write(other, "TWO", 3) == 3);
  CHECK(lseek(fd, 0, SEEK_SET) == 0);
  CHECK(write(fd, "three", 5) == 5);
  check_file("log", "TWOthree");
  CHECK((fcntl(other, F_GETFL) & O_APPEND) == 0);
  CHECK(fcntl(other, F_SETFL, O_APPEND) == 0);
  CHECK(write(other, "four", 4) == 4);
  check_file("log", "TWOthreefour");
  CHECK(fcntl(other, F_SETFL, 0) == 0);

  CHECK(lseek(other, 1, SEEK_SET) == 1);
  twin = dup(other);
  CHECK(twin >= 0 && lseek(twin, 0, SEEK_CUR) == 1);
  CHECK(close(other) == 0);
  CHECK(read(twin, copy, 2) == 2 && memcmp(copy, "WO", 2) == 0);
  CHECK(close(twin) == 0 && close(fd) == 0);

  fd = open("log", O_WRONLY | O_TRUNC | O_SYNC);
  CHECK(write(fd, "sync", 4) == 4);
  CHECK(close(fd) == 0);
  check_file("log", "sync");
  CHECK(unlink("log") == 0);
}

static void
test_stdio(void)
{
  FILE *f = fopen("text", "w");
  char line[20];

  CHECK(f != NULL);
  CHECK(fprintf(f, "%d\nlines\n", 2) == 8);
  CHECK(fclose(f) == 0);
  f = fopen("text", "r+");
  CHECK(fgets(line, sizeof(line), f) != NULL && strcmp(line, "2\n") == 0);
  CHECK(fseek(f, 0, SEEK_END) == 0 && ftell(f) == 8);
  CHECK(fputs("end", f) >= 0);
  CHECK(fclose(f) == 0);
  check_file("text", "2\nlines\nend");
  CHECK(remove("text") == 0);
}

static unsigned
count_entries(DIR *dir, unsigned seen[FILES])
{
  struct dirent *entry;
  unsigned count = 0;
  unsigned i;

  while ((entry = readdir(dir)) != NULL) {
    ++count;
    CHECK(entry->d_ino != 0 && entry->d_namlen == strlen(entry->d_name));
    if (sscanf(entry->d_name, "a longer name of file %u", &i) == 1) {
      CHECK(i < FILES && entry->d_type == DT_REG);
      ++seen[i];
    } else {
      CHECK(entry->d_name[0] == '.' && entry->d_type == DT_DIR);
    }
  }
  return count;
}

static void
test_directories(void)
{
  char name[64];
  unsigned seen[FILES] = { 0 };
  unsigned i;
  long place;
  DIR *dir;

  CHECK(mkdir("dir", 0755) == 0);
  CHECK_ERRNO(mkdir("dir", 0755), EEXIST);
  CHECK(mkdir("dir/sub/", 0700) == 0);
  CHECK(S_ISDIR(status_of("dir/sub").st_mode));
  CHECK(status_of("dir").st_nlink == 3);
  CHECK(rmdir("dir/sub") == 0);
  for (i = 0; i < FILES; ++i) {
    snprintf(name, sizeof(name), "dir/a longer name of file %u", i);
    write_file(name, name);
  }
  dir = opendir("dir");
  CHECK(dir != NULL);
  CHECK(count_entries(dir, seen) == FILES + 2);
  rewinddir(dir);
  CHECK(count_entries(dir, seen) == FILES + 2);
  for (i = 0; i < FILES; ++i) {
    CHECK(seen[i] == 2);
  }
  rewinddir(dir);
  CHECK(readdir(dir) != NULL && readdir(dir) != NULL);
  place = lseek(dirfd(dir), 0, SEEK_CUR);
  CHECK(readdir(dir) != NULL);
  strcpy(name, readdir(dir)->d_name);
  CHECK(lseek(dirfd(dir), place, SEEK_SET) == place);
  CHECK(readdir(dir) != NULL);
  CHECK(strcmp(readdir(dir)->d_name, name) == 0);
  CHECK_ERRNO(lseek(dirfd(dir), 1, SEEK_SET), EINVAL);
  CHECK(fsync(dirfd(dir)) == 0);
  CHECK(closedir(dir) == 0);

  CHECK_ERRNO(rmdir("dir"), ENOTEMPTY);
  CHECK_ERRNO(open("dir", O_WRONLY), EISDIR);
  for (i = 0; i < FILES; ++i) {
    snprintf(name, sizeof(name), "dir/a longer name of file %u", i);
    check_file(name, name);
    CHECK(unlink(name) == 0);
  }
  CHECK(rmdir("dir") == 0);
  CHECK_ERRNO(opendir("dir") == NULL ? -1 : 0, ENOENT);
}

/* Descriptors of directories are kept; the names are looked up each time. */
static void
test_directory_again(void)
{
  struct stat status;

  CHECK(mkdir("kept", 0755) == 0);
  write_file("kept/file", "1");
  CHECK(status_of("kept/file").st_size == 1);
  CHECK(rename("kept", "moved") == 0 && mkdir("kept", 0755) == 0);
  CHECK_ERRNO(stat("kept/file", &status), ENOENT);
  check_file("moved/file", "1");
  CHECK(unlink("moved/file") == 0 && rmdir("moved") == 0);
  CHECK_ERRNO(stat("moved/file", &status), ENOENT);
  CHECK(mkdir("moved", 0755) == 0);
  CHECK_ERRNO(stat("moved/file", &status), ENOENT);
  CHECK(rename("moved", "kept") == 0);
  CHECK_ERRNO(open("kept/file", O_RDONLY), ENOENT);
  CHECK(rmdir("kept") == 0);
}

static void
test_exclusive(void)
{
  const int flags = O_RDWR | O_CREAT | O_EXCL;
  int fd;

  CHECK(mkdir("sub", 0755) == 0 && symlink("sub", "to-sub") == 0);
  fd = open("to-sub/new", flags, 0600);
  CHECK(fd >= 0 && close(fd) == 0);
  CHECK_ERRNO(open("sub/new", flags, 0600), EEXIST);
  CHECK_ERRNO(open("sub", flags, 0600), EEXIST);
  CHECK_ERRNO(open("to-sub", flags, 0600), EEXIST);
  CHECK_ERRNO(open("none/new", flags, 0600), ENOENT);
  CHECK(symlink("nowhere", ".dangling") == 0);
  CHECK_ERRNO(open(".dangling", flags, 0600), EEXIST);
  CHECK(unlink(".dangling") == 0 && unlink("sub/new") == 0);
  CHECK(unlink("to-sub") == 0 && rmdir("sub") == 0);
}

static void
test_links(const char *base)
{
  char path[80], target[80];

  write_file("file", "content");
  CHECK(link("file", "hard") == 0);
  CHECK(status_of("hard").st_nlink == 2);
  CHECK(status_of("hard").st_ino == status_of("file").st_ino);
  CHECK_ERRNO(link("file", "hard"), EEXIST);
  CHECK(unlink("file") == 0);
  check_file("hard", "content");
  CHECK_ERRNO(link("/dev/console", "hard2"), EXDEV);

  CHECK(symlink("hard", "soft") == 0);
  CHECK_ERRNO(symlink("hard", "soft"), EEXIST);
  check_file("soft", "content");
  CHECK(readlink("soft", path, sizeof(path)) == 4);
  CHECK(memcmp(path, "hard", 4) == 0);
  CHECK_ERRNO(readlink("hard", path, sizeof(path)), EINVAL);
  CHECK_ERRNO(open("soft", O_RDONLY | O_NOFOLLOW), ELOOP);

  /* To RTEMS's root and back. */
  CHECK(mkdir("sub", 0755) == 0);
  snprintf(target, sizeof(target), "%s/hard", base);
  CHECK(symlink(target, "sub/absolute") == 0);
  check_file("sub/absolute", "content");
  CHECK(symlink("../soft", "sub/relative") == 0);
  check_file("sub/relative", "content");
  CHECK(symlink("/dev", "sub/dev") == 0);
  CHECK(S_ISCHR(status_of("sub/dev/console").st_mode));
  CHECK(symlink("../..", "sub/out") == 0);
  CHECK(status_of("sub/out/dev").st_ino == status_of("/dev").st_ino);
  snprintf(path, sizeof(path), "%s/sub/../sub/./relative", base);
  check_file(path, "content");

  CHECK(symlink("nowhere", "dangling") == 0);
  CHECK_ERRNO(open("dangling", O_RDONLY), ENOENT);
  write_file("dangling", "found");
  check_file("nowhere", "found");
  CHECK(symlink("loop", "loop") == 0);
  CHECK_ERRNO(open("loop", O_RDONLY), ELOOP);
  CHECK_ERRNO(open("hard/file", O_RDONLY), ENOTDIR);

  CHECK(unlink("sub/absolute") == 0 && unlink("sub/relative") == 0);
  CHECK(unlink("sub/dev") == 0 && unlink("sub/out") == 0);
  CHECK(rmdir("sub") == 0 && unlink("loop") == 0 && unlink("nowhere") == 0);
  CHECK(unlink("dangling") == 0 && unlink("soft") == 0);
  CHECK(unlink("hard") == 0);
}

static void
test_rename(void)
{
  ino_t ino;

  write_file("a", "first");
  write_file("b", "second");
  CHECK(rename("a", "c") == 0);
  check_file("c", "first");
  CHECK_ERRNO(stat("a", &(struct stat){ 0 }), ENOENT);
  CHECK(rename("c", "b") == 0);
  check_file("b", "first");
  CHECK(mkdir("d", 0755) == 0 && mkdir("e", 0755) == 0);
  CHECK(rename("b", "d/b") == 0);
  check_file("d/b", "first");
  CHECK_ERRNO(rename("d", "d/inside"), EINVAL);
  CHECK_ERRNO(rename("d/b", "e"), EISDIR);
  CHECK_ERRNO(rename("e", "d"), ENOTEMPTY);
  CHECK_ERRNO(rename("d/b", "/b"), EXDEV);
  CHECK_ERRNO(rename("nothing", "x"), ENOENT);

  /* By way of a link to a link to a directory. */
  CHECK(symlink("d", "to-d") == 0 && symlink("to-d", "to-to-d") == 0);
  write_file("b", "third");
  CHECK(rename("b", "to-to-d/c") == 0);
  check_file("d/c", "third");
  CHECK(rename("to-to-d/c", "to-d/b") == 0);
  check_file("d/b", "third");
  CHECK(symlink("b", "to-to-d/link") == 0 && unlink("d/link") == 0);
  CHECK(unlink("to-d") == 0 && unlink("to-to-d") == 0);

  /* Two names of one file. */
  CHECK(link("d/b", "e/b") == 0 && rename("d/b", "e/b") == 0);
  CHECK(status_of("d/b").st_nlink == 2 && unlink("e/b") == 0);

  /* The current directory moves. */
  ino = status_of("d").st_ino;
  CHECK(chdir("d") == 0);
  CHECK(rename("../d", "../e") == 0);
  CHECK(status_of(".").st_ino == ino);
  check_file("b", "third");
  check_file("../e/b", "third");
  CHECK(unlink("b") == 0);
  CHECK(chdir("..") == 0);
  CHECK(rmdir("e") == 0);
}

static void
test_unlinked(void)
{
  struct stat status;
  int fd = open("gone", O_RDWR | O_CREAT, 0644);

  CHECK(write(fd, "still", 5) == 5);
  CHECK(unlink("gone") == 0);
  CHECK_ERRNO(open("gone", O_RDWR), ENOENT);
  CHECK(fstat(fd, &status) == 0);
  CHECK(status.st_nlink == 0 && status.st_size == 5);
  CHECK(write(fd, " here", 5) == 5);
  CHECK(lseek(fd, 0, SEEK_SET) == 0);
  CHECK(read(fd, copy, 100) == 10 && memcmp(copy, "still here", 10) == 0);
  CHECK(fchmod(fd, 0600) == 0 && fchown(fd, 7, 8) == 0);
  CHECK(fstat(fd, &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
  CHECK(status.st_uid == 7 && status.st_gid == 8);
  CHECK(close(fd) == 0);
}

static void
test_attributes(void)
{
  struct timespec times[2] = { { 1000000000, 0 }, { 5000000000, 0 } };
  struct statvfs sv;
  struct stat status;

  CHECK(umask(0) == 022);
  CHECK(mkdir("file", 0777) == 0);
  CHECK((status_of("file").st_mode & 07777) == 0777 && rmdir("file") == 0);
  CHECK(umask(077) == 0);
  write_file("file", "1");
  CHECK((status_of("file").st_mode & 07777) == 0600 && umask(022) == 077);
  CHECK(chmod("file", 04751) == 0);
  CHECK((status_of("file").st_mode & 07777) == 04751);
  CHECK(chown("file", 10, 20) == 0);
  CHECK(status_of("file").st_uid == 10 && status_of("file").st_gid == 20);
  CHECK(symlink("file", "link") == 0 && lchown("link", 30, 40) == 0);
  CHECK(lstat("link", &status) == 0 && S_ISLNK(status.st_mode));
  CHECK(status.st_uid == 30 && status.st_gid == 40 && status.st_size == 4);
  CHECK(status_of("link").st_uid == 10);

  CHECK(utimensat(AT_FDCWD, "file", times, 0) == 0);
  status = status_of("file");
  CHECK(status.st_atime == 1000000000 && status.st_mtime == 5000000000);
  times[0].tv_nsec = UTIME_OMIT;
  times[1].tv_sec = 1500000000;
  times[1].tv_nsec = 500000000;
  (void)utimensat(AT_FDCWD, "file", times, 0);

  CHECK(chmod(".", 0711) == 0 && (status_of(".").st_mode & 0777) == 0711);
  CHECK(chmod(".", 0755) == 0);

  CHECK(mkfifo("fifo", 0640) == 0 && S_ISFIFO(status_of("fifo").st_mode));
  CHECK(
    mknod(
      "device",
      S_IFCHR | 0600,
      rtems_filesystem_make_dev_t(300, 70000)
    ) == 0
  );
  status = status_of("device");
  CHECK(S_ISCHR(status.st_mode));
  CHECK(rtems_filesystem_dev_major_t(status.st_rdev) == 300);
  CHECK(rtems_filesystem_dev_minor_t(status.st_rdev) == 70000);

  CHECK(statvfs("file", &sv) == 0);
  CHECK(pathconf("file", _PC_LINK_MAX) == 32767);
  CHECK(pathconf("file", _PC_NAME_MAX) == 255);
  CHECK(sv.f_namemax == 255 && sv.f_bfree < sv.f_blocks && sv.f_ffree > 0);
  CHECK(sv.f_frsize >= 512 && sv.f_bavail <= sv.f_bfree && sv.f_flag == 0);
  CHECK(unlink("file") == 0 && unlink("link") == 0 && unlink("fifo") == 0);
  CHECK(unlink("device") == 0);
}

static void
test_errors(void)
{
  char name[300];
  int fd;

  memset(name, 'n', sizeof(name) - 1);
  name[sizeof(name) - 1] = '\0';
  CHECK_ERRNO(open(name, O_RDWR | O_CREAT, 0644), ENAMETOOLONG);
  CHECK_ERRNO(mkdir(name, 0755), ENAMETOOLONG);
  CHECK_ERRNO(symlink("x", name), ENAMETOOLONG);
  name[255] = '\0';
  write_file(name, name);
  check_file(name, name);
  CHECK(unlink(name) == 0);
  CHECK_ERRNO(open("no/file", O_RDWR | O_CREAT, 0644), ENOENT);
  CHECK_ERRNO(unlink("nothing"), ENOENT);
  CHECK_ERRNO(rmdir("nothing"), ENOENT);
  CHECK_ERRNO(mknod("x", S_IFSOCK | 0644, 0), EINVAL);
  write_file("file", "");
  CHECK_ERRNO(rmdir("file"), ENOTDIR);
  CHECK_ERRNO(mkdir("file/dir", 0755), ENOTDIR);
  CHECK_ERRNO(open("file", O_RDONLY | O_DIRECTORY), ENOTDIR);
  CHECK(unlink("file") == 0);
  CHECK_ERRNO(open("", O_RDONLY), ENOENT);
  CHECK_ERRNO(rename(".", "dir"), EINVAL);
  CHECK(mkdir("dir", 0755) == 0);
  CHECK_ERRNO(rename("dir", "."), EINVAL);
  CHECK_ERRNO(symlink("x", "."), EEXIST);
  CHECK(rmdir("dir") == 0);
  fd = open("file", O_RDWR | O_CREAT, 0644);
  CHECK(write(fd, "x", 1) == 1);
  CHECK_ERRNO(lseek(fd, INT64_MAX, SEEK_END), EOVERFLOW);
  CHECK_ERRNO(lseek(fd, 0, 9), EINVAL);
  CHECK(close(fd) == 0 && unlink("file") == 0);
}

/* More directories on the way than the kernel would let stay open. */
static void
test_many_paths(void)
{
  int i;

  CHECK(mkdir("sub", 0755) == 0);
  for (i = 0; i < 1100; ++i) {
    CHECK_ERRNO(access("sub/nothing", F_OK), ENOENT);
  }
  CHECK(rmdir("sub") == 0);
}

/* Another file system inside. */
static void
test_mount_point(const char *base)
{
  char path[80];

  snprintf(path, sizeof(path), "%s/mnt", base);
  CHECK(mkdir("mnt", 0755) == 0);
  CHECK(
    mount(NULL, path, "rump-tmpfs", RTEMS_FILESYSTEM_READ_WRITE, NULL) == 0
  );
  write_file("mnt/inside", "within");
  check_file("mnt/../mnt/inside", "within");
  CHECK(status_of("mnt").st_dev != status_of(".").st_dev);
  CHECK(status_of("mnt/..").st_ino == status_of(".").st_ino);
  CHECK_ERRNO(rmdir("mnt"), EBUSY);
  CHECK(mkdir("other", 0755) == 0);
  CHECK_ERRNO(rename("other", "mnt"), EBUSY);
  CHECK_ERRNO(rename("mnt/inside", "inside"), EXDEV);
  CHECK_ERRNO(
    mount(NULL, path, "rump-tmpfs", RTEMS_FILESYSTEM_READ_WRITE, NULL),
    EBUSY
  );
  CHECK(chdir("mnt") == 0);
  CHECK_ERRNO(unmount(path), EBUSY);
  CHECK(chdir("..") == 0);
  CHECK(unmount(path) == 0);
  CHECK_ERRNO(open("mnt/inside", O_RDONLY), ENOENT);
  CHECK(rmdir("mnt") == 0 && rmdir("other") == 0);
}

/* A task that is somebody else. */

static rtems_counting_semaphore done =
  RTEMS_COUNTING_SEMAPHORE_INITIALIZER("done", 0);
static const char *user_base;

static rtems_task
be_user(rtems_task_argument arg)
{
  int fd;

  (void)arg;
  CHECK(rtems_libio_set_private_env() == RTEMS_SUCCESSFUL);
  CHECK(chdir(user_base) == 0);
  CHECK(setegid(200) == 0 && seteuid(1000) == 0);
  CHECK_ERRNO(open("secret", O_RDONLY), EACCES);
  CHECK_ERRNO(open("closed/file", O_RDONLY), EACCES);
  CHECK_ERRNO(open("mine", O_RDWR | O_CREAT, 0644), EACCES);
  CHECK_ERRNO(mkdir("mine", 0755), EACCES);
  CHECK_ERRNO(unlink("secret"), EACCES);
  CHECK_ERRNO(chmod("secret", 0666), EPERM);
  CHECK_ERRNO(chown("search/file", 1000, 1000), EPERM);
  CHECK_ERRNO(
    mount(NULL, "open", "rump-tmpfs", RTEMS_FILESYSTEM_READ_WRITE, NULL),
    EPERM
  );
  check_file("search/file", "visible");
  CHECK_ERRNO(opendir("search") == NULL ? -1 : 0, EACCES);

  fd = open("open/mine", O_RDWR | O_CREAT, 0640);
  CHECK(fd >= 0 && close(fd) == 0);
  CHECK(status_of("open/mine").st_uid == 1000);
  CHECK(chmod("open/mine", 0600) == 0);
  CHECK(seteuid(0) == 0);
  CHECK(chown("open/mine", 1000, 200) == 0);
  check_file("secret", "hidden");
  rtems_libio_use_global_env();
  rtems_counting_semaphore_post(&done);
  rtems_task_exit();
}

static void
test_user(const char *base)
{
  user_base = base;
  write_file("secret", "hidden");
  CHECK(chmod("secret", 0600) == 0);
  CHECK(mkdir("closed", 0700) == 0 && mkdir("search", 0711) == 0);
  CHECK(mkdir("open", 0777) == 0 && chmod("open", 0777) == 0);
  write_file("closed/file", "x");
  write_file("search/file", "visible");
  (void)target_task(TARGET_PRIORITY, be_user, 0);
  rtems_counting_semaphore_wait(&done);
  CHECK(status_of("open/mine").st_gid == 200);
  CHECK(unlink("open/mine") == 0 && rmdir("open") == 0);
  CHECK(unlink("closed/file") == 0 && rmdir("closed") == 0);
  CHECK(unlink("search/file") == 0 && rmdir("search") == 0);
  CHECK(unlink("secret") == 0);
}

static void
test_all(const char *base)
{
  CHECK(chdir(base) == 0);
  test_read_write();
  test_vectors();
  test_append_and_dup();
  test_stdio();
  test_directories();
  test_directory_again();
  test_exclusive();
  test_links(base);
  test_rename();
  test_unlinked();
  test_attributes();
  test_errors();
  test_mount_point(base);
  test_user(base);
  CHECK(chdir("/") == 0);
  printf("all operations on %s\n", base);
}

/* Tasks at once, and what they have had is given back. */

/* Emulated processors take their time. */
#define TASKS 4
#define ROUNDS (rtems_scheduler_get_processor_maximum() > 1 ? 20u : 200u)

static rtems_task
work(rtems_task_argument arg)
{
  char name[20], text[20];
  int i;

  snprintf(name, sizeof(name), "/ram/task%lu", (unsigned long)arg);
  for (i = 0; i < 5; ++i) {
    snprintf(text, sizeof(text), "%lu %d", (unsigned long)arg, i);
    write_file(name, text);
    CHECK(status_of(name).st_size == (off_t)strlen(text));
    CHECK(unlink(name) == 0);
  }
  rtems_counting_semaphore_post(&done);
  rtems_task_exit();
}

static void
test_tasks(void)
{
  struct rtems_rump_usage before, after;
  unsigned round, i;

  for (round = 0; round < ROUNDS; ++round) {
    /* NetBSD's caches have grown to what they stay at. */
    if (round == ROUNDS / 3) {
      rtems_rump_get_usage(&before);
    }
    for (i = 0; i < TASKS; ++i) {
      (void)target_task(TARGET_PRIORITY + 10, work, i);
    }
    for (i = 0; i < TASKS; ++i) {
      rtems_counting_semaphore_wait(&done);
    }
    target_sleep(1);
  }
  rtems_rump_get_usage(&after);
  printf(
    "memory: %lu, then %lu\n",
    (unsigned long)before.memory_used,
    (unsigned long)after.memory_used
  );
  /* Much less than what all these tasks would have left behind. */
  CHECK(after.memory_used <= before.memory_used + 64 * 1024);
}

static void
mount_ok(const char *from, const char *to, const char *type, const char *data)
{
  CHECK(mount(from, to, type, RTEMS_FILESYSTEM_READ_WRITE, data) == 0);
}

#define MOUNT_ERRNO(from, to, type, data, number) \
  CHECK_ERRNO( \
    mount(from, to, type, RTEMS_FILESYSTEM_READ_WRITE, data), \
    number \
  )

static void
test_bad_mounts(void)
{
  MOUNT_ERRNO(DEVICE, "/disk", "rump-ntfs", NULL, ENODEV);
  MOUNT_ERRNO(DEVICE, "/disk", "rump-nosuch", NULL, EINVAL);
  MOUNT_ERRNO(DEVICE, "/nowhere", "rump-ffs", NULL, ENOENT);
  MOUNT_ERRNO("/dev/nosuch", "/disk", "rump-ffs", NULL, ENOENT);
  MOUNT_ERRNO("/dev/console", "/disk", "rump-ffs", NULL, ENXIO);
  MOUNT_ERRNO("/dev", "/disk", "rump-ffs", NULL, ENXIO);
  MOUNT_ERRNO(NULL, "/disk", "rump-ffs", NULL, EINVAL);
  MOUNT_ERRNO(DEVICE, "/disk", "rump-msdos", NULL, EINVAL);
  MOUNT_ERRNO(DEVICE, "/disk", "rump-ffs", "logg", EINVAL);
  MOUNT_ERRNO(DEVICE, "/disk", "rump-ffs", "ro,size=5", EINVAL);
  MOUNT_ERRNO(NULL, "/disk", "rump-tmpfs", "size", EINVAL);
  MOUNT_ERRNO(NULL, "/disk", "rump-tmpfs", "size=", EINVAL);
  MOUNT_ERRNO(NULL, "/disk", "rump-tmpfs", "size=1x", EINVAL);
  MOUNT_ERRNO(NULL, "/disk", "rump-tmpfs", "mode=999", EINVAL);
  CHECK(status_of("/disk").st_dev == status_of("/").st_dev);
}

static void
test_tmpfs_options(void)
{
  struct statvfs sv;
  ssize_t n;
  int fd;

  mount_ok(NULL, "/ram", "rump-tmpfs", NULL);
  CHECK(statvfs("/ram", &sv) == 0);
  CHECK(sv.f_blocks * sv.f_frsize <= config.memory / 2);
  CHECK(unmount("/ram") == 0);
  mount_ok(
    NULL,
    "/ram",
    "rump-tmpfs",
    "size=1m,mode=1750,uid=5,gid=6,noatime"
  );
  CHECK((status_of("/ram").st_mode & 07777) == 01750);
  CHECK(status_of("/ram").st_uid == 5 && status_of("/ram").st_gid == 6);
  CHECK(statvfs("/ram", &sv) == 0);
  CHECK(sv.f_blocks * sv.f_frsize <= 1u << 20);
  fd = open("/ram/big", O_WRONLY | O_CREAT, 0644);
  while ((n = write(fd, buffer, sizeof(buffer))) > 0) {
  }
  CHECK(n == -1 && errno == ENOSPC);
  CHECK(close(fd) == 0);
  CHECK(unmount("/ram") == 0);
}

static void
test_read_only(rtems_filesystem_options_t how, const char *data)
{
  struct statvfs sv;

  CHECK(mount(DEVICE, "/disk", "rump-ffs", how, data) == 0);
  check_file("/disk/host", "made on the host\n");
  CHECK(statvfs("/disk", &sv) == 0 && sv.f_flag == 1);
  CHECK_ERRNO(open("/disk/host", O_WRONLY), EROFS);
  CHECK_ERRNO(open("/disk/new", O_WRONLY | O_CREAT, 0644), EROFS);
  CHECK_ERRNO(mkdir("/disk/new", 0755), EROFS);
  CHECK_ERRNO(unlink("/disk/host"), EROFS);
  CHECK_ERRNO(chmod("/disk/host", 0666), EROFS);
  CHECK(unmount("/disk") == 0);
}

/* Nothing is lost between two mounts. */
static void
test_remount(const char *options)
{
  int fd;

  mount_ok(DEVICE, "/disk", "rump-ffs", options);
  check_file("/disk/host", "made on the host\n");
  make_pattern(2);
  fd = open("/disk/kept", O_WRONLY | O_CREAT, 0644);
  CHECK(write(fd, buffer, sizeof(buffer)) == (ssize_t)sizeof(buffer));
  CHECK(close(fd) == 0);
  CHECK(unmount("/disk") == 0);
  CHECK(access("/disk/kept", F_OK) == -1);

  mount_ok(DEVICE, "/disk", "rump-ffs", options);
  fd = open("/disk/kept", O_RDONLY);
  CHECK(read(fd, copy, sizeof(copy)) == (ssize_t)sizeof(copy));
  CHECK(memcmp(buffer, copy, sizeof(copy)) == 0);
  CHECK(close(fd) == 0 && unlink("/disk/kept") == 0);
  CHECK(unmount("/disk") == 0);
}

static void
copy_disk_to(const char *path)
{
  int in = open(DEVICE, O_RDONLY);
  int out = open(path, O_WRONLY | O_CREAT, 0644);
  ssize_t n;

  CHECK(in >= 0 && out >= 0);
  while ((n = read(in, copy, 65536)) > 0) {
    CHECK(write(out, copy, (size_t)n) == n);
  }
  /* RTEMS's cache does not know where a disk ends. */
  CHECK(lseek(out, 0, SEEK_CUR) >= 6 << 20);
  CHECK(close(in) == 0 && close(out) == 0);
}

/* More devices, one after the other, than the kernel can have at a time. */
static void
test_names_of_image(void)
{
  char name[20];
  int i;

  for (i = 0; i < 20; ++i) {
    snprintf(name, sizeof(name), "/image%d", i);
    CHECK(link("/image", name) == 0);
    mount_ok(name, "/disk", "rump-ffs", "ro");
    CHECK(unmount("/disk") == 0);
    CHECK(unlink(name) == 0);
  }
}

static void
use_copy(const char *source, const char *options)
{
  mount_ok(source, "/disk", "rump-ffs", options);
  check_file("/disk/host", "made on the host\n");
  write_file("/disk/guest", "written");
  CHECK(unmount("/disk") == 0);
  mount_ok(source, "/disk", "rump-ffs", "ro");
  check_file("/disk/guest", "written");
  CHECK(unmount("/disk") == 0);
}

/* An image in a file of RTEMS. */
static void
test_image(void)
{
  copy_disk_to("/image");
  use_copy("/image", NULL);
  test_names_of_image();
  CHECK(unlink("/image") == 0);
}

/* What is before and behind a partition is not its own. */
static void
check_neighbours(bool writes)
{
  int fd = open("/dev/rdb", O_RDWR);
  off_t behind = (off_t)(PARTITION_START + PARTITION_BLOCKS) * DISK_BLOCK;
  off_t before = (off_t)(PARTITION_START - 1) * DISK_BLOCK;

  CHECK(fd >= 0);
  make_pattern(7);
  if (writes) {
    CHECK(pwrite(fd, buffer, DISK_BLOCK, before) == DISK_BLOCK);
    CHECK(pwrite(fd, buffer, DISK_BLOCK, behind) == DISK_BLOCK);
    CHECK(fsync(fd) == 0);
  }
  CHECK(pread(fd, copy, DISK_BLOCK, before) == DISK_BLOCK);
  CHECK(pread(fd, copy + DISK_BLOCK, DISK_BLOCK, behind) == DISK_BLOCK);
  CHECK(memcmp(copy, buffer, DISK_BLOCK) == 0);
  CHECK(memcmp(copy + DISK_BLOCK, buffer, DISK_BLOCK) == 0);
  CHECK(close(fd) == 0);
}

static void
copy_disk_to_partition(void)
{
  int in = open(DEVICE, O_RDONLY);
  int out = open("/dev/rdb1", O_WRONLY);
  int i;

  CHECK(in >= 0 && out >= 0);
  for (i = 0; i < PARTITION_BLOCKS / 128; ++i) {
    CHECK(read(in, copy, 128 * DISK_BLOCK) == 128 * DISK_BLOCK);
    CHECK(write(out, copy, 128 * DISK_BLOCK) == 128 * DISK_BLOCK);
  }
  CHECK(fsync(out) == 0);
  CHECK(close(in) == 0 && close(out) == 0);
}

static void
test_partition(void)
{
  struct ramdisk *disk = ramdisk_allocate(
    NULL, DISK_BLOCK, PARTITION_START + PARTITION_BLOCKS + 64, false);

  CHECK(disk != NULL);
  ramdisk_enable_free_at_delete_request(disk);
  CHECK(
    rtems_blkdev_create(
      "/dev/rdb",
      DISK_BLOCK,
      PARTITION_START + PARTITION_BLOCKS + 64,
      ramdisk_ioctl,
      disk
    ) == RTEMS_SUCCESSFUL
  );
  CHECK(
    rtems_blkdev_create_partition(
      "/dev/rdb1",
      "/dev/rdb",
      PARTITION_START,
      PARTITION_BLOCKS
    ) == RTEMS_SUCCESSFUL
  );
  copy_disk_to_partition();
  check_neighbours(true);
  use_copy("/dev/rdb1", "sync");
  check_neighbours(false);
  CHECK(unlink("/dev/rdb1") == 0 && unlink("/dev/rdb") == 0);
}

/* RTEMS's unmount() waits until the last file is closed. */
static rtems_task
close_later(rtems_task_argument arg)
{
  target_sleep(100);
  CHECK_ERRNO(open("/ram/file", O_RDWR), ENOENT);
  CHECK(write((int)arg, " late", 5) == 5);
  CHECK(close((int)arg) == 0);
  rtems_task_exit();
}

static void
test_unmount_in_use(void)
{
  uint64_t begin = target_msec();
  int fd;

  mount_ok(NULL, "/ram", "rump-tmpfs", NULL);
  fd = open("/ram/file", O_RDWR | O_CREAT, 0644);
  (void)target_task(TARGET_PRIORITY, close_later, (rtems_task_argument)fd);
  CHECK(unmount("/ram") == 0);
  CHECK(target_msec() - begin >= 100);
}

static void
test_snapshot(void)
{
  rtems_resource_snapshot before, after;

  target_sleep(50);
  rtems_resource_snapshot_take(&before);
  test_bad_mounts();
  mount_ok(NULL, "/ram", "rump-tmpfs", NULL);
  test_all("/ram");
  CHECK(unmount("/ram") == 0);
  mount_ok(DEVICE, "/disk", "rump-ffs", "log");
  test_all("/disk");
  CHECK(unmount("/disk") == 0);
  rtems_resource_snapshot_take(&after);
  /* What is free may be in other pieces. */
  after.heap_info.Free = before.heap_info.Free;
  after.workspace_info.Free = before.workspace_info.Free;
  target_check_equal(&before, &after);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("filesystem");
  disk_make_ramdisk();
  CHECK(mkdir("/ram", 0755) == 0 && mkdir("/disk", 0755) == 0);
  CHECK(rtems_rump_filesystem_register("much too long a name") == EINVAL);
  CHECK(rtems_rump_filesystem_register("") == EINVAL);
  CHECK(rtems_rump_filesystem_register(NULL) == 0);
  CHECK(rtems_rump_filesystem_register(NULL) == EBUSY);
  MOUNT_ERRNO(NULL, "/ram", "rump-tmpfs", NULL, EIO);
  CHECK(rtems_rump_start(&config) == 0);

  mount_ok(NULL, "/ram", "rump-tmpfs", NULL);
  test_all("/ram");
  CHECK(chdir("/ram") == 0);
  test_many_paths();
  CHECK(chdir("/") == 0);
  test_tasks();
  CHECK(unmount("/ram") == 0);
  test_tmpfs_options();
  test_read_only(RTEMS_FILESYSTEM_READ_ONLY, NULL);
  test_read_only(RTEMS_FILESYSTEM_READ_WRITE, "ro");
  test_remount(NULL);
  test_remount("log,noatime");
  test_remount("async,nolog");
  test_remount("sync");
  test_image();
  test_partition();
  test_unmount_in_use();
  test_snapshot();

  CHECK(rtems_rump_end() == 0);
  MOUNT_ERRNO(NULL, "/ram", "rump-tmpfs", NULL, EIO);
  TARGET_END("filesystem");
}

#define CONFIGURE_IMFS_MEMFILE_BYTES_PER_BLOCK 512
#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#include "config.h"
