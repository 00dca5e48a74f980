/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The Cadence GEM of the Zynq-7000: see chapter 16 and appendix B.18 of its
 * Technical Reference Manual.
 *
 * Frames to send are copied into buffers of the driver's, one descriptor each,
 * and their descriptors are used again when the device has marked them: no
 * interrupt tells of that.  Received frames are lent in the buffers that the
 * device has written to.  Its interrupt is enabled only while somebody waits.
 *
 * Clocks, pins and the PHY are left as the boot loader has set them.
 */

#include <rtems-rump/link.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <rtems.h>
#include <rtems/irq-extension.h>
#include <rtems/rtems/cache.h>
#include <rtems/thread.h>

#include "frame-copy.h"

/* In units of 64 bytes for the device, and of whole cache lines. */
#define BUFFER_SIZE RTEMS_RUMP_LINK_BUFFER

#define SEND_BUFFERS 64u

/* Registers, by number of word. */
enum {
  CONTROL = 0x00 / 4,
  CONFIG = 0x04 / 4,
  STATUS = 0x08 / 4,
  DMA_CONFIG = 0x10 / 4,
  SEND_STATUS = 0x14 / 4,
  RECEIVE_QUEUE = 0x18 / 4,
  SEND_QUEUE = 0x1c / 4,
  RECEIVE_STATUS = 0x20 / 4,
  INTERRUPT_STATUS = 0x24 / 4,
  INTERRUPT_ENABLE = 0x28 / 4,
  INTERRUPT_DISABLE = 0x2c / 4,
  PHY = 0x34 / 4,
  HASH_LOW = 0x80 / 4,
  HASH_HIGH = 0x84 / 4,
  ADDRESS_LOW = 0x88 / 4,
  ADDRESS_HIGH = 0x8c / 4,
  /* These are cleared by reading them. */
  COUNT_BAD_CHECK = 0x190 / 4,
  COUNT_NO_BUFFER = 0x1a0 / 4,
  COUNT_OVERRUN = 0x1a4 / 4
};

#define CONTROL_RECEIVE (1u << 2)
#define CONTROL_SEND (1u << 3)
#define CONTROL_PHY (1u << 4)
#define CONTROL_START (1u << 9)

#define CONFIG_100 (1u << 0)
#define CONFIG_FULL_DUPLEX (1u << 1)
#define CONFIG_PROMISCUOUS (1u << 4)
#define CONFIG_MULTICAST_HASH (1u << 6)
#define CONFIG_1536 (1u << 8)
#define CONFIG_1000 (1u << 10)
#define CONFIG_OFFSET (RTEMS_RUMP_LINK_OFFSET << 14)
#define CONFIG_REMOVE_CHECK (1u << 17)
#define CONFIG_SUMS (1u << 24)
#define CONFIG_KEPT (7u << 18 | 3u << 21)

/* Bursts of 16, all of the device's memory, the size of buffers. */
#define DMA (0x10u | 3u << 8 | 1u << 10 | (BUFFER_SIZE / 64) << 16)
#define DMA_SUMS (1u << 11)

#define STATUS_PHY_IDLE (1u << 2)

#define SEND_ERRORS (1u << 2 | 1u << 4 | 1u << 6 | 1u << 8)

/* A frame, no buffer, and an overrun. */
#define INTERRUPTS (1u << 1 | 1u << 2 | 1u << 10)

struct descriptor {
  volatile uint32_t address, status;
};

/* In the address of a descriptor to receive. */
#define RECEIVED (1u << 0)
#define RECEIVE_LAST (1u << 1)
/* In its status. */
#define FRAME_SIZE 0x1fffu
#define FRAME_WHOLE (3u << 14)
/* With CONFIG_SUMS: that of IP, and of TCP or UDP, which the next bit tells. */
#define FRAME_SUMMED (1u << 23)

/* In the status of a descriptor to send. */
#define SENT (1u << 31)
#define SEND_LAST (1u << 30)
#define SEND_END (1u << 15)

static const struct hardware {
  const char *name;
  uintptr_t registers;
  rtems_vector_number vector;
} hardware[] = {
  { "gem0", 0xe000b000, 54 },
  { "gem1", 0xe000c000, 77 }
};

struct gem {
  const struct hardware *hardware;
  volatile uint32_t *registers;
  struct rtems_rump_link_user user;
  atomic_bool armed;

  /* Who reads from the PHY, and who sends. */
  rtems_mutex phy_lock, send_lock;
  unsigned phy;

  struct descriptor *receive, *send;
  unsigned char *send_buffers;

  /* The first descriptor that is not lent, and how many before it are. */
  unsigned receive_next, lent;
  unsigned send_next;

  atomic_ulong dropped[RTEMS_RUMP_LINK_DROPS];
};

static atomic_bool in_use[RTEMS_ARRAY_SIZE(hardware)];

static uint32_t
get(const struct gem *gem, unsigned reg)
{
  return gem->registers[reg];
}

static void
set(const struct gem *gem, unsigned reg, uint32_t value)
{
  gem->registers[reg] = value;
}

/* Memory that the device sees is written, or read, before what follows. */
static void
barrier(void)
{
  __asm__ volatile("dsb" ::: "memory");
}

static void
count(struct gem *gem, enum rtems_rump_link_drop reason, unsigned long n)
{
  (void)atomic_fetch_add_explicit(
    &gem->dropped[reason],
    n,
    memory_order_relaxed
  );
}

/* The PHY. */

#define PHYS 32u
#define PHY_STATUS 1u
#define PHY_ID 2u
#define PHY_PARTNER 5u
#define PHY_PARTNER_1000 10u
#define PHY_STATUS_UP (1u << 2)
#define PHY_TRIES 100000u

static uint16_t
phy_read_of(const struct gem *gem, unsigned phy, unsigned reg)
{
  unsigned tries = PHY_TRIES;

  set(gem, PHY, 1u << 30 | 2u << 28 | phy << 23 | reg << 18 | 2u << 16);
  while ((get(gem, STATUS) & STATUS_PHY_IDLE) == 0 && --tries > 0) {
  }
  return (uint16_t)get(gem, PHY);
}

static unsigned
phy_find(const struct gem *gem)
{
  unsigned phy;

  for (phy = 1; phy < PHYS; ++phy) {
    uint16_t id = phy_read_of(gem, phy, PHY_ID);

    if (id != 0 && id != 0xffff) {
      return phy;
    }
  }
  return 0;
}

static uint16_t
phy_read(const struct gem *gem, unsigned reg)
{
  return phy_read_of(gem, gem->phy, reg);
}

static uint32_t
speed(const struct gem *gem)
{
  if ((phy_read(gem, PHY_PARTNER_1000) & 3u << 10) != 0) {
    return CONFIG_1000 | CONFIG_FULL_DUPLEX;
  }
  if ((phy_read(gem, PHY_PARTNER) & 3u << 7) != 0) {
    return CONFIG_100 | CONFIG_FULL_DUPLEX;
  }
  return CONFIG_FULL_DUPLEX;
}

/* Up at this moment: the bit stays down until it is read. */
static bool
gem_is_up(void *handle)
{
  struct gem *gem = handle;
  bool is_up;

  rtems_mutex_lock(&gem->phy_lock);
  (void)phy_read(gem, PHY_STATUS);
  is_up = (phy_read(gem, PHY_STATUS) & PHY_STATUS_UP) != 0;
  rtems_mutex_unlock(&gem->phy_lock);
  return is_up;
}

/* Receiving. */

static void
gem_interrupt(void *arg)
{
  struct gem *gem = arg;

  set(gem, INTERRUPT_DISABLE, INTERRUPTS);
  set(gem, INTERRUPT_STATUS, get(gem, INTERRUPT_STATUS));
  if (atomic_exchange(&gem->armed, false)) {
    (*gem->user.notify)(gem->user.arg);
  }
}

static bool
has_received(const struct gem *gem)
{
  return gem->lent < gem->user.buffer_count
    && (gem->receive[gem->receive_next].address & RECEIVED) != 0;
}

static bool
gem_arm(void *handle)
{
  struct gem *gem = handle;

  atomic_store(&gem->armed, true);
  set(gem, INTERRUPT_STATUS, INTERRUPTS);
  set(gem, INTERRUPT_ENABLE, INTERRUPTS);
  barrier();
  if (!has_received(gem)) {
    return false;
  }
  set(gem, INTERRUPT_DISABLE, INTERRUPTS);
  return atomic_exchange(&gem->armed, false);
}

static unsigned
next(const struct gem *gem, unsigned i)
{
  return (i + 1) & (gem->user.buffer_count - 1);
}

/* What was written to the buffer must not reach memory any more. */
static void
give(struct gem *gem, unsigned i)
{
  void *buffer = gem->user.buffers[i];

  rtems_cache_invalidate_multiple_data_lines(buffer, BUFFER_SIZE);
  barrier();
  gem->receive[i].address = (uint32_t)(uintptr_t)buffer
    | (next(gem, i) == 0 ? RECEIVE_LAST : 0);
}

static void
tell_of(
  const struct gem *gem, unsigned i, uint32_t status,
  struct rtems_rump_link_frame *frame)
{
  unsigned char *buffer = gem->user.buffers[i];

  rtems_cache_invalidate_multiple_data_lines(buffer, BUFFER_SIZE);
  frame->buffer = buffer;
  frame->data = buffer + RTEMS_RUMP_LINK_OFFSET;
  frame->size = status & FRAME_SIZE;
  frame->is_summed = (status & FRAME_SUMMED) != 0;
  frame->time = 0;
}

/* Damaged frames are the first of a batch, since nobody else is lent them. */
static unsigned
gem_receive(void *handle, struct rtems_rump_link_frame *frames, unsigned max)
{
  struct gem *gem = handle;
  unsigned n = 0;

  while (n < max && has_received(gem)) {
    unsigned i = gem->receive_next;
    uint32_t status;

    barrier();
    status = gem->receive[i].status;
    if ((status & FRAME_WHOLE) == FRAME_WHOLE) {
      tell_of(gem, i, status, &frames[n++]);
      ++gem->lent;
    } else if (gem->lent > 0) {
      break;
    } else {
      count(gem, RTEMS_RUMP_LINK_DAMAGED, 1);
      give(gem, i);
    }
    gem->receive_next = next(gem, i);
  }
  return n;
}

static void
gem_release(
  void *handle, const struct rtems_rump_link_frame *frames, unsigned n)
{
  struct gem *gem = handle;
  unsigned j;

  for (j = 0; j < n; ++j, --gem->lent) {
    unsigned i = (gem->receive_next - gem->lent)
      & (gem->user.buffer_count - 1);

    gem->user.buffers[i] = frames[j].buffer;
    give(gem, i);
  }
}

/* Sending. */

/* After an error, too: then the device begins again with the first. */
static void
init_send(struct gem *gem)
{
  unsigned i;

  for (i = 0; i < SEND_BUFFERS; ++i) {
    gem->send[i].address =
      (uint32_t)(uintptr_t)(gem->send_buffers + i * BUFFER_SIZE);
    gem->send[i].status = SENT | (i == SEND_BUFFERS - 1 ? SEND_LAST : 0);
  }
  gem->send_next = 0;
  barrier();
  set(gem, SEND_QUEUE, (uint32_t)(uintptr_t)gem->send);
  set(gem, SEND_STATUS, ~0u);
}

static void
recover(struct gem *gem)
{
  uint32_t control = get(gem, CONTROL);

  set(gem, CONTROL, control & ~CONTROL_SEND);
  init_send(gem);
  set(gem, CONTROL, control | CONTROL_SEND);
}

/* Where a packet of IP tells its version. */
#define VERSION_AT RTEMS_RUMP_LINK_FRAME_MIN

/*
 * The device makes the sums of IPv4, all of them.  It does for IPv6, too, but
 * not under QEMU.
 */
static void
copy(
  unsigned char *to, const struct rtems_rump_link_send *frame, size_t size)
{
  static const uint16_t nothing;

  if (frame->sum_begin == 0 || frame_byte(frame, VERSION_AT) >> 4 != 4) {
    frame_copy_sum(to, frame, size);
    return;
  }
  frame_copy(to, frame);
  memcpy(to + frame->sum_at, &nothing, sizeof(nothing));
}

static bool
send_one(struct gem *gem, const struct rtems_rump_link_send *frame)
{
  struct descriptor *d = &gem->send[gem->send_next];
  unsigned char *buffer = gem->send_buffers + gem->send_next * BUFFER_SIZE;
  size_t size = frame_size(frame);

  if (size > RTEMS_RUMP_LINK_FRAME_MAX || size < RTEMS_RUMP_LINK_FRAME_MIN) {
    count(gem, size < RTEMS_RUMP_LINK_FRAME_MIN
      ? RTEMS_RUMP_LINK_TRUNCATED : RTEMS_RUMP_LINK_OVERSIZED, 1);
    return false;
  }
  if ((d->status & SENT) == 0) {
    count(gem, RTEMS_RUMP_LINK_FULL, 1);
    return false;
  }
  copy(buffer, frame, size);
  rtems_cache_flush_multiple_data_lines(buffer, size);
  barrier();
  d->status = (uint32_t)size | SEND_END | (d->status & SEND_LAST);
  gem->send_next = (gem->send_next + 1) % SEND_BUFFERS;
  return true;
}

static unsigned
gem_send(
  void *handle, const struct rtems_rump_link_send *frames, unsigned n)
{
  struct gem *gem = handle;
  unsigned i, sent = 0;

  rtems_mutex_lock(&gem->send_lock);
  if ((get(gem, SEND_STATUS) & SEND_ERRORS) != 0) {
    recover(gem);
  }
  for (i = 0; i < n; ++i) {
    sent += send_one(gem, &frames[i]);
  }
  barrier();
  set(gem, CONTROL, get(gem, CONTROL) | CONTROL_START);
  rtems_mutex_unlock(&gem->send_lock);
  return sent;
}

static void
gem_get_usage(void *handle, struct rtems_rump_link_usage *usage)
{
  struct gem *gem = handle;
  unsigned i;

  count(gem, RTEMS_RUMP_LINK_DAMAGED, get(gem, COUNT_BAD_CHECK));
  count(gem, RTEMS_RUMP_LINK_OVERRUN,
    get(gem, COUNT_NO_BUFFER) + get(gem, COUNT_OVERRUN));
  usage->is_up = gem_is_up(gem);
  for (i = 0; i < RTEMS_RUMP_LINK_DROPS; ++i) {
    usage->dropped[i] += atomic_load(&gem->dropped[i]);
  }
}

/* Of an address, bits that are six apart. */
static unsigned
hash(const uint8_t *address)
{
  unsigned bit, sum = 0;

  for (bit = 0; bit < 8 * RTEMS_RUMP_LINK_ADDRESS; ++bit) {
    sum ^= (address[bit / 8] >> bit % 8 & 1u) << bit % 6;
  }
  return sum;
}

static void
gem_set_filter(void *handle, const struct rtems_rump_link_filter *filter)
{
  struct gem *gem = handle;
  uint32_t config = get(gem, CONFIG) & ~CONFIG_PROMISCUOUS;
  uint64_t groups = filter->has_all_groups ? ~UINT64_C(0) : 0;
  unsigned i;

  for (i = 0; i < filter->group_count; ++i) {
    groups |= UINT64_C(1) << hash(filter->groups[i]);
  }
  set(gem, HASH_LOW, (uint32_t)groups);
  set(gem, HASH_HIGH, (uint32_t)(groups >> 32));
  set(gem, CONFIG,
    config | (filter->is_promiscuous ? CONFIG_PROMISCUOUS : 0));
}

/* Life. */

static void
stop(const struct gem *gem)
{
  set(gem, CONTROL, 0);
  set(gem, INTERRUPT_DISABLE, ~0u);
  set(gem, INTERRUPT_STATUS, ~0u);
  set(gem, RECEIVE_STATUS, ~0u);
}

static void
init_receive(struct gem *gem)
{
  unsigned i;

  for (i = 0; i < gem->user.buffer_count; ++i) {
    gem->receive[i].status = 0;
    give(gem, i);
  }
  barrier();
  set(gem, RECEIVE_QUEUE, (uint32_t)(uintptr_t)gem->receive);
}

/* That of the boot loader, unless the application has chosen one. */
static void
init_address(struct gem *gem, uint8_t *address, bool is_given)
{
  uint32_t low = get(gem, ADDRESS_LOW);
  uint32_t high = get(gem, ADDRESS_HIGH);
  unsigned i;

  if (!is_given && low != 0 && (low & 1) == 0) {
    for (i = 0; i < RTEMS_RUMP_LINK_ADDRESS; ++i) {
      address[i] = (uint8_t)(i < 4 ? low >> i * 8 : high >> (i - 4) * 8);
    }
  }
  low = (uint32_t)address[3] << 24 | (uint32_t)address[2] << 16
    | (uint32_t)address[1] << 8 | address[0];
  set(gem, ADDRESS_LOW, low);
  set(gem, ADDRESS_HIGH, (uint32_t)address[5] << 8 | address[4]);
}

static void
start(struct gem *gem, uint8_t *address, bool is_given)
{
  stop(gem);
  set(gem, CONTROL, CONTROL_PHY);
  gem->phy = phy_find(gem);
  init_address(gem, address, is_given);
  set(gem, HASH_LOW, ~0u);
  set(gem, HASH_HIGH, ~0u);
  set(gem, CONFIG, (get(gem, CONFIG) & CONFIG_KEPT) | speed(gem)
    | CONFIG_MULTICAST_HASH | CONFIG_1536 | CONFIG_OFFSET
    | CONFIG_REMOVE_CHECK | CONFIG_SUMS);
  set(gem, DMA_CONFIG, DMA | (gem->user.sums ? DMA_SUMS : 0));
  init_receive(gem);
  init_send(gem);
  set(gem, CONTROL, CONTROL_PHY | CONTROL_RECEIVE | CONTROL_SEND);
}

static void
give_back(struct gem *gem)
{
  rtems_mutex_destroy(&gem->phy_lock);
  rtems_mutex_destroy(&gem->send_lock);
  rtems_cache_coherent_free(gem->receive);
  rtems_cache_coherent_free(gem->send);
  free(gem->send_buffers);
  free(gem);
}

static struct gem *
make(const struct hardware *h, const struct rtems_rump_link_user *user)
{
  struct gem *gem = calloc(1, sizeof(*gem));
  size_t unit = sizeof(struct descriptor);

  if (gem == NULL) {
    return NULL;
  }
  gem->hardware = h;
  gem->registers = (volatile uint32_t *)h->registers;
  gem->user = *user;
  rtems_mutex_init(&gem->phy_lock, "rump gem phy");
  rtems_mutex_init(&gem->send_lock, "rump gem send");
  gem->receive =
    rtems_cache_coherent_allocate(user->buffer_count * unit, 64, 0);
  gem->send = rtems_cache_coherent_allocate(SEND_BUFFERS * unit, 64, 0);
  gem->send_buffers = rtems_cache_aligned_malloc(SEND_BUFFERS * BUFFER_SIZE);
  if (gem->receive == NULL || gem->send == NULL
      || gem->send_buffers == NULL) {
    give_back(gem);
    return NULL;
  }
  return gem;
}

static const struct hardware *
find(const char *name)
{
  unsigned i;

  for (i = 0; i < RTEMS_ARRAY_SIZE(hardware); ++i) {
    if (name != NULL && strcmp(hardware[i].name, name) == 0) {
      return &hardware[i];
    }
  }
  return NULL;
}

static int
open_unused(
  const struct hardware             *h,
  const struct rtems_rump_link_user *user,
  uint8_t                            address[RTEMS_RUMP_LINK_ADDRESS],
  bool                               is_given,
  void                             **handle)
{
  struct gem *gem = make(h, user);

  if (gem == NULL) {
    return ENOMEM;
  }
  start(gem, address, is_given);
  if (rtems_interrupt_handler_install(
        h->vector,
        h->name,
        RTEMS_INTERRUPT_UNIQUE,
        gem_interrupt,
        gem
      ) != RTEMS_SUCCESSFUL) {
    stop(gem);
    give_back(gem);
    return EBUSY;
  }
  *handle = gem;
  return 0;
}

static int
gem_open(
  const struct rtems_rump_link      *link,
  const struct rtems_rump_link_user *user,
  uint8_t                            address[RTEMS_RUMP_LINK_ADDRESS],
  bool                               is_given,
  void                             **handle)
{
  const struct hardware *h = find(link->device);
  int error;

  if (h == NULL) {
    return ENXIO;
  }
  if (atomic_exchange(&in_use[h - hardware], true)) {
    return EBUSY;
  }
  error = open_unused(h, user, address, is_given, handle);
  if (error != 0) {
    atomic_store(&in_use[h - hardware], false);
  }
  return error;
}

static void
gem_close(void *handle)
{
  struct gem *gem = handle;
  const struct hardware *h = gem->hardware;

  stop(gem);
  (void)rtems_interrupt_handler_remove(h->vector, gem_interrupt, gem);
  give_back(gem);
  atomic_store(&in_use[h - hardware], false);
}

const struct rtems_rump_link_driver rtems_rump_link_gem = {
  .open = gem_open,
  .send = gem_send,
  .receive = gem_receive,
  .release = gem_release,
  .arm = gem_arm,
  .get_usage = gem_get_usage,
  .is_up = gem_is_up,
  .set_filter = gem_set_filter,
  .close = gem_close,
  .sums = true
};
