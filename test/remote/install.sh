#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A program of a user's own, made with what cmake --install puts below a prefix,
# pkg-config and rump-link:
#
#   install.sh BUILD BSP RUMP_PREFIX RTEMS_PREFIX [MBEDTLS_PREFIX]

set -e
build=$1 bsp=$2 rump_prefix=$3 rtems_prefix=$4 mbedtls=$5
here=$(cd "$(dirname "$0")" && pwd)
work=$build/test/remote/installed
arch=${bsp%%/*}
package=$arch-rtems6-${bsp#*/}

rm -rf "$work"
cmake --install "$build" --prefix "$work" >/dev/null
PATH=$work/bin:$rtems_prefix/bin:$PATH
PKG_CONFIG_PATH=$work/lib/pkgconfig:$rtems_prefix/lib/pkgconfig
export PKG_CONFIG_PATH
lib=$(pkg-config --variable=libdir "$package-rtems-rump")
cc=$arch-rtems6-gcc

host_libs=
for name in remote network filesystem; do
  host_libs="$host_libs --host-lib $lib/librtems-rump-$name.a"
done
rump-link --cc "$cc" --prefix "$rump_prefix" $host_libs \
  --host-lib "$(pkg-config --variable=host_library "$package-rtems-rump")" \
  -o "$work/kernel.o" vfs fs_tmpfs kern_sysproxy net_netinet

tls=
if [ -n "$mbedtls" ]; then
  tls=-lrtems-rump-remote-tls
  set -- -DTEST_TLS "-L$mbedtls/lib" -lmbedtls -lmbedx509 -lmbedcrypto
else
  set --
fi
$cc -O2 -Wall -Werror ${1+"$1"} \
  $(pkg-config --cflags "$package" "$package-rtems-rump") \
  "$here/install.c" "$work/kernel.o" "-L$lib" $tls \
  $(pkg-config --libs "$package-rtems-rump") -lrtems-rump-sockets "$@" \
  -o "$work/program.exe"
exec "$here/../../tools/run-qemu" "$bsp" "$work/program.exe"
