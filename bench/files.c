/* SPDX-License-Identifier: BSD-2-Clause */

#include "files.h"

#include <stdio.h>
#include <string.h>

#include <rtems.h>

#include "kernel.h"
#include "region.h"

#define BLOCK 4096u
#define COPIED (16u << 10)

static char buffer[64u << 10];

/* All have one length. */
static char path[64];

uint64_t
files_begin(void)
{
  bench_begin();
  return rtems_clock_get_uptime_nanoseconds();
}

uint64_t
files_end(uint64_t begin)
{
  uint64_t took = rtems_clock_get_uptime_nanoseconds() - begin;

  bench_end();
  return took;
}

void
files_report(
  const struct files_system *s, const char *row, uint64_t all, double parts)
{
  printf("BENCH %s%s %.3f\n", row, s->name, (double)all / parts);
  printf("BENCH PHASE %s%s %.0f\n", row, s->name, parts);
  bench_phase();
}

static void
changed(const struct files_system *s)
{
  if (s->after != NULL) {
    (*s->after)();
  }
}

static void
write_some(const struct files_system *s, int fd, size_t size)
{
  bench_check("write", (*s->write)(fd, buffer, size) == (ssize_t)size);
  changed(s);
}

static void
read_some(const struct files_system *s, int fd, size_t size)
{
  bench_check("read", (*s->read)(fd, buffer, size) == (ssize_t)size);
}

/* A new file is written, so the allocation of its memory counts. */
uint64_t
files_write(
  const struct files_system *s, const char *file, size_t size, bool syncs)
{
  int fd = (*s->open)(file, s->create, 0644);
  uint64_t begin, took;
  size_t done;

  bench_check("create", fd >= 0);
  memset(buffer, 'x', sizeof(buffer));
  begin = files_begin();
  for (done = 0; done < FILES_SIZE; done += size) {
    write_some(s, fd, size);
  }
  if (syncs) {
    bench_check("fsync", (*s->fsync)(fd) == 0);
  }
  took = files_end(begin);
  bench_check("close", (*s->close)(fd) == 0);
  return took;
}

uint64_t
files_read(const struct files_system *s, const char *file, size_t size)
{
  int fd = (*s->open)(file, s->read_only);
  uint64_t begin, took;
  size_t done;

  bench_check("open", fd >= 0);
  begin = files_begin();
  for (done = 0; done < FILES_SIZE; done += size) {
    read_some(s, fd, size);
  }
  took = files_end(begin);
  bench_check("content", buffer[0] == 'x' && buffer[size - 1] == 'x');
  bench_check("close", (*s->close)(fd) == 0);
  return took;
}

uint64_t
files_read_randomly(
  const struct files_system *s, const char *file, unsigned times)
{
  int fd = (*s->open)(file, s->read_only);
  uint32_t random = 1;
  uint64_t begin, took;
  unsigned i;

  bench_check("open", fd >= 0);
  begin = files_begin();
  for (i = 0; i < times; ++i) {
    off_t offset;

    random = 1664525 * random + 1013904223;
    offset = (off_t)(random / BLOCK % (FILES_SIZE / BLOCK) * BLOCK);
    bench_check("lseek", (*s->lseek)(fd, offset, SEEK_SET) == offset);
    read_some(s, fd, BLOCK);
  }
  took = files_end(begin);
  bench_check("close", (*s->close)(fd) == 0);
  return took;
}

uint64_t
files_append(const struct files_system *s, const char *file, unsigned times)
{
  int fd = (*s->open)(file, s->create, 0644);
  uint64_t begin, took;
  unsigned i;

  bench_check("create", fd >= 0);
  begin = files_begin();
  for (i = 0; i < times; ++i) {
    write_some(s, fd, BLOCK);
    bench_check("fsync", (*s->fsync)(fd) == 0);
  }
  took = files_end(begin);
  bench_check("close", (*s->close)(fd) == 0);
  return took;
}

static const char *
folder_path(const struct files_system *s, unsigned i)
{
  snprintf(path, sizeof(path), "%s/folder%03u", s->folder, i);
  return path;
}

static const char *
file_path(const struct files_system *s, unsigned i)
{
  char *p = path;

  p += sprintf(p, "%s", s->folder);
  if (s->has_folders) {
    p += sprintf(p, "/folder%03u", i / FILES_IN_FOLDER);
  }
  sprintf(p, "/file%03u", s->has_folders ? i % FILES_IN_FOLDER : i);
  return path;
}

void
files_make_folders(const struct files_system *s, unsigned count)
{
  unsigned i;

  for (i = 0; i * FILES_IN_FOLDER < count; ++i) {
    bench_check("mkdir", (*s->mkdir)(folder_path(s, i), 0755) == 0);
  }
}

/* The names are made while nothing counts. */
static uint64_t
for_each(
  const struct files_system *s,
  unsigned                   count,
  void                     (*operate)(const struct files_system *s)
)
{
  uint64_t took = 0;
  unsigned i;

  for (i = 0; i < count; ++i) {
    uint64_t begin;

    (void)file_path(s, i);
    begin = files_begin();
    (*operate)(s);
    took += files_end(begin);
  }
  return took;
}

static void
create_one(const struct files_system *s)
{
  int fd = (*s->open)(path, s->create, 0644);

  bench_check("create", fd >= 0);
  bench_check("close", (*s->close)(fd) == 0);
  changed(s);
}

static void
unlink_one(const struct files_system *s)
{
  bench_check("unlink", (*s->unlink)(path) == 0);
  changed(s);
}

uint64_t
files_create(const struct files_system *s, unsigned count)
{
  return for_each(s, count, create_one);
}

uint64_t
files_unlink(const struct files_system *s, unsigned count)
{
  return for_each(s, count, unlink_one);
}

static void
write_whole(const struct files_system *s, unsigned i, bool syncs)
{
  int fd = (*s->open)(file_path(s, i), s->create, 0644);

  bench_check("create", fd >= 0);
  write_some(s, fd, COPIED);
  if (syncs) {
    bench_check("fsync", (*s->fsync)(fd) == 0);
  }
  bench_check("close", (*s->close)(fd) == 0);
}

static void
read_whole(const struct files_system *s, unsigned i)
{
  int fd = (*s->open)(file_path(s, i), s->read_only);

  bench_check("open", fd >= 0);
  read_some(s, fd, COPIED);
  bench_check("close", (*s->close)(fd) == 0);
}

/* From the first to the second folder. */
uint64_t
files_copy(const struct files_system *s, unsigned count, bool syncs)
{
  uint64_t begin, took;
  unsigned i;

  for (i = 0; i < count; ++i) {
    write_whole(s, i, false);
  }
  begin = files_begin();
  for (i = 0; i < count; ++i) {
    read_whole(s, i);
    write_whole(s, FILES_IN_FOLDER + i, syncs && i % 4 == 0);
  }
  took = files_end(begin);
  for (i = 0; i < count; ++i) {
    bench_check("unlink", (*s->unlink)(file_path(s, i)) == 0);
    bench_check(
      "unlink", (*s->unlink)(file_path(s, FILES_IN_FOLDER + i)) == 0);
  }
  return took;
}
