# SPDX-License-Identifier: BSD-2-Clause

"""Counts the instructions of requests to disks, on i386/pc686, by a plugin of
QEMU: plugin-processors.c.
"""

import os
import re
import tempfile

import scaling

SIZES = ('4k', '64k')

DISK_SIZE = 16 << 20


def options(folder):
    """Returns QEMU's options for the disks of both drivers."""
    paths = [os.path.join(folder, name) for name in ('virtio', 'ide')]
    for path in paths:
        with open(path, 'wb') as file:
            file.truncate(DISK_SIZE)
    return ('-device', 'virtio-blk-pci,drive=disk,disable-modern=on',
            '-drive', f'file={paths[0]},format=raw,if=none,id=disk',
            '-drive', f'file={paths[1]},format=raw,if=ide,index=0')


def instructions(counts, size):
    """Returns the instructions for each byte: the least, since RTEMS's driver
    polls for as long as the host takes."""
    return min(counts[0]) / size


def values(console, phases):
    """Returns the rows."""
    names = re.findall(r'^BENCH PHASE ([\w:]+) (\d+)', console, re.MULTILINE)
    return {name: instructions(counts, int(size))
            for (name, size), (counts, _) in zip(names, phases)}


def trace(command, plugin, program, tool, timeout, devices=options):
    """Runs a program; `command` makes a command line of QEMU options, of which
    `devices` returns some for a folder.

    Returns the console and the rows.
    """
    with tempfile.TemporaryDirectory(prefix='bench-') as folder:
        console, phases, _ = scaling.trace(
            lambda marks: command(marks + devices(folder)),
            plugin, program, tool, timeout)
    return console, values(console, phases)
