# SPDX-License-Identifier: BSD-2-Clause

"""The rows of bench-storage, and a table of them for people."""

import os
import re
import tempfile

import scaling

PER_BYTE = 'instructions/byte'
PER_CALL = 'instructions/call'
PER_FILE = 'instructions/file'

OPERATIONS = {
    'write_4k': PER_BYTE, 'write_64k': PER_BYTE,
    'read_4k': PER_BYTE, 'read_64k': PER_BYTE, 'reread_4k': PER_BYTE,
    'random_4k': PER_CALL, 'fsync': PER_CALL,
    'create': PER_FILE, 'unlink': PER_FILE, 'list': PER_FILE,
    'copy': PER_FILE, 'copy_mixed': PER_FILE,
    'open_memory': 'bytes', 'mount_memory': 'bytes',
}

# NetBSD's file systems, and what of RTEMS's each shall be ahead of.
COUNTERPARTS = {
    'tmpfs': 'imfs', 'ffs': 'rfs', 'ffs_async': 'rfs', 'ffs_log': 'rfs_sync',
    'ext2fs': 'rfs', 'msdos': 'dosfs',
}

# Of how many times the value of rump_sys_... reads and writes may have.
MOST_DIRECT = 1.1

GOALS = {
    'tmpfs': {'write_4k': 1.1, 'write_64k': 0.55, 'read_4k': 0.7,
              'read_64k': 0.3, 'create': 32000},
    'ffs': {'write_4k': 4.0, 'write_64k': 4.0},
}

IDE_SIZE = 256 << 20


def by_clock(reported):
    """Returns the values of a program whose clock counts instructions."""
    return {f'ram_{key}': value for key, value in reported.items()}


def by_plugin(console, phases):
    """Returns the values of a program whose instructions are counted by
    plugin-processors.c; bytes it reports itself."""
    values = {}
    found = re.findall(r'^BENCH PHASE ([\w:]+) (\d+)', console, re.MULTILINE)
    for (name, parts), (counts, _) in zip(found, phases):
        if counts:
            values[f'ide_{name}'] = sum(counts[0]) / int(parts)
    for name, value in re.findall(
            r'^BENCH (\w+_memory:[\w:]+) ([\d.]+)', console, re.MULTILINE):
        values[f'ide_{name}'] = float(value)
    return values


def trace(command, plugin, program, tool, timeout):
    """Runs a program with an IDE disk; `command` makes a command line of QEMU
    options.

    Returns the console and the values.
    """
    with tempfile.TemporaryDirectory(prefix='bench-') as folder:
        path = os.path.join(folder, 'ide')
        with open(path, 'wb') as file:
            file.truncate(IDE_SIZE)
        disk = ('-drive', f'file={path},format=raw,if=ide,index=0,'
                'cache=unsafe')
        console, phases, _ = scaling.trace(
            lambda marks: command(marks + disk), plugin, program, tool,
            timeout)
    return console, by_plugin(console, phases)


MEDIA = {'ram': 'a RAM disk on arm/xilinx_zynq_a9_qemu',
         'ide': 'an IDE disk on i386/pc686'}


def is_row(name):
    """Whether a row is one of these."""
    return name.split('_')[0] in MEDIA


def rows(medium):
    """Returns (name, unit, goal, reference, key, most) of each row; the key
    is that of a value, and that of the reference's has ':' before its
    system."""
    for system, other in COUNTERPARTS.items():
        for operation, unit in OPERATIONS.items():
            key = f'{medium}_{operation}:'
            goal = GOALS.get(system, {}).get(operation)
            yield (f'{medium}_{system}_{operation}', unit,
                   goal if medium == 'ram' else None, other,
                   key + system, key + other, None)
            if unit != 'bytes':
                yield (f'{medium}_{system}_{operation}_direct', unit, None,
                       'rump_sys_...', key + system,
                       f'{key}{system}:direct',
                       MOST_DIRECT if operation[:4] in ('writ', 'read')
                       else None)


def cell(value):
    """Returns a value as people read it."""
    if value is None:
        return '-'
    return f'{value:,.0f}' if value >= 100 else f'{value:.2f}'


def table(values, medium):
    """Returns the lines of a table, one system a line."""
    systems = []
    for other in COUNTERPARTS:
        for system in (other, other + ':direct', COUNTERPARTS[other]):
            if system not in systems:
                systems.append(system)
    rows = [[MEDIA[medium], *OPERATIONS]]
    for system in systems:
        found = [values.get(f'{medium}_{operation}:{system}')
                 for operation in OPERATIONS]
        if any(value is not None for value in found):
            rows.append([system] + [cell(value) for value in found])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ['  '.join(
        text.ljust(width) if i == 0 else text.rjust(width)
        for i, (text, width) in enumerate(zip(row, widths))).rstrip()
            for row in rows]
