#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Runs the benchmark programs and shows what they found.

Prints a table, and writes it as JSON and as a plot.  doc/benchmarks.md tells
what is measured and how.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import threading

# A build writes nothing beside its sources.
sys.dont_write_bytecode = True

import cards  # noqa: E402
import disk  # noqa: E402
import hostruns  # noqa: E402
import latency  # noqa: E402
import plot  # noqa: E402
import qemuruns  # noqa: E402
import qemutrace  # noqa: E402
import scaling  # noqa: E402
import storage  # noqa: E402

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Where a nanosecond of QEMU's clock is an instruction and the counter of RTEMS
# shows it.
BSPS = ('arm/xilinx_zynq_a9_qemu',)

# Seconds for one run of a program; none takes a tenth of it.
TIMEOUT = 600

INSTRUCTIONS = 'instructions'
PER_BYTE = 'instructions/byte'
PER_FILE = 'instructions/file'
BYTES = 'bytes'
HOST = 'host instructions'

# The sections of code, constants and variables.
IMAGE = r'\.(?:text|rodata|data|bss)'


class Row:
    """One row: what it is called, its goal, and the RTEMS counterpart."""

    def __init__(self, name, unit=INSTRUCTIONS, goal=None, reference=None,
                 reference_key=None, key=None, most=None):
        """`goal` is a value, `most` one for the ratio."""
        self.name = name
        self.unit = unit
        self.goal = goal
        self.reference = reference
        self.reference_key = reference_key
        self.key = key or name
        self.most = most

    def goal_with(self, reference):
        """Returns the goal beside a reference, which may be None."""
        if self.most is None or reference is None:
            return self.goal
        return number(self.most * reference)


def data_row(name, unit):
    """Returns a row of the data path, which the IMFS is the measure for."""
    return Row(name, unit, None, 'IMFS', name + ':IMFS')


def latency_rows():
    """Returns the rows of the dispatch latency and its causes."""
    yield Row('latency_idle', reference='without kernels',
              reference_key='latency_bare')
    for load in latency.LOADS:
        yield Row(f'latency_{load}', reference='idle kernels',
                  reference_key='latency_idle', most=1.1)
    for load in ('idle', *latency.LOADS):
        for name in latency.QUANTILES:
            yield Row(f'latency_{load}_{name}')
    for kind in qemuruns.KINDS:
        for key in (f'{kind}_longest', f'{kind}_longest_ours'):
            yield Row(key, reference='RTEMS alone',
                      reference_key=f'{kind}_rtems', most=1.2)


def scaling_rows():
    """Returns the rows of kernels side by side."""
    for operation in scaling.OPERATIONS:
        for count in (2, 4):
            yield Row(f'scaling_kernels_{count}_{operation}',
                      reference='one kernel', most=1.03,
                      reference_key=f'scaling_kernels_1_{operation}')
        yield Row(f'scaling_cpus_4_{operation}', reference='one task in it',
                  reference_key=f'scaling_cpus_1_{operation}')
    yield Row('scaling_shared_lines', 'cache lines', 0)
    # Two do 1.9 times as much as one.
    yield Row('simulator_two_kernels', 'ns/operation', reference='one kernel',
              reference_key='simulator_one_kernel', most=2 / 1.9)


# What is measured of another network library too, and the goal beside it.
NETLIB_NAMES = {
    'tcp_lo0': 1 / 6, 'tcp_lo0_32k': 1 / 6,
    'tcp_connection_lo0': None, 'udp_lo0': None, 'ping_lo0': None,
}


def socket_rows():
    """Returns the rows of sockets by RTEMS's calls, both ends together."""
    for name, unit, goal in socket_names():
        yield Row(name, unit, goal, 'rump_sys_...', name + ':direct')
        yield Row(name + '_entered', unit, None, 'rump_sys_...',
                  name + ':direct', name + ':entered', 1.05)
        if name in NETLIB_NAMES:
            yield Row(name + '_netlib', unit, None, 'rtems-libbsd',
                      name + ':netlib', name, NETLIB_NAMES[name])
    yield Row('tcp_bus_above_lo0', PER_BYTE, 2.0)
    yield Row('network_memory', BYTES, 1572864)
    yield Row('network_memory_bus', BYTES)
    yield Row('tcp_connection_memory', BYTES)
    yield Row('network_memory_netlib', BYTES, None, 'rtems-libbsd',
              'network_memory:netlib', 'network_memory')
    for name in ('image_ipv4', 'image_ipv6'):
        yield Row(name, BYTES, reference='without a kernel',
                  reference_key='image_bare')


def socket_names():
    """Returns what is measured of sockets, with units and goals."""
    yield 'tcp_lo0', PER_BYTE, 2.2
    yield 'tcp_lo0_32k', PER_BYTE, None
    yield 'tcp_lo0_1460', PER_BYTE, None
    for path in ('bus', 'gem'):
        yield f'tcp_{path}', PER_BYTE, None
    for row in ('tcp_connection', 'udp', 'ping'):
        for path in ('lo0', 'bus', 'gem'):
            yield f'{row}_{path}', INSTRUCTIONS, None


REMOTE_CALLS = ('getpid', 'read_0', 'read_1', 'read_8',
                'write_0', 'write_1', 'write_8')


def remote_rows():
    """Returns the rows of remote clients."""
    yield Row('remote_two_wakeups')
    yield Row('remote_two_messages')
    for call in REMOTE_CALLS:
        yield Row(f'remote_{call}', reference='wake-ups and direct call',
                  reference_key=f'remote_{call}:least', most=1.3)
        for by, direct in (('frames', 'remote'), ('tcp', 'remote'),
                           ('tls', 'remote'), ('serial', 'remote'),
                           ('unix', 'remote_unix')):
            yield Row(f'remote_{by}_{call}',
                      HOST if by == 'unix' else INSTRUCTIONS,
                      reference='direct call',
                      reference_key=f'{direct}_{call}:direct')
            yield Row(f'remote_{by}_{call}_trips', 'round trips')
    yield Row('remote_tcp_connection')
    yield Row('remote_tls_connection', reference='tcp://',
              reference_key='remote_tcp_connection')


def disk_rows():
    """Returns the rows of requests to disks."""
    for size in disk.SIZES:
        for operation in ('read', 'write'):
            name = f'disk_{operation}_{size}'
            yield Row(name, PER_BYTE, reference='RTEMS\'s IDE driver',
                      reference_key=name + ':ide', most=0.5)


def card_rows():
    """Returns the rows of TCP through network cards."""
    for card, _ in cards.CARDS:
        for direction in cards.DIRECTIONS:
            yield Row(f'tcp_{card}_{direction}', PER_BYTE,
                      reference='both ends over lo0',
                      reference_key='tcp_lo0_both')
    for direction in cards.DIRECTIONS:
        yield Row(f'tcp_gem_{direction}', PER_BYTE)
    for name in ('gem_send', 'gem_receive', 'wm_send', 'wm_receive'):
        yield Row(f'tcp_{name}_netlib', PER_BYTE, None, 'rtems-libbsd',
                  f'tcp_{name}:netlib', f'tcp_{name}', 1)


def storage_rows():
    """Returns the rows of file systems on a RAM disk and on an IDE disk."""
    for medium in storage.MEDIA:
        for name, unit, goal, reference, key, other, most \
                in storage.rows(medium):
            yield Row(name, unit, goal, reference, other, key, most)


ROWS = (
    Row('mutex_spin', goal=40, reference='rtems_mutex',
        reference_key='mutex:rtems_mutex'),
    Row('mutex_kmutex', goal=40, reference='rtems_mutex',
        reference_key='mutex:rtems_mutex'),
    Row('rwlock_read', goal=40, reference='pthread_rwlock',
        reference_key='rwlock_read:pthread_rwlock'),
    Row('rwlock_write', goal=45, reference='pthread_rwlock',
        reference_key='rwlock_write:pthread_rwlock'),
    Row('curlwp', goal=5, reference='pthread_getspecific',
        reference_key='curlwp:pthread_getspecific'),
    Row('malloc_page', goal=60, reference='malloc',
        reference_key='malloc_page:malloc'),
    Row('malloc_page_10000', goal=60, reference='malloc',
        reference_key='malloc_page_10000:malloc'),
    Row('cv_pingpong', goal=1400, reference='rtems_condition_variable',
        reference_key='cv_pingpong:rtems_condition_variable'),
    Row('cv_pingpong_event', reference='rtems_event',
        reference_key='cv_pingpong:event', key='cv_pingpong'),
    Row('syscall_getpid_host', goal=25),
    Row('syscall_getpid_total'),
    Row('syscall_getpid_unbound_host', goal=550),
    Row('syscall_getpid_unbound_total'),
    Row('rump_init_host', goal=250000),
    Row('rump_init_total'),
    Row('restart', reference='first start', reference_key='first_start',
        most=1.3),
    Row('restart_memory', BYTES, 0),
    Row('idle_tick_host', reference='RTEMS clock tick',
        reference_key='idle_bare_total'),
    Row('idle_tick', reference='RTEMS clock tick',
        reference_key='idle_bare_total'),
    Row('hypercall_text', BYTES, 14336),
    Row('idle_memory', BYTES, 1048576),
    Row('further_memory', BYTES, reference='first kernel',
        reference_key='first_memory'),
    Row('further_image', BYTES),
    *remote_rows(),
    data_row('tmpfs_write_4k', PER_BYTE),
    data_row('tmpfs_write_64k', PER_BYTE),
    data_row('tmpfs_read_4k', PER_BYTE),
    data_row('tmpfs_read_64k', PER_BYTE),
    data_row('tmpfs_create', PER_FILE),
    data_row('tmpfs_unlink', PER_FILE),
    *socket_rows(),
    *latency_rows(),
    *scaling_rows(),
    Row('interrupt', INSTRUCTIONS, reference='RTEMS\'s interrupt server',
        reference_key='interrupt:server', most=1.5),
    *disk_rows(),
    *card_rows(),
    *storage_rows(),
)


class Failure(Exception):
    """A program did not do what it is for."""


class Bench:
    """The programs in a build folder, and how to run them."""

    def __init__(self, build, bsp):
        self.folder = os.path.join(build, 'bench')
        self.build = build
        self.bsp = bsp

    def cached(self, name):
        """Returns the value of a variable of CMake's, '' if it has none."""
        with open(os.path.join(self.build, 'CMakeCache.txt'),
                  encoding='utf-8') as cache:
            match = re.search(rf'^{name}:\w+=(.*)$', cache.read(),
                              re.MULTILINE)
        return match.group(1) if match else ''

    def make(self, library='', netlib=''):
        """Builds the programs, also those with other libraries."""
        commands = [['cmake', '--build', self.build, '--target',
                     'bench-programs']]
        for name, value in (
                ('RUMPUSER_LIB', library), ('NETLIB_PREFIX', netlib)):
            if self.cached(name) != value:
                commands.insert(0, ['cmake', f'-D{name}={value}', self.build])
        for command in commands:
            done = subprocess.run(
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True, errors='replace', check=False)
            if done.returncode != 0:
                raise Failure(f'{" ".join(command)} failed:\n{done.stdout}')

    def path(self, program, suffix='.exe'):
        """Returns the path of a program, or of its map."""
        return os.path.join(self.folder, f'bench-{program}{suffix}')

    def has(self, program):
        """Whether a program was built."""
        return os.path.exists(self.path(program))

    def command(self, program, qemu_options=(), kind=('--icount',)):
        """Tells that a program runs now; returns the command line for it."""
        print(f'== bench-{program} on {self.bsp}', file=sys.stderr, flush=True)
        command = [os.path.join(TOP, 'tools', 'run-qemu'), *kind]
        for option in qemu_options:
            command += ['--qemu', option]
        return command + [self.bsp, self.path(program)]

    def tool(self, name):
        """Returns the path of one of the compiler's companions."""
        return re.sub('ar$', name, self.cached('CMAKE_AR'))

    def console(self, program, qemu_options=()):
        """Runs a program and returns its output."""
        return subprocess.run(
            self.command(program, qemu_options), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            timeout=TIMEOUT, text=True, errors='replace', check=False).stdout

    def run(self, program):
        """Returns what a program reports: {key: number}."""
        return self.values(program, self.console(program))

    @staticmethod
    def values(program, console):
        """Returns the numbers in a program's output, if it ran to its end."""
        if not re.search(r'^BENCH END', console, re.MULTILINE):
            raise Failure(
                f'bench-{program} did not run to its end:\n'
                + '\n'.join(console.splitlines()[-12:]))
        return {key: float(value) for key, value in re.findall(
            r'^BENCH ([\w:]+) ([\d.]+)\s*$', console, re.MULTILINE)}

    def runs(self):
        """Returns the longest runs of bench-runs, {(phase, kind): [run]},
        and the program's symbols; (None, None) without a compiler."""
        plugin = qemuruns.build_plugin('plugin-runs', self.folder)
        if plugin is None:
            return None, None
        console, regions, symbols = qemuruns.trace(
            lambda options: self.command('runs', options), plugin,
            self.path('runs'), self.tool, TIMEOUT)
        self.values('runs', console)
        names = re.findall(r'^BENCH REGION (\w+) \d+', console, re.MULTILINE)
        return {(name, kind): qemuruns.longest(region, kind)
                for name, region in zip(names, regions)
                for kind in qemuruns.KINDS}, symbols

    def scaling(self):
        """Returns what bench-scaling finds, and lines that tell more."""
        plugin = qemuruns.build_plugin('plugin-processors', self.folder)
        if plugin is None:
            return {}, ['the rows of scaling are skipped: there is no '
                        'compiler for the plugin, cc']
        console, phases, places = scaling.trace(
            lambda options: self.command('scaling', options, ('--smp', '4')),
            plugin, self.path('scaling'), self.tool, TIMEOUT)
        self.values('scaling', console)
        return scaling.values(console, phases, places)

    def devices(self, program, trace):
        """Returns what a program finds that drives devices."""
        plugin = qemuruns.build_plugin('plugin-processors', self.folder)
        if plugin is None:
            return {}
        console, values = trace(
            lambda options: self.command(program, options, ()),
            plugin, self.path(program), self.tool, TIMEOUT)
        self.values(program, console)
        return values

    def interrupt(self):
        """Returns what bench-interrupt finds."""
        plugin = qemuruns.build_plugin('plugin-processors', self.folder)
        if plugin is None:
            return {}
        console, phases, _ = scaling.trace(
            lambda options: self.command(
                'interrupt', options + ('-device edu,addr=c',), ()),
            plugin, self.path('interrupt'), self.tool, TIMEOUT)
        self.values('interrupt', console)
        return disk.values(console, phases)

    def sockets(self, program):
        """Returns what a program reports whose two GEMs are on one cable, and
        the sizes of images."""
        values = self.values(program, self.console(program, [
            f'-netdev hubport,id=h{i},hubid=0 -net nic,netdev=h{i}'
            for i in range(2)]))
        values['tcp_bus_above_lo0'] = (
            values['tcp_bus'] - values['tcp_lo0_1460'])
        for name in ('image-bare', 'image-ipv4', 'image-ipv6'):
            values[name.replace('-', '_')] = self.size(
                self.path(name), IMAGE)
        return values

    def own_functions(self):
        """Returns the names of this project's functions."""
        return qemuruns.functions(self.tool('nm'), [
            os.path.join(self.build, name, f'lib{name}.a')
            for name in ('hypercall', 'instance')])

    def trace(self, program):
        """Returns what a program reports, and its regions, as a list of
        (name, times, Region), and its map."""
        code = qemutrace.Map(self.path(program, '.map'), origin)
        with qemutrace.Run(
                lambda options: self.command(program, options),
                code.address('bench_begin'),
                code.address('bench_end')) as run:
            timer = threading.Timer(TIMEOUT, run.kill)
            timer.start()
            console, regions = run.finish()
            timer.cancel()
        values = self.values(program, console)
        names = re.findall(r'^BENCH REGION (\w+) (\d+)', console,
                           re.MULTILINE)
        if len(names) != len(regions):
            raise Failure(f'bench-{program} has {len(names)} regions, its '
                          f'trace {len(regions)}')
        return values, [(name, int(times), region) for (name, times), region
                        in zip(names, regions)], code

    def size(self, path, section=r'\.text'):
        """Returns the bytes of code, or of other sections, in a file."""
        size = re.sub('ar$', 'size', self.cached('CMAKE_AR'))
        sections = subprocess.run(
            [size, '-A', path], stdout=subprocess.PIPE, text=True,
            check=True).stdout
        return sum(int(number) for number in re.findall(
            rf'^(?:{section})\S*\s+(\d+)', sections, re.MULTILINE))


def origin(path):
    """Returns what an object file in a linker map belongs to."""
    if os.path.basename(path) == 'bench-netbsd.o':
        return 'kernel'
    if re.search(r'\bbench-\w+(-other)?\.dir/', path):
        return 'bench'
    return 'host'


def region_values(regions, code):
    """Returns {key: instructions} of the regions of bench-kernel.

    What the benchmark's own loop executes belongs to neither side.
    """
    values = {}
    for name, times, region in regions:
        by = region.by(code.origin)
        for key, count in (('host', by['host']),
                           ('total', by['host'] + by['kernel'])):
            key = f'{name}_{key}'
            count /= times
            values[key] = min(count, values.get(key, count))
    for key in ('host', 'total'):
        values[f'idle_tick_{key}'] = (
            values[f'idle_kernel_{key}'] - values['idle_bare_total'])
    values['idle_tick'] = values.pop('idle_tick_total')
    return values


def collect(bench, suffix, library, limit):
    """Returns all that the programs of one librumpuser report.

    Prints in each region the functions that cost most, as many as `limit`.
    """
    values = {}
    if os.path.exists(library):
        values['hypercall_text'] = bench.size(library)
    if bench.has('hypercall' + suffix):
        values.update(bench.run('hypercall' + suffix))
    if bench.has('kernel' + suffix):
        reported, regions, code = bench.trace('kernel' + suffix)
        values.update(reported)
        values.update(region_values(regions, code))
        if limit > 0:
            print('\n'.join(functions(regions, code, limit)) + '\n')
    if bench.has('data' + suffix):
        values.update(bench.run('data' + suffix))
    if bench.has('sockets' + suffix):
        values.update(bench.sockets('sockets' + suffix))
    if bench.has('remote' + suffix):
        values.update(bench.run('remote' + suffix))
        for call in REMOTE_CALLS:
            values[f'remote_{call}:least'] = (
                values['remote_two_wakeups'] + values[f'remote_{call}:direct'])
    if bench.has('remote-far' + suffix):
        values.update(bench.run('remote-far' + suffix))
        if 'remote_tls_connection' not in values:
            print('bench: the rows of tls:// are skipped: there is no Mbed '
                  'TLS for RTEMS (MBEDTLS_PREFIX)')
    if bench.has('further' + suffix):
        values.update(bench.run('further' + suffix))
        values['further_image'] = bench.size(
            bench.path('k2-kernel', '.o'), IMAGE)
    if bench.has('restart' + suffix):
        reported, regions, _ = bench.trace('restart' + suffix)
        values.update(reported)
        for name, _, region in regions:
            count = sum(region.by(lambda address: 'all').values())
            values[name] = min(count, values.get(name, count))
    return values


def real_time(bench, base, limit):
    """Returns what is found of the dispatch latency.

    Writes the histogram beside `base`, and a list of the longest runs, and
    prints so many of each phase as `limit`.
    """
    console = bench.console('latency')
    values = bench.values('latency', console)
    found = latency.histograms(console)
    values.update(latency.quantiles(found))
    with open(base + '-latency.svg', 'w', encoding='utf-8') as file:
        file.write(latency.draw(found, bench.bsp))

    runs, symbols = bench.runs()
    if runs is None:
        print('bench: the longest runs are skipped: there is no compiler for '
              'the plugin, cc')
        return values
    values.update(qemuruns.values(runs, symbols, bench.own_functions()))
    with open(base + '-runs.txt', 'w', encoding='utf-8') as file:
        file.write('\n'.join(qemuruns.table(runs, symbols, 10)[1:]) + '\n')
    if limit > 0:
        print('\n'.join(qemuruns.table(runs, symbols, limit)) + '\n')
    return values


def through_cards(bench, trace, netlib):
    """Returns the rows of TCP through network cards."""
    if not bench.has('cards'):
        return {}
    values = bench.devices('cards', trace)
    if netlib and bench.has('cards-netlib'):
        values.update({
            key + ':netlib': value for key, value in
            bench.devices('cards-netlib', trace).items()})
    return values


def side_by_side(build, netlib):
    """Returns the rows of kernels side by side, on several processors."""
    if not build:
        return {}
    bench = Bench(build, 'i386/pc686')
    bench.make(netlib=netlib)
    if not bench.has('scaling'):
        return {}
    # Real time, on emulated processors: a busy host may be too slow for it.
    try:
        values, report = bench.scaling()
    except (Failure, subprocess.TimeoutExpired) as failure:
        print(f'bench: the rows of scaling are skipped: {failure}')
        return {}
    print(''.join(f'bench: {line}\n' for line in report), end='')
    return values


def on_devices(build, netlib):
    """Returns the rows of interrupts, disks and network cards."""
    if not build:
        return {}
    bench = Bench(build, 'i386/pc686')
    bench.make(netlib=netlib)
    values = {}
    if bench.has('disk'):
        values.update({**bench.interrupt(),
                       **bench.devices('disk', disk.trace)})
    values.update(through_cards(bench, cards.trace, netlib))
    if bench.has('storage'):
        values.update(bench.devices('storage', storage.trace))
    return values


def throughput(program):
    """Returns the rows of two kernels on two real processors."""
    if os.cpu_count() < 2:
        return {}
    done = subprocess.run(
        [program], env={**os.environ, 'SIM_PROCESSORS': '2'},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT,
        stdin=subprocess.DEVNULL, text=True, check=False)
    return Bench.values('throughput', done.stdout)


def by_unix(program):
    """Returns the rows of remote clients by unix://."""
    if not hostruns.has_valgrind():
        print('bench: the rows of unix:// are skipped: there is no valgrind')
        return {}
    console, medians = hostruns.run(program, TIMEOUT)
    return {**Bench.values('remote-unix', console), **medians}


def on_simulator(build):
    """Returns the rows of programs of the host."""
    if not build:
        return {}
    bench = Bench(build, 'simulator')
    bench.make()
    values = {}
    for name, measure in (('throughput', throughput),
                          ('remote-unix', by_unix)):
        program = bench.path(name, '')
        if os.path.exists(program):
            values.update(measure(program))
    return values


def check_trace(values):
    """Warns if the clock and the trace do not agree on a system call."""
    clock = values.get('syscall_getpid_clock')
    traced = values.get('syscall_getpid_total')
    # By the clock there is also the instruction that calls it.
    if clock and traced and abs(clock - 1 - traced) > 0.02 * traced:
        print(f'bench: warning: a system call takes {clock:.0f} instructions '
              f'by the clock, but {traced:.0f} by the trace')


def number(value):
    """Returns a number with no more digits than it deserves."""
    value = round(value, 0 if value >= 1000 else 3)
    return int(value) if value == int(value) else value


def results(values):
    """Returns the rows as the objects of the JSON file."""
    objects = []
    for row in ROWS:
        if row.key not in values:
            continue
        reference = values.get(row.reference_key)
        objects.append({
            'name': row.name,
            'unit': row.unit,
            'value': number(values[row.key]),
            'goal': row.goal_with(reference),
            'reference': row.reference if reference else None,
            'reference_value': number(reference) if reference else None,
            'ratio': round(values[row.key] / reference, 3)
            if reference else None,
        })
    return objects


def comparison(values, others, library):
    """Returns the objects with another librumpuser as the reference."""
    objects = []
    for row in ROWS:
        if row.name == row.key and values.get(row.key) \
                and others.get(row.key):
            objects.append({
                'name': row.name,
                'unit': row.unit,
                'value': number(values[row.key]),
                'reference': library,
                'reference_value': number(others[row.key]),
                'ratio': round(values[row.key] / others[row.key], 3),
            })
    return objects


def text(value):
    """Returns a number, or nothing, as a cell of the table."""
    if value is None:
        return '-'
    return f'{value:,}' if value >= 1000 else f'{value:.10g}'


def table(objects, others):
    """Returns the lines of the table."""
    keys = {row.name: row.key for row in ROWS}
    heads = ['row', 'ratio', 'value', 'goal', 'met', 'reference',
             'its value', 'unit']
    lines = []
    for item in objects:
        goal = item['goal']
        met = '-' if goal is None else (
            'yes' if item['value'] <= goal else 'NO')
        cells = [item['name'], text(item['ratio']), text(item['value']),
                 text(goal), met, item['reference'] or '-',
                 text(item['reference_value']), item['unit']]
        if others:
            other = others.get(keys[item['name']])
            cells.insert(7, text(None if other is None else number(other)))
        lines.append(cells)
    if others:
        heads.insert(7, 'other librumpuser')
    widths = [max(len(line[i]) for line in [heads] + lines)
              for i in range(len(heads))]
    left = ('row', 'met', 'reference', 'unit')
    return ['  '.join(
        cell.ljust(width) if head in left else cell.rjust(width)
        for head, cell, width in zip(heads, line, widths)).rstrip()
            for line in [heads] + lines]


def functions(regions, code, limit):
    """Returns lines that tell in which of the host's functions the
    instructions of each region are."""
    lines = []
    for name, times, region in {r[0]: r for r in regions}.values():
        lines += ['', f'{name}: instructions of the host']
        counts = region.by(lambda address: (
            code.origin(address), code.function_at(address)))
        host = [(function, count) for (source, function), count
                in counts.most_common() if source == 'host']
        lines += [f'{count / times:12,.1f}  {function}'
                  for function, count in host[:limit]]
    return lines


def write_json(path, objects):
    """Writes the results for programs."""
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(objects, file, indent=2)
        file.write('\n')


def write_storage(base, objects):
    """Writes the plot of file systems; returns the paths."""
    objects = [item for item in objects if storage.is_row(item['name'])]
    if not objects:
        return []
    path = base + '-storage.svg'
    with open(path, 'w', encoding='utf-8') as file:
        file.write(plot.draw(objects, 'file systems', []))
    return [path]


def parse(arguments):
    """Returns the options of a command line."""
    parser = argparse.ArgumentParser(
        prog='bench/run.py', description=__doc__.splitlines()[0])
    add = parser.add_argument
    add('--build', required=True, metavar='DIR',
        help='the build folder of the BSP')
    add('--bsp', required=True, help='as arm/xilinx_zynq_a9_qemu')
    add('--out', required=True, metavar='DIR',
        help='where JSON and plot are written')
    add('--processors', metavar='DIR',
        help='the build folder of i386/pc686, for kernels side by side')
    add('--simulator', metavar='DIR',
        help='the build folder of the simulator, for the same')
    add('--rumpuser-lib', metavar='FILE',
        default=os.environ.get('RUMPUSER_LIB', ''),
        help='another librumpuser.a to measure (default: $RUMPUSER_LIB)')
    add('--netlib', metavar='DIR',
        default=os.environ.get('NETLIB_PREFIX', ''),
        help='where rtems-libbsd was installed, to measure beside sockets '
        '(default: $NETLIB_PREFIX)')
    add('--functions', type=int, default=0, metavar='N',
        help="print the N functions of the host that cost most in each of "
        "the kernel's rows")
    return parser.parse_args(arguments)


def skip(why):
    """Ends the program well without results."""
    print(f'bench: skipped: {why}')
    sys.exit(0)


def main(arguments):
    """Does what the command line says."""
    options = parse(arguments)
    bench = Bench(options.build, options.bsp)
    if options.bsp not in BSPS:
        skip(f'instructions are counted on {" and ".join(BSPS)}, not on '
             + options.bsp)
    if not os.path.exists(os.path.join(options.build, 'CMakeCache.txt')):
        skip(f'{options.build} is not a build folder: is the BSP '
             f'{options.bsp} installed?')
    library = options.rumpuser_lib
    if library:
        library = os.path.abspath(library)
    netlib = os.path.abspath(options.netlib) if options.netlib else ''
    bench.make(library, netlib)
    if not bench.has('kernel'):
        print('bench: the rows of a kernel are skipped: NetBSD\'s rump '
              'libraries for this BSP were not found')

    values = collect(
        bench, '',
        os.path.join(options.build, 'hypercall', 'libhypercall.a'),
        options.functions)
    if netlib and bench.has('netlib'):
        values.update(bench.run('netlib'))
    values.update(through_cards(bench, cards.trace_gem, netlib))
    os.makedirs(options.out, exist_ok=True)
    base = os.path.join(options.out, options.bsp.replace('/', '-'))
    files = [base + '.json', base + '.svg']
    if bench.has('latency'):
        values.update(real_time(bench, base, options.functions))
        files += [base + '-latency.svg', base + '-runs.txt']
    if bench.has('storage'):
        values.update(storage.by_clock(bench.run('storage')))
    values.update(side_by_side(options.processors, netlib))
    values.update(on_devices(options.processors, netlib))
    values.update(on_simulator(options.simulator))
    others = {}
    if library:
        others = collect(bench, '-other', library, options.functions)

    check_trace(values)
    objects = results(values)
    main_objects = [item for item in objects
                    if not storage.is_row(item['name'])]
    print('\n'.join(table(main_objects, others)))
    for medium in storage.MEDIA:
        print('\n'.join(['', *storage.table(values, medium)]))
    write_json(base + '.json', objects)
    against = comparison(values, others, os.path.basename(library))
    if against:
        write_json(base + '-rumpuser.json', against)
        files.append(base + '-rumpuser.json')
    with open(base + '.svg', 'w', encoding='utf-8') as file:
        file.write(plot.draw(main_objects, options.bsp, against))
    files += write_storage(base, objects)
    print('bench: written: ' + ', '.join(files))


if __name__ == '__main__':
    try:
        main(sys.argv[1:])
    except (Failure, subprocess.TimeoutExpired) as failure:
        print(f'bench: {failure}', file=sys.stderr)
        sys.exit(1)
