#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Runs the server and types commands at RTEMS's shell, by telnet.

    check.py PROGRAM

The exit status is 0 if the shell answers, twice.
"""

import importlib.util
import os
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TIMEOUT = 60


def appliance():
    """Returns the checks of another example with a server."""
    path = os.path.join(HERE, '..', 'pc-appliance', 'check.py')
    spec = importlib.util.spec_from_file_location('appliance', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def expect(connection, words):
    """Reads until these words have come; returns all that has."""
    text = b''
    while words not in text:
        part = connection.recv(4096)
        if not part:
            raise OSError('the server has gone after %r' % text)
        text += part
    return text


def talk(port):
    """One session: a login is not asked for."""
    with socket.create_connection(('127.0.0.1', port), TIMEOUT) as connection:
        connection.settimeout(TIMEOUT)
        expect(connection, b' [/] # ')
        connection.sendall(b'ifconfig virt0\r\n')
        expect(connection, b'inet 10.0.2.15/24')
        connection.sendall(b'netstat\r\n')
        expect(connection, b'10.0.2.15:23 ')
        connection.sendall(b'exit\r\n')


def main():
    """The command line."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    checks = appliance()
    port = checks.free_port()
    program = subprocess.Popen(
        [os.path.join(HERE, 'run'), sys.argv[1], str(port)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        checks.wait_for_server(program, 'telnet-server: ready')
        talk(port)
        talk(port)
    except (checks.Failure, OSError) as error:
        print('check: FAILED: %s' % error)
        sys.exit(1)
    finally:
        program.kill()
    print('check: all as expected')


if __name__ == '__main__':
    sys.dont_write_bytecode = True
    main()
