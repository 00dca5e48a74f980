#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Tests of run-qemu with a QEMU that only says what a test tells it to say."""

import os
import struct
import subprocess
import sys
import tempfile
import unittest

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'run-qemu')
BIOS = 'SeaBIOS\r\nBooting from ROM..'

# Counts its starts, and does the step of that number, or the last one.
FAKE = '''#!/bin/sh
echo >>"$0.starts"
n=$(wc -l <"$0.starts")
[ -e "$0.$n" ] || n=last
. "$0.$n"
'''


class Runs(unittest.TestCase):
    """What run-qemu makes of how QEMU ends."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def run_tool(self, bsp, *steps, options=(), program='program'):
        """Runs steps, shell commands, as QEMU's one run after the other."""
        for name in 'qemu-system-i386', 'qemu-system-arm':
            path = os.path.join(self.folder.name, name)
            with open(path, 'w', encoding='ascii') as file:
                file.write(FAKE)
            os.chmod(path, 0o755)
            for number, step in enumerate(steps, 1):
                last = 'last' if number == len(steps) else number
                with open(f'{path}.{last}', 'w', encoding='ascii') as file:
                    file.write(step)
        environment = dict(os.environ)
        environment['PATH'] = self.folder.name + ':' + environment['PATH']
        return subprocess.run(
            [sys.executable, TOOL, *options, bsp, program], env=environment,
            stdout=subprocess.PIPE, check=False)

    def test_passes_output_and_status_on(self):
        """Once the program has said something it is not run again."""
        done = self.run_tool('i386/pc686',
                             f"printf '{BIOS}'; echo said; exit 3")
        self.assertIn(b'said', done.stdout)
        self.assertNotIn(b'once more', done.stdout)
        self.assertEqual(done.returncode, 3)

    def test_boots_again_after_a_reset(self):
        """The PC is reset before the program says anything."""
        reset = f"printf '{BIOS}'"
        done = self.run_tool('i386/pc686', reset, reset,
                             f"printf '{BIOS}'; echo said")
        self.assertEqual(done.stdout.count(b'once more'), 2)
        self.assertIn(b'said', done.stdout)
        self.assertEqual(done.returncode, 0)

    def test_boots_again_after_a_hang(self):
        """A loop that takes a processor, and one that has booted by then."""
        loop = 'while :; do :; done'
        done = self.run_tool('i386/pc686', f"printf '{BIOS}'; {loop}",
                             f"printf '{BIOS}'; echo said; sleep 1; exit 3")
        self.assertEqual(done.stdout.count(b'once more'), 1)
        self.assertEqual(done.returncode, 3)

    def test_gives_up(self):
        """A PC that never boots is not started for ever."""
        done = self.run_tool('i386/pc686', f"printf '{BIOS}'")
        self.assertEqual(done.stdout.count(b'Booting'), 4)
        self.assertEqual(done.returncode, 0)

    def test_reports_that_qemu_fails(self):
        """That is no failure to boot."""
        done = self.run_tool('i386/pc686', 'exit 1')
        self.assertNotIn(b'once more', done.stdout)
        self.assertEqual(done.returncode, 1)

    def test_runs_again_after_a_crash(self):
        """QEMU itself crashes, with several processors only."""
        steps = f"printf '{BIOS}'; echo said; kill -SEGV $$", 'exit 3'
        done = self.run_tool('i386/pc686', *steps, options=('--smp', '4'))
        self.assertEqual(done.stdout.count(b'crashed; once more'), 1)
        self.assertEqual(done.returncode, 3)
        done = self.run_tool('i386/pc686', steps[0])
        self.assertNotIn(b'once more', done.stdout)
        self.assertNotEqual(done.returncode, 0)

    def test_loads_no_zeros(self):
        """Of a segment of four bytes in memory two are in the file."""
        header = struct.pack('<6s22xI10xHH', b'\x7fELF\x01\x01', 52, 32, 1)
        segment = struct.pack('<4xI8x2I8x', 84, 2, 4)
        rest = struct.pack('<4xI8x2I8x', 84, 2, 2)
        program = os.path.join(self.folder.name, 'program')
        with open(program, 'wb') as file:
            file.write(header.ljust(52, b'\0') + segment + b'ab')
        done = self.run_tool('arm/xilinx_zynq_a9_qemu',
                             'eval cat \\${$#}', program=program)
        self.assertEqual(done.stdout, header.ljust(52, b'\0') + rest + b'ab')

    def test_runs_other_machines_once(self):
        """Only a PC has the timer that fails."""
        done = self.run_tool('arm/xilinx_zynq_a9_qemu', 'exit 0')
        self.assertNotIn(b'once more', done.stdout)
        self.assertEqual(done.returncode, 0)


if __name__ == '__main__':
    unittest.main()
