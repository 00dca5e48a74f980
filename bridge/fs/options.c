/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Options of mounting, by the names that NetBSD's mount commands have for
 * them.  Each word that stands for a flag can be turned round by "no".
 */

#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hypercall.h"
#include "lfs.h"
#include "nfs.h"
#include "sync.h"

/* What follows the name, after "=". */
enum value {
  NOTHING, /* sets bits of 32 */
  NUMBER,  /* 32 bits */
  OCTAL,   /* 32 bits */
  SIZE     /* 64 bits; k, m and g may follow */
};

struct option {
  const char *name;
  enum value value;
  size_t offset;
  uint32_t bits;
};

static const struct option common[] = {
  { "ro", NOTHING, 0, NETBSD_MNT_RDONLY },
  { "rdonly", NOTHING, 0, NETBSD_MNT_RDONLY },
  { "sync", NOTHING, 0, NETBSD_MNT_SYNCHRONOUS },
  { "async", NOTHING, 0, NETBSD_MNT_ASYNC },
  { "log", NOTHING, 0, NETBSD_MNT_LOG },
  { "noatime", NOTHING, 0, NETBSD_MNT_NOATIME },
  { "relatime", NOTHING, 0, NETBSD_MNT_RELATIME },
  { "nodevmtime", NOTHING, 0, NETBSD_MNT_NODEVMTIME },
  { "noexec", NOTHING, 0, NETBSD_MNT_NOEXEC },
  { "nosuid", NOTHING, 0, NETBSD_MNT_NOSUID },
  { "nodev", NOTHING, 0, NETBSD_MNT_NODEV },
  { "discard", NOTHING, 0, NETBSD_MNT_DISCARD },
  { "extattr", NOTHING, 0, NETBSD_MNT_EXTATTR },
  { "symperm", NOTHING, 0, NETBSD_MNT_SYMPERM },
  { .name = NULL }
};

static const struct option none[] = { { .name = NULL } };

#define MSDOSFS(member) offsetof(struct netbsd_msdosfs_args, member)

static const struct option msdosfs[] = {
  { "shortnames", NOTHING, MSDOSFS(flags), NETBSD_MSDOSFS_SHORTNAME },
  { "longnames", NOTHING, MSDOSFS(flags), NETBSD_MSDOSFS_LONGNAME },
  { "nowin95", NOTHING, MSDOSFS(flags), NETBSD_MSDOSFS_NOWIN95 },
  { "gemdosfs", NOTHING, MSDOSFS(flags), NETBSD_MSDOSFS_GEMDOSFS },
  { "utf8", NOTHING, MSDOSFS(flags), NETBSD_MSDOSFS_UTF8 },
  { "uid", NUMBER, MSDOSFS(uid), 0 },
  { "gid", NUMBER, MSDOSFS(gid), 0 },
  { "mask", OCTAL, MSDOSFS(mask), 0 },
  { "dirmask", OCTAL, MSDOSFS(dirmask), 0 },
  { "gmtoff", NUMBER, MSDOSFS(gmtoff), 0 },
  { .name = NULL }
};

#define ISO(member) offsetof(struct netbsd_iso_args, member)

static const struct option iso[] = {
  { "norrip", NOTHING, ISO(flags), NETBSD_ISOFS_NORRIP },
  { "gens", NOTHING, ISO(flags), NETBSD_ISOFS_GENS },
  { "extatt", NOTHING, ISO(flags), NETBSD_ISOFS_EXTATT },
  { "nojoliet", NOTHING, ISO(flags), NETBSD_ISOFS_NOJOLIET },
  { "nocasetrans", NOTHING, ISO(flags), NETBSD_ISOFS_NOCASETRANS },
  { "nomaplcase", NOTHING, ISO(flags), NETBSD_ISOFS_NOCASETRANS },
  { "rrcaseins", NOTHING, ISO(flags), NETBSD_ISOFS_RRCASEINS },
  { .name = NULL }
};

#define UDF(member) offsetof(struct netbsd_udf_args, member)

static const struct option udf[] = {
  { "closesession", NOTHING, UDF(flags), NETBSD_UDF_CLOSESESSION },
  { "session", NUMBER, UDF(sessionnr), 0 },
  { "gmtoff", NUMBER, UDF(gmtoff), 0 },
  { "uid", NUMBER, UDF(anon_uid), 0 },
  { "gid", NUMBER, UDF(anon_gid), 0 },
  { .name = NULL }
};

#define NTFS(member) offsetof(struct netbsd_ntfs_args, member)

static const struct option ntfs[] = {
  { "caseins", NOTHING, NTFS(flags), NETBSD_NTFS_CASEINS },
  { "allnames", NOTHING, NTFS(flags), NETBSD_NTFS_ALLNAMES },
  { "uid", NUMBER, NTFS(uid), 0 },
  { "gid", NUMBER, NTFS(gid), 0 },
  { "mask", OCTAL, NTFS(mode), 0 },
  { .name = NULL }
};

#define TMPFS(member) offsetof(struct netbsd_tmpfs_args, member)

static const struct option tmpfs[] = {
  { "size", SIZE, TMPFS(size_max), 0 },
  { "nodes", SIZE, TMPFS(nodes_max), 0 },
  { "uid", NUMBER, TMPFS(root_uid), 0 },
  { "gid", NUMBER, TMPFS(root_gid), 0 },
  { "mode", OCTAL, TMPFS(root_mode), 0 },
  { .name = NULL }
};

#define NFS(member) offsetof(struct netbsd_nfs_source, member)

static const struct option nfs[] = {
  { "udp", NOTHING, NFS(udp), 1 },
  { "port", NUMBER, NFS(port), 0 },
  { "mountport", NUMBER, NFS(mount_port), 0 },
  { "soft", NOTHING, NFS(args.flags), NETBSD_NFSMNT_SOFT },
  { "noac", NOTHING, NFS(args.flags), NETBSD_NFSMNT_NOAC },
  { "resvport", NOTHING, NFS(args.flags), NETBSD_NFSMNT_RESVPORT },
  { "rdirplus", NOTHING, NFS(args.flags), NETBSD_NFSMNT_RDIRPLUS },
  { "rsize", NUMBER, NFS(args.rsize), 0 },
  { "wsize", NUMBER, NFS(args.wsize), 0 },
  { "timeo", NUMBER, NFS(args.timeo), 0 },
  { "retrans", NUMBER, NFS(args.retrans), 0 },
  { "deadthresh", NUMBER, NFS(args.deadthresh), 0 },
  { .name = NULL }
};

#define NFS_FLAGS \
  (NETBSD_NFSMNT_NFSV3 | NETBSD_NFSMNT_RESVPORT | NETBSD_NFSMNT_RSIZE \
    | NETBSD_NFSMNT_WSIZE | NETBSD_NFSMNT_TIMEO | NETBSD_NFSMNT_RETRANS \
    | NETBSD_NFSMNT_DEADTHRESH)

/* A file system in memory may not take all that the kernel has. */
static int
limit_size(struct fs_request *request, const char *source)
{
  (void)source;
  if (request->args.tmpfs.size_max == 0) {
    request->args.tmpfs.size_max = (int64_t)(hypercall_config.memory / 2);
  }
  return 0;
}

#define ON_DEVICE(args) \
  .size = sizeof(struct netbsd_##args##_args), \
  .device_offset = offsetof(struct netbsd_##args##_args, fspec), \
  .has_device = true

const struct fs_type fs_types[FS_TYPES] = {
  { .name = "ffs", .options = none, ON_DEVICE(ufs) },
  { .name = "ext2fs", .options = none, ON_DEVICE(ufs) },
  { .name = "lfs", .options = none, ON_DEVICE(ufs), .prepare = lfs_prepare,
    .sync = sync_log },
  { .name = "msdos", .options = msdosfs, ON_DEVICE(msdosfs),
    .sync = sync_tables,
    .defaults.msdosfs = { .version = NETBSD_MSDOSFS_VERSION,
      .flags = NETBSD_MSDOSFS_VERSIONED, .mask = 0755, .dirmask = 0755 } },
  { .name = "cd9660", .options = iso, ON_DEVICE(iso) },
  { .name = "udf", .options = udf, ON_DEVICE(udf),
    .defaults.udf = { .version = NETBSD_UDF_VERSION } },
  { .name = "ntfs", .options = ntfs, ON_DEVICE(ntfs),
    .defaults.ntfs = { .mode = 0755 } },
  { .name = "tmpfs", .options = tmpfs,
    .size = sizeof(struct netbsd_tmpfs_args), .prepare = limit_size,
    .defaults.tmpfs = { .version = NETBSD_TMPFS_VERSION,
      .root_mode = 0755 } },
  { .name = "nfs", .options = nfs,
    .size = sizeof(struct netbsd_nfs_args), .is_remote = true,
    .prepare = nfs_prepare,
    .defaults.nfs.args = { .version = NETBSD_NFS_VERSION,
      .flags = NFS_FLAGS } }
};

/* A part of the string of options. */
struct word {
  const char *begin;
  size_t size;
};

static bool
is_name(const struct word *word, const char *name)
{
  return word->size == strlen(name)
    && memcmp(word->begin, name, word->size) == 0;
}

/* The word for the opposite: "nolog" of "log", "atime" of "noatime". */
static bool
is_opposite(const struct word *word, const char *name)
{
  struct word rest = { word->begin + 2, word->size - 2 };

  return (strncmp(name, "no", 2) == 0 && is_name(word, name + 2))
    || (word->size > 2 && strncmp(word->begin, "no", 2) == 0
      && is_name(&rest, name));
}

static const struct option *
find_option(
  const struct option *option, const struct word *word, bool *opposite)
{
  for (; option->name != NULL; ++option) {
    *opposite = false;
    if (is_name(word, option->name)) {
      return option;
    }
    *opposite = option->value == NOTHING && is_opposite(word, option->name);
    if (*opposite) {
      return option;
    }
  }
  return NULL;
}

static bool
parse_number(const struct word *word, enum value value, uint64_t *number)
{
  static const char units[] = "kmg";
  const char *end_of_word = word->begin + word->size;
  const char *unit;
  char *end;

  if (word->size == 0 || word->begin[0] == ' ') {
    return false;
  }
  *number = strtoull(word->begin, &end, value == OCTAL ? 8 : 0);
  if (value == SIZE && end < end_of_word) {
    unit = strchr(units, tolower((unsigned char)*end));
    if (unit == NULL || *unit == '\0') {
      return false;
    }
    *number <<= 10 * (unit - units + 1);
    ++end;
  }
  return end == end_of_word;
}

static void
set_bits(void *place, uint32_t bits, bool opposite)
{
  uint32_t *flags = place;

  *flags = opposite ? *flags & ~bits : *flags | bits;
}

static bool
set_number(void *place, enum value kind, const struct word *value)
{
  uint64_t number;

  if (!parse_number(value, kind, &number)) {
    return false;
  }
  if (kind == SIZE) {
    memcpy(place, &number, sizeof(number));
  } else {
    *(uint32_t *)place = (uint32_t)number;
  }
  return true;
}

static bool
parse_word(struct fs_request *request, const struct word *word)
{
  const char *equals = memchr(word->begin, '=', word->size);
  struct word name = *word;
  struct word value = { word->begin + word->size, 0 };
  const struct option *option;
  bool opposite;

  if (equals != NULL) {
    name.size = (size_t)(equals - word->begin);
    value.begin = equals + 1;
    value.size = word->size - name.size - 1;
  } else {
    option = find_option(common, &name, &opposite);
    if (option != NULL) {
      set_bits(&request->flags, option->bits, opposite);
      return true;
    }
    if (is_name(&name, "rw")) {
      set_bits(&request->flags, NETBSD_MNT_RDONLY, true);
      return true;
    }
  }
  option = find_option(request->type->options, &name, &opposite);
  if (option == NULL || (option->value == NOTHING) != (equals == NULL)) {
    return false;
  }
  if (option->value == NOTHING) {
    set_bits((char *)&request->args + option->offset, option->bits, opposite);
    return true;
  }
  return set_number(
    (char *)&request->args + option->offset,
    option->value,
    &value
  );
}

int
options_parse(struct fs_request *request, const char *options)
{
  while (options != NULL && *options != '\0') {
    struct word word = { options, strcspn(options, ",") };

    if (word.size > 0 && !parse_word(request, &word)) {
      rumpuser_dprintf(
        "rump: %.*s is no option, or no value of one, of a file system %s\n",
        (int)word.size,
        word.begin,
        request->type->name
      );
      return EINVAL;
    }
    options += word.size + (options[word.size] == ',');
  }
  return 0;
}
