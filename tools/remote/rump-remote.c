/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Files and settings of a rump kernel elsewhere, for people on a host:
 *
 *   rump-remote [-k FILE] [-u USER] URL [COMMAND [ARGUMENT...]]
 *
 * Without a command they are read from standard input.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <sys/stat.h>

#include "kernel.h"
#include "key-file.h"
#include "line.h"

/* NetBSD's kinds of files. */
#define NETBSD_S_IFMT 0170000u
#define NETBSD_S_IFDIR 0040000u

/* Before a path of the host, for cp. */
#define HOST "host:"

#define WORDS_MAX 32

/* Progress is shown for what takes longer than a moment. */
#define PROGRESS_BYTES (1u << 20)

static bool is_quiet = true;

static int
get_status(const char *path, struct netbsd_stat *status)
{
  return CALL(SYS_LSTAT, NULL, STRING(path),
    WRITES(RTEMS_RUMP_FORMAT_STAT, status));
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
  struct netbsd_stat status;
  char when[32] = "";
  int error = get_status(path, &status);
  const struct tm *tm;
  time_t mtime;

  if (error != 0) {
    return report(path, error);
  }
  mtime = (time_t)status.mtim.tv_sec;
  tm = gmtime(&mtime);
  if (tm != NULL) {
    (void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M", tm);
  }
  print_mode(status.mode);
  printf(" %3u %5u %5u %10" PRIi64 " %s ", status.nlink, status.uid,
    status.gid, status.size, when);
  print_name(name);
  return 0;
}

static int
open_there(const char *path, int flags, intptr_t *fd)
{
  return CALL(SYS_OPEN, fd, STRING(path), NUMBER(flags), NUMBER(0666));
}

/* A directory that is listed, and what went wrong. */
struct listing {
  const char *path;
  bool is_long;
  int status;
};

static void
list_entry(const char *name, void *arg)
{
  struct listing *listing = arg;
  char whole[PATH_MAX_SIZE];

  if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
    return;
  }
  if (!listing->is_long) {
    print_name(name);
  } else if ((size_t)snprintf(
        whole, sizeof(whole), "%s/%s", listing->path, name) < sizeof(whole)) {
    listing->status |= print_long(whole, name);
  }
}

static int
list_directory(const char *path, bool is_long)
{
  struct listing listing = { path, is_long, 0 };
  int error = kernel_list(path, list_entry, &listing);

  return error != 0 ? report(path, error) : listing.status;
}

static int
do_ls(int count, char **words)
{
  bool l = count > 1 && strcmp(words[1], "-l") == 0;
  const char *path = count > 1 + l ? words[1 + l] : "/";
  struct netbsd_stat status;
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
    error = CALL(SYS_READ, &size, NUMBER(fd), WRITES_BYTES(data, DATA_SIZE),
      NUMBER(DATA_SIZE));
    if (error != 0 || size < 0 || size > (intptr_t)DATA_SIZE) {
      size = 0;
    }
    if (fwrite(data, 1, (size_t)size, to) != (size_t)size) {
      (void)CALL(SYS_CLOSE, NULL, NUMBER(fd));
      return complain(name, strerror(errno));
    }
    done += (uint64_t)size;
    show_progress(path, done, false);
  } while (size > 0);
  show_progress(path, done, true);
  (void)CALL(SYS_CLOSE, NULL, NUMBER(fd));
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
get_file(const char *path, const char *local)
{
  FILE *to = fopen(local, "wb");
  int status;

  if (to == NULL) {
    return complain(local, strerror(errno));
  }
  status = copy_out(path, to, local);
  if (fclose(to) != 0) {
    status = complain(local, strerror(errno));
  }
  return status;
}

static int
do_get(int count, char **words)
{
  (void)count;
  return get_file(words[1], words[2]);
}

static int
write_all(intptr_t fd, size_t size)
{
  size_t done = 0;
  intptr_t written = 0;
  int error = 0;

  while (done < size && error == 0) {
    error = CALL(SYS_WRITE, &written, NUMBER(fd),
      READS_BYTES(data + done, size - done), NUMBER(size - done));
    if (error == 0 && (written <= 0 || (size_t)written > size - done)) {
      error = NETBSD_EIO;
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
      && (size = fread(data, 1, DATA_SIZE, from)) > 0) {
    error = write_all(fd, size);
    done += size;
    show_progress(path, done, false);
  }
  show_progress(path, done, true);
  if (error == 0) {
    error = CALL(SYS_CLOSE, NULL, NUMBER(fd));
  } else {
    (void)CALL(SYS_CLOSE, NULL, NUMBER(fd));
  }
  return report(path, error);
}

static int
put_file(const char *local, const char *path)
{
  FILE *from = fopen(local, "rb");
  int status;

  if (from == NULL) {
    return complain(local, strerror(errno));
  }
  status = copy_in(from, path);
  if (ferror(from)) {
    status = complain(local, "it cannot be read");
  }
  (void)fclose(from);
  return status;
}

static int
do_put(int count, char **words)
{
  (void)count;
  return put_file(words[1], words[2]);
}

/* From one file of the kernel to another. */
static int
copy_there(const char *path, const char *to_path)
{
  intptr_t from, to, size = 0;
  int error = open_there(path, NETBSD_O_RDONLY, &from);

  if (error != 0) {
    return report(path, error);
  }
  error = open_there(
    to_path, NETBSD_O_WRONLY | NETBSD_O_CREAT | NETBSD_O_TRUNC, &to);
  if (error != 0) {
    (void)CALL(SYS_CLOSE, NULL, NUMBER(from));
    return report(to_path, error);
  }
  do {
    error = CALL(SYS_READ, &size, NUMBER(from), WRITES_BYTES(data, DATA_SIZE),
      NUMBER(DATA_SIZE));
    if (error == 0 && size > 0 && size <= (intptr_t)DATA_SIZE) {
      error = write_all(to, (size_t)size);
    }
  } while (error == 0 && size > 0);
  (void)CALL(SYS_CLOSE, NULL, NUMBER(from));
  if (error == 0) {
    error = CALL(SYS_CLOSE, NULL, NUMBER(to));
  } else {
    (void)CALL(SYS_CLOSE, NULL, NUMBER(to));
  }
  return report(to_path, error);
}

/* The path of a file of the host, or NULL if it is the kernel's. */
static const char *
host_path(const char *path)
{
  return strncmp(path, HOST, sizeof(HOST) - 1) == 0
    ? path + sizeof(HOST) - 1 : NULL;
}

static bool
is_directory(const char *path)
{
  const char *local = host_path(path);
  struct netbsd_stat there;
  struct stat here;

  return local != NULL ? stat(local, &here) == 0 && S_ISDIR(here.st_mode)
    : get_status(path, &there) == 0
      && (there.mode & NETBSD_S_IFMT) == NETBSD_S_IFDIR;
}

/* As cp: into a directory by the same name. */
static int
do_cp(int count, char **words)
{
  const char *name = strrchr(words[1], '/');
  const char *from = host_path(words[1]);
  char target[PATH_MAX_SIZE];
  const char *to;

  (void)count;
  name = name != NULL ? name + 1 : from != NULL ? from : words[1];
  if ((size_t)snprintf(target, sizeof(target), "%s%s%s", words[2],
        is_directory(words[2]) ? "/" : "",
        is_directory(words[2]) ? name : "") >= sizeof(target)) {
    return complain(words[2], "the path is too long");
  }
  to = host_path(target);
  if (from != NULL && to != NULL) {
    return complain(words[1], "both are of the host");
  }
  return from != NULL ? put_file(from, target)
    : to != NULL ? get_file(words[1], to) : copy_there(words[1], target);
}

/* A system call with each path. */
static int
for_each_path(int count, char **words, int number, int argument)
{
  int status = 0;
  int i;

  for (i = 1; i < count; ++i) {
    status |= report(
      words[i], CALL(number, NULL, STRING(words[i]), NUMBER(argument)));
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
  return report(
    words[1], CALL(SYS_RENAME, NULL, STRING(words[1]), STRING(words[2])));
}

static int
do_df(int count, char **words)
{
  const char *path = count > 1 ? words[1] : "/";
  struct netbsd_statvfs is;
  int error = CALL(SYS_STATVFS, NULL, STRING(path),
    WRITES(RTEMS_RUMP_FORMAT_STATVFS, &is), NUMBER(1));

  if (error != 0) {
    return report(path, error);
  }
  printf("%" PRIu64 " KiB, %" PRIu64 " used, %" PRIu64 " available\n",
    is.blocks * is.frsize / 1024, (is.blocks - is.bfree) * is.frsize / 1024,
    is.bavail * is.frsize / 1024);
  return 0;
}

/* Settings with a number and a type; others are named by their numbers. */
static const struct setting {
  const char *name;
  int32_t numbers[2];
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

/* The old value is text, or a number. */
#define OLD_LIMIT 4096u

/* The new value has so many characters, or is a number. */
static int
access_setting(
  const struct setting *s, void *old, const void *new, size_t new_count)
{
  const char *format = s->is_text ? "s" : "i";
  size_t old_count = s->is_text ? OLD_LIMIT - 1 : 1;
  size_t old_size = s->is_text ? old_count : sizeof(int32_t);

  return CALL(SYS_SYSCTL, NULL,
    RTEMS_RUMP_ARG_STRUCTS(RTEMS_RUMP_IN, "i", s->numbers, 2), NUMBER(2),
    RTEMS_RUMP_ARG_STRUCTS(RTEMS_RUMP_OUT, format, old, old_count),
    RTEMS_RUMP_ARG_STRUCT(RTEMS_RUMP_INOUT, "L", &old_size),
    RTEMS_RUMP_ARG_STRUCTS(RTEMS_RUMP_IN, format, new, new_count),
    SIZE(format, new_count));
}

static int
show_setting(const struct setting *s)
{
  union {
    char text[OLD_LIMIT];
    int32_t number;
  } old = { .text = "" };
  int error = access_setting(s, &old, NULL, 0);

  if (error != 0) {
    return report(s->name, error);
  }
  if (s->is_text) {
    printf("%s = %s\n", s->name, old.text);
  } else {
    printf("%s = %" PRIi32 "\n", s->name, old.number);
  }
  return 0;
}

static int
set_setting(const struct setting *s, const char *value)
{
  char old[OLD_LIMIT];
  char *end;
  int32_t number = (int32_t)strtol(value, &end, 0);

  if (s->is_text) {
    return report(s->name, access_setting(s, old, value, strlen(value) + 1));
  }
  if (*value == '\0' || *end != '\0') {
    return complain(s->name, "its value is a number");
  }
  return report(s->name, access_setting(s, old, &number, 1));
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
  return report(words[0], CALL(SYS_SYNC, NULL, NUMBER(0)));
}

static int
do_halt(int count, char **words)
{
  (void)count;
  return report(words[0], CALL(SYS_REBOOT, NULL, NUMBER(0), NUMBER(0)));
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
  { "cp", "[host:]PATH [host:]PATH", 3, 3, do_cp },
  { "mkdir", "PATH...", 2, WORDS_MAX, do_mkdir },
  { "rmdir", "PATH...", 2, WORDS_MAX, do_rmdir },
  { "rm", "PATH...", 2, WORDS_MAX, do_rm },
  { "mv", "PATH PATH", 3, 3, do_mv },
  { "chmod", "MODE PATH...", 3, WORDS_MAX, do_chmod },
  { "df", "[PATH]", 1, 2, do_df },
  { "mount", "[TYPE DEVICE PATH [ro]]", 1, 5, do_mount },
  { "umount", "PATH", 2, 2, do_umount },
  { "ifconfig", "[INTERFACE [up | down | ADDRESS/LENGTH | delete ADDRESS]]",
    1, 4, do_ifconfig },
  { "ping", "ADDRESS [COUNT]", 2, 3, do_ping },
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

static const char *
name_command(unsigned which)
{
  return which < COMMANDS ? commands[which].name : NULL;
}

/* As a shell: the status is that of the last command. */
static int
run_lines(void)
{
  bool is_terminal = isatty(STDIN_FILENO) != 0;
  bool is_end = false;
  char *words[WORDS_MAX];
  char *line;
  int status = 0;

  line_begin(name_command);
  while (!is_end && (line = line_read(is_terminal)) != NULL) {
    int count = split(line, words);

    if (count > 0 && words[0][0] != '#') {
      is_end = strcmp(words[0], "exit") == 0;
      if (!is_end) {
        status = run(count, words);
        (void)fflush(stdout);
      }
    }
    free(line);
  }
  return status;
}

static size_t
read_key(const char *path, unsigned char key[KEY_FILE_SIZE])
{
  size_t size;
  int error = key_file_read(path, key, &size);

  if (error != 0) {
    exit(complain(path, key_file_error(error)));
  }
  return size;
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
  static unsigned char key[KEY_FILE_SIZE];
  struct rtems_rump_client_config config = { .key = NULL };
  int option, status;

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
  status = kernel_open(argv[optind], &config);
  explicit_bzero(key, sizeof(key));
  if (status != 0) {
    return status;
  }
  status = optind + 1 < argc
    ? run(argc - optind - 1, argv + optind + 1) : run_lines();
  kernel_close();
  return status;
}
