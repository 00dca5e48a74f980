#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Runs the server and measures it with iperf3, by TCP and UDP, both ways.

    check.py PROGRAM

The exit status is 0 if iperf3 is content, and data has come.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
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


def appliance():
    """Returns the checks of another example with a server."""
    path = os.path.join(HERE, '..', 'pc-appliance', 'check.py')
    spec = importlib.util.spec_from_file_location('appliance', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def measure(port, options):
    """Returns what iperf3 tells of both ends."""
    done = subprocess.run(
        ('iperf3', '-c', '127.0.0.1', '-p', str(port), '-J', '-t', str(SECONDS))
        + options, stdout=subprocess.PIPE, text=True, timeout=TIMEOUT)
    return json.loads(done.stdout or '{"error": "no answer"}')


def judge(name, result):
    """Returns whether that much has come, and says so."""
    end = result.get('end', {})
    if 'error' in result:
        print('check: FAILED: %s: %s' % (name, result['error']), flush=True)
        return False
    total = end.get('sum_received', end.get('sum'))
    print('check: %s: %d bytes, %s lost' % (
        name, total['bytes'], total.get('lost_packets', 0)), flush=True)
    return total['bytes'] >= ENOUGH


def main():
    """The command line."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if not shutil.which('iperf3'):
        print('skipped: iperf3 is not installed')
        return
    checks = appliance()
    port = checks.free_port()
    program = subprocess.Popen(
        [os.path.join(HERE, 'run'), sys.argv[1], str(port)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        checks.wait_for_server(program, 'iperf3-server: ready')
        long = MORE if os.environ.get('LONG') == '1' else ()
        for name, options in TESTS + long:
            if not judge(name, measure(port, options)):
                sys.exit(1)
    except (checks.Failure, OSError, subprocess.TimeoutExpired) as error:
        print('check: FAILED: %s' % error)
        sys.exit(1)
    finally:
        program.kill()
    print('check: all as expected')


if __name__ == '__main__':
    sys.dont_write_bytecode = True
    main()
