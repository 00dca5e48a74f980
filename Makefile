# SPDX-License-Identifier: BSD-2-Clause

# make demo            boots a rump kernel and uses a file system on it
# make check           every test that this machine can run
# make check LABEL=x   only the tests with that label; LONG=1 the long forms
# make bench           the benchmark table
# make appliance       a web server on the PC that QEMU emulates; PORT=8080
#
# Variables: RTEMS_PREFIX, RUMP_PREFIX, BSP, V=1; see README.md.  RUMPUSER_LIB
# names another librumpuser.a to measure beside this one, NETLIB_PREFIX an
# installed rtems-libbsd, MBEDTLS_PREFIX where Mbed TLS for RTEMS is, in one
# folder per architecture.

RTEMS_PREFIX ?= /opt/rtems/6
RUMP_PREFIX ?= /opt/rump
BSP ?=
LABEL ?=
LONG ?=
V ?=
PORT ?= 8080
BUILD := build

export RTEMS_PREFIX RUMP_PREFIX LONG V PORT RUMPUSER_LIB NETLIB_PREFIX
export MBEDTLS_PREFIX

run := tools/run

.PHONY: all demo check bench appliance setup clean

all: setup
	@$(run) build $(BSP)

demo: setup
	@$(run) demo $(BSP)

check: setup
	@$(run) check "$(LABEL)" $(BSP)

bench: setup
	@$(run) bench $(BSP)

appliance: setup
	@$(run) appliance

setup:
	@tools/setup

clean:
	rm -rf $(BUILD)
