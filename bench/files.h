/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What is measured of a file system, whoever it belongs to.
 */

#ifndef RTEMS_RUMP_BENCH_FILES_H
#define RTEMS_RUMP_BENCH_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* RTEMS's driver of an IDE disk takes its time. */
#ifdef BENCH_IDE
#define FILES_SIZE (256u << 10)
#else
#define FILES_SIZE (4u << 20)
#endif

/** Files in one folder, if they are in several. */
#define FILES_IN_FOLDER 100u

/** A file system, and the calls that reach it. */
struct files_system {
  /** What is added to the names of rows. */
  const char *name;

  /** Where its files are. */
  const char *folder;

  /** Files are in folders in it. */
  bool has_folders;

  int create, read_only;
  int (*open)(const char *path, int flags, ...);
  int (*close)(int fd);
  ssize_t (*read)(int fd, void *buffer, size_t size);
  ssize_t (*write)(int fd, const void *buffer, size_t size);
  int (*unlink)(const char *path);
  off_t (*lseek)(int fd, off_t offset, int whence);
  int (*fsync)(int fd);
  int (*mkdir)(const char *path, mode_t mode);

  /** Tells the status of all in a folder, and how much that is. */
  unsigned (*list)(const char *path);

  /** Called after each operation that changes something; may be NULL. */
  void (*after)(void);
};

/**
 * Around what is measured: files_end() tells the nanoseconds in between, and
 * bench/plugin-processors.c the instructions of a region.
 */
uint64_t files_begin(void);
uint64_t files_end(uint64_t begin);

/** Reports a row and begins a phase. */
void files_report(
  const struct files_system *s, const char *row, uint64_t all, double parts);

/* Nanoseconds that each takes. */

/** A new file of FILES_SIZE; all of it is on the medium if it @a syncs. */
uint64_t files_write(
  const struct files_system *s, const char *path, size_t size, bool syncs);

uint64_t files_read(
  const struct files_system *s, const char *path, size_t size);

/** So many reads of 4 KiB, anywhere in it. */
uint64_t files_read_randomly(
  const struct files_system *s, const char *path, unsigned times);

/** Appends 4 KiB, with fsync(), so many times. */
uint64_t files_append(
  const struct files_system *s, const char *path, unsigned times);

/** Empty files. */
void files_make_folders(const struct files_system *s, unsigned count);
uint64_t files_create(const struct files_system *s, unsigned count);
uint64_t files_unlink(const struct files_system *s, unsigned count);

/** Copies files of 16 KiB; if it @a syncs, each fourth has its fsync(). */
uint64_t files_copy(
  const struct files_system *s, unsigned count, bool syncs);

#endif /* RTEMS_RUMP_BENCH_FILES_H */
