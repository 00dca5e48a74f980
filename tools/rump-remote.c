/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Files and settings of a rump kernel elsewhere, for people on a host:
 *
 *   rump-remote [-k FILE] [-u USER] URL [COMMAND [ARGUMENT...]]
 *
 * Without a command they are read from standard input.  The kernel's machine
 * may have words of another size: it is told addresses in an arena, which is
 * all that it may use.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <sys/stat.h>

#include <rtems-rump/remote.h>

/* NetBSD's numbers of system calls. */
enum {
  SYS_READ = 3, SYS_WRITE = 4, SYS_OPEN = 5, SYS_CLOSE = 6, SYS_UNLINK = 10,
  SYS_CHMOD = 15, SYS_SYNC = 36, SYS_RENAME = 128, SYS_MKDIR = 136,
  SYS_RMDIR = 137, SYS_SYSCTL = 202, SYS_REBOOT = 208, SYS_STATVFS = 357,
  SYS_GETDENTS = 390, SYS_LSTAT = 441
};

/* Its flags of open(), and kinds of files. */
enum {
  NETBSD_O_RDONLY = 0, NETBSD_O_WRONLY = 1, NETBSD_O_CREAT = 0x200,
  NETBSD_O_TRUNC = 0x400, NETBSD_S_IFMT = 0170000, NETBSD_S_IFDIR = 0040000,
  NETBSD_S_IFLNK = 0120000
};

/* Of the arena: a hole at 0, two paths, then data. */
#define HOLE 4096u
#define PATH_MAX_SIZE 1024u
#define PATH1 HOLE
#define PATH2 (PATH1 + PATH_MAX_SIZE)
#define DATA (PATH2 + PATH_MAX_SIZE)
#define DATA_SIZE 65536u
#define ARENA_SIZE (DATA + DATA_SIZE)

#define KEY_SIZE_MAX 1024
#define WORDS_MAX 32

/* Progress is shown for what takes longer than a moment. */
#define PROGRESS_BYTES (1u << 20)

static unsigned char arena[ARENA_SIZE];
static struct rtems_rump_client *client;
static unsigned word;
static bool is_quiet = true;

static void *
translate(uint64_t address, size_t size, bool is_write, void *arg)
{
  (void)is_write;
  (void)arg;
  return address >= HOLE && address <= ARENA_SIZE
    && size <= ARENA_SIZE - address ? arena + address : NULL;
}

static uint64_t
get(uint32_t at, unsigned size)
{
  uint64_t value = 0;

  memcpy(&value, arena + at, size);
  return value;
}

static void
put(uint32_t at, uint64_t value, unsigned size)
{
  memcpy(arena + at, &value, size);
}

/* The messages of NetBSD's errors that files and settings have. */
static const char *
message(int error)
{
  static const struct {
    int error;
    const char *message;
  } known[] = {
    { 1, "Operation not permitted" }, { 2, "No such file or directory" },
    { 5, "Input/output error" }, { 9, "Bad file descriptor" },
    { 12, "Cannot allocate memory" }, { 13, "Permission denied" },
    { 14, "Bad address" }, { 16, "Device busy" }, { 17, "File exists" },
    { 18, "Cross-device link" }, { 19, "Operation not supported by device" },
    { 20, "Not a directory" }, { 21, "Is a directory" },
    { 22, "Invalid argument" }, { 24, "Too many open files" },
    { 27, "File too large" }, { 28, "No space left on device" },
    { 30, "Read-only file system" }, { 35, "Try again" },
    { 45, "Operation not supported" },
    { 62, "Too many levels of symbolic links" },
    { 63, "File name too long" }, { 66, "Directory not empty" },
    { 78, "Function not implemented" }
  };
  static char text[32];
  size_t i;

  for (i = 0; i < sizeof(known) / sizeof(known[0]); ++i) {
    if (known[i].error == error) {
      return known[i].message;
    }
  }
  (void)snprintf(text, sizeof(text), "error %d of NetBSD", error);
  return text;
}

static int
complain(const char *what, const char *why)
{
  (void)fprintf(stderr, "rump-remote: %s: %s\n", what, why);
  return 1;
}

/* Without the kernel there is nothing more to do. */
static int
call(int number, intptr_t *result, unsigned count, ...)
{
  unsigned char arguments[8 * sizeof(uint64_t)] = { 0 };
  intptr_t values[2];
  va_list list;
  unsigned i;
  int error, failure;

  va_start(list, count);
  for (i = 0; i < count; ++i) {
    uint64_t value = va_arg(list, uint64_t);

    memcpy(arguments + i * word, &value, word);
  }
  va_end(list);
  do {
    failure = rtems_rump_client_syscall(
      client, number, arguments, 8 * word, &error, values);
  } while (failure == EAGAIN);
  if (failure != 0) {
    exit(complain("the kernel", strerror(failure)));
  }
  if (result != NULL) {
    *result = values[0];
  }
  return error;
}

#define CALL1(n, r, a) call(n, r, 1, (uint64_t)(a))
#define CALL2(n, r, a, b) call(n, r, 2, (uint64_t)(a), (uint64_t)(b))
#define CALL3(n, r, a, b, c) \
  call(n, r, 3, (uint64_t)(a), (uint64_t)(b), (uint64_t)(c))

/* Too long a path is told by the kernel. */
static uint32_t
path_at(uint32_t at, const char *path)
{
  (void)snprintf((char *)arena + at, PATH_MAX_SIZE, "%s", path);
  return at;
}

static int
report(const char *path, int error)
{
  return error == 0 ? 0 : complain(path, message(error));
}

/* What is wanted of struct stat. */
struct status {
  uint32_t mode, nlink, uid, gid;
  uint64_t size;
  time_t mtime;
};

/* An i386 aligns words of 64 bits at 32. */
static void
parse_status(struct status *status)
{
  bool is_i386 = strcmp(rtems_rump_client_machine(client), "i386") == 0;
  uint32_t ids = DATA + (is_i386 ? 20 : 24);

  status->mode = (uint32_t)get(DATA + 8, 4);
  status->nlink = (uint32_t)get(ids, 4);
  status->uid = (uint32_t)get(ids + 4, 4);
  status->gid = (uint32_t)get(ids + 8, 4);
  status->mtime = (time_t)get(DATA + (is_i386 ? 52 : 64), 8);
  status->size = get(DATA + (is_i386 ? 88 : 112), 8);
}

static int
get_status(const char *path, struct status *status)
{
  int error = CALL2(SYS_LSTAT, NULL, path_at(PATH1, path), DATA);

  if (error == 0) {
    parse_status(status);
  }
  return error;
}

static void
print_mode(uint32_t mode)
{
  static const char kinds[] = "?pc?d?b?-?l?s???";
  static const char bits[] = "rwxrwxrwx";
  unsigned i;

  (void)putchar(kinds[mode >> 12 & 15]);
  for (i = 0; i < 9; ++i) {
    (void)putchar((mode >> (8 - i) & 1) != 0 ? bits[i] : '-');
  }
}

/* Names come from a disk, and may be meant for a terminal. */
static void
print_name(const char *name)
{
  for (; *name != '\0'; ++name) {
    (void)putchar((unsigned char)*name < ' ' || *name == 127 ? '?' : *name);
  }
  (void)putchar('\n');
}

static int
print_long(const char *path, const char *name)
{
  struct status status;
  char when[32] = "";
  int error = get_status(path, &status);
  const struct tm *tm;

  if (error != 0) {
    return report(path, error);
  }
  tm = gmtime(&status.mtime);
  if (tm != NULL) {
    (void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M", tm);
  }
  print_mode(status.mode);
  printf(" %3u %5u %5u %10" PRIu64 " %s ", status.nlink, status.uid,
    status.gid, status.size, when);
  print_name(name);
  return 0;
}

static int
open_there(const char *path, int flags, intptr_t *fd)
{
  return CALL3(SYS_OPEN, fd, path_at(PATH1, path), flags, 0666);
}

/*
 * Entries are copied before anything else is asked.  They are struct dirent:
 * fileno 8, reclen 2, namlen 2, type 1, name.
 */
static int
list_entries(const char *path, const unsigned char *from, size_t size, bool l)
{
  size_t at = 0;
  int status = 0;

  while (at + 13 <= size) {
    uint16_t length;
    const char *name = (const char *)from + at + 13;
    char whole[PATH_MAX_SIZE];

    memcpy(&length, from + at + 8, sizeof(length));
    if (length < 14 || length > size - at
        || memchr(name, '\0', length - 13) == NULL) {
      return complain(path, "the directory is not understood");
    }
    at += length;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
      continue;
    }
    if (!l) {
      print_name(name);
    } else if ((size_t)snprintf(whole, sizeof(whole), "%s/%s", path, name)
        < sizeof(whole)) {
      status |= print_long(whole, name);
    }
  }
  return status;
}

static int
list_directory(const char *path, bool l)
{
  unsigned char *entries = malloc(DATA_SIZE);
  intptr_t fd, size = 0;
  int error = open_there(path, NETBSD_O_RDONLY, &fd);
  int status = 0;

  if (error != 0 || entries == NULL) {
    free(entries);
    return report(path, error != 0 ? error : 12);
  }
  do {
    error = CALL3(SYS_GETDENTS, &size, fd, DATA, DATA_SIZE);
    if (error == 0 && size > 0 && size <= (intptr_t)DATA_SIZE) {
      memcpy(entries, arena + DATA, (size_t)size);
      status |= list_entries(path, entries, (size_t)size, l);
    }
  } while (error == 0 && size > 0);
  (void)CALL1(SYS_CLOSE, NULL, fd);
  free(entries);
  return error != 0 ? report(path, error) : status;
}

static int
do_ls(int count, char **words)
{
  bool l = count > 1 && strcmp(words[1], "-l") == 0;
  const char *path = count > 1 + l ? words[1 + l] : "/";
  struct status status;
  int error = get_status(path, &status);

  if (error != 0) {
    return report(path, error);
  }
  if ((status.mode & NETBSD_S_IFMT) == NETBSD_S_IFDIR) {
    return list_directory(path, l);
  }
  if (l) {
    return print_long(path, path);
  }
  print_name(path);
  return 0;
}

static void
show_progress(const char *path, uint64_t done, bool is_end)
{
  static uint64_t shown;

  if (is_quiet || (is_end && shown == 0)) {
    return;
  }
  if (is_end || done - shown >= PROGRESS_BYTES || done < shown) {
    (void)fprintf(stderr, "\r%s: %" PRIu64 " KiB%s", path, done / 1024,
      is_end ? "\n" : "");
    shown = is_end ? 0 : done;
  }
}

/* From there to a stream here. */
static int
copy_out(const char *path, FILE *to, const char *name)
{
  intptr_t fd, size = 0;
  uint64_t done = 0;
  int error = open_there(path, NETBSD_O_RDONLY, &fd);

  if (error != 0) {
    return report(path, error);
  }
  do {
    error = CALL3(SYS_READ, &size, fd, DATA, DATA_SIZE);
    if (error != 0 || size < 0 || size > (intptr_t)DATA_SIZE) {
      size = 0;
    }
    if (fwrite(arena + DATA, 1, (size_t)size, to) != (size_t)size) {
      (void)CALL1(SYS_CLOSE, NULL, fd);
      return complain(name, strerror(errno));
    }
    done += (uint64_t)size;
    show_progress(path, done, false);
  } while (size > 0);
  show_progress(path, done, true);
  (void)CALL1(SYS_CLOSE, NULL, fd);
  return report(path, error);
}

static int
do_cat(int count, char **words)
{
  int status = 0;
  int i;

  for (i = 1; i < count; ++i) {
    status |= copy_out(words[i], stdout, "standard output");
  }
  return fflush(stdout) == 0 ? status : complain("cat", strerror(errno));
}

static int
do_get(int count, char **words)
{
  FILE *to = fopen(words[2], "wb");
  int status;

  (void)count;
  if (to == NULL) {
    return complain(words[2], strerror(errno));
  }
  status = copy_out(words[1], to, words[2]);
  if (fclose(to) != 0) {
    status = complain(words[2], strerror(errno));
  }
  return status;
}

static int
write_all(intptr_t fd, size_t size)
{
  size_t done = 0;
  intptr_t written = 0;
  int error = 0;

  while (done < size && error == 0) {
    error = CALL3(SYS_WRITE, &written, fd, DATA + done, size - done);
    if (error == 0 && (written <= 0 || (size_t)written > size - done)) {
      error = 5;
    }
    done += error == 0 ? (size_t)written : 0;
  }
  return error;
}

static int
copy_in(FILE *from, const char *path)
{
  intptr_t fd;
  size_t size;
  uint64_t done = 0;
  int error = open_there(
    path, NETBSD_O_WRONLY | NETBSD_O_CREAT | NETBSD_O_TRUNC, &fd);

  if (error != 0) {
    return report(path, error);
  }
  while (error == 0
      && (size = fread(arena + DATA, 1, DATA_SIZE, from)) > 0) {
    error = write_all(fd, size);
    done += size;
    show_progress(path, done, false);
  }
  show_progress(path, done, true);
  if (error == 0) {
    error = CALL1(SYS_CLOSE, NULL, fd);
  } else {
    (void)CALL1(SYS_CLOSE, NULL, fd);
  }
  return report(path, error);
}

static int
do_put(int count, char **words)
{
  FILE *from = fopen(words[1], "rb");
  int status;

  (void)count;
  if (from == NULL) {
    return complain(words[1], strerror(errno));
  }
  status = copy_in(from, words[2]);
  if (ferror(from)) {
    status = complain(words[1], "it cannot be read");
  }
  (void)fclose(from);
  return status;
}

/* A system call with each path. */
static int
for_each_path(int count, char **words, int number, int argument)
{
  int status = 0;
  int i;

  for (i = 1; i < count; ++i) {
    status |= report(
      words[i],
      CALL2(number, NULL, path_at(PATH1, words[i]), argument)
    );
  }
  return status;
}

static int
do_mkdir(int count, char **words)
{
  return for_each_path(count, words, SYS_MKDIR, 0777);
}

static int
do_rmdir(int count, char **words)
{
  return for_each_path(count, words, SYS_RMDIR, 0);
}

static int
do_rm(int count, char **words)
{
  return for_each_path(count, words, SYS_UNLINK, 0);
}

static int
do_chmod(int count, char **words)
{
  char *end;
  unsigned long mode = strtoul(words[1], &end, 8);

  if (*end != '\0' || mode > 07777) {
    return complain(words[1], "a mode has octal digits");
  }
  return for_each_path(count - 1, words + 1, SYS_CHMOD, (int)mode);
}

static int
do_mv(int count, char **words)
{
  (void)count;
  return report(words[1], CALL2(
    SYS_RENAME, NULL, path_at(PATH1, words[1]), path_at(PATH2, words[2])));
}

/* Of struct statvfs: four words, then counts of 64 bits. */
static int
do_df(int count, char **words)
{
  const char *path = count > 1 ? words[1] : "/";
  int error = CALL3(SYS_STATVFS, NULL, path_at(PATH1, path), DATA, 1);
  uint64_t unit, blocks, free_blocks, available;

  if (error != 0) {
    return report(path, error);
  }
  unit = get(DATA + 2 * word, word);
  blocks = get(DATA + 4 * word, 8);
  free_blocks = get(DATA + 4 * word + 8, 8);
  available = get(DATA + 4 * word + 16, 8);
  printf("%" PRIu64 " KiB, %" PRIu64 " used, %" PRIu64 " available\n",
    blocks * unit / 1024, (blocks - free_blocks) * unit / 1024,
    available * unit / 1024);
  return 0;
}

/* Settings with a number and a type; others are named by their numbers. */
static const struct setting {
  const char *name;
  int numbers[2];
  bool is_text;
} settings[] = {
  { "kern.ostype", { 1, 1 }, true }, { "kern.osrelease", { 1, 2 }, true },
  { "kern.version", { 1, 4 }, true }, { "kern.maxvnodes", { 1, 5 }, false },
  { "kern.maxproc", { 1, 6 }, false }, { "kern.maxfiles", { 1, 7 }, false },
  { "kern.securelevel", { 1, 9 }, false },
  { "kern.hostname", { 1, 10 }, true },
  { "kern.domainname", { 1, 22 }, true },
  { "hw.machine", { 6, 1 }, true }, { "hw.ncpu", { 6, 3 }, false },
  { "hw.pagesize", { 6, 7 }, false }, { "hw.machine_arch", { 6, 10 }, true }
};

#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

/* Places in the data: numbers, the size, the old value, the new one. */
#define OLD_SIZE (DATA + 64)
#define OLD (DATA + 128)
#define OLD_LIMIT 4096u
#define NEW (OLD + OLD_LIMIT)

static int
access_setting(const struct setting *s, uint32_t new_size)
{
  put(DATA, (uint64_t)(uint32_t)s->numbers[0], 4);
  put(DATA + 4, (uint64_t)(uint32_t)s->numbers[1], 4);
  put(OLD_SIZE, OLD_LIMIT - 1, word);
  memset(arena + OLD, 0, OLD_LIMIT);
  return call(SYS_SYSCTL, NULL, 6, (uint64_t)DATA, (uint64_t)2,
    (uint64_t)OLD, (uint64_t)OLD_SIZE, (uint64_t)(new_size > 0 ? NEW : 0),
    (uint64_t)new_size);
}

static int
show_setting(const struct setting *s)
{
  int error = access_setting(s, 0);

  if (error != 0) {
    return report(s->name, error);
  }
  if (s->is_text) {
    printf("%s = %s\n", s->name, (const char *)arena + OLD);
  } else {
    printf("%s = %d\n", s->name, (int)get(OLD, 4));
  }
  return 0;
}

static int
set_setting(const struct setting *s, const char *value)
{
  char *end;
  long number = strtol(value, &end, 0);

  if (s->is_text) {
    (void)snprintf((char *)arena + NEW, OLD_LIMIT, "%s", value);
    return report(s->name,
      access_setting(s, (uint32_t)strlen((char *)arena + NEW) + 1));
  }
  if (*value == '\0' || *end != '\0') {
    return complain(s->name, "its value is a number");
  }
  put(NEW, (uint64_t)number, 4);
  return report(s->name, access_setting(s, 4));
}

static int
do_sysctl(int count, char **words)
{
  char *value = count > 1 ? strchr(words[1], '=') : NULL;
  size_t i;

  if (value != NULL) {
    *value++ = '\0';
  }
  for (i = 0; i < SETTINGS; ++i) {
    if (count == 1) {
      (void)show_setting(&settings[i]);
    } else if (strcmp(words[1], settings[i].name) == 0) {
      return value != NULL ? set_setting(&settings[i], value)
        : show_setting(&settings[i]);
    }
  }
  return count == 1 ? 0 : complain(words[1], "there is no such setting here");
}

static int
do_sync(int count, char **words)
{
  (void)count;
  return report(words[0], CALL1(SYS_SYNC, NULL, 0));
}

static int
do_halt(int count, char **words)
{
  (void)count;
  return report(words[0], CALL2(SYS_REBOOT, NULL, 0, 0));
}

static int do_help(int count, char **words);

static const struct command {
  const char *name;
  const char *arguments;
  int minimum, maximum;
  int (*run)(int count, char **words);
} commands[] = {
  { "ls", "[-l] [PATH]", 1, 3, do_ls },
  { "cat", "PATH...", 2, WORDS_MAX, do_cat },
  { "get", "PATH LOCAL-FILE", 3, 3, do_get },
  { "put", "LOCAL-FILE PATH", 3, 3, do_put },
  { "mkdir", "PATH...", 2, WORDS_MAX, do_mkdir },
  { "rmdir", "PATH...", 2, WORDS_MAX, do_rmdir },
  { "rm", "PATH...", 2, WORDS_MAX, do_rm },
  { "mv", "PATH PATH", 3, 3, do_mv },
  { "chmod", "MODE PATH...", 3, WORDS_MAX, do_chmod },
  { "df", "[PATH]", 1, 2, do_df },
  { "sysctl", "[NAME[=VALUE]]", 1, 2, do_sysctl },
  { "sync", "", 1, 1, do_sync },
  { "halt", "", 1, 1, do_halt },
  { "help", "", 1, 1, do_help }
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int
do_help(int count, char **words)
{
  size_t i;

  (void)count;
  (void)words;
  for (i = 0; i < COMMANDS; ++i) {
    printf("%s %s\n", commands[i].name, commands[i].arguments);
  }
  return 0;
}

static int
run(int count, char **words)
{
  size_t i;

  for (i = 0; i < COMMANDS; ++i) {
    const struct command *c = &commands[i];

    if (strcmp(words[0], c->name) != 0) {
      continue;
    }
    if (count < c->minimum || count > c->maximum) {
      (void)fprintf(stderr, "usage: %s %s\n", c->name, c->arguments);
      return 2;
    }
    return (*c->run)(count, words);
  }
  (void)complain(words[0], "there is no such command: see help");
  return 2;
}

/* Splits a line at blanks; the words are in it. */
static int
split(char *line, char **words)
{
  int count = 0;
  char *p = strtok(line, " \t\n");

  while (p != NULL && count < WORDS_MAX) {
    words[count++] = p;
    p = strtok(NULL, " \t\n");
  }
  return count;
}

/* As a shell: the status is that of the last command. */
static int
run_lines(void)
{
  bool is_terminal = isatty(STDIN_FILENO) != 0;
  char *words[WORDS_MAX];
  char *line = NULL;
  size_t size = 0;
  int status = 0;

  for (;;) {
    int count;

    if (is_terminal) {
      (void)fputs("rump> ", stdout);
      (void)fflush(stdout);
    }
    if (getline(&line, &size, stdin) < 0) {
      break;
    }
    count = split(line, words);
    if (count > 0 && words[0][0] != '#') {
      if (strcmp(words[0], "exit") == 0) {
        break;
      }
      status = run(count, words);
      (void)fflush(stdout);
    }
  }
  free(line);
  return status;
}

/* The whole file is the key, without the end of its line. */
static size_t
read_key(const char *path, char key[KEY_SIZE_MAX])
{
  FILE *file = fopen(path, "rb");
  size_t size;

  if (file == NULL) {
    exit(complain(path, strerror(errno)));
  }
  size = fread(key, 1, KEY_SIZE_MAX, file);
  (void)fclose(file);
  while (size > 0 && (key[size - 1] == '\n' || key[size - 1] == '\r')) {
    --size;
  }
  if (size < RTEMS_RUMP_CLIENT_KEY_MINIMUM || size == KEY_SIZE_MAX) {
    exit(complain(path, "a key has 16 to 1023 bytes"));
  }
  return size;
}

static const char *
why_not(int error)
{
  switch (error) {
    case EPERM:
      return "the server does not let this client in";
    case EACCES:
      return "the server does not have the key";
    case EPROTO:
      return "that is no rump kernel";
    default:
      return strerror(error);
  }
}

static void
usage(void)
{
  (void)fputs(
    "usage: rump-remote [-k FILE] [-u USER] URL [COMMAND [ARGUMENT...]]\n"
    "  -k FILE  the key is in this file\n"
    "  -u USER  the name it belongs to\n",
    stderr
  );
  exit(2);
}

int
main(int argc, char **argv)
{
  static char key[KEY_SIZE_MAX];
  struct rtems_rump_client_config config = {
    .name = "rump-remote",
    .translate = translate
  };
  int option, error, status;

  while ((option = getopt(argc, argv, "+k:u:")) != -1) {
    if (option == 'k') {
      config.key_size = read_key(optarg, key);
      config.key = key;
    } else if (option == 'u') {
      config.user = optarg;
    } else {
      usage();
    }
  }
  if (optind == argc) {
    usage();
  }
  is_quiet = isatty(STDERR_FILENO) == 0;
  (void)signal(SIGPIPE, SIG_DFL);
  error = rtems_rump_client_open(argv[optind], &config, &client);
  explicit_bzero(key, sizeof(key));
  if (error != 0) {
    return complain(argv[optind], why_not(error));
  }
  word = rtems_rump_client_word_size(client);
  status = optind + 1 < argc
    ? run(argc - optind - 1, argv + optind + 1) : run_lines();
  rtems_rump_client_close(client);
  return status;
}
