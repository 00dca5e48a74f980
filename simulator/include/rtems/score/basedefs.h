/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Compiler macros with the names and meanings of RTEMS.
 */

#ifndef _RTEMS_SCORE_BASEDEFS_H
#define _RTEMS_SCORE_BASEDEFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RTEMS_ALIAS(target) __attribute__((__alias__(#target)))
#define RTEMS_ALIGNED(n) __attribute__((__aligned__(n)))
#define RTEMS_ALIGN_DOWN(value, n) ((value) & ~((n) - 1))
#define RTEMS_ALIGN_UP(value, n) (((value) + (n) - 1) & ~((n) - 1))
#define RTEMS_ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define RTEMS_COMPILER_MEMORY_BARRIER() __asm__ volatile("" ::: "memory")
#define RTEMS_CONTAINER_OF(member, type, name) \
  ((type *)((uintptr_t)(member) - offsetof(type, name)))
#define RTEMS_DECONST(type, var) ((type)(uintptr_t)(const void *)(var))
#define RTEMS_DEPRECATED __attribute__((__deprecated__))
#define RTEMS_INLINE_ROUTINE static inline
#define RTEMS_MALLOCLIKE __attribute__((__malloc__))
#define RTEMS_NO_INLINE __attribute__((__noinline__))
#define RTEMS_NO_RETURN __attribute__((__noreturn__))
#define RTEMS_PACKED __attribute__((__packed__))
#define RTEMS_PREDICT_FALSE(exp) __builtin_expect(!!(exp), 0)
#define RTEMS_PREDICT_TRUE(exp) __builtin_expect(!!(exp), 1)
#define RTEMS_PRINTFLIKE(format, first) \
  __attribute__((__format__(__printf__, format, first)))
#define RTEMS_PURE __attribute__((__pure__))
#define RTEMS_RETURN_ADDRESS() __builtin_return_address(0)
#define RTEMS_SECTION(name) __attribute__((__section__(name)))
#define RTEMS_STATIC_ASSERT(cond, msg) _Static_assert(cond, #msg)
#define RTEMS_STRING(x) #x
#define RTEMS_UNREACHABLE() __builtin_unreachable()
#define RTEMS_UNUSED __attribute__((__unused__))
#define RTEMS_USED __attribute__((__used__))
#define RTEMS_WARN_UNUSED_RESULT __attribute__((__warn_unused_result__))
#define RTEMS_WEAK __attribute__((__weak__))
#define RTEMS_XSTRING(x) RTEMS_STRING(x)
#define RTEMS_CONCAT(x, y) x##y
#define RTEMS_XCONCAT(x, y) RTEMS_CONCAT(x, y)
#define RTEMS_ZERO_LENGTH_ARRAY

#endif /* _RTEMS_SCORE_BASEDEFS_H */
