/* SPDX-License-Identifier: BSD-2-Clause */

#include "line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"

#define PROMPT "rump> "

static char *
read_plainly(void)
{
  char *line = NULL;
  size_t size = 0;

  if (getline(&line, &size, stdin) < 0) {
    free(line);
    return NULL;
  }
  return line;
}

#ifdef HAVE_LIBEDIT

#include <editline/readline.h>

#define NAMES_MAX 512u

/* What a word can be completed to. */
static char *names[NAMES_MAX];
static unsigned name_count;

static const char *(*name_of_command)(unsigned which);

static void
add_name(const char *name, void *begin)
{
  if (name_count < NAMES_MAX && strncmp(name, begin, strlen(begin)) == 0
      && strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
    names[name_count] = strdup(name);
    name_count += names[name_count] != NULL;
  }
}

static void
add_commands(const char *text)
{
  const char *name;
  unsigned i;

  for (i = 0; (name = (*name_of_command)(i)) != NULL; ++i) {
    add_name(name, (void *)(uintptr_t)text);
  }
}

/* Of the kernel's files; the directory of the path stays before the names. */
static void
add_paths(const char *text)
{
  const char *slash = strrchr(text, '/');
  size_t length = slash != NULL ? (size_t)(slash - text) + 1 : 0;
  char directory[PATH_MAX_SIZE] = "/";
  unsigned i;

  if (length >= sizeof(directory)) {
    return;
  }
  if (length > 0) {
    memcpy(directory, text, length);
    directory[length] = '\0';
  }
  (void)kernel_list(directory, add_name, (void *)(uintptr_t)(text + length));
  for (i = 0; i < name_count; ++i) {
    char *path = NULL;

    if (asprintf(&path, "%.*s%s", (int)length, text, names[i]) >= 0) {
      free(names[i]);
      names[i] = path;
    }
  }
}

static char *
next_name(const char *text, int state)
{
  static unsigned next;

  (void)text;
  next = state == 0 ? 0 : next;
  return next < name_count ? names[next++] : NULL;
}

/* The names become the library's. */
static char **
complete(const char *text, int begin, int end)
{
  (void)end;
  name_count = 0;
  if (begin == 0) {
    add_commands(text);
  } else {
    add_paths(text);
  }
  rl_attempted_completion_over = 1;
  return rl_completion_matches(text, next_name);
}

void
line_begin(const char *(*name_command)(unsigned which))
{
  name_of_command = name_command;
  rl_readline_name = "rump-remote";
  rl_attempted_completion_function = complete;
  rl_basic_word_break_characters = " \t\n";
  using_history();
}

char *
line_read(bool is_terminal)
{
  char *line = is_terminal ? readline(PROMPT) : read_plainly();

  if (is_terminal && line != NULL && *line != '\0') {
    (void)add_history(line);
  }
  return line;
}

#else

void
line_begin(const char *(*name_command)(unsigned which))
{
  (void)name_command;
}

char *
line_read(bool is_terminal)
{
  if (is_terminal) {
    (void)fputs(PROMPT, stdout);
    (void)fflush(stdout);
  }
  return read_plainly();
}

#endif
