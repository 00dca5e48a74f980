#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Tests of the scripts of the benchmark, which need no BSP."""

import os
import sys
import tempfile
import unittest
import xml.etree.ElementTree

sys.dont_write_bytecode = True

import disk  # noqa: E402
import hostruns  # noqa: E402
import latency  # noqa: E402
import plot  # noqa: E402
import qemuruns  # noqa: E402
import qemutrace  # noqa: E402
import run  # noqa: E402
import scaling  # noqa: E402

MAP = """
Discarded input sections
 .text.gone     0x00000000       0x10 a.o
Linker script and memory map
 .text          0x00100000      0x100 crt0.o
 .text.bench_begin
                0x00100100        0x4 bench/bench-x.dir/region.c.obj
 .text.bench_end
                0x00100104        0x4 bench/bench-x.dir/region.c.obj
 .text          0x00100200      0x400 bench/bench-netbsd.o
 .text.rumpuser_free
                0x00100600       0x40 libhypercall.a(memory.c.obj)
 .debug_info    0x00100600      0x100 crt0.o
"""


def trace(address, flags='ff020201'):
    """Returns a line of a trace."""
    return (f'Trace 0: 0x7f8100000100 [00000400/{address:08x}/00000120/'
            f'{flags}] x\n').encode()


class TraceTest(unittest.TestCase):
    """The parser of QEMU's trace."""

    def setUp(self):
        self.counter = qemutrace.Counter(0x100100, 0x100104)

    def feed(self, *lines):
        """Feeds lines, all in one text."""
        self.counter.feed(b''.join(lines))

    def test_counts_only_inside_regions(self):
        self.feed(trace(0x200), trace(0x100100), trace(0x204), trace(0x204),
                  trace(0x100104), trace(0x208))
        self.assertEqual([region.counts for region in self.counter.regions],
                         [{0x204: 2}])

    def test_region_reaches_over_texts(self):
        self.feed(trace(0x100100))
        self.feed(trace(0x204), trace(0x206))
        self.feed(trace(0x204))
        self.feed(trace(0x100104))
        self.assertEqual(self.counter.regions[0].counts,
                         {0x204: 2, 0x206: 1})

    def test_instruction_that_reads_a_device_counts_once(self):
        self.feed(trace(0x100100), trace(0x204), trace(0x204, 'ff028201'))
        self.feed(trace(0x208), trace(0x208, 'ff028201'))
        self.feed(trace(0x100104))
        self.assertEqual(self.counter.regions[0].counts,
                         {0x204: 1, 0x208: 1})

    def test_interrupted_instruction_counts_once(self):
        stopped = b'Stopped execution of TB chain before 0x7f [00000204] x\n'
        self.feed(trace(0x100100), trace(0x204), stopped, trace(0x204))
        self.feed(trace(0x204), stopped, trace(0x18), trace(0x204))
        self.feed(trace(0x100104))
        self.assertEqual(self.counter.regions[0].counts, {0x204: 2, 0x18: 1})


class MapTest(unittest.TestCase):
    """The parser of linker maps."""

    def setUp(self):
        with tempfile.NamedTemporaryFile('w', delete=False) as file:
            file.write(MAP)
        self.addCleanup(os.unlink, file.name)
        self.map = qemutrace.Map(file.name, run.origin)

    def test_origin(self):
        for address, origin in ((0x100000, 'host'), (0x100100, 'bench'),
                                (0x1005ff, 'kernel'), (0x100600, 'host'),
                                (0x200000, 'host')):
            self.assertEqual(self.map.origin(address), origin, hex(address))

    def test_functions(self):
        self.assertEqual(self.map.address('bench_end'), 0x100104)
        self.assertEqual(self.map.function_at(0x100610), 'rumpuser_free')
        self.assertEqual(self.map.function_at(0x100010), 'crt0.o')
        self.assertRaises(KeyError, self.map.address, 'gone')


class HostTest(unittest.TestCase):
    """The parser of valgrind's profiles."""

    console = ('BENCH REGION a 10\nBENCH REGION b:direct 2\n'
               'BENCH REGION a 10\nBENCH REGION a 10\nBENCH END\n')

    def test_median_of_rounds(self):
        profile = 'part: 1\nsummary: 9\n100 4\ntotals: 50\n' + ''.join(
            f'totals: {total}\n' for total in (8, 70, 60, 999))
        self.assertEqual(hostruns.medians(self.console, profile),
                         {'a': 6, 'b:direct': 4})

    def test_regions_are_those_of_the_profile(self):
        self.assertRaises(ValueError, hostruns.medians, self.console,
                          'totals: 50\ntotals: 8\n')


class ResultTest(unittest.TestCase):
    """What becomes of the numbers."""

    values = {'mutex_spin': 41.0, 'mutex:rtems_mutex': 82.0,
              'rump_init_host': 1234567.4}

    def test_objects(self):
        self.assertEqual(run.results(self.values), [
            {'name': 'mutex_spin', 'unit': 'instructions', 'value': 41,
             'goal': 40, 'reference': 'rtems_mutex', 'reference_value': 82,
             'ratio': 0.5},
            {'name': 'rump_init_host', 'unit': 'instructions',
             'value': 1234567, 'goal': 250000, 'reference': None, 'reference_value': None,
             'ratio': None}])

    def test_goal_may_be_a_ratio(self):
        values = {'latency_idle': 1000.0, 'latency_storage': 1101.0}
        item = run.results(values)[1]
        self.assertEqual((item['goal'], item['ratio']), (1100, 1.101))
        self.assertIn(' NO ', run.table([item], {})[1])

    def test_table(self):
        lines = run.table(run.results(self.values), {'mutex_spin': 100.0})
        self.assertEqual(lines[1].split(), [
            'mutex_spin', '0.5', '41', '40', 'NO', 'rtems_mutex', '82',
            '100', 'instructions'])

    def test_program_that_dies_is_a_failure(self):
        self.assertRaises(run.Failure, run.Bench.values, 'x',
                          'BENCH mutex_spin 41\n')
        self.assertEqual(
            run.Bench.values('x', 'BENCH a:b 41\r\nBENCH c 0.5\nBENCH END\n'),
            {'a:b': 41.0, 'c': 0.5})

    def test_plot_is_xml(self):
        svg = plot.draw(run.results(self.values), 'a/b',
                        run.comparison(self.values, {'mutex_spin': 9.0}, 'l'))
        self.assertIn('mutex_spin', svg)
        xml.etree.ElementTree.fromstring(svg)


class LatencyTest(unittest.TestCase):
    """Histograms of the dispatch latency."""

    console = ('BENCH latency_idle 900\r\n' + ''.join(
        f'BENCH LATENCY idle {i} 10\r\n' for i in range(0, 1000, 10)))

    def test_quantiles(self):
        found = latency.histograms(self.console)
        self.assertEqual(sum(found['idle'].values()), 1000)
        self.assertEqual(latency.quantiles(found), {
            'latency_idle_p50': 490, 'latency_idle_p999': 990})

    def test_picture_is_xml(self):
        svg = latency.draw(latency.histograms(self.console), 'a/b')
        self.assertIn('idle: ', svg)
        xml.etree.ElementTree.fromstring(svg)


DISASSEMBLY = """
00100000 <f>:
  100000:	e10f0000 	mrs	r0, CPSR
  100004:	f10c0080 	cpsid	i
  100008:	e3a01000 	mov	r1, #0
  10000c:	e129f000 	msr	CPSR_fc, r0
  100010:	e12fff1e 	bx	lr
  100014:	f8bd0a00 	rfeia	sp!
"""


class Functions:
    """Stands for the symbols of a program."""

    @staticmethod
    def function(address):
        """Returns a name."""
        return f'f{address >> 8}'


class RunsTest(unittest.TestCase):
    """Runs with interrupts masked or dispatching disabled."""

    def test_points(self):
        self.assertEqual(list(qemuruns.points(DISASSEMBLY)), [
            'change 100008', 'change 100010', 'return 100014'])

    def test_values(self):
        regions = qemuruns.parse(
            'masked 104 108 2 7 104 108\nundispatched 100 10c 1 1 100\nend\n'
            'masked 204 208 3 1 204 204 208\nmasked 304 308 5 1 304\n'
            'undispatched 300 300 1 1 300\nend\n')
        runs = {(name, kind): qemuruns.longest(region, kind)
                for name, region in zip(('bare', 'idle'), regions)
                for kind in qemuruns.KINDS}
        runs.update({('rtems', kind): [] for kind in qemuruns.KINDS})
        found = qemuruns.values(runs, Functions, {'f2'})
        self.assertEqual(found['masked_rtems'], 2)
        self.assertEqual(found['masked_longest'], 5)
        self.assertEqual(found['masked_longest_ours'], 3)
        self.assertEqual(found['undispatched_longest_ours'], 0)
        self.assertIn('f2 3', '\n'.join(
            qemuruns.table(runs, Functions, 3)))


class ScalingTest(unittest.TestCase):
    """Kernels side by side."""

    console = ('BENCH PHASE kernels_1_getpid 2\r\n'
               'BENCH PHASE kernels_2_getpid 2\r\n'
               'BENCH ARENA 1000 2000\r\n')
    found = ('phase\n'
             'region 0 999\nregion 0 200\nregion 0 202\nregion 0 204\n'
             'phase\n'
             'region 0 999\nregion 1 999\nregion 0 206\nregion 1 206\n'
             'line 1fc0 3\nline 3000 3\nphase\n')

    def setUp(self):
        with tempfile.NamedTemporaryFile('w', delete=False) as file:
            file.write(MAP.replace('bench/bench-netbsd.o',
                                   'bench/bench-scaling-k1.o'))
        self.addCleanup(os.unlink, file.name)
        self.places = scaling.Places(
            qemutrace.Map(file.name, scaling.origin), [(0x1000, 0x2000)])

    def test_values(self):
        values, report = scaling.values(
            self.console, scaling.parse(self.found), self.places)
        self.assertEqual(values, {
            'scaling_kernels_1_getpid': 101, 'scaling_kernels_2_getpid': 103,
            'scaling_shared_lines': 1})
        self.assertEqual(len(report), 1)

    def test_owner(self):
        self.assertIn('k1.o', self.places.owner(0x1005c0))
        self.assertEqual(self.places.owner(0xfc0), None)
        self.assertEqual(self.places.owner(0x1000), 'memory 1')
        self.assertEqual(self.places.owner(0x2000), None)


class DiskTest(unittest.TestCase):
    """Requests to disks."""

    def test_values(self):
        console = ('BENCH PHASE disk_read_4k 4096\r\n'
                   'BENCH PHASE disk_read_4k:ide 4096\r\n')
        phases = scaling.parse(
            'phase\nregion 0 8192\nregion 0 4096\nphase\n'
            'region 0 20480\nphase\n')
        self.assertEqual(disk.values(console, phases), {
            'disk_read_4k': 1, 'disk_read_4k:ide': 5})


if __name__ == '__main__':
    unittest.main()
