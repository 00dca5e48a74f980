/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The calls that have led to the end of a kernel.
 *
 * Code without frame pointers or unwind tables leaves one trace of them: the
 * words on the stack which are the address after a call of the kernel.
 */

#include "hypercall.h"

/* More than a sound stack has in use. */
#define STACK_MAX (1u << 20)

#define UNSANITIZED \
  __attribute__((__no_sanitize_address__, __no_sanitize_thread__))

#if defined(__arm__)
/* Bit 0 of a return address tells that the code is Thumb. */
static bool
follows_call(uintptr_t address)
{
  if ((address & 1) != 0) {
    const uint16_t *code = (const uint16_t *)(address - 1);

    return (code[-1] & 0xff87) == 0x4780
      || ((code[-2] & 0xf800) == 0xf000 && (code[-1] & 0xc000) == 0xc000);
  }
  if ((address & 3) == 0) {
    uint32_t code = ((const uint32_t *)address)[-1];

    return (code & 0x0f000000) == 0x0b000000
      || (code & 0xfe000000) == 0xfa000000
      || (code & 0x0ffffff0) == 0x012fff30;
  }
  return false;
}
#elif defined(__i386__) || defined(__x86_64__)
/* The byte after the opcode 0xff tells what it does, and with what. */
static bool
follows_call(uintptr_t address)
{
  const uint8_t *code = (const uint8_t *)address;
  unsigned size;

  for (size = 2; size <= 7; ++size) {
    if (code[-(int)size] == 0xff && (code[1 - (int)size] & 0x38) == 0x10) {
      return true;
    }
  }
  return code[-5] == 0xe8;
}
#else
static bool
follows_call(uintptr_t address)
{
  (void)address;
  return true;
}
#endif

bool
is_return_address(uintptr_t address)
{
  return is_kernel_code(address - 8) && is_kernel_code(address)
    && follows_call(address);
}

UNSANITIZED unsigned
backtrace(const struct place *place, uintptr_t *pcs, unsigned max)
{
  const uintptr_t *p = (const uintptr_t *)place->sp;
  const uintptr_t *end = place->occupant == NULL
    ? NULL : (const uintptr_t *)place->occupant->way_out;
  unsigned n = 0;

  if (place->pc != 0) {
    pcs[n++] = place->pc;
  }
  if (is_return_address(place->ra)) {
    pcs[n++] = place->ra;
  }
  if (place->sp == 0 || place->sp % sizeof(*p) != 0
      || (uintptr_t)end - place->sp > STACK_MAX) {
    return n;
  }
  for (; p < end && n < max; ++p) {
    if (is_return_address(*p) && (n == 0 || *p != pcs[n - 1])) {
      pcs[n++] = *p;
    }
  }
  return n;
}
