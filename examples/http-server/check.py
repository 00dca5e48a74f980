#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Runs the web server and fetches what it serves.

    check.py PROGRAM FOLDER

FOLDER is what the server's disk was made of.  The exit status is 0 if each of
its files comes as it is there, also while other clients are slow, and nothing
that is not there.
"""

import importlib.util
import os
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SLOW_CLIENTS = 5


def appliance():
    """Returns the checks of the example that serves the same."""
    path = os.path.join(HERE, '..', 'pc-appliance', 'check.py')
    spec = importlib.util.spec_from_file_location('appliance', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def slow_clients(port):
    """Returns connections that have sent a part of their requests."""
    clients = []
    for _ in range(SLOW_CLIENTS):
        client = socket.create_connection(('127.0.0.1', port), 10)
        client.sendall(b'GET /index.html HT')
        clients.append(client)
    return clients


def finish(clients):
    """Returns whether all get their answers when they have sent the rest."""
    for client in clients:
        client.sendall(b'TP/1.0\r\n\r\n')
        with client:
            if not client.recv(12).startswith(b'HTTP/1.0 200'):
                return False
    return True


def main():
    """The command line."""
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    checks = appliance()
    port = checks.free_port()
    program = subprocess.Popen(
        [os.path.join(HERE, 'run'), sys.argv[1], str(port)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        checks.wait_for_server(program, 'http-server: ready')
        clients = slow_clients(port)
        checks.check(port, sys.argv[2])
        if not finish(clients):
            raise checks.Failure('a slow client is not served')
    except (checks.Failure, OSError) as error:
        print('check: FAILED: %s' % error)
        sys.exit(1)
    finally:
        program.kill()
    print('check: all as expected')


if __name__ == '__main__':
    sys.dont_write_bytecode = True
    main()
