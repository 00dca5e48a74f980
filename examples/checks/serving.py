# SPDX-License-Identifier: BSD-2-Clause

"""Runs an example that is a server under QEMU, and uses it."""

import os
import socket
import subprocess
import sys


class Failure(Exception):
    """What is not as it must be."""


def free_port():
    """Returns a port that nobody uses at this moment."""
    with socket.create_server(('127.0.0.1', 0)) as server:
        return server.getsockname()[1]


def wait_for_server(program, ready):
    """Returns when the server says that it is ready."""
    for line in program.stdout:
        print(line, end='', flush=True)
        if line.strip() == ready:
            return
    raise Failure('the program has ended')


def main(script, usage, ready, use, runs=1, uses=0):
    """The command line of an example's check.

    The first `runs` words are the arguments of the program `run` beside the
    script, which has the port besides; when it has said `ready`, `use` is
    called with the port and the other `uses` words.  Ends with status 1 if
    that fails.
    """
    words = sys.argv[1:]
    if len(words) != runs + uses:
        sys.exit(usage)
    port = free_port()
    run = os.path.join(os.path.dirname(os.path.abspath(script)), 'run')
    program = subprocess.Popen(
        [run, *words[:runs], str(port)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        wait_for_server(program, ready)
        use(port, *words[runs:])
    except (Failure, OSError, subprocess.TimeoutExpired) as error:
        print('check: FAILED: %s' % error)
        sys.exit(1)
    finally:
        program.kill()
    print('check: all as expected')
