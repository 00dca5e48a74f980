/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Error numbers.  RTEMS's and NetBSD's agree up to 34 but for one, and hardly
 * anywhere above.
 */

#include <errno.h>

#include "hypercall.h"

/* The first has RTEMS's name, the second is NetBSD's number. */
static const struct {
  short host;
  short netbsd;
} pairs[] = {
  { EPERM, 1 },
  { ENOENT, 2 },
  { ESRCH, 3 },
  { EINTR, 4 },
  { EIO, 5 },
  { ENXIO, 6 },
  { E2BIG, 7 },
  { ENOEXEC, 8 },
  { EBADF, 9 },
  { ECHILD, 10 },
  { EDEADLK, 11 },
  { ENOMEM, 12 },
  { EACCES, 13 },
  { EFAULT, 14 },
  { EBUSY, 16 },
  { EEXIST, 17 },
  { EXDEV, 18 },
  { ENODEV, 19 },
  { ENOTDIR, 20 },
  { EISDIR, 21 },
  { EINVAL, 22 },
  { ENFILE, 23 },
  { EMFILE, 24 },
  { ENOTTY, 25 },
  { ETXTBSY, 26 },
  { EFBIG, 27 },
  { ENOSPC, 28 },
  { ESPIPE, 29 },
  { EROFS, 30 },
  { EMLINK, 31 },
  { EPIPE, 32 },
  { EDOM, 33 },
  { ERANGE, 34 },
  { EAGAIN, 35 },
  { EINPROGRESS, 36 },
  { EALREADY, 37 },
  { ENOTSOCK, 38 },
  { EDESTADDRREQ, 39 },
  { EMSGSIZE, 40 },
  { EPROTOTYPE, 41 },
  { ENOPROTOOPT, 42 },
  { EPROTONOSUPPORT, 43 },
  { EOPNOTSUPP, 45 },
  { EPFNOSUPPORT, 46 },
  { EAFNOSUPPORT, 47 },
  { EADDRINUSE, 48 },
  { EADDRNOTAVAIL, 49 },
  { ENETDOWN, 50 },
  { ENETUNREACH, 51 },
  { ENETRESET, 52 },
  { ECONNABORTED, 53 },
  { ECONNRESET, 54 },
  { ENOBUFS, 55 },
  { EISCONN, 56 },
  { ENOTCONN, 57 },
  { ETOOMANYREFS, 59 },
  { ETIMEDOUT, 60 },
  { ECONNREFUSED, 61 },
  { ELOOP, 62 },
  { ENAMETOOLONG, 63 },
  { EHOSTDOWN, 64 },
  { EHOSTUNREACH, 65 },
  { ENOTEMPTY, 66 },
  { EDQUOT, 69 },
  { ESTALE, 70 },
  { ENOLCK, 77 },
  { ENOSYS, 78 },
  { EIDRM, 82 },
  { ENOMSG, 83 },
  { EOVERFLOW, 84 },
  { EILSEQ, 85 },
  { ENOTSUP, 86 },
  { ECANCELED, 87 },
  { EBADMSG, 88 },
  { ENODATA, 89 },
  { ENOSR, 90 },
  { ENOSTR, 91 },
  { ETIME, 92 },
  { EMULTIHOP, 94 },
  { ENOLINK, 95 },
  { EPROTO, 96 },
  /* Without a counterpart: the nearest. */
  { ENODEV, 15 },
  { EPROTONOSUPPORT, 44 },
  { EPIPE, 58 }
};

int
hypercall_errno_to_netbsd(int error)
{
  size_t i;

  for (i = 0; error != 0 && i < sizeof(pairs) / sizeof(pairs[0]); ++i) {
    if (pairs[i].host == error) {
      return pairs[i].netbsd;
    }
  }
  return error == 0 ? 0 : NETBSD_EIO;
}

int
hypercall_errno_from_netbsd(int error)
{
  size_t i;

  for (i = 0; error != 0 && i < sizeof(pairs) / sizeof(pairs[0]); ++i) {
    if (pairs[i].netbsd == error) {
      return pairs[i].host;
    }
  }
  return error == 0 ? 0 : EIO;
}

/*
 * The system calls of this kernel set RTEMS's errno, with RTEMS's numbers.
 * Each tells its error here, 0 too; but no function of POSIX sets errno to 0.
 */
void
rumpuser_seterrno(int error)
{
  if (PREDICT_FALSE(error != 0)) {
    errno = hypercall_errno_from_netbsd(error);
  }
}
