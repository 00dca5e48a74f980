#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Runs the server and measures it with iperf3, by TCP and UDP, both ways.

    check.py PROGRAM

The exit status is 0 if iperf3 is content, and data has come.
"""

import json
import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'checks'))

import serving  # noqa: E402

SECONDS = 1
ENOUGH = 20 << 10
TIMEOUT = 200
TESTS = (
    ('TCP', ()),
    ('TCP from the server', ('-R',)),
    ('UDP', ('-u', '-b', '2M', '-l', '1000')))
MORE = (
    ('TCP on three connections', ('-P', '3')),
    ('UDP from the server', ('-u', '-R', '-b', '2M', '-l', '1000')))


def measure(port, options):
    """Returns what iperf3 tells of both ends."""
    done = subprocess.run(
        ('iperf3', '-c', '127.0.0.1', '-p', str(port), '-J', '-t', str(SECONDS))
        + options, stdout=subprocess.PIPE, text=True, timeout=TIMEOUT)
    try:
        return json.loads(done.stdout)
    except ValueError:
        return {'error': 'status %d, %r' % (done.returncode, done.stdout)}


def judge(name, result):
    """Verifies that as much as can be expected has come, and says how much."""
    end = result.get('end', {})
    if 'error' in result:
        raise serving.Failure('%s: %s' % (name, result['error']))
    total = end.get('sum_received', end.get('sum'))
    print('check: %s: %d bytes, %s lost' % (
        name, total['bytes'], total.get('lost_packets', 0)), flush=True)
    if total['bytes'] < ENOUGH:
        raise serving.Failure('%s: too little' % name)


def use(port):
    """All tests, or those of the short form."""
    long = MORE if os.environ.get('LONG') == '1' else ()
    for name, options in TESTS + long:
        judge(name, measure(port, options))


if shutil.which('iperf3'):
    serving.main(__file__, __doc__, 'iperf3-server: ready', use)
else:
    print('skipped: iperf3 is not installed')
