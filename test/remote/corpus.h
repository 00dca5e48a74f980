/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Inputs in files, which libFuzzer has found to reach all it could.
 */

#ifndef TEST_REMOTE_CORPUS_H
#define TEST_REMOTE_CORPUS_H

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Ends the test if there are none. */
static inline void
fuzz_corpus(const char *folder, int (*run)(const uint8_t *bytes, size_t size))
{
  static uint8_t bytes[8192];
  DIR *files = opendir(folder);
  const struct dirent *entry;
  unsigned long count = 0;

  while (files != NULL && (entry = readdir(files)) != NULL) {
    char path[1024];
    FILE *file;

    if (entry->d_name[0] == '.') {
      continue;
    }
    (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
    file = fopen(path, "rb");
    if (file == NULL) {
      printf("not ok: %s cannot be read\n", path);
      exit(1);
    }
    (void)(*run)(bytes, fread(bytes, 1, sizeof(bytes), file));
    (void)fclose(file);
    ++count;
  }
  if (count == 0) {
    printf("not ok: no inputs in %s\n", folder);
    exit(1);
  }
  (void)closedir(files);
  printf("%lu inputs of %s\n", count, folder);
}

#endif /* TEST_REMOTE_CORPUS_H */
