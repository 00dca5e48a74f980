/* SPDX-License-Identifier: BSD-2-Clause */

#include "rawstick.h"

#include "target.h"

#define WORDS (STICK_CHUNK / sizeof(uint32_t))

static uint32_t pattern[WORDS], buffer[WORDS];

static const uint32_t *
pattern_of(unsigned chunk)
{
  uint32_t flip = chunk < STICK_CHUNKS ? 0 : UINT32_MAX;
  unsigned i;

  for (i = 0; i < WORDS; ++i) {
    pattern[i] = (uint32_t)(chunk * WORDS + i) ^ flip;
  }
  return pattern;
}

/* NetBSD finds what is on a bus after its boot. */
int
stick_open(void)
{
  int fd;

  while ((fd = rump_sys_open(STICK_DEVICE, NETBSD_O_RDWR)) < 0) {
    CHECK(errno == ENXIO || errno == EIO || errno == ENODEV);
    target_sleep(10);
  }
  return fd;
}

bool
stick_read(int fd, unsigned chunk)
{
  return rump_sys_pread(fd, buffer, STICK_CHUNK, (int64_t)chunk * STICK_CHUNK)
    == STICK_CHUNK;
}

bool
stick_write(int fd, unsigned chunk)
{
  return rump_sys_pwrite(
    fd, pattern_of(chunk), STICK_CHUNK, (int64_t)chunk * STICK_CHUNK
  ) == STICK_CHUNK;
}

void
stick_compare(int fd, unsigned begin, unsigned end)
{
  unsigned i;

  for (i = begin; i < end; ++i) {
    CHECK(stick_read(fd, i));
    CHECK(memcmp(buffer, pattern_of(i), STICK_CHUNK) == 0);
  }
}

void
stick_is_gone(void)
{
  CHECK_ERRNO(rump_sys_open(STICK_DEVICE, NETBSD_O_RDWR), ENXIO);
}
