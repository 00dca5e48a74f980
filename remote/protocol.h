/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The wire format of sysproxy, version 0.4.
 *
 * The server begins with a banner, a line of text.  All else are frames: a
 * header and, depending on its type, fixed parameters and data.  Numbers have
 * the byte order and the size that they have on both sides, which share one
 * ABI.
 *
 * | frame | direction | header's last word | payload |
 * |---|---|---|---|
 * | HANDSHAKE, a request | to the server | which handshake | the client's name, or struct sp_fork |
 * | its response | to the client | | int: 0 |
 * | AUTHENTICATE, a handshake before those | to the server | | struct sp_claim |
 * | its response | to the client | | the server's nonce |
 * | another one | to the server | | the client's proof |
 * | its response | to the client | | the server's proof |
 * | SYSCALL, a request | to the server | number | arguments |
 * | its response | to the client | | struct sp_result |
 * | CARRYING, a request | to the server | number | parts |
 * | its response, of a SYSCALL | to the client | | struct sp_result |
 * | PREFORK, a request | to the server | | |
 * | its response | to the client | | the cookie of struct sp_fork |
 * | COPYIN, COPYINSTR | to the client | | struct sp_copy |
 * | their response | to the server | | data; of a string with its end |
 * | COPYOUT, COPYOUTSTR | to the client | | struct sp_copy, data; no response |
 * | ANONMMAP | to the client | | size_t |
 * | its response | to the server | | address, or NULL |
 * | RAISE | to the client | signal | no response |
 * | instead of a response | both | error | |
 *
 * A response has the number of its request; each side counts its own.
 *
 * Version 0.4 names the handshake AUTHENTICATE, and its servers refuse it.
 * What is above is an extension of this project: a mutual authentication with
 * a shared key in three passes, as ISO/IEC 9798-4 has it.  The client's proof
 * comes first, so nobody without the key gets anything to try keys at.  It
 * consists of bytes, the same on all machines.
 *
 * CARRYING is the other one.  A server that understands it says SP_CARRIES
 * before the last slash of its banner, which clients of version 0.4 do not
 * look at.  It is a SYSCALL together with memory of the client that the kernel
 * is going to ask for.  Each of its parts is a struct sp_copy and so many
 * bytes of data, filled up to the size of another one; the first part, whose
 * address is NULL, has the arguments.
 *
 * The third one is for clients on other machines.  The words of the banner's
 * last part, before the slash, begin with a plus sign; one of them is SP_ABI,
 * the size of a word, 4 or 8, the byte order, "l" or "b", and the alignment of
 * numbers of 64 bits in structures, 4 or 8: "+abi=4l8" is 32-bit ARM.
 */

#ifndef RTEMS_RUMP_REMOTE_PROTOCOL_H
#define RTEMS_RUMP_REMOTE_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#define SP_VERSION "0.4"

/** In the banner of a server that takes CARRYING requests. */
#define SP_CARRIES "+carries"

/** In the banner, before what the server's compiler does. */
#define SP_ABI "+abi="

/** Most characters of the banner, with its end of line. */
#define SP_BANNER_SIZE 95

enum sp_class {
  SP_REQUEST,
  SP_RESPONSE,
  SP_ERROR
};

enum sp_type {
  SP_HANDSHAKE,
  SP_SYSCALL,
  SP_COPYIN,
  SP_COPYINSTR,
  SP_COPYOUT,
  SP_COPYOUTSTR,
  SP_ANONMMAP,
  SP_PREFORK,
  SP_RAISE,
  SP_CARRYING
};

enum sp_handshake {
  SP_GUEST,
  SP_AUTHENTICATE,
  SP_FORK,
  SP_EXEC
};

enum sp_error {
  SP_ERROR_NONE,
  SP_ERROR_TRY_AGAIN,
  SP_ERROR_AUTHENTICATION,
  SP_ERROR_INVALID_PREFORK,
  SP_ERROR_FORK_FAILED,
  SP_ERROR_IN_EXEC,
  SP_ERROR_NO_MEMORY,
  SP_ERROR_MALFORMED
};

struct sp_header {
  /** Of the whole frame, this header included. */
  uint64_t size;
  uint64_t number;
  uint16_t class;
  uint16_t type;
  /** System call, error, handshake or signal. */
  uint32_t what;
};

struct sp_copy {
  size_t size;
  void *address;
};

/** NetBSD's register_t has the size of an address. */
struct sp_result {
  int error;
  intptr_t values[2];
};

#define SP_COOKIE_WORDS 4

struct sp_fork {
  uint32_t cookie[SP_COOKIE_WORDS];
  int cancel;
};

#define SP_USER_SIZE 32
#define SP_NONCE_SIZE 32
#define SP_PROOF_SIZE 32

/** Who the client says it is; the name is padded with zero bytes. */
struct sp_claim {
  unsigned char user[SP_USER_SIZE];
  unsigned char nonce[SP_NONCE_SIZE];
};

/**
 * Most bytes of arguments of a system call, and of a client's name.  NetBSD's
 * calls have up to nine registers, clients send names of up to 128 characters.
 */
#define SP_REQUEST_SIZE 256

/** Most bytes of a CARRYING request after its header. */
#define SP_CARRYING_SIZE 1024

_Static_assert(sizeof(struct sp_header) == 24, "the header is packed");

#endif /* RTEMS_RUMP_REMOTE_PROTOCOL_H */
