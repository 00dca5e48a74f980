# SPDX-License-Identifier: BSD-2-Clause

"""Counts the instructions of kernels side by side, each on its own processor,
by a plugin of QEMU: plugin-processors.c.
"""

import bisect
import os
import re
import statistics
import subprocess
import tempfile

import qemuruns
import qemutrace

OPERATIONS = ('getpid', 'write', 'create')

LINE = 64

# Regions of each processor that count; those who are ready go on until all
# are.
REGIONS = 31


def parse(text):
    """Returns for each phase the instructions of the regions, and the set of
    lines that several processors have written to."""
    phases = []
    counts = {}
    lines = set()
    for line in text.splitlines():
        what, *numbers = line.split()
        if what == 'line':
            lines.add(int(numbers[0], 16))
        elif what == 'region':
            counts.setdefault(int(numbers[0]), []).append(int(numbers[1]))
        else:
            phases.append((counts, lines))
            counts, lines = {}, set()
    return phases[1:]


def instructions(counts, times):
    """Returns the instructions of one operation on all processors, whose
    first region has begun alone."""
    return statistics.median(
        count for regions in counts.values()
        for count in regions[1:1 + REGIONS]) / times


class Places:
    """To whom memory belongs."""

    def __init__(self, code, arenas):
        self.code = code
        self.arenas = sorted(arenas)

    def owner(self, line):
        """Returns the kernel to which a line or a part of it belongs, or
        None."""
        i = bisect.bisect_right(self.arenas, (line + LINE - 1,)) - 1
        if i >= 0 and line < self.arenas[i][1]:
            return f'memory {i + 1}'
        for address in range(line, line + LINE, 4):
            section = self.code.section(address)
            if section and section[4] == 'kernel':
                return section[2] + ' of ' + os.path.basename(section[3])
        return None


def origin(path):
    """Returns what an object file in a linker map belongs to."""
    return ('kernel' if re.search(r'bench-scaling-k\d\.o$', path)
            else 'host')


def trace(command, plugin, program, tool, timeout):
    """Runs a program; `command` makes a command line of QEMU options.

    Returns the console, the phases, and the Places.
    """
    symbols = qemuruns.Symbols(tool('nm'), program)
    with tempfile.TemporaryDirectory(prefix='bench-') as folder:
        found = os.path.join(folder, 'found')
        marks = ''.join(
            f',{name}={symbols.addresses["bench_" + name]:#x}'
            for name in ('begin', 'end', 'phase'))
        console = subprocess.run(
            command(('-plugin', f'{plugin},out={found}{marks}')),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=timeout, check=False,
        ).stdout.decode(errors='replace')
        # What a program that was killed leaves may end within a line.
        phases = []
        if re.search(r'^BENCH END', console, re.MULTILINE):
            with open(found, encoding='utf-8') as file:
                phases = parse(file.read())
    arenas = [(int(begin, 16), int(end, 16)) for begin, end in re.findall(
        r'^BENCH ARENA (\w+) (\w+)', console, re.MULTILINE)]
    code = qemutrace.Map(os.path.splitext(program)[0] + '.map', origin)
    return console, phases, Places(code, arenas)


def values(console, phases, places):
    """Returns the rows, and lines that tell of what kernels share."""
    names = re.findall(r'^BENCH PHASE (\w+) (\d+)', console, re.MULTILINE)
    result = {'scaling_shared_lines': 0}
    report = []
    for (name, times), (counts, lines) in zip(names, phases):
        result['scaling_' + name] = instructions(counts, int(times))
        if not name.startswith('kernels_'):
            continue
        for line in sorted(lines):
            owner = places.owner(line)
            if owner:
                result['scaling_shared_lines'] += 1
                report.append(f'{name}: {line:#x} in {owner} is written by '
                              'several processors')
    return result, report
