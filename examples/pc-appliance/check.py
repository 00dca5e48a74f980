#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Runs the appliance and fetches what it serves.

    check.py PROGRAM DISK FOLDER

FOLDER is what DISK was made of.  The exit status is 0 if each of its files
comes as it is there, and nothing that is not there.
"""

import http.client
import os
import socket
import subprocess
import sys
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
TIMEOUT = 30


class Failure(Exception):
    """What is not as it must be."""


def free_port():
    """Returns a port that nobody uses at this moment."""
    with socket.create_server(('127.0.0.1', 0)) as server:
        return server.getsockname()[1]


def wait_for_server(program, ready='appliance: ready'):
    """Returns when the server says that it is ready."""
    for line in program.stdout:
        print(line, end='', flush=True)
        if line.strip() == ready:
            return
    raise Failure('the program has ended')


def fetch(url):
    """Returns what is there."""
    with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
        return answer.read()


def check_file(url, path):
    """Verifies that a file comes as it is."""
    with open(path, 'rb') as file:
        content = file.read()
    if fetch(url) != content:
        raise Failure(url + ' has another content')
    print('check: %s: %d bytes, as expected' % (url, len(content)))


def check_error(port, method, path, status):
    """Verifies that a request is refused; the path is sent as it is."""
    connection = http.client.HTTPConnection(
        '127.0.0.1', port, timeout=TIMEOUT)
    connection.request(method, path)
    found = connection.getresponse().status
    connection.close()
    if found != status:
        raise Failure('%s of %s is answered with %d' % (method, path, found))


def check(port, folder):
    """Verifies all that can be asked for."""
    base = 'http://127.0.0.1:%d/' % port
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            check_file(base + os.path.relpath(path, folder), path)
    check_file(base, os.path.join(folder, 'index.html'))
    check_error(port, 'GET', '/nothing', 404)
    check_error(port, 'GET', '/doc', 404)
    check_error(port, 'GET', '/../dev/ld0d', 404)
    check_error(port, 'GET', '/' + 1000 * 'x', 404)
    check_error(port, 'GET', '/' + 3000 * 'x', 400)
    check_error(port, 'POST', '/index.html', 501)


def main():
    """The command line."""
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    port = free_port()
    program = subprocess.Popen(
        [os.path.join(HERE, 'run'), sys.argv[1], sys.argv[2], str(port)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        wait_for_server(program)
        check(port, sys.argv[3])
    finally:
        program.kill()
    print('check: all as expected')


if __name__ == '__main__':
    try:
        main()
    except (Failure, OSError, http.client.HTTPException) as error:
        print('check: FAILED: %s' % error)
        sys.exit(1)
