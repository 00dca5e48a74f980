#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A client on this host, made with what cmake --install puts below a prefix:
#
#   install-host.sh BUILD CC PAIR-LINE... -- [LIBRARY...]
#
# The line runs it with a server.

set -e
build=$1 cc=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
work=$build/test/remote/installed
line=
while [ "$1" != -- ]; do
  line="$line $1"
  shift
done
shift

rm -rf "$work"
cmake --install "$build" --prefix "$work" >/dev/null
test -x "$work/bin/rump-remote"
for header in rump/rumpclient.h rtems-rump/remote-call.h; do
  echo "#include <$header>" |
    "$cc" -Wall -Werror "-I$work/include" -fsyntax-only -x c -
done
"$cc" -O2 -Wall -Werror "$here/interop.c" "-L$work/lib" -lrumpclient "$@" \
  -lpthread -o "$work/client"
exec $line -- "$work/client"
