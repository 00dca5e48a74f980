# SPDX-License-Identifier: BSD-2-Clause

"""Runs an example that is a server under QEMU, and uses it."""

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


def check(command, ready, use):
    """Starts the server and calls `use` with its port; says how that went.

    `command` is given the port as its last word.  The program ends with
    status 1 if `use` fails.
    """
    port = free_port()
    program = subprocess.Popen(
        [*command, str(port)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        wait_for_server(program, ready)
        use(port)
    except (Failure, OSError, subprocess.TimeoutExpired) as error:
        print('check: FAILED: %s' % error)
        sys.exit(1)
    finally:
        program.kill()
    print('check: all as expected')
