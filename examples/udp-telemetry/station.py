#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Runs the program and is the station that its records go to.

    station.py COMMAND...

Shows records, changes their scale, and stops the program.  The exit status is
0 if all has happened as it should.
"""

import json
import socket
import subprocess
import sys

PORT = 9000
RECORDS = 20
TIMEOUT = 60


class Failure(Exception):
    """What is not as it must be."""


def receive(station):
    """Returns a record and where it comes from."""
    data, sender = station.recvfrom(2048)
    record = json.loads(data)
    print('station: %s' % record, flush=True)
    return record, sender


def talk(station):
    """Receives, commands, and receives what that has changed."""
    last = 0
    for _ in range(RECORDS):
        record, sender = receive(station)
        if record['record'] <= last or record['scale'] != 1:
            raise Failure('a record is out of order')
        last = record['record']
    station.sendto(b'scale 7', sender)
    while receive(station)[0]['scale'] != 7:
        pass
    station.sendto(b'stop', sender)


def main():
    """The command line."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as station:
        station.bind(('127.0.0.1', PORT))
        station.settimeout(TIMEOUT)
        program = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
        try:
            talk(station)
            if program.wait(TIMEOUT) != 0:
                raise Failure('exit status %d' % program.returncode)
        except (Failure, OSError, ValueError, KeyError,
                subprocess.TimeoutExpired) as failure:
            program.kill()
            print('station: FAILED: %s' % failure)
            sys.exit(1)
    print('station: all as expected')


main()
