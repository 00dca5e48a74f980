/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Rules as NetBSD's NPF reads them, version 17.
 */

#include "firewall-rules.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define TCP 6
#define UDP 17

/* Of NetBSD's <net/npf/npf.h>. */
#define NPF_PASS 0x1
#define NPF_FINAL 0x4
#define NPF_STATEFUL 0x8
#define NPF_RESET 0x10
#define NPF_ICMP 0x20
#define NPF_IN 0x10000000
#define NPF_OUT 0x20000000

/*
 * Instructions of BPF.  NPF runs a program with the version of IP, the place
 * of the header above it and the protocol in the first words of its memory.
 */
#define LOAD_MEMORY 0x60
#define LOAD_INDEX_MEMORY 0x61
#define LOAD_WORD 0x20
#define LOAD_INDEXED_HALF 0x48
#define AND 0x54
#define IF_EQUAL 0x15
#define IF_GREATER 0x25
#define IF_GREATER_OR_EQUAL 0x35
#define RETURN 0x06

enum {
  IP_VERSION,
  HEADER_AT,
  PROTOCOL
};

/* Where the addresses are in the headers of IPv4 and IPv6. */
#define FROM_4 12
#define TO_4 16
#define FROM_6 8
#define TO_6 24
#define PORT_AT 2

#define PROGRAM_MAX 48
#define NAME_MAX_SIZE 16

/* Room for one rule: its program in base64, and 256 for all else. */
#define RULE_TEXT (PROGRAM_MAX * 8 / 3 * 4 + 4 + 256)
#define LIST_TEXT 512

struct instruction {
  uint16_t code;
  uint8_t if_true;
  uint8_t if_false;
  uint32_t value;
};

/* Jumps to here leave the program, since the packet is another rule's. */
#define OTHER 255

struct program {
  struct instruction code[PROGRAM_MAX];
  unsigned size;
};

static void
add(
  struct program *program,
  uint16_t        code,
  uint32_t        value,
  uint8_t         if_true,
  uint8_t         if_false
)
{
  program->code[program->size++] =
    (struct instruction){ code, if_true, if_false, value };
}

static void
load(struct program *program, uint16_t code, uint32_t value)
{
  add(program, code, value, 0, 0);
}

static void
require(struct program *program, uint32_t value)
{
  add(program, IF_EQUAL, value, 0, OTHER);
}

struct prefix {
  uint8_t address[16];
  unsigned words;
  unsigned length;
};

static bool
parse_address(const char *text, struct prefix *prefix)
{
  prefix->words = strchr(text, ':') == NULL ? 1 : 4;
  prefix->length = prefix->words * 32;
  return inet_pton(prefix->words == 1 ? AF_INET : AF_INET6, text,
    prefix->address) == 1;
}

static bool
parse(const char *text, struct prefix *prefix)
{
  const char *slash = strchr(text, '/');
  size_t size = slash == NULL ? strlen(text) : (size_t)(slash - text);
  char copy[INET6_ADDRSTRLEN];
  unsigned long length;
  char *end;

  if (size >= sizeof(copy)) {
    return false;
  }
  memcpy(copy, text, size);
  copy[size] = '\0';
  if (!parse_address(copy, prefix)) {
    return false;
  }
  if (slash != NULL) {
    length = strtoul(slash + 1, &end, 10);
    if (slash[1] < '0' || slash[1] > '9' || *end != '\0'
        || length > prefix->length) {
      return false;
    }
    prefix->length = (unsigned)length;
  }
  return true;
}

/* Of each word as much as the prefix has of it. */
static void
require_prefix(
  struct program *program, const struct prefix *prefix, uint32_t at)
{
  unsigned i;

  for (i = 0; i < prefix->words && prefix->length > i * 32; ++i) {
    unsigned bits = prefix->length - i * 32;
    uint32_t mask = bits >= 32 ? ~UINT32_C(0) : ~(~UINT32_C(0) >> bits);
    uint32_t word;

    memcpy(&word, prefix->address + i * 4, sizeof(word));
    load(program, LOAD_WORD, at + i * 4);
    load(program, AND, mask);
    require(program, ntohl(word) & mask);
  }
}

/* False if an address is wrong, or they are of two kinds. */
static bool
require_addresses(
  struct program *program, const struct rtems_rump_firewall_rule *rule)
{
  struct prefix from = { .words = 0 }, to = { .words = 0 };
  bool is_4;

  if ((rule->from != NULL && !parse(rule->from, &from))
      || (rule->to != NULL && !parse(rule->to, &to))
      || (rule->from != NULL && rule->to != NULL && from.words != to.words)) {
    return false;
  }
  if (rule->from == NULL && rule->to == NULL) {
    return true;
  }
  is_4 = from.words + to.words < 4;
  load(program, LOAD_MEMORY, IP_VERSION);
  require(program, is_4 ? 4 : 6);
  require_prefix(program, &from, is_4 ? FROM_4 : FROM_6);
  require_prefix(program, &to, is_4 ? TO_4 : TO_6);
  return true;
}

/* False if the protocol has no ports. */
static bool
require_ports(
  struct program *program, const struct rtems_rump_firewall_rule *rule)
{
  if (rule->protocol != 0) {
    load(program, LOAD_MEMORY, PROTOCOL);
    require(program, rule->protocol);
  }
  if (rule->first_port == 0 && rule->last_port == 0) {
    return true;
  }
  load(program, LOAD_INDEX_MEMORY, HEADER_AT);
  load(program, LOAD_INDEXED_HALF, PORT_AT);
  add(program, IF_GREATER_OR_EQUAL, rule->first_port, 0, OTHER);
  add(program, IF_GREATER, rule->last_port, OTHER, 0);
  return rule->first_port <= rule->last_port
    && (rule->protocol == TCP || rule->protocol == UDP);
}

/* What the program returns for a packet is whether the rule is for it. */
static void
finish(struct program *program)
{
  unsigned i;

  load(program, RETURN, 1);
  load(program, RETURN, 0);
  for (i = 0; i < program->size; ++i) {
    struct instruction *code = &program->code[i];
    uint8_t rest = (uint8_t)(program->size - i - 2);

    code->if_true = code->if_true == OTHER ? rest : code->if_true;
    code->if_false = code->if_false == OTHER ? rest : code->if_false;
  }
}

static char *
put_base64(char *to, const void *data, size_t size)
{
  static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const uint8_t *from = data;
  size_t i;

  for (i = 0; i < size; i += 3) {
    uint32_t bits = (uint32_t)from[i] << 16
      | (i + 1 < size ? (uint32_t)from[i + 1] << 8 : 0)
      | (i + 2 < size ? from[i + 2] : 0);

    *to++ = digits[bits >> 18];
    *to++ = digits[bits >> 12 & 63];
    *to++ = i + 1 < size ? digits[bits >> 6 & 63] : '=';
    *to++ = i + 2 < size ? digits[bits & 63] : '=';
  }
  return to;
}

static uint32_t
attributes(const struct rtems_rump_firewall_rule *rule)
{
  static const uint32_t of_action[] = {
    [RTEMS_RUMP_BLOCK] = 0,
    [RTEMS_RUMP_REFUSE] = NPF_RESET | NPF_ICMP,
    [RTEMS_RUMP_PASS] = NPF_PASS,
    [RTEMS_RUMP_PASS_CONNECTION] = NPF_PASS | NPF_STATEFUL
  };

  return of_action[rule->action] | NPF_FINAL
    | (rule->in || !rule->out ? NPF_IN : 0)
    | (rule->out || !rule->in ? NPF_OUT : 0);
}

/* Letters and digits only: the name becomes a part of the list. */
static bool
is_name(const char *name)
{
  size_t size = strlen(name);

  return size > 0 && size < NAME_MAX_SIZE
    && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
      "0123456789") == size;
}

static bool
is_valid(const struct rtems_rump_firewall_rule *rule)
{
  return rule->action <= RTEMS_RUMP_PASS_CONNECTION
    && (rule->interface == NULL || is_name(rule->interface));
}

/* NetBSD goes on with the rule number `next` if this one is not for a packet.
 * Returns the end of what was put, or NULL. */
static char *
put_rule(
  char *to, const struct rtems_rump_firewall_rule *rule, unsigned next)
{
  struct program program = { .size = 0 };

  if (!is_valid(rule) || !require_addresses(&program, rule)
      || !require_ports(&program, rule)) {
    return NULL;
  }
  finish(&program);
  to += sprintf(
    to,
    "<dict><key>attr</key><integer>0x%lx</integer>"
      "<key>skip-to</key><integer>0x%x</integer>",
    (unsigned long)attributes(rule),
    next
  );
  if (rule->interface != NULL) {
    to += sprintf(
      to, "<key>ifname</key><string>%s</string>", rule->interface);
  }
  to += sprintf(
    to, "<key>code-type</key><integer>0x2</integer><key>code</key><data>");
  to = put_base64(to, program.code, program.size * sizeof(program.code[0]));
  return to + sprintf(to, "</data></dict>");
}

static const char list_begin[] =
  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
  "<plist version=\"1.0\">\n<dict>"
  "<key>version</key><integer>0x11</integer>"
  "<key>algs</key><array/><key>nat</key><array/><key>tables</key><array/>"
  "<key>rprocs</key><array/><key>rules</key><array>";

static const char list_end[] = "</array></dict>\n</plist>\n";

_Static_assert(sizeof(list_begin) + sizeof(list_end) <= LIST_TEXT, "list");

/* The last rule is for all packets that the others are not for. */
int
firewall_rules(
  const struct rtems_rump_firewall_rule *rules, unsigned count, char **text)
{
  static const struct rtems_rump_firewall_rule pass = {
    .action = RTEMS_RUMP_PASS
  };
  char *to;
  unsigned i;

  *text = NULL;
  if (count > RTEMS_RUMP_FIREWALL_RULES) {
    return E2BIG;
  }
  *text = to = malloc(LIST_TEXT + (count + 1) * RULE_TEXT);
  if (to == NULL) {
    return ENOMEM;
  }
  to = stpcpy(to, list_begin);
  for (i = 0; i <= count && to != NULL; ++i) {
    to = put_rule(to, i < count ? &rules[i] : &pass, i + 1);
  }
  if (to == NULL) {
    free(*text);
    *text = NULL;
    return EINVAL;
  }
  strcpy(to, list_end);
  return 0;
}

int
firewall_answer(const char *text)
{
  static const char key[] = "<key>errno</key>";
  const char *found = strstr(text, key);

  found = found == NULL ? NULL : strstr(found, "<integer>");
  return found == NULL ? 0 : (int)strtol(found + 9, NULL, 0);
}
