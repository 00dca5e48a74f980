# SPDX-License-Identifier: BSD-2-Clause

"""Finds the longest runs of instructions with interrupts masked, and with
thread dispatching disabled, by a plugin of QEMU: plugin-runs.c.
"""

import bisect
import collections
import os
import re
import subprocess
import tempfile

FOLDER = os.path.dirname(os.path.abspath(__file__))

KINDS = ('masked', 'undispatched')

# The phases without kernels.
ALONE = ('bare', 'rtems')

# What writes to the status register, and what returns from an interrupt.
CHANGE = re.compile(r'(cps\w*|msr\w*)$')
RETURN = re.compile(r'(rfe\w*|[su]ubs\s+pc|movs\s+pc|ldm\w*\s.*\^)')

# The vector of interrupts in the table of vectors.
VECTOR = 0x18

INSTRUCTION = re.compile(r'^ *([0-9a-f]+):\t[0-9a-f ]+\t(\S+)(.*)$',
                         re.MULTILINE)

Run = collections.namedtuple(
    'Run', 'kind begin end length times addresses')


def build_plugin(name, folder):
    """Compiles a plugin and returns its path, or None without a compiler."""
    result = os.path.join(folder, name + '.so')
    try:
        subprocess.run(
            ['cc', '-std=c11', '-D_GNU_SOURCE', '-O2', '-shared', '-fPIC',
             '-fvisibility=hidden', '-o', result,
             os.path.join(FOLDER, name + '.c')],
            check=True)
    except FileNotFoundError:
        return None
    return result


class Symbols:
    """The functions of a program, by address."""

    def __init__(self, nm, path):
        lines = subprocess.run([nm, path], check=True, text=True,
                               stdout=subprocess.PIPE).stdout
        found = re.findall(r'^([0-9a-f]+) (\w) (\S+)$', lines, re.MULTILINE)
        self.addresses = {name: int(address, 16)
                          for address, _, name in found}
        self.code = sorted((int(address, 16), name)
                           for address, kind, name in found
                           if kind in 'tTwW' and not name.startswith('$'))
        self.starts = [address for address, _ in self.code]

    def function(self, address):
        """Returns the name of the function at an address."""
        i = bisect.bisect_right(self.starts, address) - 1
        return self.code[i][1] if i >= 0 else '?'


def points(disassembly):
    """Yields the lines of the plugin's file: after which instructions the
    status register may have changed."""
    before = ''
    for match in INSTRUCTION.finditer(disassembly):
        address, name, rest = match.groups()
        if CHANGE.match(before):
            yield f'change {address}'
        if RETURN.match(name + rest):
            yield f'return {address}'
        before = name


def parse(text):
    """Returns the runs of each region of the plugin's output."""
    regions = [[]]
    for line in text.splitlines():
        if line == 'end':
            regions.append([])
            continue
        kind, begin, end, length, times, *addresses = line.split()
        regions[-1].append(Run(
            kind, int(begin, 16), int(end, 16), int(length), int(times),
            [int(address, 16) for address in addresses]))
    return regions[:-1]


def longest(runs, kind):
    """Returns the runs of a kind, the longest first."""
    return sorted((run for run in runs if run.kind == kind),
                  key=lambda run: -run.length)


def functions(nm, libraries):
    """Returns the names of the functions in libraries."""
    lines = subprocess.run([nm, '-A', *libraries], check=True, text=True,
                           stdout=subprocess.PIPE).stdout
    return set(re.findall(r' [tT] ([A-Za-z_]\S*)$', lines, re.MULTILINE))


def values(runs, symbols, ours):
    """Returns the rows: the longest runs of RTEMS alone and with kernels, and
    the longest of the latter that begin in one of our functions."""
    result = {}
    for kind in KINDS:
        alone = [run for phase in ALONE for run in runs[phase, kind]]
        others = [run for phase, other in runs if other == kind
                  and phase not in ALONE for run in runs[phase, kind]]
        result[f'{kind}_rtems'] = max(run.length for run in alone)
        result[f'{kind}_longest'] = max(run.length for run in others)
        result[f'{kind}_longest_ours'] = max(
            (run.length for run in others
             if symbols.function(run.begin) in ours), default=0)
    return result


def table(runs, symbols, limit):
    """Returns lines that tell of the longest runs of each phase."""
    lines = []
    for (phase, kind), found in runs.items():
        lines += ['', f'{phase}: the longest runs {kind}, where they begin '
                  'and in which functions they are']
        for run in found[:limit]:
            counts = collections.Counter(
                map(symbols.function, run.addresses))
            most = ', '.join(f'{name} {count}'
                             for name, count in counts.most_common(4))
            lines.append(f'{run.length:8,}  {run.times:8,} times  '
                         f'{symbols.function(run.begin)}: {most}')
    return lines


def trace(command, plugin, program, tool, timeout):
    """Runs a program.

    `command` makes a command line of QEMU options, `tool` a path of a tool's
    name.  Returns the console and the runs of each region.
    """
    symbols = Symbols(tool('nm'), program)
    disassembly = subprocess.run(
        [tool('objdump'), '-d', program], check=True, text=True,
        stdout=subprocess.PIPE).stdout
    vectors = symbols.addresses['bsp_vector_table_begin']
    lines = list(points(disassembly)) + [
        f'interrupt {base + VECTOR:x}' for base in (0, vectors)]
    changes = [line.split()[1] for line in lines if line[0] != 'r']

    with tempfile.TemporaryDirectory(prefix='bench-') as folder:
        ram = os.path.join(folder, 'ram')
        found = os.path.join(folder, 'runs')
        where = os.path.join(folder, 'points')
        with open(where, 'w', encoding='utf-8') as file:
            file.write('\n'.join(lines) + '\n')
        read, write = os.pipe()
        arguments = {
            'out': found, 'ram': ram, 'log': read, 'points': where,
            'level': hex(symbols.addresses['bench_dispatch_level']),
            'begin': hex(symbols.addresses['bench_begin'] & ~1),
            'end': hex(symbols.addresses['bench_end'] & ~1)}
        options = (
            '-object', f'memory-backend-file,id=ram,size=256M,share=on,'
            f'mem-path={ram}',
            '-machine', 'memory-backend=ram',
            '-d', 'cpu', '-D', f'/dev/fd/{write}',
            '-dfilter', ','.join(f'0x{c}+1' for c in changes),
            '-plugin', plugin + ''.join(
                f',{name}={value}' for name, value in arguments.items()))
        try:
            console = subprocess.run(
                command(options), stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                pass_fds=[read, write], timeout=timeout, check=False).stdout
        finally:
            os.close(read)
            os.close(write)
        with open(found, encoding='utf-8') as file:
            regions = parse(file.read())
    return console.decode(errors='replace'), regions, symbols
