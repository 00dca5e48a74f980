#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Runs a server and then a client of it:

    pair.py URL SERVER [ARG...] -- CLIENT [ARG...]

The server is given the URL first, or if it has {port} among its arguments the
port there; the client's arguments have the URL for {url}.  All is well if the client ends so and then the server says that its test has ended.
"""

import os
import subprocess
import sys


def server_line(server, url, arguments):
    """How the server is called."""
    with_port = [word.replace('{port}', url.rsplit(':', 1)[-1])
                 for word in arguments]
    if with_port != arguments:
        return [server, *with_port]
    return [server, url, *arguments]


def main():
    url, server, *rest = sys.argv[1:]
    split = rest.index('--')
    client = rest[split + 1:]
    with subprocess.Popen(server_line(server, url, rest[:split]),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True) as serving:
        for line in serving.stdout:
            print(line, end='', flush=True)
            if line.startswith('serving '):
                break
        try:
            status = subprocess.run(
                [word.replace('{url}', url) for word in client], timeout=100,
                env=dict(os.environ, RUMP_SERVER=url)).returncode
            output = serving.communicate(timeout=30)[0]
        except (OSError, subprocess.TimeoutExpired) as failure:
            serving.kill()
            sys.exit(f'not ok: {failure}')
    print(output, end='')
    if status != 0 or serving.returncode != 0:
        sys.exit(f'not ok: status {status} and {serving.returncode}')


main()
