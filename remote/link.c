/* SPDX-License-Identifier: BSD-2-Clause */

#include "link.h"

#include <string.h>

#define FLAG 0x7e
#define ESCAPE 0x7d
#define ESCAPED 0x20

/* Of software flow control, which drivers may not pass. */
#define XON 0x11
#define XOFF 0x13

uint32_t
link_crc(uint32_t crc, const void *bytes, size_t size)
{
  static const uint32_t nibbles[16] = {
    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
    0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
    0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
    0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c
  };
  const unsigned char *p = bytes;

  crc = ~crc;
  while (size-- > 0) {
    crc ^= *p++;
    crc = crc >> 4 ^ nibbles[crc & 15];
    crc = crc >> 4 ^ nibbles[crc & 15];
  }
  return ~crc;
}

static void
put32(unsigned char *p, uint32_t value)
{
  p[0] = (unsigned char)value;
  p[1] = (unsigned char)(value >> 8);
  p[2] = (unsigned char)(value >> 16);
  p[3] = (unsigned char)(value >> 24);
}

static uint32_t
get32(const unsigned char *p)
{
  return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16
    | (uint32_t)p[3] << 24;
}

/* Copies to or from a ring, in two parts where it ends between. */
static void
ring_copy(
  unsigned char *ring, uint32_t at, unsigned char *bytes, size_t size, bool in)
{
  size_t offset = at % LINK_BUFFER_SIZE;
  size_t first = LINK_BUFFER_SIZE - offset;

  first = size < first ? size : first;
  if (in) {
    memcpy(ring + offset, bytes, first);
    memcpy(ring, bytes + first, size - first);
  } else {
    memcpy(bytes, ring + offset, first);
    memcpy(bytes + first, ring, size - first);
  }
}

static void
restart_timer(struct link *link, uint64_t now)
{
  link->interval = LINK_RETRY_FIRST;
  link->tries = 0;
  link->deadline = now + link->interval;
}

void
link_init(struct link *link, bool is_listening)
{
  memset(link, 0, sizeof(*link));
  link->is_listening = is_listening;
}

static void
be_over(struct link *link)
{
  link->state = link->is_released ? LINK_IS_FREE : LINK_IS_OVER;
}

/* A new connection, of which nothing is known. */
static void
begin(
  struct link *link, enum link_state state, uint32_t number, uint64_t now)
{
  link->state = state;
  link->is_released = false;
  link->number = number;
  link->acknowledged = link->sent = link->written = 0;
  link->window = 0;
  link->goes_back = false;
  link->read = link->received = 0;
  link->announced = LINK_BUFFER_SIZE;
  link->has_to_accept = link->has_to_acknowledge = link->is_missing = false;
  link->has_to_probe = false;
  restart_timer(link, now);
}

void
link_call(struct link *link, uint32_t number, uint64_t now)
{
  begin(link, LINK_IS_CALLING, number, now);
  link->deadline = now;
}

void
link_accept(struct link *link, uint64_t now)
{
  link->state = LINK_IS_OPEN;
  link->has_to_accept = true;
  restart_timer(link, now);
}

void
link_end(struct link *link, uint64_t now)
{
  switch (link->state) {
    case LINK_IS_OPEN:
      link->state = LINK_IS_ENDING;
      link->has_to_probe = true;
      restart_timer(link, now);
      break;
    case LINK_IS_CALLING:
    case LINK_IS_CALLED:
      be_over(link);
      break;
    default:
      break;
  }
}

void
link_free(struct link *link, uint64_t now)
{
  link->is_released = true;
  link_end(link, now);
  if (link->state == LINK_IS_OVER) {
    link->state = LINK_IS_FREE;
  }
}

void
link_leave(struct link *link)
{
  link->has_to_leave = link->state == LINK_IS_ENDING;
}

static bool
has_data(const struct link *link)
{
  return link->acknowledged != link->written;
}

static bool
is_flowing(const struct link *link)
{
  return link->state == LINK_IS_OPEN
    || (link->state == LINK_IS_ENDING && has_data(link));
}

/* Something is to be sent again unless an answer comes. */
static bool
is_timed(const struct link *link)
{
  return link->state == LINK_IS_CALLING || link->state == LINK_IS_ENDING
    || (link->state == LINK_IS_OPEN && has_data(link));
}

int
link_timeout(const struct link *link, uint64_t now)
{
  if (!is_timed(link)) {
    return -1;
  }
  return link->deadline > now ? (int)(link->deadline - now) : 0;
}

size_t
link_write(
  struct link *link, const void *bytes, size_t size, uint64_t now)
{
  size_t room = link_room(link);

  if (link->state != LINK_IS_OPEN) {
    return 0;
  }
  if (!has_data(link)) {
    restart_timer(link, now);
  }
  size = size < room ? size : room;
  ring_copy(
    link->out, link->written, (unsigned char *)(uintptr_t)bytes, size, true);
  link->written += (uint32_t)size;
  return size;
}

/* A peer that has been told of little room is told of more. */
size_t
link_read(struct link *link, void *bytes, size_t size)
{
  size_t available = link_available(link);

  size = size < available ? size : available;
  ring_copy(link->in, link->read, bytes, size, false);
  link->read += (uint32_t)size;
  if (link->announced - link->received < LINK_BUFFER_SIZE / 4
      && LINK_BUFFER_SIZE - link_available(link) >= LINK_BUFFER_SIZE / 2) {
    link->has_to_acknowledge = true;
  }
  return size;
}

/* What comes in. */

struct packet {
  enum link_type type;
  uint32_t number, sequence, acknowledged, window;
  unsigned char *data;
  size_t size;
};

static void
go_back(struct link *link)
{
  link->sent = link->acknowledged;
}

static void
take_acknowledgement(
  struct link *link, const struct packet *packet, uint64_t now)
{
  uint32_t more = packet->acknowledged - link->acknowledged;

  if (more > link->written - link->acknowledged) {
    return;
  }
  link->acknowledged += more;
  link->window = packet->window;
  if (more > 0) {
    link->goes_back = false;
    restart_timer(link, now);
    link->has_to_probe |= link->state == LINK_IS_ENDING && !has_data(link);
  }
  if ((int32_t)(link->acknowledged - link->sent) > 0) {
    go_back(link);
  }
  if (packet->type == LINK_MISSING && !link->goes_back && has_data(link)) {
    link->goes_back = true;
    go_back(link);
  }
}

/* Of data that was sent again the beginning may be there already. */
static void
take_data(struct link *link, const struct packet *packet)
{
  uint32_t known = link->received - packet->sequence;
  size_t room = LINK_BUFFER_SIZE - link_available(link);
  size_t size;

  link->has_to_acknowledge = true;
  if (known > packet->size) {
    link->is_missing |= (int32_t)known < 0;
    return;
  }
  size = packet->size - known;
  size = size < room ? size : room;
  if (link->state == LINK_IS_OPEN) {
    ring_copy(link->in, link->received, packet->data + known, size, true);
  } else {
    /* Nobody reads it. */
    link->read += (uint32_t)size;
  }
  link->received += (uint32_t)size;
}

static bool
is_own(const struct link *link, const struct packet *packet)
{
  return link->state != LINK_IS_FREE && link->number == packet->number;
}

/* A new call ends the connection before: its client has forgotten that. */
static void
take_call(struct link *link, const struct packet *packet, uint64_t now)
{
  switch (link->state) {
    case LINK_IS_FREE:
    case LINK_IS_CALLED:
      begin(link, LINK_IS_CALLED, packet->number, now);
      link->window = packet->window;
      break;
    case LINK_IS_OPEN:
    case LINK_IS_ENDING:
      if (link->number == packet->number) {
        link->has_to_accept = true;
      } else {
        be_over(link);
      }
      break;
    default:
      break;
  }
}

static void
take_end(struct link *link, const struct packet *packet)
{
  if (!is_own(link, packet)) {
    return;
  }
  if (link->state != LINK_IS_ENDING) {
    link->has_to_end = true;
    link->end_of = packet->number;
  }
  be_over(link);
}

/* That the first packets of a connection come tells that it was accepted. */
static void
take_flow(struct link *link, const struct packet *packet, uint64_t now)
{
  if (!is_own(link, packet) || link->state == LINK_IS_OVER) {
    link->has_to_end = true;
    link->end_of = packet->number;
    return;
  }
  if (link->state == LINK_IS_CALLING) {
    link->state = LINK_IS_OPEN;
    restart_timer(link, now);
  }
  if (link->state == LINK_IS_CALLED) {
    return;
  }
  take_acknowledgement(link, packet, now);
  if (packet->type == LINK_DATA) {
    take_data(link, packet);
  }
}

static void
take_packet(struct link *link, const struct packet *packet, uint64_t now)
{
  switch (packet->type) {
    case LINK_CALL:
      if (link->is_listening) {
        take_call(link, packet, now);
      }
      break;
    case LINK_ACCEPT:
    case LINK_DATA:
    case LINK_ACKNOWLEDGE:
    case LINK_MISSING:
      take_flow(link, packet, now);
      break;
    case LINK_END:
      take_end(link, packet);
      break;
    default:
      break;
  }
}

static bool
parse(struct link *link, struct packet *packet)
{
  const unsigned char *p = link->packet;
  size_t size = link->length;

  if (link->is_too_long || size < LINK_HEADER_SIZE + LINK_CHECK_SIZE) {
    return false;
  }
  size -= LINK_CHECK_SIZE;
  if (link_crc(0, p, size) != get32(p + size)) {
    return false;
  }
  packet->type = (enum link_type)p[0];
  packet->number = get32(p + 1);
  packet->sequence = get32(p + 5);
  packet->acknowledged = get32(p + 9);
  packet->window = p[13] | (uint32_t)p[14] << 8;
  packet->data = link->packet + LINK_HEADER_SIZE;
  packet->size = size - LINK_HEADER_SIZE;
  return true;
}

/* A packet that was broken may have been one with data. */
static void
end_of_packet(struct link *link, uint64_t now)
{
  struct packet packet;

  if (link->length == 0 && !link->is_too_long) {
    return;
  }
  if (parse(link, &packet)) {
    take_packet(link, &packet, now);
  } else if (link->state == LINK_IS_OPEN) {
    link->has_to_acknowledge = true;
    link->is_missing = true;
  }
  link->length = 0;
  link->is_escaped = false;
  link->is_too_long = false;
}

static void
take_byte(struct link *link, unsigned char byte)
{
  if (byte == ESCAPE) {
    link->is_escaped = true;
    return;
  }
  if (link->length == sizeof(link->packet)) {
    link->is_too_long = true;
    return;
  }
  link->packet[link->length++] = link->is_escaped ? byte ^ ESCAPED : byte;
  link->is_escaped = false;
}

void
link_input(
  struct link *link, const unsigned char *bytes, size_t size, uint64_t now)
{
  size_t i;

  for (i = 0; i < size; ++i) {
    if (bytes[i] == FLAG) {
      end_of_packet(link, now);
    } else {
      take_byte(link, bytes[i]);
    }
  }
}

/* What goes out. */

static unsigned char *
put_escaped(unsigned char *to, const unsigned char *bytes, size_t size)
{
  size_t i;

  for (i = 0; i < size; ++i) {
    unsigned char byte = bytes[i];

    if (byte == FLAG || byte == ESCAPE || byte == XON || byte == XOFF) {
      *to++ = ESCAPE;
      byte ^= ESCAPED;
    }
    *to++ = byte;
  }
  return to;
}

/* The data is in the packet already. */
static size_t
make_frame(
  struct link   *link,
  unsigned char *frame,
  unsigned char *packet,
  enum link_type type,
  uint32_t       number,
  size_t         size
)
{
  uint32_t room = (uint32_t)(LINK_BUFFER_SIZE - link_available(link));
  unsigned char *to = frame;

  packet[0] = (unsigned char)type;
  put32(packet + 1, number);
  put32(packet + 5, link->sent);
  put32(packet + 9, link->received);
  packet[13] = (unsigned char)room;
  packet[14] = (unsigned char)(room >> 8);
  size += LINK_HEADER_SIZE;
  put32(packet + size, link_crc(0, packet, size));
  *to++ = FLAG;
  to = put_escaped(to, packet, size + LINK_CHECK_SIZE);
  *to++ = FLAG;
  if (number == link->number) {
    link->announced = link->received + room;
  }
  return (size_t)(to - frame);
}

/* It is time to send again what has had no answer. */
static void
retry(struct link *link, uint64_t now)
{
  if (!is_timed(link) || link->deadline > now) {
    return;
  }
  if (++link->tries > LINK_RETRIES) {
    be_over(link);
    return;
  }
  link->deadline = now + link->interval;
  link->interval *= 2;
  if (link->interval > LINK_RETRY_LAST) {
    link->interval = LINK_RETRY_LAST;
  }
  link->goes_back = false;
  go_back(link);
  link->has_to_probe = true;
}

static size_t
data_to_send(const struct link *link)
{
  uint32_t left = link->written - link->sent;
  uint32_t in_flight = link->sent - link->acknowledged;
  uint32_t room = link->window > in_flight ? link->window - in_flight : 0;

  left = left < room ? left : room;
  return left < LINK_DATA_SIZE ? left : LINK_DATA_SIZE;
}

static bool
take(bool *flag)
{
  bool was_set = *flag;

  *flag = false;
  return was_set;
}

/* Without room at the peer a packet without data asks for that. */
static size_t
send_data(
  struct link *link, unsigned char *frame, unsigned char *packet)
{
  size_t size = data_to_send(link);
  size_t length;

  if (size == 0 && !(link->has_to_probe && has_data(link))) {
    return 0;
  }
  ring_copy(link->out, link->sent, packet + LINK_HEADER_SIZE, size, false);
  length = make_frame(link, frame, packet, LINK_DATA, link->number, size);
  link->sent += (uint32_t)size;
  link->has_to_probe = false;
  link->has_to_acknowledge = link->is_missing;
  return length;
}

static size_t
send_state(struct link *link, unsigned char *frame, unsigned char *packet)
{
  enum link_type type;

  if (take(&link->has_to_acknowledge)) {
    type = take(&link->is_missing) ? LINK_MISSING : LINK_ACKNOWLEDGE;
  } else if (link->state == LINK_IS_CALLING && take(&link->has_to_probe)) {
    type = LINK_CALL;
  } else if (link->state == LINK_IS_ENDING && !has_data(link)
      && take(&link->has_to_probe)) {
    link->has_to_leave = false;
    type = LINK_END;
  } else if (take(&link->has_to_leave)) {
    type = LINK_END;
  } else {
    return 0;
  }
  return make_frame(link, frame, packet, type, link->number, 0);
}

/* The first data follows the acceptance at once. */
size_t
link_output(
  struct link *link, unsigned char frame[LINK_FRAME_SIZE], uint64_t now)
{
  unsigned char packet[LINK_PACKET_SIZE];
  size_t size = 0;

  retry(link, now);
  if (take(&link->has_to_end)) {
    return make_frame(link, frame, packet, LINK_END, link->end_of, 0);
  }
  if (take(&link->has_to_accept)) {
    return make_frame(link, frame, packet, LINK_ACCEPT, link->number, 0);
  }
  if (is_flowing(link)) {
    size = send_data(link, frame, packet);
  }
  return size > 0 ? size : send_state(link, frame, packet);
}
