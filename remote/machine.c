/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a server's first line says of its machine.
 */

#include "machine.h"

#include <errno.h>
#include <string.h>

#include "protocol.h"

/* Machines of NetBSD that are known; others are as the client's own. */
static struct layout
known_layout(const char *machine)
{
  static const struct layout own = LAYOUT_NATIVE;
  static const struct {
    const char *machine;
    struct layout layout;
  } known[] = {
    { "amd64", { 8, 8, false } }, { "i386", { 4, 4, false } },
    { "evbarm", { 4, 8, false } }, { "arm", { 4, 8, false } },
    { "evbppc", { 4, 8, true } }, { "macppc", { 4, 8, true } },
    { "sparc", { 4, 8, true } }, { "sparc64", { 8, 8, true } }
  };
  size_t i;

  for (i = 0; i < sizeof(known) / sizeof(known[0]); ++i) {
    if (strcmp(machine, known[i].machine) == 0) {
      return known[i].layout;
    }
  }
  return own;
}

/*
 * What the server says, if it has, goes before what is set, and that before
 * what is known.  Returns false if the first two are not the same.
 */
static bool
find_layout(
  struct machine *machine, const struct rtems_rump_client_config *config)
{
  struct layout *layout = &machine->layout;
  bool is_said = layout->word_size != 0;
  struct layout said = *layout;

  if (!is_said) {
    *layout = known_layout(machine->name);
  }
  if (config->word_size != 0) {
    layout->word_size = config->word_size;
  }
  if (config->byte_order != 0) {
    layout->is_big_endian =
      config->byte_order == RTEMS_RUMP_CLIENT_BIG_ENDIAN;
  }
  if (config->alignment64 != 0) {
    layout->alignment64 = config->alignment64;
  }
  if (!is_said && layout->word_size == 8) {
    layout->alignment64 = 8;
  }
  return !is_said || layout_is_equal(layout, &said);
}

/* What comes after SP_ABI, and nothing else. */
static bool
take_abi(struct layout *layout, const char *text, size_t length)
{
  bool is_first = layout->word_size == 0;

  if (length != 3 || (text[0] != '4' && text[0] != '8')
      || (text[1] != 'l' && text[1] != 'b')
      || (text[2] != '4' && text[2] != '8') || text[0] > text[2]) {
    return false;
  }
  *layout = (struct layout){
    .word_size = (unsigned)(text[0] - '0'),
    .alignment64 = (unsigned)(text[2] - '0'),
    .is_big_endian = text[1] == 'b'
  };
  return is_first;
}

static bool
begins_with(const char *text, size_t length, const char *word)
{
  return length >= strlen(word) && memcmp(text, word, strlen(word)) == 0;
}

/* Those that begin with a plus sign; others than these are for others. */
static bool
take_words(struct machine *machine, const char *text, size_t length)
{
  size_t at, size;

  for (at = 0; at < length; at += size) {
    const char *word = text + at;

    for (size = 1; at + size < length && word[size] != '+'; ++size) {
    }
    if (size == sizeof(SP_CARRIES) - 1
        && begins_with(word, size, SP_CARRIES)) {
      machine->takes_carried = true;
    } else if (begins_with(word, size, SP_ABI)
        && !take_abi(&machine->layout, word + sizeof(SP_ABI) - 1,
          size - (sizeof(SP_ABI) - 1))) {
      return false;
    }
  }
  return true;
}

int
machine_read(
  struct machine                        *machine,
  const struct rtems_rump_client_config *config,
  const char                            *text,
  size_t                                 length
)
{
  size_t at = length;

  memset(machine, 0, sizeof(*machine));
  while (at > 0 && text[at - 1] != '/') {
    --at;
  }
  length -= at;
  if (length > RTEMS_RUMP_CLIENT_MACHINE_SIZE) {
    length = RTEMS_RUMP_CLIENT_MACHINE_SIZE;
  }
  memcpy(machine->name, text + at, length);
  return !take_words(machine, text, at > 0 ? at - 1 : 0) ? EPROTO
    : find_layout(machine, config) ? 0 : ENOTSUP;
}
