/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What is in a file system, for the host: a line for each directory, symbolic
 * link and file, of which it has a checksum.
 */

#include "tell.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target.h"

/* The host's zlib.crc32(). */
static uint32_t
add_to_crc(uint32_t crc, const uint8_t *data, size_t size)
{
  size_t i;
  int bit;

  crc = ~crc;
  for (i = 0; i < size; ++i) {
    crc ^= data[i];
    for (bit = 0; bit < 8; ++bit) {
      crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320u : 0);
    }
  }
  return ~crc;
}

static void
tell_file(const char *path)
{
  static uint8_t buffer[7000];
  int fd = open(path, O_RDONLY);
  uint32_t crc = 0;
  ssize_t n;

  CHECK(fd >= 0);
  while ((n = read(fd, buffer, sizeof(buffer))) > 0) {
    crc = add_to_crc(crc, buffer, (size_t)n);
  }
  CHECK(n == 0);
  CHECK(close(fd) == 0);
  printf("image: file %08" PRIx32 " %s\n", crc, path);
}

static void
tell_link(const char *path)
{
  char target[PATH_MAX];
  ssize_t n = readlink(path, target, sizeof(target) - 1);

  CHECK(n >= 0);
  target[n] = '\0';
  printf("image: link %s %s\n", target, path);
}

static void tell_directory(const char *path);

static void
tell(const char *path)
{
  struct stat status;

  CHECK(lstat(path, &status) == 0);
  if (S_ISDIR(status.st_mode)) {
    printf("image: dir - %s\n", path);
    tell_directory(path);
  } else if (S_ISLNK(status.st_mode)) {
    tell_link(path);
  } else {
    CHECK(S_ISREG(status.st_mode));
    tell_file(path);
  }
}

static void
tell_directory(const char *path)
{
  DIR *dir = opendir(path);
  char name[2 * PATH_MAX];
  struct dirent *entry;
  int size;

  CHECK(dir != NULL);
  while ((entry = readdir(dir)) != NULL) {
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
      size = snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
      CHECK(size < (int)sizeof(name));
      tell(name);
    }
  }
  CHECK(closedir(dir) == 0);
}

void
tell_tree(const char *path)
{
  CHECK(chdir(path) == 0);
  tell_directory(".");
  CHECK(chdir("/") == 0);
}
