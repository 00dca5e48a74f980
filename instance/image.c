/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The variables of the kernel and of its hypercall layer, which have their
 * first values again each time the kernel starts.
 */

#include "instance.h"

#include <errno.h>
#include <stdlib.h>

/*
 * Read and written as words that the compiler must leave alone, also between
 * variables, where a sanitizer wants nobody.
 */
typedef volatile uintptr_t word;

/* Made by rump-link; without it there are none. */
extern word rump_link_data_begin[] __attribute__((__weak__));
extern word rump_link_data_end[] __attribute__((__weak__));
extern word rump_link_bss_begin[] __attribute__((__weak__));
extern word rump_link_bss_end[] __attribute__((__weak__));

#define UNSANITIZED \
  __attribute__((__no_sanitize_address__, __no_sanitize_thread__))

static word *copy OUTLIVES_KERNEL;

static UNSANITIZED void
copy_words(word *to, const word *from, size_t count)
{
  while (count > 0) {
    --count;
    to[count] = from[count];
  }
}

static UNSANITIZED void
clear_words(word *p, const word *end)
{
  while (p < end) {
    *p++ = 0;
  }
}

int
image_save(void)
{
  size_t count = (size_t)(rump_link_data_end - rump_link_data_begin);

  if (copy != NULL) {
    return 0;
  }
  if (rump_link_data_begin == NULL) {
    rumpuser_dprintf(
      "rump: a kernel that is restartable must be linked by rump-link\n"
    );
    return EINVAL;
  }
  copy = malloc(count * sizeof(*copy));
  if (copy == NULL) {
    return ENOMEM;
  }
  copy_words(copy, rump_link_data_begin, count);
  return 0;
}

bool
image_is_saved(void)
{
  return copy != NULL;
}

void
image_restore(void)
{
  copy_words(
    rump_link_data_begin,
    copy,
    (size_t)(rump_link_data_end - rump_link_data_begin)
  );
  clear_words(rump_link_bss_begin, rump_link_bss_end);
}
